// The batch norm explorer: a batch before and after, and the running statistics that follow. See normalisation.py.

const ROWS = [["x", "x", "input"], ["x_hat", "x̂ = (x − μ) / √(σ² + ε)", "feature_map"], ["y", "y = γ x̂ + β", "feature_map"]];

function batchNorm(root, { ask, wanted, say, model }) {
  let last = null, most = 1;
  const strips = strip(index => { model.set("position", index); model.save_changes(); });
  const hold = make("div", { className: "x-hold", tabIndex: 0, role: "application",
    "aria-label": "Batch: arrow right shows the next batch, Home starts again, arrow up and down choose a value" }, strips.element);
  const sum = make("div", { className: "x-formula" }), place = make("span", { className: "x-place" });
  const follow = { mean: followed("Running mean"), variance: followed("Running variance") };
  const bar = make("div", { className: "x-bar x-tight" },
    button("Next batch", "Show the next batch", () => next(1)), button("+ 10", "Show ten more batches", () => next(10)),
    button("⌂", "Start again", () => ask({ trained: 1, evaluated: 1 })), place);
  const batch = panel("", hold, bar);
  root.append(make("div", { className: "x-stage" }, batch.element,
    panel("Running mean", follow.mean.element, make("div", { className: "x-title" }, "Running variance"), follow.variance.element).element), sum);

  function next(count) {
    const { mode, trained, evaluated } = wanted();
    if (mode === "training") ask({ trained: clamp(trained + count, 1, most), evaluated: 1 });
    else ask({ evaluated: clamp(evaluated + count, 1, most) });
  }
  hold.addEventListener("keydown", event => {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (event.key === "ArrowRight") next(1);
    else if (event.key === "Home") ask({ trained: 1, evaluated: 1 });
    else if (step) { model.set("position", clamp(picked() + step, 0, last.arrays.x.values.length - 1)); model.save_changes(); }
    else return;
    event.preventDefault();
  });
  const picked = () => clamp(model.get("position"), 0, last.arrays.x.values.length - 1);

  function showPicked() {
    const { settings, arrays } = last, i = picked();
    const [mean, variance] = arrays.used.values, [x, hat, y] = ROWS.map(([name]) => arrays[name].values[i]);
    strips.draw(arrays, i);
    const source = settings.mode === "training" ? "mean and variance of this batch" : "the running mean and variance";
    sum.replaceChildren(`Value ${i + 1}, with ${source}: x̂ = (`, make("b", {}, written(x)), `${added(-mean)}) / √(${written(variance)} + ${settings.eps}) = `,
      make("b", {}, written(hat)), `, y = ${written(settings.gamma)} · ${written(hat)}${added(settings.beta)} = `, make("b", {}, written(y)));
    say(sum.textContent);
  }
  model.on("change:position", () => { if (last) showPicked(); });

  return (settings, arrays, constants) => {
    last = { settings, arrays };
    most = constants.most;
    const training = settings.mode === "training";
    batch.heading.textContent = training ? `Training batch ${settings.trained}` : `Batch ${settings.evaluated} in evaluation`;
    place.textContent = `${settings.trained} training ${settings.trained === 1 ? "batch" : "batches"} seen`;
    follow.mean.draw(arrays.running_mean.values, arrays.batch_means.values, constants.mean);
    follow.variance.draw(arrays.running_var.values, arrays.batch_variances.values, constants.variance);
    showPicked();
  };
}

/** Three rows of dots over one axis, each with its mean and one standard deviation; click a dot to choose its value. */
function strip(onPick) {
  const [width, height, low, high] = [470, 78, -8, 10];
  const svg = shape("svg", { viewBox: `0 0 ${width} ${3 * height + 22}`, width, height: 3 * height + 22, role: "img" });
  const x = value => 8 + ((clamp(value, low, high) - low) / (high - low)) * (width - 16);
  function row([name, label, role], number, values, chosen) {
    const middle = number * height + 50, colour = `var(--${role})`;
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
    const band = shape("rect", { x: x(mean - deviation), width: x(mean + deviation) - x(mean - deviation), y: middle - 17, height: 34, fill: colour, "fill-opacity": 0.13 });
    const line = shape("path", { d: `M${x(mean)} ${middle - 20}v40`, stroke: "var(--kernel)", "stroke-width": 3 });
    const text = shape("text", { x: 10, y: middle - 26, class: "x-label" }, `${label}:  mean ${written(mean)}, deviation ${written(deviation)}`);
    const dots = values.map((value, i) => {
      const dot = shape("circle", { cx: x(value), cy: middle, r: i === chosen ? 8 : 5.5, fill: colour, "fill-opacity": i === chosen ? 1 : 0.5,
        stroke: i === chosen ? "var(--ink)" : colour, "data-row": name });
      dot.addEventListener("pointerdown", () => onPick(i));
      return dot;
    });
    return [band, line, text, ...dots.filter((_, i) => i !== chosen), dots[chosen]];
  }
  function draw(arrays, chosen) {
    const marks = Array.from({ length: (high - low) / 2 + 1 }, (_, i) => low + 2 * i).map(value =>
      shape("text", { x: x(value), y: 3 * height + 16, "text-anchor": "middle" }, written(value)));
    const grid = shape("path", { d: `M${x(0)} 12V${3 * height}`, stroke: "var(--line)", "stroke-dasharray": "3 3" });
    const rows = ROWS.flatMap((one, number) => row(one, number, [...arrays[one[0]].values], chosen));
    svg.replaceChildren(shape("g", { class: "x-marks" }, grid, ...marks), ...rows);
    svg.setAttribute("aria-label", `${arrays.x.values.length} values, their normalised values, and the output`);
  }
  return { element: svg, draw };
}

/** A running statistic over the training batches (line), those of single batches (dots), and the truth (dashed). */
function followed(label) {
  const [width, height] = [300, 104];
  const svg = shape("svg", { viewBox: `0 0 ${width} ${height + 18}`, width, height: height + 18, role: "img" });
  function draw(averages, single, truth) {
    const count = Math.max(10, single.length), high = Math.max(truth * 2.5, ...single, ...averages), low = Math.min(0, ...single);
    const x = i => 36 + (i / count) * (width - 48), y = value => 6 + ((high - value) / (high - low)) * (height - 12);
    const dots = Array.from(single, (value, i) => shape("circle", { cx: x(i + 1), cy: y(value), r: 3, fill: "var(--input)", "fill-opacity": 0.7 }));
    const line = shape("polyline", { class: "x-line", points: Array.from(averages, (value, i) => `${x(i)},${y(value)}`).join(" ") });
    const now = averages[averages.length - 1];
    const dot = shape("circle", { cx: x(averages.length - 1), cy: y(now), r: 5, class: "x-dot" });
    const levels = [0, truth].map(value => shape("text", { x: 30, y: y(value) + 4, "text-anchor": "end" }, written(value)));
    const ticks = [0, count / 2, count].map(i => shape("text", { x: x(i), y: height + 14, "text-anchor": "middle" }, written(Math.round(i))));
    const dashed = shape("path", { d: `M36 ${y(truth)}H${width - 12}`, "stroke-dasharray": "5 4" });
    const number = shape("text", { x: width - 12, y: 14, "text-anchor": "end", class: "x-label" }, written(now, 3));
    svg.replaceChildren(shape("g", { class: "x-marks" }, dashed, ...levels, ...ticks), ...dots, line, dot, number);
    svg.setAttribute("aria-label", `${label} ${written(now, 3)} after ${single.length} batches; the population has ${written(truth)}`);
  }
  return { element: svg, draw };
}

export default { render: explorer("Batch norm explorer", batchNorm) };
