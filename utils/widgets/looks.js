// The attention map: a picture in patches, and where each head looks from the chosen one. See looks.py.

const PICTURE = 252, HEAD = 140; // CSS pixels of the sides

function attentionMap(root, { ask, wanted, say }) {
  let last = null;
  const picture = framed("Picture", PICTURE), row = make("div", { className: "x-stage x-close" }), sum = make("div", { className: "x-formula" });
  const hold = make("div", { className: "x-hold", tabIndex: 0, role: "application",
    "aria-label": "Picture: click a patch, or move by arrow keys; Home and End take the first and the last" }, picture.element);
  const seen = panel("", hold), mean = framed("Mean of the heads", PICTURE);
  root.append(make("div", { className: "x-stage" }, seen.element, panel("Mean of the heads", mean.element).element), row, sum);
  let heads = [];

  const choose = (r, c) => ask({ patch: clamp(r, 0, last.side - 1) * last.side + clamp(c, 0, last.side - 1) });
  hold.addEventListener("keydown", event => {
    const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    const { patch } = wanted();
    if (step) choose(Math.floor(patch / last.side) + step[0], (patch % last.side) + step[1]);
    else if (event.key === "Home") choose(0, 0);
    else if (event.key === "End") choose(last.side - 1, last.side - 1);
    else return;
    event.preventDefault();
  });
  draggable(picture.element, (x, y) => choose(Math.floor((y / PICTURE) * last.side), Math.floor((x / PICTURE) * last.side)));

  function showHeads({ shape: [count, rows, cols], values }, largest, patch) {
    if (heads.length !== count) {
      heads = Array.from({ length: count }, (_, i) => ({ map: framed(`Head ${i + 1}`, HEAD), ...panel("") }));
      heads.forEach(({ element, map }) => element.append(map.element));
      row.replaceChildren(...heads.map(({ element }) => element));
    }
    return heads.map(({ map, heading }, i) => {
      const own = values.subarray(i * rows * cols, (i + 1) * rows * cols), most = own.indexOf(Math.max(...own));
      map.draw({ shape: [rows, cols], values: own }, "sequential", largest, patch, cols);
      heading.textContent = `Head ${i + 1}: up to ${written(100 * own[most], 1)} %`;
      return `head ${i + 1} at row ${Math.floor(most / cols) + 1}, column ${(most % cols) + 1} (${written(100 * own[most], 1)} %)`;
    });
  }
  return ({ patch, block }, arrays, { side, classes }) => {
    last = { side };
    seen.heading.textContent = `A ${classes[arrays.label.values[0]]}: click a patch`;
    picture.draw(arrays.picture, "pixels", 255, patch, side);
    const largest = reach(arrays.weights.values), looks = showHeads(arrays.weights, largest, patch);
    mean.draw(arrays.mean, "sequential", largest, patch, side);
    sum.textContent = `From row ${Math.floor(patch / side) + 1}, column ${(patch % side) + 1}, block ${block} looks most: ${looks.join("; ")}. ` +
      `An even look would give each patch ${written(100 / side ** 2, 1)} %.`;
    say(sum.textContent);
  };
}

/** A picture with an orange frame around one patch of a grid: draw(array, ramp, largest, patch, side). */
function framed(label, size) {
  const map = pixelMap(label, size), box = make("div");
  map.element.style.display = "block";
  const element = make("div", {}, map.element, box);
  element.style.cssText = `position: relative; width: ${size}px`;
  function draw(array, ramp, largest, patch, side) {
    map.draw(array, ramp, 0, largest);
    const step = size / side;
    box.style.cssText = `position: absolute; box-sizing: border-box; pointer-events: none; border: 2.5px solid var(--kernel);
      left: ${(patch % side) * step}px; top: ${Math.floor(patch / side) * step}px; width: ${step}px; height: ${step}px`;
  }
  return { element, draw };
}

export default { render: explorer("Attention map", attentionMap) };
