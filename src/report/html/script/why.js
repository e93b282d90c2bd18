// What is known about one file: its verdict, and the chain of evidence from the image's command.

const dialog = document.getElementById('file');

const EVIDENCE = {
  'entry-point': 'the image is started with', payload: 'no package owns it', symlink: 'symlink', interpreter: 'interpreter',
  needed: 'NEEDED', dlopen: 'loads by name', symbol: 'symbol', import: 'import', 'dynamic-import': 'computed import',
  name: 'named', command: 'command', data: 'data of', metadata: 'metadata of', startup: 'at startup', rule: 'rule',
};

// The steps to a file, the entry point first.
function chainOf(node) {
  const steps = [];
  const seen = new Set();
  for (let at = node; edgeOf[at] >= 0 && !seen.has(at); ) {
    seen.add(at);
    const edge = edgeOf[at];
    const { kind, detail, line, from } = raw.edges;
    steps.unshift({ node: at, kind: raw.texts[kind[edge]], detail: raw.texts[detail[edge]], line: line[edge] });
    if (from[edge] === 0) break;
    at = from[edge] - 1;
  }
  return steps;
}

function evidence(step) {
  const detail = step.detail && step.detail !== pathOf(step.node) ? ` ${step.detail}` : '';
  return `${EVIDENCE[step.kind] ?? step.kind}${detail}${step.line ? `, line ${step.line}` : ''}`;
}

function shellWord(word) {
  return /^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

function showFile(node) {
  const judgement = judgementOf(node);
  const owner = ownerOf(node);
  const head = make('div', 'dialog-head');
  const title = make('h2', '', pathOf(node));
  title.id = 'file-name';
  const close = make('button', 'close', '×');
  close.type = 'button';
  close.setAttribute('aria-label', 'Close');
  close.addEventListener('click', () => dialog.close());
  head.append(title, close);
  const verdict = make('p', 'verdict');
  verdict.append(
    make('span', `badge ${judgement.stays ? 'stays' : 'goes'}`, judgement.stays ? 'stays' : 'goes'),
    ` ${judgement.sentence}.`,
  );
  const facts = make('dl', 'facts');
  const fact = (name, value) => facts.append(make('dt', '', name), make('dd', '', value));
  if (judgement.reason) fact('Reason', judgement.reason);
  if (targetOf.has(node)) fact('Points to', raw.texts[targetOf.get(node)]);
  fact('Size', after[node] && after[node] !== before[node] ? `${human(before[node])}, then ${human(after[node])}` : human(before[node]));
  if (owner) fact('Package', `${packageName(owner)} (${owner.ecosystem})`);
  fact('Layer', String(raw.layers[node] + 1));
  dialog.replaceChildren(head, verdict, facts);
  const chain = chainOf(node);
  if (chain.length) dialog.append(make('h3', '', judgement.stays ? 'Why it stays' : 'Though the program reaches it'), chainList(chain));
  if (!judgement.stays && typeOf(node) !== 'h') {
    const glob = pathOf(node).replace(/[*?[\]{}]/g, '[$&]');
    dialog.append(make('h3', '', 'To keep it'), make('pre', '', `--keep ${shellWord(glob)}`));
  }
  if (!dialog.open) dialog.showModal();
  dialog.scrollTop = 0;
}

function chainList(chain) {
  const list = make('ol', 'chain');
  for (const step of chain) {
    const item = make('li');
    const button = make('button', 'path', pathOf(step.node));
    button.type = 'button';
    if (!isFolder(step.node)) button.addEventListener('click', () => showFile(step.node));
    else button.disabled = true;
    item.append(make('span', 'evidence', evidence(step)), button);
    list.append(item);
  }
  return list;
}

dialog.addEventListener('click', (event) => {
  if (event.target === dialog) dialog.close();
});
