// Squarified treemap (Bruls, Huizing, van Wijk 2000): the one place where tiles are laid out. It is done here and not when
// the page is written, as it depends on the window's form and on the folder that is open.

// `weights` in falling order; calls `place(index, x, y, w, h)` for each. The areas are exact shares of w × h.
function squarify(weights, x, y, w, h, place) {
  let rest = weights.reduce((sum, weight) => sum + weight, 0);
  let start = 0;
  while (start < weights.length && rest > 0) {
    const side = Math.min(w, h);
    const scale = (w * h) / rest;
    let end = start;
    let sum = 0;
    let worst = Infinity;
    while (end < weights.length) {
      const next = sum + weights[end];
      const row = next * scale;
      const square = side * side;
      const ratio = Math.max(
        (square * weights[start] * scale) / (row * row),
        (row * row) / (square * weights[end] * scale),
      );
      if (ratio > worst) break;
      worst = ratio;
      sum = next;
      end++;
    }
    if (end === start) {
      end++;
      sum = weights[start];
    }
    const share = sum / rest;
    const wide = w >= h;
    const thick = wide ? w * share : h * share;
    let at = wide ? y : x;
    for (let i = start; i < end; i++) {
      const long = ((wide ? h : w) * weights[i]) / sum;
      if (wide) place(i, x, at, thick, long);
      else place(i, at, y, long, thick);
      at += long;
    }
    if (wide) {
      x += thick;
      w -= thick;
    } else {
      y += thick;
      h -= thick;
    }
    rest -= sum;
    start = end;
  }
}
