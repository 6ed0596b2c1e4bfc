// The pooling stepper: input with the window, what is done with the window's numbers, output. See pooling.py.

function pooling(root, tools) {
  let settings, arrays;
  const taken = numberGrid({ label: "Numbers in the window", role: "input" });
  const given = numberGrid({ label: "Gradient for the window", role: "gradient" });
  const sum = make("div", { className: "x-sum" });
  const backward = make("div", {}, make("div", { className: "x-title x-small" }, "gradient: 1 arrives, each pixel gets"), given.element);
  const middle = panel("Window", taken.element, sum, backward);
  const steps = stepper(root, tools, middle, { input: "Input", output: "Output" });
  const formula = make("div", { className: "x-formula" });
  root.append(formula);

  function drawMiddle({ position, cells, place }) {
    const side = settings.window, all = arrays.padded.values, shade = shades(all, "input");
    const values = cells.map(i => all[i]), weights = arrays.weights.values, total = arrays.output.values[position];
    const won = settings.operation === "max" ? values.indexOf(total) : -1;
    taken.paint(side, side, i => ({
      text: written(values[i]), colour: shade(values[i]), classes: i === won ? "x-now" : "",
      note: settings.operation === "weighted" ? `× ${written(weights[i])}` : "",
    }));
    const terms = inWords(values, arrays.divisors.values[position]);
    sum.replaceChildren(...sumLine(terms, written(total), place));
    const shares = arrays.shares.values.subarray(position * side * side, (position + 1) * side * side);
    backward.hidden = !settings.gradient;
    given.paint(side, side, i => ({ text: written(shares[i]), colour: tinted("gradient", shares[i]) }));
    return `${terms} = ${written(total)}`;
  }

  function inWords(values, divisor) {
    const list = values.map(value => written(value)), weights = [...arrays.weights.values];
    const heavy = weights.reduce((sum, weight) => sum + weight);
    return {
      max: `max(${list.join(", ")})`,
      average: `(${list.join(" + ")}) / ${written(divisor)}`,
      weighted: `(${list.map((text, i) => `${written(weights[i])}·${text}`).join(" + ")}) / ${written(heavy)}`,
      L2: `√(${list.map(text => `${text}²`).join(" + ")})`,
    }[settings.operation];
  }

  return (newSettings, newArrays) => {
    [settings, arrays] = [newSettings, newArrays];
    const { image, window: side, stride, padding } = settings;
    middle.heading.replaceChildren(`Window ${side} × ${side}`);
    const size = [image.length, image[0].length], out = arrays.output.shape;
    const line = axis => sizeFormula({ size: size[axis], before: padding, after: padding, kernel: side, stride, out: out[axis] });
    formula.replaceChildren("output = ⌊(input + padding − window) / stride⌋ + 1 = ", make("code", {}, line(1)),
      ...(line(0) === line(1) ? [] : [" wide, ", make("code", {}, line(0)), " high"]));
    steps.draw({
      name: "image", matrix: image, padded: arrays.padded, output: arrays.output, around: Array(3).fill(padding),
      flat: false, size: [side, side], stride, dilation: 1, look: () => "", middle: drawMiddle,
    });
  };
}

export default { render: explorer("Pooling stepper", pooling) };
