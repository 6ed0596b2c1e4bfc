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

/** Let the mouse or a finger drag over `element`: onPoint(x, y) in CSS pixels from its upper left corner. */
function draggable(element, onPoint) {
  const point = event => {
    const box = element.getBoundingClientRect();
    onPoint(event.clientX - box.left, event.clientY - box.top);
  };
  element.classList.add("x-draggable");
  element.addEventListener("pointerdown", event => {
    if (event.button !== 0) return;
    element.setPointerCapture(event.pointerId);
    element.focus({ preventScroll: true });
    event.preventDefault();
    point(event);
  });
  element.addEventListener("pointermove", event => { if (element.hasPointerCapture(event.pointerId)) point(event); });
}

/** The output size by the formula, written out with its numbers. */
function sizeFormula({ size, before, after, kernel, stride, dilation, out }) {
  const pads = before === after ? `2·${before}` : `${before} + ${after}`;
  const top = `${size} + ${pads} − ${dilation === undefined ? kernel : `${dilation}·(${kernel} − 1) − 1`}`;
  return `⌊(${top}) / ${stride}⌋ + 1 = ${out}`;
}
