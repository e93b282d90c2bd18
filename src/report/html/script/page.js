// Brings the page to life.

function startPackages() {
  const table = document.getElementById('package-table');
  if (!table) return;
  const body = table.tBodies[0];
  const rows = [...body.rows];
  const text = (row, cell) => row.cells[cell].textContent;
  const keys = {
    name: (row) => text(row, 0).trim().toLowerCase(),
    from: (row) => text(row, 1),
    goes: (row) => Number(row.dataset.goes),
    stays: (row) => Number(row.dataset.stays),
    state: (row) => row.dataset.state,
  };
  let sorted = '';
  let falling = false;
  table.tHead.addEventListener('click', (event) => {
    const key = event.target.dataset.sort;
    if (!key) return;
    falling = sorted === key ? !falling : key === 'goes' || key === 'stays';
    sorted = key;
    const sign = falling ? -1 : 1;
    const value = new Map(rows.map((row) => [row, keys[key](row)]));
    rows.sort((a, b) => (value.get(a) < value.get(b) ? -sign : value.get(a) > value.get(b) ? sign : 0));
    body.append(...rows);
    markSorted(table, key, falling);
  });
  const states = document.getElementById('package-states');
  states.hidden = false;
  pressed(states, (button) => {
    for (const row of rows) row.hidden = button.dataset.state !== '' && row.dataset.state !== button.dataset.state;
  });
}

function startCategories() {
  const known = new Set([...files.label.options].map((option) => option.value));
  for (const cell of document.querySelectorAll('#categories .category')) {
    const { label } = cell.dataset;
    if (!known.has(label)) continue;
    const button = make('button', 'link', cell.textContent);
    button.type = 'button';
    button.title = 'Show these files';
    button.addEventListener('click', () => onlyLabel(label));
    cell.replaceChildren(button);
  }
}

function startTheme() {
  const button = document.getElementById('theme');
  button.hidden = false;
  button.addEventListener('click', () => {
    const root = document.documentElement;
    const dark = root.dataset.theme ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
    root.dataset.theme = dark ? 'light' : 'dark';
  });
}

startTheme();
startMap();
startFiles();
startPackages();
startCategories();
