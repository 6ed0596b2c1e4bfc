// The convolution stepper: input with the window, kernel, products and their sum, output. See convolution.py.

function convolution(root, { ask, model, say }) {
  let settings, arrays, flat, pitch, editing = false; // pitch: from one cell to the next, in pixels
  const input = numberGrid({ label: "Input", role: "input" });
  const editor = numberGrid({ label: "Input", role: "input", onEdit: (row, col, value) => edit(flat ? "signal" : "image", row, col, value) });
  const kernel = numberGrid({ label: "Kernel", role: "kernel", onEdit: (row, col, value) => edit(kernelName(), row, col, value) });
  const products = numberGrid({ label: "Products of window and kernel", role: "products" });
  const output = numberGrid({ label: "Output, a feature map", role: "map" });
  const above = barRow("input"), below = barRow("map");
  const frame = make("div", { className: "x-window" });
  const hold = make("div", { className: "x-hold", tabIndex: 0, role: "application",
    "aria-label": "Window over the input: arrow keys move it, space plays" }, input.element, frame);
  const slide = make("div", { className: "x-slide" }, kernel.element,
    make("div", { className: "x-title x-small" }, "window × kernel"), products.element);
  const sum = make("div", { className: "x-sum" });
  const formula = make("div", { className: "x-formula" });
  const walk = walker({ model, onMove: drawWindow });

  const kernelName = () => (flat ? "signal_kernel" : "image_kernel");
  function edit(name, row, col, value) {
    const matrix = settings[name].map(line => [...line]);
    matrix[row][col] = value;
    ask({ [name]: matrix });
    settings = { ...settings, [name]: matrix }; // so that fast typing in two cells loses neither
  }
  const flip = () => ask({ [kernelName()]: settings[kernelName()].map(line => [...line].reverse()).reverse() });
  const toggle = button("✎ Edit input", "Type other numbers into the input", () => {
    editing = !editing;
    toggle.setAttribute("aria-pressed", String(editing));
    walk.stop();
    drawAll();
  });

  const left = panel("", above.element, hold, editor.element);
  const middle = panel("", slide, sum);
  const right = panel("", output.element, below.element);
  walk.bar.append(toggle, button("⟲ Flip kernel", "Turn the kernel by half a turn", flip));
  const stage = make("div", { className: "x-stage" }, left.element, middle.element, right.element);
  root.append(stage, walk.bar, formula);
  root.addEventListener("keydown", event => { if (event.target === hold) walk.keys(event); });
  draggable(hold, (x, y) => {
    const { Kh, Kw, Hout, Wout } = geometry();
    const { stride, dilation } = settings;
    const index = (at, size, count) => clamp(Math.round((at / pitch - (dilation * (size - 1) + 1) / 2) / stride), 0, count - 1);
    walk.go(index(y, flat ? 1 : Kh, Hout) * Wout + index(x, Kw, Wout));
  });
  draggable(output.element, (x, y) => {
    const { Hout, Wout } = geometry(), across = flat ? pitch * settings.stride : pitch;
    const index = (at, step, count) => clamp(Math.floor(at / step), 0, count - 1);
    walk.go(index(y, pitch, Hout) * Wout + index(x, across, Wout));
  });

  function geometry() {
    const [H, W] = arrays.padded.shape, [, Kh, Kw] = arrays.products.shape, [Hout, Wout] = arrays.output.shape;
    return { H, W, Kh, Kw, Hout, Wout };
  }

  /** What a window takes: its place in the padded input, and the kernel's weight for each tapped cell. */
  function taps(position) {
    const { W, Kh, Kw, Wout } = geometry(), { stride, dilation } = settings;
    const top = Math.floor(position / Wout) * stride, first = (position % Wout) * stride, weights = new Map();
    for (let i = 0; i < Kh; i++) {
      for (let j = 0; j < Kw; j++) {
        weights.set((top + i * dilation) * W + first + j * dilation, [i, j]);
      }
    }
    return { top, first, weights };
  }

  function drawAll() {
    flat = settings.mode === "1-D";
    const { W, Kw, Hout, Wout } = geometry(), gap = 2, cell = flat ? 46 : W > 8 ? 31 : 38;
    pitch = cell + gap;
    stage.classList.toggle("x-flat", flat);
    stage.style.setProperty("--cell", `${cell}px`);
    // A signal has one column for all rows of the picture: dilation and stride leave gaps between the cells.
    slide.style.setProperty("--gap", `${gap + (flat ? (settings.dilation - 1) * pitch : 0)}px`);
    right.element.style.setProperty("--gap", `${gap + (flat ? (settings.stride - 1) * pitch : 0)}px`);
    right.element.style.setProperty("--shift", `${flat ? settings.dilation * Math.floor(Kw / 2) * pitch : 0}px`);
    above.paint(flat ? arrays.padded.values : []);
    hold.hidden = editing;
    editor.element.hidden = !editing;
    walk.resize(Hout * Wout, Wout);
    drawEditors();
    drawSizes();
    drawWindow(walk.position());
  }

  function drawEditors() {
    const x = flat ? settings.signal : settings.image, weights = settings[kernelName()];
    for (const [grid, matrix, role] of [[editor, x, "input"], [kernel, weights, "kernel"]]) {
      const values = matrix.flat(), shade = shades(values, role);
      grid.paint(matrix.length, matrix[0].length, i => ({ text: written(values[i]), colour: shade(values[i]) }));
    }
  }

  function drawWindow(position) {
    drawInput(position);
    drawProducts(position);
    drawOutput(position);
    walk.tell();
  }

  function drawInput(position) {
    const { H, W, Kh, Kw } = geometry(), { top, first, weights } = taps(position);
    const values = arrays.padded.values, shade = shades(values, "input"), pads = padsOf(settings);
    const padded = i => Math.floor(i / W) < pads[0] || Math.floor(i / W) >= H - pads[0] || i % W < pads[1] || i % W >= W - pads[2];
    const weight = i => { const [row, col] = weights.get(i); return written(settings[kernelName()][row][col]); };
    input.paint(H, W, i => ({
      text: written(values[i]),
      note: weights.has(i) && !flat ? weight(i) : "",
      colour: shade(values[i]),
      classes: (padded(i) ? "x-pad " : "") + (weights.has(i) ? "x-tap" : ""),
    }));
    const span = size => ((size - 1) * settings.dilation + 1) * pitch + 2;
    frame.style.cssText = `width:${span(Kw)}px;height:${span(Kh)}px;transform:translate(${first * pitch - 2}px,${top * pitch - 2}px)`;
    slide.style.transform = `translateX(${flat ? first * pitch : 0}px)`;
  }

  function drawProducts(position) {
    const { Kh, Kw, Wout } = geometry(), { weights } = taps(position), size = Kh * Kw;
    const values = arrays.products.values.subarray(position * size, (position + 1) * size), shade = shades(arrays.products.values, "map");
    const seen = [...weights.keys()].map(i => arrays.padded.values[i]), factors = settings[kernelName()].flat();
    products.paint(Kh, Kw, i => ({
      text: written(values[i]),
      note: `${written(seen[i])} × ${written(factors[i])}`,
      colour: shade(values[i]),
    }));
    const total = written(arrays.output.values[position]), place = flat ? position : `${Math.floor(position / Wout)}, ${position % Wout}`;
    const terms = written(values[0]) + [...values.slice(1)].map(added).join("");
    sum.replaceChildren(`${terms} = `, make("b", {}, total), ` → output[${place}]`);
    say(`Window ${position + 1}: ${terms} = ${total}`);
  }

  function drawOutput(position) {
    const { Hout, Wout } = geometry(), values = arrays.output.values, shade = shades(values, "map");
    below.paint(flat ? values : [], position);
    output.paint(Hout, Wout, i => ({
      text: written(values[i]),
      title: String(values[i]),
      colour: shade(values[i]),
      classes: i === position ? "x-now" : i > position ? "x-later" : "",
    }));
  }

  function drawSizes() {
    const { H, W, Kh, Kw, Hout, Wout } = geometry(), { stride, dilation } = settings, [around, before, after] = padsOf(settings);
    const rows = sizeFormula({ size: H - 2 * around, before: around, after: around, kernel: Kh, stride, dilation, out: Hout });
    const cols = sizeFormula({ size: W - before - after, before, after, kernel: Kw, stride, dilation, out: Wout });
    const size = (a, b) => (flat ? `${b}` : `${a} × ${b}`);
    const inside = size(H - 2 * around, W - before - after), padded = size(H, W);
    left.heading.replaceChildren(`${flat ? "Signal" : "Input"} ${inside} `, make("small", {}, padded === inside ? "" : `padded to ${padded}`));
    right.heading.replaceChildren(`Output ${size(Hout, Wout)}`);
    middle.heading.replaceChildren(`Kernel ${size(Kh, Kw)} `, make("small", {}, "type to change"));
    formula.replaceChildren("output = ⌊(input + padding − dilation·(kernel − 1) − 1) / stride⌋ + 1 = ", make("code", {}, cols),
      ...(flat || rows === cols ? [] : [" wide, ", make("code", {}, rows), " high"]));
  }

  return (newSettings, newArrays) => {
    if (settings && settings.mode !== newSettings.mode) walk.restart();
    [settings, arrays] = [newSettings, newArrays];
    drawAll();
  };
}

/** Bars over or under the cells of a signal: a learner sees the step, and the spike that it gives. */
function barRow(role) {
  const element = make("div", { className: "x-bars", "aria-hidden": "true" });
  return {
    element,
    paint(values, last = values.length) {
      const shade = shades(values, role), high = Math.max(0, ...values), low = Math.min(0, ...values), range = high - low || 1;
      element.hidden = values.length === 0;
      element.style.setProperty("--zero", `${(-low / range) * 100}%`);
      element.replaceChildren(...Array.from(values, (value, i) => {
        const bar = make("i");
        bar.style.cssText = `height:${(Math.abs(value) / range) * 100}%;bottom:${((Math.min(value, 0) - low) / range) * 100}%;background:${shade(value)}`;
        return make("div", {}, make("span", { className: i > last ? "x-later" : "" }, bar));
      }));
    },
  };
}

/** Zeros above and below, left, right. */
const padsOf = s => (s.mode === "1-D" ? [0, s.pad_left, s.pad_right] : [s.padding, s.padding, s.padding]);

export default { render: explorer("Convolution stepper", convolution) };
