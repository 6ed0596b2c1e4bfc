// What explorers draw with. Python computes every number; this file only puts numbers on the screen.
// It is set in front of an explorer's own file (see _base.py), so its functions are simply in reach there.

// Here as in utils/viz/palette.py: COLOURS by meaning, and RAMPS of 256 steps (signed, sequential, pixels).
const TYPES = { float32: Float32Array, uint8: Uint8Array };

/** A DOM element: make("div", {className: "x", "aria-label": "y", onclick: f}, child, "text"). */
function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in element && !name.includes("-")) element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

/** The same for SVG: shape("circle", {r: 3}). */
function shape(tag, attributes = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** A number as a learner writes it: whole where it is whole, else two decimals, with a true minus sign. */
function written(value, digits = 2) {
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  const text = Number.isInteger(value) ? String(value) : value.toFixed(digits).replace(/\.?0+$/, "");
  return (text === "-0" ? "0" : text).replace("-", "−");
}

/** The same in front of which a sum goes on: " + 3", " − 3". */
const added = value => (value < 0 ? " − " : " + ") + written(Math.abs(value));

const clamp = (value, low, high) => Math.min(high, Math.max(low, value));

/** Largest magnitude of the numbers, 1 where all are zero: the range of a colour scale. */
function reach(values) {
  let largest = 0;
  for (const value of values) if (Number.isFinite(value)) largest = Math.max(largest, Math.abs(value));
  return largest || 1;
}

/**
 * The colour of each number of an array, as in viz.numbers: blue below zero and red above where there are negative
 * numbers, else the colour of their meaning. Zero is the page itself, so it suits light and dark themes.
 */
function shades(values, role) {
  const limit = reach(values), signed = values.some(value => value < 0 && Number.isFinite(value));
  return value => tinted(!signed ? role : value < 0 ? "negative" : "positive", Math.abs(value) / limit);
}

/** CSS colour of a meaning, from nothing (share 0) to its strongest (share 1). */
function tinted(role, share) {
  const colour = { negative: RAMPS.signed[24], positive: RAMPS.signed[231] }[role] || COLOURS[role];
  return `rgba(${colour}, ${(0.62 * clamp(share, 0, 1) || 0).toFixed(3)})`;
}

/**
 * A table of numbers. paint(rows, cols, look) asks look(index) for each cell's {text, note, colour, classes, title};
 * with `onEdit(row, col, number)` the numbers are fields to type into.
 */
function numberGrid({ label, role, onEdit }) {
  const table = make("div", { className: `x-grid x-${role}`, role: onEdit ? "group" : "table", "aria-label": label });
  let cells = [], shape = "";
  function build(rows, cols) {
    shape = `${rows}x${cols}`;
    table.style.setProperty("--cols", cols);
    cells = Array.from({ length: rows * cols }, (_, index) => cell(Math.floor(index / cols), index % cols));
    const lines = Array.from({ length: rows }, (_, row) =>
      make("div", { role: onEdit ? "presentation" : "row", className: "x-row" }, ...cells.slice(row * cols, (row + 1) * cols)));
    table.replaceChildren(...lines);
  }
  function cell(row, col) {
    if (!onEdit) return make("div", { className: "x-cell", role: "cell" });
    const field = make("input", {
      className: "x-cell", type: "text", inputMode: "decimal", autocomplete: "off",
      "aria-label": `${label}, row ${row + 1}, column ${col + 1}`,
    });
    const read = step => {
      const value = Number(field.value.replace("−", "-").replace(",", ".")) + step;
      if (field.value.trim() !== "" && Number.isFinite(value)) onEdit(row, col, Number(value.toFixed(6)));
    };
    field.addEventListener("focus", () => field.select());
    field.addEventListener("input", () => read(0));
    field.addEventListener("keydown", event => {
      const step = { ArrowUp: 1, ArrowDown: -1 }[event.key];
      if (step) { event.preventDefault(); read(step); }
      if (event.key === "Enter") field.blur();
    });
    return field;
  }
  function paint(rows, cols, look) {
    if (shape !== `${rows}x${cols}`) build(rows, cols);
    cells.forEach((element, index) => {
      const { text = "", note = "", colour = "transparent", classes = "", title = "" } = look(index);
      if (!onEdit) element.textContent = text;
      else if (document.activeElement !== element || Number(element.value.replace("−", "-")) !== Number(text.replace("−", "-"))) {
        element.value = text;
      }
      element.dataset.note = note;
      element.style.fontSize = text.length > 3 ? `min(13px, calc(var(--cell) * ${1.5 / text.length}))` : "";
      element.style.backgroundColor = colour;
      element.className = `x-cell ${classes}`;
      if (title) element.title = title;
    });
  }
  return { element: table, paint, cells: () => cells };
}

/** A picture of an array, one array element a pixel: draw({shape, values}, ramp, low, high). */
function pixelMap(label, width) {
  const element = make("canvas", { className: "x-map", role: "img", "aria-label": label });
  element.style.width = `${width}px`;
  function draw({ shape: [rows, cols], values }, ramp, low, high) {
    [element.width, element.height] = [cols, rows];
    element.style.imageRendering = cols * 2 > width ? "auto" : "pixelated"; // show single pixels where they are large
    const image = new ImageData(cols, rows), pixels = new Uint32Array(image.data.buffer), scale = 255 / (high - low || 1);
    // A whole pixel at a time, in the byte order (alpha, blue, green, red) of every machine that runs a browser.
    const colours = RAMPS[ramp].map(([red, green, blue]) => ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0);
    for (let i = 0; i < pixels.length; i++) pixels[i] = colours[clamp(Math.round((values[i] - low) * scale), 0, 255)];
    element.getContext("2d").putImageData(image, 0, 0);
  }
  return { element, draw };
}

/** Rows of a name, a bar and a percentage: draw([{name, share, role}]). */
function shareBars(label) {
  const element = make("div", { className: "x-shares", role: "list", "aria-label": label });
  function draw(rows) {
    element.replaceChildren(...rows.map(({ name, share, role }) => {
      const bar = make("i"), percent = `${(100 * share).toFixed(share < 0.0995 ? 1 : 0)} %`;
      bar.style.cssText = `width:${100 * share}%;background:var(--${role})`;
      return make("div", { role: "listitem" }, make("span", {}, name), make("div", {}, bar), make("span", {}, percent));
    }));
  }
  return { element, draw };
}

/** Let the mouse or a finger drag over `element`: onPoint(x, y, begins) in CSS pixels from its upper left corner. */
function draggable(element, onPoint) {
  const point = (event, begins) => {
    const box = element.getBoundingClientRect();
    onPoint(event.clientX - box.left, event.clientY - box.top, begins);
  };
  element.classList.add("x-draggable");
  element.addEventListener("pointerdown", event => {
    if (event.button !== 0) return;
    element.setPointerCapture(event.pointerId);
    element.focus({ preventScroll: true });
    event.preventDefault();
    point(event, true);
  });
  element.addEventListener("pointermove", event => { if (element.hasPointerCapture(event.pointerId)) point(event, false); });
}

/** The matrix (list of rows) with another number in one place. */
function changed(matrix, row, col, value) {
  return matrix.map((line, i) => line.map((old, j) => (i === row && j === col ? value : old)));
}

/** A button: words and what they mean, or a bare sign and its spoken name. */
function button(sign, name, onclick) {
  const spoken = /\w{2}/.test(sign) ? {} : { "aria-label": name };
  return make("button", { className: "x-button", type: "button", title: name, onclick, ...spoken }, sign);
}

/** A slider in the picture. Lab takes the arrow keys of whatever is no text field, unless the field itself forbids it. */
function slideBar(label, limits, onInput) {
  const input = make("input", { type: "range", "aria-label": label, "data-lm-suppress-shortcuts": "true" });
  Object.assign(input, limits); // min, max, step
  input.addEventListener("input", () => onInput(Number(input.value)));
  return input;
}

/** A titled column of the picture. */
function panel(title, ...children) {
  const heading = make("div", { className: "x-title" }, title);
  const element = make("div", { className: "x-panel" }, heading, ...children);
  return { element, heading };
}

/**
 * The `render` of an explorer. `build(root, tools)` fills the root once and returns draw(settings, arrays, constants),
 * which is called for every answer of Python. tools.ask({name: value}) wishes for settings, and
 * tools.wanted() are the settings with the wishes that Python has not answered yet; tools.say(text) speaks to screen readers,
 * tools.complain(text) shows what went wrong.
 */
function explorer(label, build) {
  return ({ model, el }) => {
    // Without the attribute JupyterLab would take arrow keys and letters for its own commands.
    const root = make("div", { className: "x-root", role: "group", "aria-label": label, "data-lm-suppress-shortcuts": "true" });
    const message = make("div", { className: "x-message", role: "alert" });
    const spoken = make("div", { className: "x-spoken", "aria-live": "polite" });
    root.append(message);
    el.append(root);
    let wishes = {}, serial = model.get("wish").serial || 0;
    const ask = changes => {
      wishes = { ...wishes, ...changes, serial: ++serial };
      model.set("wish", wishes);
      model.save_changes();
    };
    const wanted = () => ({ ...model.get("answer").settings, ...wishes });
    const say = text => { spoken.textContent = text; }, complain = text => { message.textContent = text; };
    const draw = build(root, { ask, wanted, say, complain, model });
    root.append(spoken);
    const show = () => {
      const answer = model.get("answer");
      if (answer.wish >= serial) wishes = {};
      message.textContent = answer.message;
      root.classList.toggle("x-without-answer", Boolean(answer.message));
      const arrays = Object.fromEntries(answer.arrays.map(name => [name, unpacked(model.get(name))]));
      if (!answer.message) draw(answer.settings, arrays, answer.constants);
      root.explorer = { ...answer, arrays }; // what is on the screen, for tests and the curious
      painted();
    };
    new ResizeObserver(() => nameSliders(root)).observe(root); // as soon as it is on the page
    model.on("change:answer", show);
    show();
    return () => model.off("change:answer", show);
  };
}

/** ipywidgets shows a slider's name beside it, but does not tell screen readers that it is one. */
function nameSliders(root) {
  for (const handle of root.closest(".explorer-box")?.querySelectorAll(".noUi-handle") ?? []) {
    handle.setAttribute("aria-label", handle.closest(".widget-slider").querySelector("label").textContent);
  }
}

/** Leave a mark in the browser's timeline once the next frame is on the screen (benchmarks/explorers.py reads it). */
function painted() {
  requestAnimationFrame(() => setTimeout(() => performance.mark("explorer-painted")));
}

/** {shape, values} from the bytes of Python's `packed`. */
function unpacked({ shape, dtype, data }) {
  const bytes = data.buffer.slice(data.byteOffset, data.byteOffset + data.byteLength); // a copy that starts on a multiple of 4
  return { shape, values: new TYPES[dtype](bytes) };
}
