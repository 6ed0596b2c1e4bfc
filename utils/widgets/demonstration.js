// The 1995 demonstration: pad, digit, the layers of one LeNet, the answers of all. See demonstration.py.

const SIZES = { C1: 2, S2: 3, C3: 3, S4: 5, C5: 8, F6: 9 }; // CSS pixels of one number on the screen
const PAUSE = 70; // milliseconds between two moments of the replay, at least

function lenetDemo(root, { ask, wanted, say, model }) {
  const { pad: side, nets, columns, bitmaps, replay, still, limits } = model.get("answer").constants;
  const pad = inkPad({ label: "Pad", rows: side, cols: side, radius: 4, width: 160,
    onInk: drawing => ask({ drawing, source: "drawing" }) });
  const prepared = pixelMap("Digit as MNIST has it", 112), field = pixelMap("Input", 160);
  const box = make("div", { className: "x-hold x-box20" }, prepared.element);
  const hold = make("div", { className: "x-hold", tabIndex: 0, role: "application",
    "aria-label": "Input: drag it, or move it by arrow keys; Home puts it back" }, field.element);
  const clear = button("Clear", "Clear the pad", () => { pad.clear(); ask({ drawing: pad.bytes(), source: "digit" }); });
  const back = button("⌂ Put back", "Undo all distortions", () => ask(still));
  const play = button("▶ Replay", "Replay: the digit slides across the field", toggle);
  const way = make("div", { className: "x-soft" }, "20 × 20 box, centre of mass in the middle");
  const source = panel("", box, way), answers = nets.map(answerRow);
  const layers = Object.keys(columns).map(name => ({ name, map: mapSheet(name, SIZES[name], columns[name]), ...panel("") }));
  const outputs = outputRow(), shown = make("div", { className: "x-title" });
  source.element.classList.add("x-source");
  for (const { element, map } of layers) element.append(map.element);
  const drawn = panel("Draw a digit", pad.element, make("div", { className: "x-bar x-tight" }, clear));
  const input = panel("Input 32 × 32", hold, make("div", { className: "x-bar x-tight" }, back, play));
  root.append(
    make("div", { className: "x-stage" }, drawn.element, source.element, input.element,
      make("div", { className: "x-nets", role: "group", "aria-label": "Networks: choose whose layers are shown" }, ...answers.map(row => row.element))),
    make("div", { className: "x-below" }, shown, make("div", { className: "x-stage x-layers" }, ...layers.map(layer => layer.element)), outputs.element));

  let moments = null, timer = 0, start = null;
  function toggle() {
    clearTimeout(timer);
    moments = moments ? null : [...replay];
    play.textContent = moments ? "■ Stop" : "▶ Replay";
    if (moments) next();
  }
  function next() {
    if (!root.isConnected || !moments.length) toggle();
    else ask(moments.shift());
  }
  function move(dx, dy) {
    ask({ dx: clamp(dx, -10, 10), dy: clamp(dy, -10, 10) });
  }
  hold.addEventListener("keydown", event => {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (step) move(wanted().dx + step[0], wanted().dy + step[1]);
    else if (event.key === "Home") ask(still);
    else return;
    event.preventDefault();
  });
  draggable(hold, (x, y, begins) => {
    const pixel = 160 / 32;
    if (begins) start = { x, y, dx: wanted().dx, dy: wanted().dy };
    move(start.dx + Math.round((x - start.x) / pixel), start.dy + Math.round((y - start.y) / pixel));
  });

  function answerRow(name, number) {
    const best = make("b", { className: "x-best" }), bars = [...Array(10).keys()].map(digit => make("i", { title: String(digit) }));
    const chart = make("div", { className: "x-ten" }, ...bars.map((bar, digit) => make("div", {}, make("div", {}, bar), String(digit))));
    const element = make("button", { type: "button", className: "x-net", onclick: () => ask({ net: name }) }, best, make("span", {}, name), chart);
    function draw(shares, label, chosen) {
      const answer = shares.indexOf(Math.max(...shares)), role = label < 0 ? "feature_map" : answer === label ? "right" : "wrong";
      best.textContent = answer;
      best.style.borderColor = `var(--${role})`;
      bars.forEach((bar, digit) => { bar.style.cssText = `height:${100 * shares[digit]}%;background:var(--${digit === answer ? role : "input"})`; });
      element.setAttribute("aria-pressed", String(name === chosen));
      element.setAttribute("aria-label", `${name}: ${answer}, ${Math.round(100 * shares[answer])} %`);
      return `${name}: ${answer}`;
    }
    return { element, draw, number };
  }

  /** The ten outputs of the net that is shown: logits, or distances under the bitmaps that they are measured to. */
  function outputRow() {
    const cells = [...Array(10).keys()].map(digit => ({ digit, map: pixelMap(`Bitmap of ${digit}`, 28), number: make("span") }));
    const boxes = cells.map(({ digit, map, number }) => make("div", {}, map.element, make("small", {}, String(digit)), number));
    const title = make("div", { className: "x-title" });
    const element = make("div", { className: "x-panel" }, title, make("div", { className: "x-outputs" }, ...boxes));
    function draw(values, pictures) {
      const best = values.indexOf(Math.max(...values));
      title.textContent = pictures ? "Output: squared distance of F6 to each bitmap, the smallest wins" : "Output: ten logits, the largest wins";
      cells.forEach(({ digit, map, number }) => {
        map.element.hidden = !pictures;
        if (pictures) map.draw({ shape: [12, 7], values: pictures[digit] }, "signed", -1.7159, 1.7159);
        number.textContent = written(pictures ? -values[digit] : values[digit], 1);
        boxes[digit].classList.toggle("x-picked", digit === best);
      });
    }
    return { element, draw };
  }

  return (settings, arrays) => {
    const picked = settings.source === "digit", label = arrays.label.values[0];
    source.heading.replaceChildren(picked ? `Test digit ${settings.index}: ${label}` : "Prepared as MNIST");
    way.hidden = picked;
    if (wanted().source === "digit") pad.clear();
    prepared.draw(arrays.prepared, "pixels", 0, 255);
    field.draw(arrays.field, "pixels", 0, 255);
    const all = [...arrays.answers.values];
    const told = answers.map(row => row.draw(all.slice(10 * row.number, 10 * row.number + 10), label, settings.net));
    const signed = Object.values(limits[settings.net]).some(([ramp]) => ramp === "signed");
    shown.replaceChildren(`Layers of ${settings.net} `, make("small", {},
      `white is 0, ${signed ? "blue below, red above; full colour" : "dark blue"}: the layer's largest value on 100 digits`));
    for (const { name, map, heading } of layers) {
      const [ramp, largest] = limits[settings.net][name], { shape } = arrays[name];
      heading.replaceChildren(`${name} `, make("small", {}, shape.join(" × ")));
      map.draw(arrays[name], ramp, largest);
    }
    outputs.draw([...arrays.outputs.values], bitmaps[settings.net]);
    if (moments) timer = setTimeout(next, PAUSE);
    else say(told.join(", "));
  };
}

/** Maps (N, H, W), or numbers (N,), side by side on one canvas: draw({shape, values}, ramp, largest). */
function mapSheet(label, size, columns) {
  const element = make("canvas", { className: "x-map x-sheet", role: "img", "aria-label": label });
  function draw({ shape: [count, rows = 1, cols = 1], values }, ramp, largest) {
    const gap = rows > 1 ? 1 : 0, width = columns * (cols + gap) - gap, height = Math.ceil(count / columns) * (rows + gap) - gap;
    Object.assign(element, { width, height });
    element.style.width = `${width * size}px`;
    const image = new ImageData(width, height), low = ramp === "signed" ? -largest : 0, scale = 255 / (largest - low || 1);
    values.forEach((value, i) => {
      const map = Math.floor(i / (rows * cols)), row = Math.floor(i / cols) % rows;
      const y = Math.floor(map / columns) * (rows + gap) + row, x = (map % columns) * (cols + gap) + (i % cols);
      image.data.set(RAMPS[ramp][clamp(Math.round((value - low) * scale), 0, 255)], 4 * (y * width + x));
      image.data[4 * (y * width + x) + 3] = 255;
    });
    element.getContext("2d").putImageData(image, 0, 0);
  }
  return { element, draw };
}

export default { render: explorer("LeNet demonstration", lenetDemo) };
