// The table of files. Only the rows in view are in the document.

const ROW = 48;
// Browsers draw nothing that is higher than some ten million pixels.
const MOST = 150000;
const EXTRA = 8;

const files = {
  box: document.getElementById('rows'),
  table: document.getElementById('file-table'),
  body: document.querySelector('#file-table tbody'),
  search: document.getElementById('search'),
  verdict: document.getElementById('verdict'),
  label: document.getElementById('label'),
  all: [],
  rows: [],
  sort: 'size',
  falling: true,
  texts: null,
};

const KEYS = {
  path: (node) => pathOf(node),
  package: (node) => (ownerOf(node) ? packageName(ownerOf(node)) : ''),
  size: (node) => before[node],
  verdict: (node) => (judgementOf(node).stays ? '1' : '0') + judgementOf(node).label,
};

function sortFiles() {
  const key = KEYS[files.sort];
  const keys = [];
  for (const node of files.all) keys[node] = key(node);
  const sign = files.falling ? -1 : 1;
  files.all.sort((a, b) => (keys[a] < keys[b] ? -sign : keys[a] > keys[b] ? sign : a - b));
  markSorted(files.table, files.sort, files.falling);
}

function markSorted(table, key, falling) {
  for (const button of table.querySelectorAll('th button')) {
    const cell = button.closest('th');
    if (button.dataset.sort === key) cell.setAttribute('aria-sort', falling ? 'descending' : 'ascending');
    else cell.removeAttribute('aria-sort');
  }
}

// What is searched, in small letters, made when someone first searches.
function searched(node) {
  if (!files.texts) files.texts = [];
  const owner = ownerOf(node);
  const text = () => `${pathOf(node)}\n${owner ? packageName(owner) : ''}\n${judgementOf(node).sentence}`.toLowerCase();
  return files.texts[node] ?? (files.texts[node] = text());
}

function filterFiles() {
  const words = files.search.value.toLowerCase().split(/\s+/).filter(Boolean);
  const { value: verdict } = files.verdict;
  const { value: label } = files.label;
  files.rows = files.all.filter((node) => {
    const judgement = judgementOf(node);
    if (verdict && judgement.stays !== (verdict === 'stays')) return false;
    if (label && judgement.label !== label) return false;
    return words.every((word) => searched(node).includes(word));
  });
  const bytes = files.rows.reduce((sum, node) => sum + before[node], 0);
  const more = files.rows.length > MOST ? `; the first ${grouped(MOST)} are shown` : '';
  document.getElementById('found').textContent = `${grouped(files.rows.length)} files, ${human(bytes)}${more}`;
  files.box.scrollTop = 0;
  showRows();
}

function fileRow(node, at) {
  const judgement = judgementOf(node);
  const owner = ownerOf(node);
  const row = make('tr');
  row.setAttribute('aria-rowindex', at + 2);
  const head = make('th', 'file');
  head.scope = 'row';
  const button = make('button', 'path');
  button.type = 'button';
  button.dataset.node = node;
  // The end of a path says most, so what does not fit is left out before the name.
  const path = pathOf(node);
  const slash = path.lastIndexOf('/');
  button.append(make('span', 'folder', path.slice(0, slash + 1)), make('span', 'last', path.slice(slash + 1)));
  head.append(button, make('span', 'reason', judgement.sentence));
  const size = make('td', 'num', human(before[node]));
  const verdict = make('td');
  verdict.append(make('span', `badge ${judgement.stays ? 'stays' : 'goes'}`, judgement.stays ? 'stays' : 'goes'));
  row.append(head, make('td', 'wide package', owner ? packageName(owner) : '—'), size, verdict);
  return row;
}

function spacer(height) {
  const row = make('tr', 'spacer');
  row.setAttribute('aria-hidden', 'true');
  const cell = make('td');
  cell.style.height = `${height}px`;
  row.append(cell);
  return row;
}

function showRows() {
  const shown = Math.min(files.rows.length, MOST);
  const first = Math.max(0, Math.floor(files.box.scrollTop / ROW) - EXTRA);
  const end = Math.min(shown, first + Math.ceil(files.box.clientHeight / ROW) + 2 * EXTRA);
  const rows = [];
  if (first > 0) rows.push(spacer(first * ROW));
  for (let at = first; at < end; at++) rows.push(fileRow(files.rows[at], at));
  if (end < shown) rows.push(spacer((shown - end) * ROW));
  files.body.replaceChildren(...rows);
  files.table.setAttribute('aria-rowcount', files.rows.length + 1);
}

function startFiles() {
  document.getElementById('files-tool').hidden = false;
  const labels = new Set();
  for (let node = 1; node < count; node++) {
    if (isFolder(node)) continue;
    files.all.push(node);
    labels.add(judgementOf(node).label);
  }
  for (const label of [...labels].sort()) {
    const option = make('option', '', label);
    option.value = label;
    files.label.append(option);
  }
  let waiting = false;
  const soon = (task) => () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      task();
    });
  };
  files.box.addEventListener('scroll', soon(showRows), { passive: true });
  files.search.addEventListener('input', filterFiles);
  files.verdict.addEventListener('change', filterFiles);
  files.label.addEventListener('change', filterFiles);
  files.search.form.addEventListener('submit', (event) => event.preventDefault());
  new ResizeObserver(showRows).observe(files.box);
  files.table.tHead.addEventListener('click', (event) => {
    const key = event.target.dataset.sort;
    if (!key) return;
    files.falling = files.sort === key ? !files.falling : key === 'size';
    files.sort = key;
    sortFiles();
    filterFiles();
  });
  files.body.addEventListener('click', (event) => {
    const button = event.target.closest('button');
    if (button) showFile(Number(button.dataset.node));
  });
  sortFiles();
  filterFiles();
}

// Shows the files with one label.
function onlyLabel(label) {
  files.label.value = label;
  files.search.value = '';
  files.verdict.value = '';
  filterFiles();
  document.getElementById('files').scrollIntoView();
}
