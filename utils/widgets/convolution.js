// The convolution stepper: input with the window, kernel, products and their sum, output. See convolution.py.

function convolution(root, tools) {
  let settings, arrays, flat;
  const kernel = numberGrid({ label: "Kernel", role: "kernel", onEdit: (row, col, value) => tools.ask({
    [name()]: changed(tools.wanted()[name()], row, col, value),
  }) });
  const products = numberGrid({ label: "Products of window and kernel", role: "products" });
  const slide = make("div", { className: "x-slide x-wide" }, kernel.element,
    make("div", { className: "x-title x-small" }, "window × kernel"), products.element);
  const sum = make("div", { className: "x-sum" });
  const middle = panel("", slide, sum);
  const steps = stepper(root, tools, middle, { input: "Input", output: "Output" });
  const above = barRow("input"), below = barRow("feature_map");
  const formula = make("div", { className: "x-formula" });
  const name = () => (flat ? "signal_kernel" : "image_kernel");
  const flip = () => tools.ask({ [name()]: settings[name()].map(line => [...line].reverse()).reverse() });
  steps.left.heading.after(above.element);
  steps.right.element.append(below.element);
  steps.bar.append(button("⟲ Flip kernel", "Turn the kernel by half a turn", flip));
  root.append(formula);

  /** One window: the products in their places, and the sum written out. Returns the sum for the screen reader. */
  function drawProducts({ position, cells, place, slid }) {
    const [, Kh, Kw] = arrays.products.shape, all = arrays.products.values, shade = shades(all, "feature_map");
    const values = [...all.subarray(position * Kh * Kw, (position + 1) * Kh * Kw)], weights = settings[name()].flat();
    products.paint(Kh, Kw, i => ({
      text: written(values[i]), colour: shade(values[i]),
      note: `${written(arrays.padded.values[cells[i]])} × ${written(weights[i])}`,
    }));
    slide.style.transform = `translateX(${flat ? slid : 0}px)`;
    below.paint(flat ? arrays.output.values : [], position);
    const total = written(arrays.output.values[position]), terms = written(values[0]) + values.slice(1).map(added).join("");
    sum.replaceChildren(...sumLine(terms, total, place));
    return `${terms} = ${total}`;
  }

  function drawKernel() {
    const matrix = settings[name()], values = matrix.flat(), shade = shades(values, "kernel");
    kernel.paint(matrix.length, matrix[0].length, i => ({ text: written(values[i]), colour: shade(values[i]) }));
    const size = flat ? matrix[0].length : `${matrix.length} × ${matrix[0].length}`;
    middle.heading.replaceChildren(`Kernel ${size} `, make("small", {}, "type to change"));
  }

  /** A signal's rows share their columns: dilation and stride leave gaps, and the output stands under the kernel's centre. */
  function drawColumns(pitch = 48) {
    const { stride, dilation } = settings, centre = dilation * Math.floor(settings[name()][0].length / 2);
    slide.style.setProperty("--gap", `${flat ? (dilation - 1) * pitch + 2 : 2}px`);
    steps.right.element.style.setProperty("--gap", `${flat ? (stride - 1) * pitch + 2 : 2}px`);
    steps.right.element.style.setProperty("--shift", `${flat ? centre * pitch : 0}px`);
    above.paint(flat ? arrays.padded.values : []);
  }

  function drawFormula([around, before, after]) {
    const [H, W] = arrays.padded.shape, [, Kh, Kw] = arrays.products.shape, [Hout, Wout] = arrays.output.shape;
    const { stride, dilation } = settings;
    const high = sizeFormula({ size: H - 2 * around, before: around, after: around, kernel: Kh, stride, dilation, out: Hout });
    const wide = sizeFormula({ size: W - before - after, before, after, kernel: Kw, stride, dilation, out: Wout });
    formula.replaceChildren("output = ⌊(input + padding − dilation·(kernel − 1) − 1) / stride⌋ + 1 = ", make("code", {}, wide),
      ...(flat || high === wide ? [] : [" wide, ", make("code", {}, high), " high"]));
  }

  return (newSettings, newArrays) => {
    [settings, arrays, flat] = [newSettings, newArrays, newSettings.mode === "1-D"];
    const around = flat ? [0, settings.pad_left, settings.pad_right] : Array(3).fill(settings.padding);
    const input = flat ? "signal" : "image", weights = settings[name()];
    drawKernel();
    drawColumns();
    drawFormula(around);
    steps.draw({
      name: input, matrix: settings[input], padded: arrays.padded, output: arrays.output, around, flat,
      size: [weights.length, weights[0].length], stride: settings.stride, dilation: settings.dilation,
      look: (row, col) => (flat ? "" : written(weights[row][col])), middle: drawProducts,
    });
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
        const bar = make("i", { className: i > last ? "x-later" : "" });
        bar.style.cssText = `height:${(Math.abs(value) / range) * 100}%;bottom:${((Math.min(value, 0) - low) / range) * 100}%;background:${shade(value)}`;
        return make("div", {}, bar);
      }));
    },
  };
}

export default { render: explorer("Convolution stepper", convolution) };
