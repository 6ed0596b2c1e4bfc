// The augmentation explorer: a picture, and a sheet of samples of it. See distortions.py.

function augmentationExplorer(root, { ask, wanted, say }) {
  const picture = colourMap("Picture", 190), sheet = colourMap("Samples", 590);
  const again = button("↻ Draw again", "Draw other samples", () => ask({ seed: wanted().seed + 1 }));
  const left = panel("Picture", picture.element, make("div", { className: "x-bar x-tight" }, again));
  const right = panel("", sheet.element);
  root.append(make("div", { className: "x-stage x-close" }, left.element, right.element));

  return (settings, arrays, { samples }) => {
    picture.draw(arrays.picture);
    sheet.draw(arrays.sheet);
    right.heading.textContent = `${samples} samples, ${settings.one_draw ? "one draw for all" : "each with its own draw"}`;
    say(`Draw ${settings.seed}: ${right.heading.textContent}.`);
  };
}

/** A picture in colours, one array element a pixel: draw({shape: [rows, cols, 3], values}). */
function colourMap(label, width) {
  const element = make("canvas", { className: "x-map", role: "img", "aria-label": label });
  element.style.width = `${width}px`;
  element.style.imageRendering = "pixelated";
  function draw({ shape: [rows, cols], values }) {
    [element.width, element.height] = [cols, rows];
    const image = new ImageData(cols, rows);
    for (let i = 0; i < rows * cols; i++) {
      image.data.set(values.subarray(3 * i, 3 * i + 3), 4 * i);
      image.data[4 * i + 3] = 255;
    }
    element.getContext("2d").putImageData(image, 0, 0);
  }
  return { element, draw };
}

export default { render: explorer("Augmentation explorer", augmentationExplorer) };
