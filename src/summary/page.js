// The table of images: search, order, more rows. Everything that comes from images is text.

const PAGE = 200;
const { images, words } = JSON.parse(document.getElementById('data').textContent);
const body = document.querySelector('#image-table tbody');
const found = document.getElementById('found');
const more = document.getElementById('more');
const units = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];
let order = 'saved';
let falling = true;
let rows = images;
let shown = 0;

function human(bytes) {
  let value = Math.abs(bytes);
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${bytes < 0 ? '−' : ''}${unit ? value.toFixed(1) : value} ${units[unit]}`;
}

function make(tag, kind, text) {
  const element = document.createElement(tag);
  if (kind) element.className = kind;
  if (text !== undefined) element.textContent = text;
  return element;
}

const keys = {
  name: (one) => one[0],
  before: (one) => one[3] ?? -1,
  after: (one) => one[4] ?? -1,
  saved: (one) => (one[3] === null ? -Infinity : one[3] - one[4]),
  cost: (one) => (one[5] === null ? -Infinity : one[6] - one[5]),
};

function row(one) {
  const [name, target, status, before, after, shareBefore, shareAfter, doubts, error] = one;
  const line = make('tr');
  const head = make('th');
  head.scope = 'row';
  head.append(make('span', 'name', name));
  if (error) head.append(make('span', 'why', error));
  else if (target) head.append(make('span', 'why', target));
  line.append(head);
  line.append(make('td', 'num', before === null ? '–' : human(before)));
  line.append(make('td', 'num', after === null ? '–' : human(after)));
  line.append(make('td', 'num wide', before === null ? '–' : human(before - after)));
  const cost = shareBefore === null ? null : shareAfter - shareBefore;
  line.append(make('td', cost > 0 ? 'num wide more' : 'num wide', cost === null ? '–' : `${cost > 0 ? '+' : ''}${human(cost)}`));
  const state = make('td');
  state.append(make('span', `badge ${status === 'failed' || status === 'doubtful' ? 'gone' : 'whole'}`, words[status] ?? status));
  if (doubts > 0 && status !== 'doubtful') state.append(' ', make('span', 'badge gone', words.doubtful));
  line.append(state);
  return line;
}

function append() {
  const next = rows.slice(shown, shown + PAGE);
  body.append(...next.map(row));
  shown += next.length;
  more.hidden = shown >= rows.length;
  found.textContent = `${rows.length} of ${images.length} images${shown < rows.length ? `, the first ${shown} shown` : ''}`;
}

function show() {
  const wanted = document.getElementById('search').value.toLowerCase();
  const state = document.getElementById('state').value;
  const fits = (one) => {
    if (state === 'costs' ? !(one[6] > one[5]) : state === 'doubtful' ? !(one[7] > 0) : state && one[2] !== state) return false;
    return !wanted || one[0].toLowerCase().includes(wanted) || (one[1] ?? '').toLowerCase().includes(wanted);
  };
  const key = keys[order];
  const sign = falling ? -1 : 1;
  rows = images.filter(fits);
  rows.sort((a, b) => (key(a) < key(b) ? -sign : key(a) > key(b) ? sign : 0));
  for (const head of document.querySelectorAll('#image-table thead th')) {
    const own = head.querySelector('button')?.dataset.sort === order;
    if (own) head.setAttribute('aria-sort', falling ? 'descending' : 'ascending');
    else head.removeAttribute('aria-sort');
  }
  body.replaceChildren();
  shown = 0;
  append();
}

document.querySelector('#image-table thead').addEventListener('click', (event) => {
  const key = event.target.dataset.sort;
  if (!key) return;
  falling = key === order ? !falling : key !== 'name';
  order = key;
  show();
});
let waiting = 0;
document.getElementById('search').addEventListener('input', () => {
  clearTimeout(waiting);
  waiting = setTimeout(show, 120);
});
document.getElementById('state').addEventListener('change', show);
document.querySelector('#image-tool form').addEventListener('submit', (event) => event.preventDefault());
more.addEventListener('click', append);
document.getElementById('image-tool').hidden = false;

const theme = document.getElementById('theme');
theme.hidden = false;
theme.addEventListener('click', () => {
  const root = document.documentElement;
  const dark = root.dataset.theme ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
  root.dataset.theme = dark ? 'light' : 'dark';
});
show();
