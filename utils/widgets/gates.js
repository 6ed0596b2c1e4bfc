// The channel explorer: the gates of one block as bars, to be shut or boosted, and the network's answer. See gates.py.

function channelGates(root, { ask, wanted, say, model }) {
  let last = null, largest = 4;
  const bars = gateBars(channel => pick(channel));
  const hold = make("div", { className: "x-hold", tabIndex: 0, role: "application",
    "aria-label": "Gates: arrow left and right choose a channel, up and down turn its gate, 0 shuts it, Home sets all back" }, bars.element);
  const dial = slideBar("factor of the chosen gate", { min: 0, max: largest, step: 0.25 }, factor => turn(factor));
  const sum = make("div", { className: "x-formula" }), place = make("span", { className: "x-place" });
  const bar = make("div", { className: "x-bar x-tight" }, button("Shut", "Shut the chosen gate", () => turn(0)),
    button("Boost × 2", "Double the chosen gate", () => turn(2)), button("As trained", "Set the chosen gate back", () => turn(1)),
    button("⌂", "Set all gates of all blocks back", () => ask({ factors: {} })));
  const fine = make("div", { className: "x-bar x-tight" }, dial, place);
  const photo = colourPicture("Picture", 128);
  const maps = { maps: pixelMap("Map in front of the gate", 110), scaled: pixelMap("Map behind the gate", 110) };
  const shares = { trained: shareBars("As trained"), now: shareBars("Now") };
  const gatePanel = panel("", hold, bar, fine);
  const titled = (title, part) => make("div", {}, make("div", { className: "x-small" }, title), part.element);
  root.append(make("div", { className: "x-stage x-close" },
    make("div", { className: "x-panel" }, photo.element, titled("map in front of the gate", maps.maps), titled("behind it", maps.scaled)),
    gatePanel.element, panel("As trained", shares.trained.element).element, panel("Now", shares.now.element).element), sum);

  const picked = () => clamp(model.get("position"), 0, last.arrays.said.values.length - 1);
  const key = () => `${last.settings.block}.${picked()}`;
  const factor = () => wanted().factors[key()] ?? 1;
  function turn(value) { ask({ factors: { ...wanted().factors, [key()]: clamp(value, 0, largest) } }); }
  function pick(channel) {
    model.set("position", clamp(channel, 0, last.arrays.said.values.length - 1));
    model.save_changes();
    showPicked();
  }
  hold.addEventListener("keydown", event => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key], by = { ArrowUp: 0.25, ArrowDown: -0.25 }[event.key];
    if (step) pick(picked() + step);
    else if (by) turn(factor() + by);
    else if (event.key === "0") turn(0);
    else if (event.key === "Home") ask({ factors: {} });
    else return;
    event.preventDefault();
  });

  function showPicked() {
    const { settings, arrays, constants } = last, i = picked();
    const [said, used] = [arrays.said.values[i], arrays.used.values[i]], by = settings.factors[key()] ?? 1;
    bars.draw(arrays.said.values, arrays.used.values, i);
    dial.value = by;
    for (const name of ["maps", "scaled"]) {
      const { shape: [, rows, cols], values } = arrays[name], size = rows * cols;
      const limit = reach(arrays.maps.values.slice(i * size, (i + 1) * size)) * Math.max(1, used);
      maps[name].draw({ shape: [rows, cols], values: values.slice(i * size, (i + 1) * size) }, "signed", -limit, limit);
    }
    const answer = name => { const [k, share] = best(arrays[name].values); return `${constants.classes[k]} (${Math.round(100 * share)} %)`; };
    sum.replaceChildren(`Block ${settings.block}, channel ${i}: gate ${written(said, 3)} × ${written(by)} = `, make("b", {}, written(used, 3)),
      `. Answer as trained: ${answer("trained")}, now: `, make("b", {}, answer("now")));
    say(sum.textContent);
  }
  model.on("change:position", () => { if (last) showPicked(); });

  return (settings, arrays, constants) => {
    last = { settings, arrays, constants };
    [largest, dial.max] = [constants.largest, constants.largest];
    const label = arrays.label.values[0], count = Object.keys(settings.factors).length;
    gatePanel.heading.textContent = `Gates of block ${settings.block}`;
    place.textContent = `${count} changed`;
    photo.draw(arrays.picture);
    for (const name of ["trained", "now"]) {
      const [top] = best(arrays[name].values);
      shares[name].draw(constants.classes.map((text, k) =>
        ({ name: text, share: arrays[name].values[k], role: k === label ? "right" : k === top ? "wrong" : "input" })));
    }
    showPicked();
  };
}

/** [index, value] of the largest number. */
function best(values) {
  return values.reduce((found, value, i) => (value > found[1] ? [i, value] : found), [0, -Infinity]);
}

/** A colour picture of bytes (H, W, 3): draw({shape, values}). */
function colourPicture(label, width) {
  const element = make("canvas", { className: "x-map", role: "img", "aria-label": label });
  element.style.cssText = `width:${width}px;image-rendering:pixelated`;
  function draw({ shape: [rows, cols], values }) {
    [element.width, element.height] = [cols, rows];
    const image = new ImageData(cols, rows);
    for (let i = 0; i < rows * cols; i++) image.data.set([values[3 * i], values[3 * i + 1], values[3 * i + 2], 255], 4 * i);
    element.getContext("2d").putImageData(image, 0, 0);
  }
  return { element, draw };
}

/** One bar for each gate: outlined as trained, filled as used (orange where changed); click one to choose it. */
function gateBars(onPick) {
  const [width, height] = [316, 190];
  const svg = shape("svg", { viewBox: `0 0 ${width} ${height + 34}`, width, height: height + 34, role: "img" });
  function draw(said, used, chosen) {
    const top = Math.max(1, ...said, ...used), wide = (width - 40) / said.length;
    const y = value => 8 + (1 - value / top) * (height - 8), x = i => 34 + i * wide;
    const bars = Array.from(said, (value, i) => {
      const colour = used[i] === value ? "var(--feature_map)" : "var(--kernel)", box = { x: x(i) + 1, width: Math.max(2, wide - 2) };
      const area = shape("rect", { x: x(i), y: 0, width: wide, height: height + 16, fill: i === chosen ? "var(--line)" : "transparent", "fill-opacity": 0.45, "data-channel": i });
      area.addEventListener("pointerdown", () => onPick(i));
      const mark = { "pointer-events": "none" };
      return shape("g", {}, area, shape("rect", { ...box, ...mark, y: y(used[i]), height: height - y(used[i]), fill: colour }),
        shape("rect", { ...box, ...mark, y: y(value), height: height - y(value), fill: "none", stroke: "var(--ink)", "stroke-width": 1 }));
    });
    const levels = [0, 0.5, 1, ...(top > 1 ? [top] : [])].map(value => shape("text", { x: 28, y: y(value) + 4, "text-anchor": "end" }, written(value)));
    const every = said.length > 16 ? 4 : 1;
    const names = Array.from(said, (_, i) => i).filter(i => i % every === 0).map(i =>
      shape("text", { x: x(i) + wide / 2, y: height + 13, "text-anchor": "middle" }, i));
    const axis = shape("text", { x: 34 + (width - 40) / 2, y: height + 30, "text-anchor": "middle" }, "channel");
    svg.replaceChildren(...bars, shape("g", { class: "x-marks" }, ...levels, ...names, axis));
    svg.setAttribute("aria-label", `${said.length} gates; channel ${chosen} is chosen`);
  }
  return { element: svg, draw };
}

export default { render: explorer("Channel explorer", channelGates) };
