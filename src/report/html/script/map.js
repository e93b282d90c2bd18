// The map: tiles for what is in the open folder or package, some levels deep.

const HEADER = 22;
const GAP = 3;
const LEVELS = 4;
// Square pixels below which tiles are put together, and below which a tile is not opened.
const SMALLEST = 110;
const OPENED = { w: 74, h: 56 };

// A thing on the map: `node` is a file or -1.
function fileThing(node, name) {
  return { name, short: nameOf(node), before: before[node], after: after[node], node, children: null };
}

function folderThing(node, name) {
  const thing = { name, before: wholeBefore[node], after: wholeAfter[node], node: -1, path: node };
  thing.children = () => {
    const found = [];
    for (let child = firstChild[node]; child >= 0; child = nextSibling[child]) {
      if (wholeBefore[child] > 0) found.push(isFolder(child) ? shortened(child) : fileThing(child, nameOf(child)));
    }
    return found;
  };
  return thing;
}

// A folder in which all is in one other folder is one tile with it.
function shortened(node) {
  let name = nameOf(node);
  for (;;) {
    let only = -1;
    let several = false;
    for (let child = firstChild[node]; child >= 0; child = nextSibling[child]) {
      if (wholeBefore[child] <= 0) continue;
      several = only >= 0;
      only = child;
      if (several) break;
    }
    if (several || only < 0 || !isFolder(only)) return folderThing(node, name);
    node = only;
    name += '/' + nameOf(node);
  }
}

function groupThing(name, things) {
  const sum = (key) => things.reduce((total, thing) => total + thing[key], 0);
  return { name, before: sum('before'), after: sum('after'), node: -1, children: () => things };
}

function packageRoot() {
  const files = raw.packages.map(() => []);
  const own = [];
  const hidden = [];
  for (let node = 1; node < count; node++) {
    if (before[node] <= 0) continue;
    const list = raw.owners[node] ? files[raw.owners[node] - 1] : typeOf(node) === 'h' ? hidden : own;
    list.push(node);
  }
  const things = (nodes) => nodes.map((node) => fileThing(node, pathOf(node)));
  const kinds = new Map();
  raw.packages.forEach((owner, at) => {
    if (!files[at].length) return;
    if (!kinds.has(owner.ecosystem)) kinds.set(owner.ecosystem, []);
    kinds.get(owner.ecosystem).push(groupThing(packageName(owner), things(files[at])));
  });
  const found = [...kinds].map(([kind, packages]) => groupThing(`${kind} packages`, packages));
  if (own.length) found.push(groupThing('no package', things(own)));
  if (hidden.length) found.push(groupThing('hidden by later layers', things(hidden)));
  return groupThing('image', found);
}

const map = {
  box: document.getElementById('tiles'),
  crumbs: document.getElementById('crumbs'),
  info: document.getElementById('map-info'),
  trail: [],
  things: [],
};

function describe(thing) {
  const stays = `${human(thing.after)} of ${human(thing.before)} stay`;
  return thing.node < 0 ? stays : `${human(thing.before)}, ${judgementOf(thing.node).stays ? 'stays' : 'goes'}`;
}

function tile(thing, x, y, w, h, level) {
  const element = make('button', 'tile');
  element.type = 'button';
  element.tabIndex = -1;
  element.dataset.level = level;
  element.dataset.bytes = thing.before;
  element.dataset.stays = thing.after;
  element.dataset.at = map.things.push(thing) - 1;
  const share = thing.before > 0 ? Math.min(thing.after / thing.before, 1) : 1;
  element.classList.add(share >= 0.995 ? 'all-stays' : share <= 0.005 ? 'all-goes' : 'mixed');
  element.style.left = `${x}px`;
  element.style.top = `${y}px`;
  element.style.width = `${w}px`;
  element.style.height = `${h}px`;
  element.style.setProperty('--stays-share', `${(share * 100).toFixed(1)}%`);
  element.setAttribute('aria-label', `${thing.name}, ${describe(thing)}`);
  if (w > 44 && h > 20) {
    const label = make('span', 'name');
    label.append(make('b', '', thing.short ?? thing.name));
    if (w > 110) label.append(make('i', '', human(thing.before)));
    element.append(label);
  }
  map.box.append(element);
  return element;
}

// Draws `things` into a rectangle. What would be too small to see is one tile together.
function draw(things, x, y, w, h, level) {
  const sum = things.reduce((total, thing) => total + thing.before, 0);
  if (!(sum > 0) || w < 2 || h < 2) return;
  const sorted = [...things].sort((a, b) => b.before - a.before || (a.name < b.name ? -1 : 1));
  const least = (SMALLEST * sum) / (w * h);
  const cut = sorted.findIndex((thing) => thing.before < least);
  if (cut >= 0 && sorted.length - cut > 1) {
    const small = sorted.splice(cut);
    const rest = groupThing(`${grouped(small.length)} smaller`, small);
    const place = sorted.findIndex((thing) => thing.before < rest.before);
    // A rest of everything would be no step down.
    if (cut === 0) {
      sorted.push(...small.slice(0, 200));
      if (small.length > 200) sorted.push(groupThing(`${grouped(small.length - 200)} smaller`, small.slice(200)));
      sorted.sort((a, b) => b.before - a.before);
    } else sorted.splice(place < 0 ? sorted.length : place, 0, rest);
  }
  squarify(sorted.map((thing) => thing.before), x, y, w, h, (i, left, top, wide, high) => {
    const thing = sorted[i];
    const element = tile(thing, left, top, wide, high, level);
    const opens = thing.children && level < LEVELS && wide > OPENED.w && high > OPENED.h;
    if (!opens) return;
    element.classList.add('open');
    draw(thing.children(), left + GAP, top + HEADER, wide - 2 * GAP, high - HEADER - GAP, level + 1);
  });
}

function showMap(focus) {
  const thing = map.trail[map.trail.length - 1];
  map.things = [];
  map.box.replaceChildren();
  draw(thing.children(), 0, 0, map.box.clientWidth, map.box.clientHeight, 1);
  const first = map.box.querySelector('.tile');
  if (first) first.tabIndex = 0;
  if (first && focus) first.focus();
  const list = make('ol');
  map.trail.forEach((step, at) => {
    const item = make('li');
    const button = make('button', '', step.name);
    button.type = 'button';
    button.dataset.at = at;
    if (at === map.trail.length - 1) button.setAttribute('aria-current', 'page');
    item.append(button);
    list.append(item);
  });
  map.crumbs.replaceChildren(list);
  map.info.textContent = `${thing.name}: ${describe(thing)}`;
}

function goDown(thing, focus) {
  if (thing.node >= 0) return showFile(thing.node);
  // A tile some levels down lies in tiles of the levels above, which become steps of the trail.
  map.trail.push(thing);
  showMap(focus);
}

// The tiles around one, the outermost first, and itself.
function around(element) {
  const chain = [];
  for (let at = element, level = Number(element.dataset.level) + 1; at; at = at.previousElementSibling) {
    if (Number(at.dataset.level) < level) {
      chain.unshift(map.things[at.dataset.at]);
      level = Number(at.dataset.level);
    }
  }
  return chain;
}

function goUp(steps, focus) {
  if (map.trail.length <= steps) return;
  map.trail.length -= steps;
  showMap(focus);
}

// The next tile of the first level in a direction: the nearest whose middle lies there.
function neighbour(from, dx, dy) {
  const middle = (element) => {
    const { left, top, width, height } = element.getBoundingClientRect();
    return [left + width / 2, top + height / 2];
  };
  const [x, y] = middle(from);
  let best = null;
  let least = Infinity;
  for (const element of map.box.querySelectorAll('[data-level="1"]')) {
    if (element === from) continue;
    const [otherX, otherY] = middle(element);
    const along = (otherX - x) * dx + (otherY - y) * dy;
    const across = Math.abs((otherX - x) * dy) + Math.abs((otherY - y) * dx);
    if (along > 1 && along + 2 * across < least) {
      least = along + 2 * across;
      best = element;
    }
  }
  return best;
}

const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

function startMap() {
  const roots = { folder: () => folderThing(0, 'image'), package: packageRoot };
  map.trail = [roots.folder()];
  for (const element of [map.box, map.crumbs, document.getElementById('map-by'), document.getElementById('map-help')]) {
    element.hidden = false;
  }
  document.getElementById('still').remove();
  map.box.addEventListener('click', (event) => {
    const element = event.target.closest('.tile');
    if (!element) return;
    const chain = around(element);
    const last = chain.pop();
    if (last.node >= 0) return showFile(last.node);
    map.trail.push(...chain);
    // A click by key has no place.
    goDown(last, event.detail === 0);
  });
  map.box.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' || event.key === 'Backspace') goUp(1, true);
    else if (event.key === 'Home') goUp(map.trail.length - 1, true);
    else if (ARROWS[event.key]) {
      const next = neighbour(document.activeElement, ...ARROWS[event.key]);
      if (next) {
        document.activeElement.tabIndex = -1;
        next.tabIndex = 0;
        next.focus();
      }
    } else return;
    event.preventDefault();
  });
  const tell = (event) => {
    const element = event.target.closest('.tile');
    if (element) map.info.textContent = `${around(element).map((thing) => thing.name).join(' / ')}: ${describe(map.things[element.dataset.at])}`;
  };
  map.box.addEventListener('mouseover', tell);
  map.box.addEventListener('focusin', tell);
  map.crumbs.addEventListener('click', (event) => {
    const at = event.target.dataset.at;
    if (at !== undefined) goUp(map.trail.length - 1 - at, false);
  });
  pressed(document.getElementById('map-by'), (button) => {
    map.trail = [roots[button.dataset.by]()];
    showMap(false);
  });
  let width = 0;
  new ResizeObserver(() => {
    if (map.box.clientWidth === width) return;
    width = map.box.clientWidth;
    requestAnimationFrame(() => {
      showMap(false);
      performance.mark('ready');
      document.documentElement.dataset.ready = 'yes';
    });
  }).observe(map.box);
}

// A group of buttons of which one is pressed.
function pressed(group, chosen) {
  group.addEventListener('click', (event) => {
    const button = event.target.closest('button');
    if (!button) return;
    for (const other of group.querySelectorAll('button')) other.setAttribute('aria-pressed', String(other === button));
    chosen(button);
  });
}
