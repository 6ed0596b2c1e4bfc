// The latent walk: a map of digits by their codes, and what the decoder draws at a place of it. See latent.py.

const SIZE = 360; // CSS pixels of the map's sides
const GRAB = 14; // a press so near to a handle takes it
const PACE = 4; // percent of the way in one moment of the walk
const REST = 50; // milliseconds between two moments, at least

function latentWalk(root, { ask, wanted, say }) {
  const chart = codeMap(), hold = make("div", { className: "x-hold", tabIndex: 0, role: "application",
    "aria-label": "Map: drag the point, or move it by arrow keys; Home puts it back on the line" }, chart.element);
  const drawing = pixelMap("Drawing", 160), neighbour = pixelMap("Nearest image", 112);
  const strips = { walk: pictureRow("From A to B, decoded"), mixed: pictureRow("From A to B, mixed") };
  const place = make("span", { className: "x-place" });
  const play = button("▶ Walk", "Walk from A to B", toggle);
  const bar = make("div", { className: "x-bar x-tight" }, play,
    button("Set A here", "The nearest image becomes A", () => ask({ start: last.near, share: 0, mode: "line" })),
    button("Set B here", "The nearest image becomes B", () => ask({ end: last.near, share: 100, mode: "line" })));
  const near = panel("", neighbour.element), drawn = panel("The decoder draws", drawing.element);
  root.append(
    make("div", { className: "x-stage" }, panel("Codes: drag A, B, or the point", hold, place).element,
      make("div", { className: "x-panel" }, make("div", { className: "x-stage x-close" }, drawn.element, near.element), bar,
        panel("From A to B, the codes decoded", strips.walk.element).element,
        panel("From A to B, the two pictures mixed", strips.mixed.element).element)));

  let last = null, walking = false, timer = 0, grabbed = "point";
  function toggle() {
    clearTimeout(timer);
    walking = !walking;
    play.textContent = walking ? "■ Stop" : "▶ Walk";
    if (walking) ask({ share: 0, mode: "line" });
  }
  function next() {
    const { share } = wanted();
    if (!root.isConnected || share >= 100) toggle();
    else ask({ share: Math.min(100, share + PACE) });
  }
  function move(x, y) {
    const [left, right, bottom, top] = last.frame;
    ask({ x: clamp(x, left, right), y: clamp(y, bottom, top), mode: "point" });
  }
  hold.addEventListener("keydown", event => {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
    const [left, right, bottom, top] = last.frame, wish = wanted();
    const [x, y] = wish.mode === "point" ? [wish.x, wish.y] : last.place;
    if (step) move(x + (step[0] * (right - left)) / 50, y + (step[1] * (top - bottom)) / 50);
    else if (event.key === "Home") ask({ share: 50, mode: "line" });
    else return;
    event.preventDefault();
  });
  draggable(hold, (x, y, begins) => {
    if (begins) grabbed = chart.handleAt(x, y);
    if (grabbed === "point") move(...chart.place(x, y));
    else if (wanted()[grabbed] !== chart.nearest(x, y)) ask({ [grabbed]: chart.nearest(x, y), mode: "line" });
  });

  return (settings, arrays, { classes, frame, colours }) => {
    last = { frame, place: [...arrays.place.values], near: arrays.near.values[0] };
    chart.draw(arrays, frame, classes, colours);
    drawing.draw(arrays.drawing, "pixels", 0, 255);
    neighbour.draw(arrays.neighbour, "pixels", 0, 255);
    for (const name of ["walk", "mixed"]) strips[name].draw(arrays[name]);
    const label = classes[arrays.labels.values[last.near]];
    near.heading.replaceChildren("Nearest image: ", make("b", {}, label));
    place.textContent = settings.mode === "line" ? `${settings.share} % of the way from A to B` : `at (${last.place.map(value => written(value)).join(", ")})`;
    if (walking) timer = setTimeout(next, REST);
    else say(`${place.textContent}, nearest image: ${label}`);
  };
}

/** Labels at the places of their codes, the line from A to B, its ends, and the point. */
function codeMap() {
  const names = shape("g"), line = shape("path", { stroke: "var(--ink)", "stroke-width": 1.5, "stroke-dasharray": "5 4" });
  const ends = ["A", "B"].map(name => shape("g", { "data-end": name }, shape("circle", { r: 10, fill: "var(--ink)" }),
    shape("text", { "text-anchor": "middle", y: 4, style: "fill: var(--paper); font-weight: 700; font-size: 12px" }, name)));
  const point = shape("circle", { r: 8, fill: "none", stroke: "var(--kernel)", "stroke-width": 3.5, class: "x-here" });
  const element = shape("svg", { viewBox: `0 0 ${SIZE} ${SIZE}`, width: SIZE, height: SIZE, role: "img",
    style: "outline: 1px solid var(--line); border-radius: 4px; display: block" }, names, line, ...ends, point);
  let points = [], frame = [0, 1, 0, 1], handles = {};
  const across = x => ((x - frame[0]) / (frame[1] - frame[0])) * SIZE, down = y => ((frame[3] - y) / (frame[3] - frame[2])) * SIZE;
  function write(labels, classes, colours) {
    names.replaceChildren(...points.map(([x, y], i) => shape("text", { x: across(x), y: down(y) + 3.5, "text-anchor": "middle",
      style: `font-size: 10px; fill: ${colours[labels[i] % colours.length]}` }, classes[labels[i]])));
  }
  function draw(arrays, borders, classes, colours) {
    if (!points.length) { // they never change
      frame = borders;
      points = pairs(arrays.points.values);
      write(arrays.labels.values, classes, colours);
    }
    const [A, B] = pairs(arrays.ends.values).map(([x, y]) => [across(x), down(y)]), [x, y] = arrays.place.values;
    handles = { start: A, end: B };
    line.setAttribute("d", `M${A}L${B}`);
    [A, B].forEach((at, i) => ends[i].setAttribute("transform", `translate(${at})`));
    point.setAttribute("cx", across(x));
    point.setAttribute("cy", down(y));
    element.setAttribute("aria-label", `Map of ${points.length} codes`);
  }
  const closest = (places, x, y) => {
    const away = places.map(([a, b]) => Math.hypot(a - x, b - y)), least = Math.min(...away);
    return [away.indexOf(least), least];
  };
  /** Which handle is at (x, y) in CSS pixels: "start", "end", or the "point" for anywhere else. */
  function handleAt(x, y) {
    const [index, away] = closest([handles.start, handles.end], x, y);
    return away <= GRAB ? ["start", "end"][index] : "point";
  }
  const place = (x, y) => [frame[0] + (x / SIZE) * (frame[1] - frame[0]), frame[3] - (y / SIZE) * (frame[3] - frame[2])];
  const nearest = (x, y) => closest(points.map(([a, b]) => [across(a), down(b)]), x, y)[0];
  return { element, draw, handleAt, place, nearest };
}

/** Pictures (N, H, W) side by side: draw({shape, values}). */
function pictureRow(label) {
  const row = make("div", { className: "x-picture-row", role: "group", "aria-label": label });
  let maps = [];
  function draw({ shape: [count, rows, cols], values }) {
    if (maps.length !== count) {
      maps = Array.from({ length: count }, (_, i) => pixelMap(`${label}, picture ${i + 1}`, 40));
      row.replaceChildren(...maps.map(map => map.element));
    }
    maps.forEach((map, i) => map.draw({ shape: [rows, cols], values: values.subarray(i * rows * cols, (i + 1) * rows * cols) }, "pixels", 0, 255));
  }
  return { element: row, draw };
}

const pairs = values => Array.from({ length: values.length / 2 }, (_, i) => [values[2 * i], values[2 * i + 1]]);

export default { render: explorer("Latent walk", latentWalk) };
