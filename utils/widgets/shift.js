// The shift explorer: a picture to move, the maps that pooling and striding make of it, the network's answer. See shift.py.

const SIDE = 210; // width of the picture on the screen
const MAPS = { max: "Max pooling", average: "Average pooling", strided: "Every n-th pixel" };

function shiftExplorer(root, { ask, wanted, say }) {
  let reach = 0, start = null;
  const picture = pixelMap("Picture", SIDE);
  const hold = make("div", { className: "x-hold x-draggable", tabIndex: 0, role: "application",
    "aria-label": "Picture: arrow keys move it by one pixel, Home puts it back" }, picture.element);
  const place = make("span", { className: "x-place" });
  const back = button("⌂ Put back", "Move the picture back to its place", () => move(0, 0));
  const maps = Object.entries(MAPS).map(([name, title]) => {
    const map = pixelMap(title, 116), change = make("div", { className: "x-change" });
    return { name, map, change, ...panel(title, map.element, change) };
  });
  const curve = shiftCurve(at => move(at, wanted().dy));
  const shares = shareBars("Probabilities of the classes"), answer = panel("Answer", shares.element);
  const along = panel("", curve.element);
  const row = make("div", { className: "x-stage x-close" }, ...maps.map(map => map.element));
  root.append(make("div", { className: "x-stage x-close" },
    panel("Drag the picture", hold, make("div", { className: "x-bar x-tight" }, back, place)).element,
    make("div", { className: "x-panel" }, row, along.element),
    answer.element));

  function move(dx, dy) {
    const to = { dx: clamp(dx, -reach, reach), dy: clamp(dy, -reach, reach) };
    if (to.dx !== wanted().dx || to.dy !== wanted().dy) ask(to);
  }
  hold.addEventListener("keydown", event => {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (step) move(wanted().dx + step[0], wanted().dy + step[1]);
    else if (event.key === "Home") move(0, 0);
    else return;
    event.preventDefault();
  });
  draggable(hold, (x, y, begins) => {
    const pixel = SIDE / picture.element.width;
    if (begins) start = { x, y, dx: wanted().dx, dy: wanted().dy };
    move(start.dx + Math.round((x - start.x) / pixel), start.dy + Math.round((y - start.y) / pixel));
  });

  function drawAnswer({ probabilities, label, right }, { dx }, classes) {
    const values = [...probabilities.values], best = values.indexOf(Math.max(...values)), truth = label.values[0];
    const role = i => (i === truth ? "right" : i === best ? "wrong" : "input");
    const first = values.map((share, i) => ({ name: classes[i], share, role: role(i) }));
    shares.draw(first.length > 12 ? first.sort((a, b) => b.share - a.share).slice(0, 12) : first);
    answer.heading.replaceChildren("Answer: ", make("b", { className: best === truth ? "x-right" : "x-wrong" }, classes[best]),
      best === truth ? "" : ` (it is ${classes[truth]})`);
    along.heading.replaceChildren(`Probability of ${classes[truth]} `, make("small", {}, "for every shift to the left and right"));
    curve.draw(right.values, dx, reach);
    return `Answer ${classes[best]}, ${best === truth ? "right" : "wrong"}.`;
  }

  return (settings, arrays, constants) => {
    reach = constants.reach;
    picture.draw(arrays.picture, "pixels", 0, 255);
    row.hidden = !arrays.changes;
    if (arrays.changes) maps.forEach(({ name, map, change }, i) => {
      const percent = Math.round(100 * arrays.changes.values[i]);
      map.draw(arrays[name], "sequential", 0, 1);
      change.replaceChildren(make("b", {}, `${percent} %`), " changed");
      change.style.setProperty("--share", `${percent}%`);
    });
    const { dx, dy, window: n } = settings;
    maps[2].heading.textContent = `Every ${n}${["nd", "rd"][n - 2] || "th"} pixel`;
    place.textContent = `${Math.abs(dx)} ${dx < 0 ? "left" : "right"}, ${Math.abs(dy)} ${dy < 0 ? "up" : "down"}`;
    answer.element.hidden = along.element.hidden = !arrays.probabilities;
    say(place.textContent + (arrays.probabilities ? `. ${drawAnswer(arrays, settings, constants.classes)}` : ""));
  };
}

/** The probability of the right class over the shift, with the present shift marked; click to go to another. */
function shiftCurve(onPick) {
  const [width, height] = [388, 84];
  const line = shape("polyline", { class: "x-line" }), dot = shape("circle", { r: 5, class: "x-dot" });
  const marks = shape("g", { class: "x-marks" });
  const svg = shape("svg", { viewBox: `0 0 ${width} ${height + 18}`, width, height: height + 18, role: "img" }, marks, line, dot);
  let reach = 1;
  const x = shift => 42 + ((shift + reach) / (2 * reach)) * (width - 54), y = share => 6 + (1 - share) * (height - 12);
  svg.addEventListener("pointerdown", event => {
    const at = event.clientX - svg.getBoundingClientRect().left;
    onPick(Math.round(((at - 42) / (width - 54)) * 2 * reach - reach));
  });
  function draw(shares, dx, newReach) {
    reach = newReach;
    const level = (share, text) => [shape("path", { d: `M42 ${y(share)}H${width - 12}` }), shape("text", { x: 36, y: y(share) + 4, "text-anchor": "end" }, text)];
    const ticks = [-reach, -reach / 2, 0, reach / 2, reach].map(shift =>
      shape("text", { x: x(shift), y: height + 14, "text-anchor": "middle" }, written(shift)));
    marks.replaceChildren(...level(0, "0 %"), ...level(1, "100 %"), ...ticks, shape("path", { d: `M${x(dx)} 6V${height - 6}` }));
    line.setAttribute("points", Array.from(shares, (share, i) => `${x(i - reach)},${y(share)}`).join(" "));
    dot.setAttribute("cx", x(dx));
    dot.setAttribute("cy", y(shares[dx + reach]));
    svg.setAttribute("aria-label", `Probability of the right class for shifts from ${-reach} to ${reach}; now ${written(100 * shares[dx + reach], 0)} %`);
  }
  return { element: svg, draw };
}

export default { render: explorer("Shift explorer", shiftExplorer) };
