// The chart of the model zoo: dots to pick by mouse or keyboard, and the block of the picked network. See chart.py.

const TICKS = [1, 2, 5], NEAR = 28; // pixels from the middle of a dot

function zooChart(root, { ask, wanted, say }) {
  let last = null, shown = "";
  const [width, height, left, low] = [590, 380, 52, 44]; // of the chart, and of its margins
  const svg = shape("svg", { viewBox: `0 0 ${width} ${height}`, width, height, role: "img", "aria-label": "Accuracy against speed" });
  const hold = make("div", { className: "x-hold", tabIndex: 0, role: "application",
    "aria-label": "Networks: arrow left and right go to the next slower or faster one, arrow up and down to the next better or worse one" }, svg);
  const facts = make("div", { className: "x-facts" }), block = make("div", { className: "x-panel" });
  root.append(make("div", { className: "x-stage" }, hold, facts), block);

  const order = values => [...values.keys()].sort((a, b) => values[a] - values[b]);
  const pick = name => ask({ net: name });
  hold.addEventListener("keydown", event => {
    const { arrays, names } = last, now = names.indexOf(wanted().net);
    const [values, step] = { ArrowLeft: ["speed", -1], ArrowRight: ["speed", 1], ArrowDown: ["top1", -1], ArrowUp: ["top1", 1],
      Home: ["speed", -Infinity], End: ["speed", Infinity] }[event.key] || [];
    if (!values) return;
    event.preventDefault();
    const sorted = order(arrays[values].values);
    pick(names[sorted[clamp(sorted.indexOf(now) + step, 0, names.length - 1)]]);
  });

  /** Name of the dot whose middle is nearest to the mouse, for dots may lie on each other; "" where none is near. */
  function under(event) {
    const box = svg.getBoundingClientRect(), mouse = [(event.clientX - box.left) * (width / box.width), (event.clientY - box.top) * (height / box.height)];
    const gaps = last.centres.map(([x, y]) => Math.hypot(x - mouse[0], y - mouse[1])), nearest = gaps.indexOf(Math.min(...gaps));
    return gaps[nearest] < NEAR ? last.names[nearest] : "";
  }
  svg.addEventListener("pointermove", event => present(under(event) || wanted().net));
  svg.addEventListener("pointerleave", () => present(wanted().net));
  svg.addEventListener("pointerdown", event => { if (under(event)) pick(under(event)); });

  function scales({ speed, top1, later, peak }) {
    const logs = speed.values.map(Math.log), [from, to] = [Math.min(...logs), Math.max(...logs)];
    const heights = [...top1.values, ...later.values].filter(Number.isFinite), [bottom, top] = [Math.min(...heights) - 3, Math.max(...heights) + 3];
    const room = to - from || 1, most = Math.max(...peak.values);
    return {
      bottom, top,
      x: value => left + 36 + ((Math.log(value) - from) / room) * (width - left - 100),
      y: value => 8 + ((top - value) / (top - bottom)) * (height - low - 16),
      radius: value => Math.max(4, 24 * Math.sqrt(value / most)),
    };
  }

  function grid({ x, y, bottom, top }, { speed }, batch) {
    const parts = [], slowest = Math.min(...speed.values) / 1.5, fastest = Math.max(...speed.values) * 1.5;
    for (let power = Math.floor(Math.log10(slowest)); 10 ** power <= fastest; power++) {
      for (const value of TICKS.map(tick => tick * 10 ** power).filter(value => value > slowest && value < fastest)) {
        parts.push(shape("path", { d: `M${x(value)} 8V${height - low}`, "stroke-dasharray": "2 4" }),
          shape("text", { x: x(value), y: height - low + 16, "text-anchor": "middle" }, written(value)));
      }
    }
    for (let value = Math.ceil(bottom / 5) * 5; value <= top; value += 5) {
      parts.push(shape("path", { d: `M${left} ${y(value)}H${width}`, "stroke-dasharray": "2 4" }),
        shape("text", { x: left - 6, y: y(value) + 4, "text-anchor": "end" }, String(value)));
    }
    parts.push(shape("text", { x: width - 4, y: height - 6, "text-anchor": "end" }, `images a second, ${batch} at a time`),
      shape("text", { x: 12, y: 160, "text-anchor": "middle", transform: "rotate(-90 12 160)" }, "ImageNet top-1, %"));
    return shape("g", { class: "x-marks" }, ...parts);
  }

  function dots({ x, y, radius }, arrays, names, net) {
    const big = order(arrays.peak.values).reverse(); // small dots lie on top of large ones
    return big.flatMap(i => {
      const [cx, cy, chosen] = [x(arrays.speed.values[i]), y(arrays.top1.values[i]), names[i] === net];
      const dot = shape("circle", { cx, cy, r: radius(arrays.peak.values[i]), fill: "var(--feature_map)", "fill-opacity": chosen ? 0.9 : 0.45,
        stroke: chosen ? "var(--kernel)" : "var(--paper)", "stroke-width": chosen ? 4 : 1.5, "data-net": names[i] });
      const later = arrays.later.values[i];
      const arrow = Number.isFinite(later) ? [shape("path", { d: `M${cx} ${cy}V${y(later)}m-5 0h10`, stroke: "var(--right)", "stroke-width": 2, fill: "none" })] : [];
      return [...arrow, dot];
    });
  }

  function labels({ x, y, radius }, arrays, names) {
    return names.map((name, i) => shape("text", { class: "x-marks x-label x-name", "pointer-events": "none", "text-anchor": "middle",
      x: x(arrays.speed.values[i]), y: y(arrays.top1.values[i]) - radius(arrays.peak.values[i]) - 4 }, name));
  }

  /** Write the numbers and draw the block of a network: of the one under the mouse, else of the one that is picked. */
  function present(name) {
    const { arrays, names, nets, batch } = last, i = names.indexOf(name), value = key => arrays[key].values[i];
    if (i < 0 || shown === name) return;
    shown = name;
    const later = Number.isFinite(value("later")) ? `, ${written(value("later"), 1)} % trained by a later recipe` : "";
    const rows = [
      ["accuracy", `${written(value("top1"), 1)} %${later}`],
      ["speed", `${brief(value("speed"))} images a second, ${batch} at a time (${brief(value("low"))} to ${brief(value("high"))})`],
      ["peak memory", `${written(value("peak"), 0)} MB`],
      ["parameters", `${written(value("params"), 1)} million`],
      ["multiply-adds", `${written(value("gmacs"), 2)} billion for an image`],
      ["", value("front") ? "No network here is both faster and better." : "Another one is faster and better."],
    ];
    facts.replaceChildren(make("div", { className: "x-title" }, name, make("small", {}, ` ${nets[name].year}`)),
      ...rows.map(([label, text]) => make("div", {}, make("small", {}, label ? `${label}: ` : ""), text)));
    block.replaceChildren(make("div", { className: "x-title" }, `Its block: ${nets[name].idea}`), blockDiagram(nets[name]));
  }

  return (settings, arrays, { names, nets }) => {
    const net = names.includes(settings.net) ? settings.net : names[names.length - 1], scale = scales(arrays);
    const centres = names.map((_, i) => [scale.x(arrays.speed.values[i]), scale.y(arrays.top1.values[i])]);
    last = { arrays, names, nets, centres, batch: settings.batch };
    const front = order(arrays.speed.values).filter(i => arrays.front.values[i]);
    const line = shape("polyline", { points: front.map(i => `${scale.x(arrays.speed.values[i])},${scale.y(arrays.top1.values[i])}`).join(" "),
      fill: "none", stroke: "var(--input)", "stroke-width": 1.5, "stroke-dasharray": "6 4" });
    svg.replaceChildren(grid(scale, arrays, settings.batch), line, ...dots(scale, arrays, names, net), ...labels(scale, arrays, names));
    shown = "";
    present(net);
    say([...facts.children].map(row => row.textContent).join("; "));
  };
}

/** A speed with as many digits as are worth reading. */
const brief = value => written(value, value < 10 ? 2 : 1);

/** Boxes and lines of a block, at the places that Python gave them. */
function blockDiagram({ boxes, edges, columns, lanes, idea }) {
  const [across, wide, high] = [104, 92, 56], down = clamp(300 / lanes, 40, 70); // many lanes are mostly lines
  const size = { width: columns * across, height: lanes * down };
  const svg = shape("svg", { ...size, viewBox: `0 0 ${size.width} ${size.height}`, role: "img", class: "x-block-diagram",
    "aria-label": `${idea}: ${boxes.map(box => [...box.lines, box.shape].join(" ")).join("; ")}` });
  const point = ([x, y]) => [(x + 0.5) * across, (y + 0.5) * down];
  const lines = edges.map(places => {
    const [start, ...rest] = places.map(point);
    let path = `M${start}`, [x, y] = start;
    for (const [toX, toY] of rest) { path += `C${(x + toX) / 2} ${y} ${(x + toX) / 2} ${toY} ${toX} ${toY}`; [x, y] = [toX, toY]; }
    return shape("path", { d: path, fill: "none", stroke: "var(--soft)", "stroke-width": 1.5, });
  });
  const fills = { conv: "var(--feature_map)", block: "var(--feature_map)", dense: "#44546a", input: "var(--input)", pool: "#2f7fb0", join: "var(--raised)" };
  const drawn = boxes.flatMap(box => {
    const [x, y] = point([box.x, box.y]), rows = [...box.lines, box.shape];
    const frame = shape("rect", { x: x - wide / 2, y: y - high / 2, width: wide, height: high, rx: 6, fill: fills[box.kind] || "#666", stroke: "var(--soft)" });
    const ink = box.kind === "join" ? "var(--ink)" : "#fff";
    const texts = rows.map((row, i) => shape("text", { x, y: y + 4 + 12 * (i - (rows.length - 1) / 2), "text-anchor": "middle", fill: ink,
      "font-size": row.length > 13 ? 9.5 : 10.5, "font-weight": i === rows.length - 1 ? 700 : 400 }, row));
    return [frame, ...texts];
  });
  svg.append(...lines, ...drawn);
  return svg;
}

export default { render: explorer("Model zoo", zooChart) };
