'use strict';
// The image's files as columns, and what can be read off them. Everything is text: nothing here makes markup.

const raw = JSON.parse(document.getElementById('data').textContent);
const count = raw.names.length;
const parentOf = new Int32Array(count);
const before = new Float64Array(count);
const after = new Float64Array(count);
const firstChild = new Int32Array(count).fill(-1);
const nextSibling = new Int32Array(count).fill(-1);
const edgeOf = new Int32Array(count).fill(-1);
const targetOf = new Map(raw.targets);

for (let i = 0; i < count; i++) {
  parentOf[i] = i - raw.up[i];
  before[i] = raw.sizes[i];
  after[i] = raw.judgements[raw.verdicts[i]].stays ? before[i] : 0;
}
for (const [node, size] of raw.rewritten) after[node] = size;
for (let edge = 0, node = 0; edge < raw.edges.to.length; edge++) {
  node += raw.edges.to[edge];
  edgeOf[node] = edge;
}

// Sums of folders. A folder stands before what is in it, so going backwards meets every child before its parent.
const wholeBefore = Float64Array.from(before);
const wholeAfter = Float64Array.from(after);
for (let i = count - 1; i > 0; i--) {
  const parent = parentOf[i];
  wholeBefore[parent] += wholeBefore[i];
  wholeAfter[parent] += wholeAfter[i];
  nextSibling[i] = firstChild[parent];
  firstChild[parent] = i;
}

const typeOf = (node) => raw.types[node];
const isFolder = (node) => typeOf(node) === 'd';
const nameOf = (node) => raw.texts[raw.names[node]];
const judgementOf = (node) => raw.judgements[raw.verdicts[node]];
const ownerOf = (node) => raw.packages[raw.owners[node] - 1];
const packageName = (owner) => (owner.version ? `${owner.name} ${owner.version}` : owner.name);

const paths = [];
function pathOf(node) {
  if (paths[node] !== undefined) return paths[node];
  const names = [];
  for (let at = node; at > 0; at = parentOf[at]) names.push(nameOf(at));
  return (paths[node] = '/' + names.reverse().join('/'));
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB', 'EB'];
function human(bytes) {
  let unit = 0;
  let value = Math.abs(bytes);
  while (value >= 999.95 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${bytes < 0 ? '-' : ''}${unit ? value.toFixed(1) : value} ${UNITS[unit]}`;
}

const grouped = (number) => String(number).replace(/\B(?=(\d{3})+$)/g, '\u202f');

function make(tag, className, text) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  return element;
}
