// The kernel lab: picture, kernel and result, and the sum behind the pixel that is pointed at. See kernels.py.

const WIDE = 264; // width of picture and result on the screen
const LARGEST_FILE = 6e6; // bytes; a notebook server hangs up at messages of 10 MB

function kernelLab(root, { ask, wanted, say, complain }) {
  let shown = null, names = {}, pen = null;
  const picture = spot("Picture", "kernel"), result = spot("Result", "feature_map");
  const kernel = numberGrid({ label: "Kernel", role: "kernel", onEdit: (row, col, value) =>
    ask({ kernel: changed(wanted().kernel, row, col, value) }) });
  const products = numberGrid({ label: "Products of window and kernel", role: "products" });
  const sum = make("div", { className: "x-sum" }), range = make("div", { className: "x-place" });
  const sizes = [3, 5].map(side => button(`${side} × ${side}`, `Kernel of ${side} by ${side}`, () => resize(side)));
  const middle = panel("Kernel", kernel.element, make("div", { className: "x-bar x-tight" }, ...sizes),
    make("div", { className: "x-title x-small" }, "window × kernel"), products.element, sum);
  const chooser = make("input", { type: "file", accept: "image/*", hidden: true, "aria-label": "Picture file" });
  const erase = button("Clear", "Clear the drawing", () => { pen.clear(); ask({ drawing: pen.bytes() }); });
  const draw = button("✎ Draw", "Draw a picture", () => ask({ picture: names.drawing }));
  const left = panel("", picture.element, make("div", { className: "x-bar x-tight" },
    button("⬆ Upload", "Upload a picture of yours", () => chooser.click()), draw, erase, chooser));
  const right = panel("Result", result.element, range);
  middle.element.classList.add("x-wide");
  root.append(make("div", { className: "x-stage x-close" }, left.element, middle.element, right.element));

  const send = file => fileBytes(file).then(upload => ask({ upload, picture: names.upload }), complain);
  chooser.addEventListener("change", () => { if (chooser.files.length) send(chooser.files[0]); chooser.value = ""; });
  root.addEventListener("dragover", event => event.preventDefault());
  root.addEventListener("drop", event => {
    event.preventDefault();
    if (event.dataTransfer.files.length) send(event.dataTransfer.files[0]);
  });

  function resize(side) {
    const old = wanted().kernel, shift = (old.length - side) / 2, places = [...Array(side).keys()];
    ask({ kernel: places.map(i => places.map(j => old[i + shift]?.[j + shift] ?? 0)) });
  }
  function point(row, col) {
    const [rows, cols] = shown.picture.shape;
    ask({ row: clamp(row, 0, rows - 1), col: clamp(col, 0, cols - 1) });
  }
  for (const view of [picture, result]) {
    view.element.addEventListener("keydown", event => {
      const { row, col } = wanted(), far = event.shiftKey ? 10 : 1;
      const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
      if (step) point(row + far * step[0], col + far * step[1]);
      else if (event.key === " " && pen && view === picture) stroke(row, col, row, col);
      else return;
      event.preventDefault();
    });
    let last = null;
    draggable(view.element, (x, y, begins) => {
      const scale = shown.picture.shape[1] / WIDE, [row, col] = [Math.floor(y * scale), Math.floor(x * scale)];
      if (pen && view === picture) stroke(...(begins ? [row, col] : last), row, col);
      else point(row, col);
      last = [row, col];
    });
  }
  function stroke(...line) {
    pen.line(...line);
    picture.map.draw({ shape: shown.picture.shape, values: pen.ink }, "pixels", 0, 255); // at once; the result follows
    ask({ drawing: pen.bytes(), row: clamp(line[2], 0, pen.rows - 1), col: clamp(line[3], 0, pen.cols - 1) });
  }

  function drawResult(settings, { result: { values, shape } }) {
    const limit = reach(values), lowest = values.reduce((low, value) => Math.min(low, value), 0);
    const kind = settings.show !== "fit" ? settings.show : lowest < -1e-6 ? "signed" : "picture";
    const look = { signed: ["signed", -limit, limit], absolute: ["sequential", 0, limit], picture: ["pixels", 0, 1] }[kind];
    result.map.draw({ shape, values: kind === "absolute" ? values.map(Math.abs) : values }, ...look);
    range.textContent = {
      signed: `blue −${written(limit)}, white 0, red ${written(limit)}`,
      absolute: `size of the value: white 0, dark ${written(limit)}`,
      picture: "black 0, white 1, clipped beyond",
    }[kind];
  }

  function drawPlace({ kernel: matrix }, arrays) {
    const side = matrix.length, [row, col] = arrays.place.values, shade = shades(arrays.products.values, "feature_map");
    const weights = matrix.flat(), tint = shades(weights, "kernel");
    kernel.paint(side, side, i => ({ text: written(weights[i]), colour: tint(weights[i]) }));
    products.paint(side, side, i => ({
      text: written(arrays.products.values[i]), colour: shade(arrays.products.values[i]),
      note: written(arrays.window.values[i]) + (side === 3 ? ` × ${written(weights[i])}` : ""), // five would not fit
    }));
    middle.element.style.setProperty("--wide", side === 3 ? "58px" : "48px");
    const scale = WIDE / arrays.picture.shape[1], total = arrays.result.values[row * arrays.picture.shape[1] + col];
    picture.mark(col - (side - 1) / 2, row - (side - 1) / 2, side, scale);
    result.mark(col, row, 1, scale);
    sum.replaceChildren("sum = ", make("b", {}, written(total)), ` → result[${row}, ${col}]`);
    middle.heading.replaceChildren(`Kernel ${side} × ${side} `, make("small", {}, "type to change"));
    sizes.forEach((size, i) => size.setAttribute("aria-pressed", String(side === [3, 5][i])));
    say(`Row ${row}, column ${col}: ${written(total)}`);
  }

  return (settings, arrays, constants) => {
    [shown, names] = [arrays, constants];
    const drawing = settings.picture === names.drawing, [rows, cols] = arrays.picture.shape;
    pen = !drawing ? null : pen || inkField(rows, cols, 3, arrays.picture.values);
    erase.hidden = !drawing;
    draw.setAttribute("aria-pressed", String(drawing));
    left.heading.replaceChildren(`Picture ${rows} × ${cols} `, make("small", {}, drawing ? "draw here" : "point at a pixel"));
    if (pen) picture.map.draw({ shape: [rows, cols], values: pen.ink }, "pixels", 0, 255);
    else picture.map.draw(arrays.picture, "pixels", 0, 255);
    drawResult(settings, arrays);
    drawPlace(settings, arrays);
  };
}

/** A picture with a frame around the pixels that are pointed at. */
function spot(label, role) {
  const map = pixelMap(label, WIDE), frame = make("div", { className: `x-spot x-spot-${role}` });
  const element = make("div", { className: "x-hold", tabIndex: 0, role: "application",
    "aria-label": `${label}: arrow keys choose a pixel, with shift ten pixels away` }, map.element, frame);
  const mark = (x, y, side, scale) => {
    const size = Math.max(side * scale, 7), shift = (size - side * scale) / 2 + 2;
    frame.style.cssText = `width:${size + 4}px;height:${size + 4}px;left:${x * scale - shift}px;top:${y * scale - shift}px`;
  };
  return { element, map, mark };
}

/** The bytes of a picture file; one too large to send is made smaller first. Rejects with a sentence for the learner. */
async function fileBytes(file) {
  if (file.size <= LARGEST_FILE) return new DataView(await file.arrayBuffer());
  try {
    const image = await createImageBitmap(file), scale = Math.min(1, 1000 / Math.max(image.width, image.height));
    const canvas = make("canvas", { width: Math.ceil(image.width * scale), height: Math.ceil(image.height * scale) });
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise(done => { canvas.toBlob(done, "image/png"); });
    return new DataView(await blob.arrayBuffer());
  } catch {
    throw "This file is too large to send, and the browser cannot make it smaller. Choose a smaller picture.";
  }
}

export default { render: explorer("Kernel lab", kernelLab) };
