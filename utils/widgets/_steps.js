// A window that steps over an input: play, step, drag and arrow keys. Shared by the convolution and pooling steppers.

/**
 * Buttons and keys that walk through `count` positions laid out in rows of `cols`.
 * onMove(position) draws; the position is kept in the model, so that Python knows which window is shown.
 */
function walker({ model, onMove }) {
  let count = 1, cols = 1, timer = null;
  const position = () => clamp(model.get("position"), 0, count - 1);
  const go = next => {
    const to = clamp(next, 0, count - 1);
    if (to !== model.get("position")) { model.set("position", to); model.save_changes(); }
    onMove(to);
    painted();
  };
  const stop = () => {
    clearInterval(timer);
    timer = null;
    play.textContent = "▶ Play";
    play.setAttribute("aria-pressed", "false");
  };
  const start = () => {
    if (position() === count - 1) go(0);
    timer = setInterval(() => (position() < count - 1 ? go(position() + 1) : stop()), 550);
    play.textContent = "❚❚ Pause";
    play.setAttribute("aria-pressed", "true");
  };
  const by = step => { stop(); go(position() + step); };
  const toggle = () => (timer ? stop() : start());
  const play = button("▶ Play", "Play or pause", toggle);
  play.classList.add("x-play");
  const place = make("span", { className: "x-place" });
  const bar = make("div", { className: "x-bar", role: "toolbar", "aria-label": "Move the window" },
    button("|◀", "First window", () => by(-count)), button("◀", "Step back", () => by(-1)), play,
    button("▶", "Step forward", () => by(1)), button("▶|", "Last window", () => by(count)), place);
  const keys = event => {
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: cols, ArrowUp: -cols, Home: -count, End: count }[event.key];
    const leaves = Math.abs(step) === cols && (position() + step < 0 || position() + step >= count);
    if (step) by(leaves ? 0 : step);
    else if (event.key === " ") toggle();
    else return;
    event.preventDefault();
  };
  model.on("change:position", () => onMove(position()));
  return {
    bar, keys, position, go: to => { stop(); go(to); },
    resize(newCount, newCols) {
      [count, cols] = [newCount, newCols];
    },
    restart() { stop(); model.set("position", 0); model.save_changes(); },
    tell() { place.textContent = `window ${position() + 1} of ${count}`; },
    stop,
  };
}

/**
 * Input with a window, whatever stands in the middle, output, and the buttons under them. Returns {draw, bar, ...};
 * draw(scene) shows a new answer, where the scene says
 *   name, matrix      the setting that the learner may edit, and its rows
 *   padded, output    arrays of Python (H, W) and (Hout, Wout); around: cells of padding above, left and right
 *   size, stride, dilation    of the window; flat: a signal, drawn in rows one below the other
 *   look(i, [row, col])       what to write into a cell of the window
 *   middle(position, cells)   draws the middle; cells lists the window's cells by their index in `padded`
 */
function stepper(root, { ask, wanted, model, say }, middle, titles) {
  let scene, pitch, editing = false; // pitch: from one cell to the next, in pixels
  const input = numberGrid({ label: titles.input, role: "input" });
  const editor = numberGrid({ label: `${titles.input} to edit`, role: "input", onEdit: (row, col, value) => ask({
    [scene.name]: changed(wanted()[scene.name], row, col, value),
  }) });
  const output = numberGrid({ label: titles.output, role: "feature_map" });
  const frame = make("div", { className: "x-window" });
  const hold = make("div", { className: "x-hold", tabIndex: 0, role: "application",
    "aria-label": `${titles.input}: arrow keys move the window, space plays` }, input.element, frame);
  const left = panel("", hold, editor.element), right = panel("", output.element);
  const stage = make("div", { className: "x-stage" }, left.element, middle.element, right.element);
  const walk = walker({ model, onMove: drawWindow });
  const toggle = button("✎ Edit input", "Type other numbers into the input", () => {
    editing = !editing;
    toggle.setAttribute("aria-pressed", String(editing));
    walk.stop();
    draw(scene);
  });
  walk.bar.append(toggle);
  root.append(stage, walk.bar);
  hold.addEventListener("keydown", walk.keys);
  draggable(hold, (x, y) => {
    const [rows, cols] = scene.output.shape, span = size => (scene.dilation * (size - 1) + 1) / 2;
    const index = (at, size, count) => clamp(Math.round((at / pitch - span(size)) / scene.stride), 0, count - 1);
    walk.go(index(y, scene.size[0], rows) * cols + index(x, scene.size[1], cols));
  });
  draggable(output.element, (x, y) => {
    const [rows, cols] = scene.output.shape, index = (at, step, count) => clamp(Math.floor(at / step), 0, count - 1);
    walk.go(index(y, pitch, rows) * cols + index(x, scene.flat ? pitch * scene.stride : pitch, cols));
  });

  function draw(next) {
    if (scene && scene.name !== next.name) walk.restart();
    scene = next;
    const [rows, cols] = scene.output.shape, cell = scene.flat ? 46 : Math.max(...scene.padded.shape) > 8 ? 29 : 34;
    pitch = cell + 2;
    stage.classList.toggle("x-flat", scene.flat);
    stage.style.setProperty("--cell", `${cell}px`);
    hold.hidden = editing;
    editor.element.hidden = !editing;
    const values = scene.matrix.flat(), shade = shades(values, "input");
    editor.paint(scene.matrix.length, scene.matrix[0].length, i => ({ text: written(values[i]), colour: shade(values[i]) }));
    walk.resize(rows * cols, cols);
    drawTitles();
    drawWindow(walk.position());
  }

  function drawTitles() {
    const name = ([rows, cols]) => (scene.flat ? `${cols}` : `${rows} × ${cols}`);
    const inside = name([scene.matrix.length, scene.matrix[0].length]), padded = name(scene.padded.shape);
    left.heading.replaceChildren(`${titles.input} ${inside} `, make("small", {}, padded === inside ? "" : `padded to ${padded}`));
    right.heading.replaceChildren(`${titles.output} ${name(scene.output.shape)}`);
  }

  function drawWindow(position) {
    const [H, W] = scene.padded.shape, [rows, cols] = scene.output.shape, [Kh, Kw] = scene.size, { stride, dilation } = scene;
    const top = Math.floor(position / cols) * stride, first = (position % cols) * stride, cells = new Map();
    for (let i = 0; i < Kh; i++) for (let j = 0; j < Kw; j++) cells.set((top + i * dilation) * W + first + j * dilation, [i, j]);
    const [above, before, after] = scene.around, values = scene.padded.values, shade = shades(values, "input");
    const pads = i => Math.floor(i / W) < above || Math.floor(i / W) >= H - above || i % W < before || i % W >= W - after;
    input.paint(H, W, i => ({
      text: written(values[i]), colour: shade(values[i]), note: cells.has(i) ? scene.look(...cells.get(i)) : "",
      classes: (pads(i) ? "x-pad " : "") + (cells.has(i) ? "x-tap" : ""),
    }));
    const span = size => ((size - 1) * dilation + 1) * pitch + 2;
    frame.style.cssText = `width:${span(Kw)}px;height:${span(Kh)}px;transform:translate(${first * pitch - 2}px,${top * pitch - 2}px)`;
    const results = scene.output.values, tint = shades(results, "feature_map");
    output.paint(rows, cols, i => ({
      text: written(results[i]), title: String(results[i]), colour: tint(results[i]),
      classes: i === position ? "x-now" : i > position ? "x-later" : "",
    }));
    walk.tell();
    const place = scene.flat ? position : `${Math.floor(position / cols)}, ${position % cols}`;
    say(`Window ${position + 1}: ${scene.middle({ position, cells: [...cells.keys()], place, slid: first * pitch, pitch })}`);
  }

  return { draw, bar: walk.bar, left, right };
}

/** A line of text "terms = total → output[place]", the total marked. */
function sumLine(terms, total, place) {
  return [`${terms} = `, make("b", {}, total), ` → output[${place}]`];
}

/** The output size by the formula, written out with its numbers. */
function sizeFormula({ size, before, after, kernel, stride, dilation, out }) {
  const pads = before === after ? `2·${before}` : `${before} + ${after}`;
  const top = `${size} + ${pads} − ${dilation === undefined ? kernel : `${dilation}·(${kernel} − 1) − 1`}`;
  return `⌊(${top}) / ${stride}⌋ + 1 = ${out}`;
}
