// The depth explorer: what a plain and a residual net compute before training, and the gradient in each layer. See residual.py.

const ROWS = ["plain", "residual"];
/** A number of any size: 12.9, 0.0312, 3.1e+7. */
const spelled = value => (Math.abs(value) >= 1e-3 && Math.abs(value) < 1e4) || value === 0 ? written(Number(value.toPrecision(3)), 4) : value.toExponential(1).replaceAll("-", "−");

function depthExplorer(root, { say, model }) {
  let last = null;
  const rows = ROWS.map(kind => {
    const curve = curvePlot(`${kind} net, output`), bars = barPlot(`${kind} net, gradients`, pick);
    const note = make("span", { className: "x-place" });
    const left = panel("", curve.element), right = panel("Gradient in each layer", bars.element);
    left.heading.append(`${kind[0].toUpperCase()}${kind.slice(1)}, before training `, note);
    return { kind, curve, bars, note, element: make("div", { className: "x-stage x-close x-pair" }, left.element, right.element) };
  });
  const hold = make("div", { className: "x-hold", tabIndex: 0, role: "application",
    "aria-label": "Layers: arrow left and right choose one, Home the first, End the last" }, ...rows.map(row => row.element));
  const detail = make("div", { className: "x-formula" });
  root.append(hold, detail);

  function pick(layer) { model.set("position", layer); model.save_changes(); }
  const count = () => last.arrays.plain_norms.values.length;
  const picked = () => clamp(model.get("position"), 0, count() - 1);
  hold.addEventListener("keydown", event => {
    const to = { ArrowLeft: picked() - 1, ArrowRight: picked() + 1, Home: 0, End: count() - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    pick(clamp(to, 0, count() - 1));
  });

  function show() {
    const { arrays } = last, layer = picked();
    const all = ROWS.flatMap(kind => [...arrays[`${kind}_norms`].values]).map(decade);
    const range = [Math.floor(Math.min(...all)), Math.max(Math.floor(Math.min(...all)) + 1, Math.ceil(Math.max(...all)))];
    const parts = rows.map(({ kind, curve, bars, note }) => {
      const norms = arrays[`${kind}_norms`].values;
      curve.draw(arrays.x.values, arrays[`${kind}_output`].values, arrays.target.values);
      bars.draw(norms, range, layer);
      note.textContent = `neighbours agree by ${written(arrays[`${kind}_agreement`].values[0])}`;
      return [`${kind} `, make("b", {}, spelled(norms[layer])), ` (${spelled(norms[layer] / norms[norms.length - 1])} × the last layer's)`];
    });
    detail.replaceChildren(`Gradient in layer ${layer + 1} of ${count()}: `, ...parts[0], ", ", ...parts[1]);
    say(detail.textContent);
  }
  model.on("change:position", () => { if (last) show(); });

  return (settings, arrays) => { last = { settings, arrays }; show(); };
}

/** Power of ten of a gradient's norm; none is drawn as one of 1e-12. */
const decade = value => Math.log10(Math.max(value, 1e-12));

/** The net's output over its input, and what it shall learn (dashed). */
function curvePlot(label) {
  const [width, height, left] = [396, 150, 44];
  const svg = shape("svg", { viewBox: `0 0 ${width} ${height}`, width, height, role: "img" });
  function draw(xs, outputs, target) {
    const low = Math.min(...outputs, ...target), high = Math.max(...outputs, ...target);
    const x = value => left + ((value + 1) / 2) * (width - left - 8), y = value => 8 + ((high - value) / (high - low)) * (height - 30);
    const line = (values, attributes) => shape("polyline", { points: Array.from(values, (value, i) => `${x(xs[i])},${y(value)}`).join(" "), fill: "none", ...attributes });
    const marks = [low, high].map(value => shape("text", { x: left - 6, y: y(value) + 4, "text-anchor": "end" }, Math.abs(value) >= 1e4 ? spelled(value) : written(value, 1)));
    const ticks = [-1, 0, 1].map(value => shape("text", { x: x(value), y: height - 6, "text-anchor": "middle" }, written(value)));
    svg.replaceChildren(shape("g", { class: "x-marks" }, shape("path", { d: `M${left} 8V${height - 22}H${width - 8}` }), ...marks, ...ticks),
      line(target, { stroke: "var(--input)", "stroke-width": 1.5, "stroke-dasharray": "5 4" }), line(outputs, { stroke: "var(--feature_map)", "stroke-width": 2 }));
    svg.setAttribute("aria-label", `${label} between ${spelled(Math.min(...outputs))} and ${spelled(Math.max(...outputs))}`);
  }
  return { element: svg, draw };
}

/** A bar for each layer on a scale of powers of ten; a click picks the layer. */
function barPlot(label, onPick) {
  const [width, height, left] = [380, 150, 40];
  const svg = shape("svg", { viewBox: `0 0 ${width} ${height}`, width, height, role: "img" });
  function draw(norms, [low, high], picked) {
    const step = (width - left - 8) / norms.length, bottom = height - 22;
    const y = value => 8 + ((high - value) / (high - low)) * (bottom - 8);
    const bars = Array.from(norms, (norm, i) => {
      const top = Math.min(y(decade(norm)), bottom - 1);
      const bar = shape("rect", { x: left + i * step, width: Math.max(1, step - (step > 4 ? 1 : 0)), y: top, height: bottom - top, fill: "var(--gradient)",
        "fill-opacity": i === picked ? 1 : 0.6, stroke: i === picked ? "var(--ink)" : "none", "data-layer": i + 1 });
      const target = shape("rect", { x: left + i * step, width: step, y: 0, height: bottom, fill: "transparent", "data-pick": i + 1 });
      target.addEventListener("pointerdown", () => onPick(i));
      return [bar, target];
    });
    const every = Math.max(1, Math.ceil((high - low) / 5));
    const levels = Array.from({ length: Math.floor((high - low) / every) + 1 }, (_, i) => low + i * every);
    const marks = levels.flatMap(level => [shape("path", { d: `M${left} ${y(level)}H${width - 8}` }),
      shape("text", { x: left - 6, y: y(level) + 4, "text-anchor": "end" }, level >= -2 && level <= 3 ? written(10 ** level) : `1e${written(level)}`)]);
    const ends = [0, norms.length - 1].map(i => shape("text", { x: left + (i + 0.5) * step, y: height - 6, "text-anchor": "middle" }, String(i + 1)));
    svg.replaceChildren(shape("g", { class: "x-marks" }, ...marks, ...ends), ...bars.flat());
    svg.setAttribute("aria-label", `${label} from ${spelled(norms[0])} in the first layer to ${spelled(norms[norms.length - 1])} in the last`);
  }
  return { element: svg, draw };
}

export default { render: explorer("Depth explorer", depthExplorer) };
