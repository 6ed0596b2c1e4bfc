// Drawing with the mouse: a field of ink, and a pad on the screen to put ink on. Used by explorers behind _draw.js.

/** Ink, white on black, rows x cols pixels from 0 to 255; a line is a row of soft round dots. */
function inkField(rows, cols, radius, pixels = rows * cols) {
  const ink = new Uint8Array(pixels);
  function dot(row, col) {
    for (let i = Math.max(0, Math.floor(row - radius)); i <= Math.min(rows - 1, row + radius + 1); i++) {
      for (let j = Math.max(0, Math.floor(col - radius)); j <= Math.min(cols - 1, col + radius + 1); j++) {
        const light = 255 * clamp(radius + 0.5 - Math.hypot(i - row, j - col), 0, 1);
        ink[i * cols + j] = Math.max(ink[i * cols + j], light);
      }
    }
  }
  function line(row, col, toRow, toCol) {
    const steps = Math.max(Math.abs(toRow - row), Math.abs(toCol - col), 1);
    for (let k = 0; k <= steps; k++) dot(Math.round(row + (k / steps) * (toRow - row)), Math.round(col + (k / steps) * (toCol - col)));
  }
  return { rows, cols, ink, line, clear: () => ink.fill(0), bytes: () => new DataView(ink.slice().buffer) };
}

/**
 * A pad to draw on, `width` CSS pixels wide: onInk(bytes) is told after every piece of a stroke, bytes as for a CBytes
 * trait. The ink is on the screen at once.
 */
function inkPad({ label, rows, cols, radius, width, onInk }) {
  const field = inkField(rows, cols, radius), map = pixelMap(label, width);
  const element = make("div", { className: "x-hold x-ink", tabIndex: 0, role: "application", "aria-label": `${label}: draw with the mouse or a finger` },
    map.element);
  const paint = () => map.draw({ shape: [rows, cols], values: field.ink }, "pixels", 0, 255);
  let last = null;
  draggable(element, (x, y, begins) => {
    const scale = cols / element.getBoundingClientRect().width, at = [y * scale - 0.5, x * scale - 0.5];
    field.line(...(begins ? at : last), ...at);
    last = at;
    paint();
    onInk(field.bytes());
  });
  function clear() {
    field.clear();
    paint();
  }
  clear();
  return { element, clear, bytes: field.bytes };
}
