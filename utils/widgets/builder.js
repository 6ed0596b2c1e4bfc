// The VGG builder: a column for each block with its sliders, drawn as plates; under it what every stage costs. See builder.py.

const HEIGHT = 104; // of the drawing of a block, in pixels
const DENSE = ["dense 1", "dense 2", "output"];

function vggBuilder(root, { ask, wanted, say, model }) {
  let columns = [], last = null;
  const stage = make("div", { className: "x-blocks" });
  const table = costTable("Blocks and dense layers", [{ title: "parameters", role: "kernel" }, { title: "multiply-adds", role: "feature_map" }],
    row => { model.set("position", row); model.save_changes(); });
  const detail = make("div", { className: "x-formula" }), total = make("div", { className: "x-total" });
  root.append(stage, table.element, detail, total);

  /** The column of one block: its drawing, its two sliders, what comes out of it. */
  function column(number, { mostConvs, widest }) {
    const drawing = shape("svg", { viewBox: `0 0 150 ${HEIGHT}`, "aria-hidden": "true" });
    const convs = range(`convs${number}`, `Block ${number}, convolutions`, 1, mostConvs, 1);
    const width = range(`width${number}`, `Block ${number}, channels`, 8, widest, 8);
    const out = make("div", { className: "x-block-out" });
    const element = make("div", { className: "x-block" }, drawing, make("b", {}, `Block ${number}`),
      make("label", {}, convs.text, convs.input), make("label", {}, width.text, width.input), out);
    return { element, drawing, convs, width, out };
  }
  function range(name, label, min, max, step) {
    return { input: slideBar(label, { min, max, step }, value => ask({ [name]: value })), text: make("span") };
  }

  /** A plate for each convolution, as high as its map and as thick as it has channels, and a grey one for the pooled map. */
  function plates({ drawing }, convs, width, share, widest) {
    const thick = 3 + (22 * width) / widest;
    const plate = (i, height, thickness, role) => shape("rect", { x: 8 + 31 * i, y: (HEIGHT - height) / 2, width: thickness, height, rx: 1.5,
      fill: `var(--${role})`, stroke: "var(--paper)" });
    drawing.replaceChildren(...Array.from({ length: convs }, (_, i) => plate(i, HEIGHT * share, thick, "feature_map")),
      plate(convs, (HEIGHT * share) / 2, 5, "input"));
  }
  function drawBlock(block, number, settings, arrays, { widest }) {
    const shown = number <= settings.blocks, { convs, width } = block;
    block.element.classList.toggle("x-absent", !shown);
    convs.input.disabled = width.input.disabled = !shown;
    convs.input.value = wanted()[`convs${number}`];
    width.input.value = wanted()[`width${number}`];
    const [count, channels] = [settings[`convs${number}`], settings[`width${number}`]];
    convs.text.textContent = count > 1 ? `${count} convolutions` : "1 convolution";
    width.text.textContent = `${channels} channels`;
    block.out.textContent = shown ? `sees ${arrays.reach.values[number - 1]} px` : "left out";
    if (shown) plates(block, count, channels, 2 ** (1 - number), widest);
    else block.drawing.replaceChildren();
  }
  function show() {
    const picked = clamp(model.get("position"), 0, last.rows.length - 1), { name, shape, costs, sees } = last.rows[picked];
    table.draw(last.rows, picked);
    const share = i => `${written((100 * costs[i]) / last.sums[i])} % of`;
    detail.replaceChildren(make("b", {}, `${name}: `), `${shape} out; ${share(0)} the parameters, ${share(1)} the multiply-adds`,
      sees ? `; each output sees ${sees} × ${sees} pixels of the image` : "");
    say(`${total.textContent}. ${detail.textContent}`);
  }
  model.on("change:position", () => { if (last) show(); });

  return (settings, arrays, constants) => {
    if (!columns.length) {
      columns = Array.from({ length: constants.mostBlocks }, (_, i) => column(i + 1, constants));
      stage.replaceChildren(...columns.map(block => block.element));
    }
    columns.forEach((block, i) => drawBlock(block, i + 1, settings, arrays, constants));
    const [params, macs, sums] = [counts(arrays.params), counts(arrays.macs), counts(arrays.totals)];
    const rows = params.map((number, i) => {
      const [channels, height, width] = arrays.shapes.values.slice(3 * i, 3 * i + 3), isBlock = i < settings.blocks;
      return { name: isBlock ? `block ${i + 1}` : DENSE[i - settings.blocks], costs: [number, macs[i]],
        shape: isBlock ? `${channels} × ${height} × ${width}` : `${channels}`, sees: isBlock ? arrays.reach.values[i] : 0 };
    });
    last = { rows, sums };
    total.replaceChildren("together: ", make("b", {}, `${grouped(sums[0])} parameters`), ", ",
      make("b", {}, `${grouped(sums[1])} multiply-adds`), `, weights of ${written((sums[0] * 4) / 1e6, 1)} MB`);
    show();
  };
}

export default { render: explorer("VGG builder", vggBuilder) };
