// The channel budget of an Inception block: a slider for each convolution, its cost, the stack, the total. See
// budget.py.

const ROWS = [ // name of the setting, what it is; null is an empty place
  ["Path 1", null, ["one", "1×1"]],
  ["Path 2", ["three_reduced", "1×1 in front"], ["three", "3×3"]],
  ["Path 3", ["five_reduced", "1×1 in front"], ["five", "5×5"]],
  ["Path 4", ["", "max pool 3×3"], ["pool", "1×1 behind"]],
];
const STEP = 8;

/** Counts in full as long as they are exact in float32, then in millions. */
const counted = number => (number < 1e7 ? number.toLocaleString("en") : `${(number / 1e6).toFixed(2)} M`);

function inceptionBudget(root, { ask, wanted, say }) {
  const cards = {}, shares = [];
  const grid = make("div", { className: "x-paths" });
  for (const [title, ...places] of ROWS) {
    const share = make("div", { className: "x-path-share" });
    shares.push(share);
    grid.append(make("div", { className: "x-title" }, title), ...places.map(what => place(title, what)), share);
  }
  const stack = make("div", { className: "x-stack", role: "img" });
  const totals = make("div", { className: "x-totals", role: "table", "aria-label": "Cost against a single convolution" });
  const heading = make("div", { className: "x-title" });
  root.append(make("div", { className: "x-stage" }, make("div", { className: "x-panel x-fill" }, grid, heading, stack, totals)));

  /** The place of one layer: a slider and its cost, a layer without a choice, or nothing. */
  function place(path, what) {
    if (!what) return make("div");
    const [name, title] = what;
    if (!name) return make("div", { className: "x-card x-plain" }, make("b", {}, title), make("small", {}, "no weights"));
    const range = slideBar(`${path}, ${title}, channels`, { step: STEP }, value => ask({ [name]: value }));
    const number = make("b"), cost = make("small");
    cards[name] = { range, number, cost };
    return make("label", { className: "x-card" }, make("span", {}, `${title} → `, number), range, cost);
  }

  function drawCards(settings, { weights, macs }, { widths, widest }) {
    widths.forEach((name, i) => {
      const { range, number, cost } = cards[name];
      [range.min, range.max] = [name.endsWith("reduced") ? STEP : 0, widest];
      range.value = wanted()[name];
      number.textContent = settings[name];
      cost.textContent = `${counted(weights.values[i])} weights, ${counted(macs.values[i])} multiply-adds`;
    });
  }

  /** How much of the work each path does, and how much of the stack it gives. */
  function drawPaths({ macs, stack: { values } }) {
    const work = macs.values, paths = [work[0], work[1] + work[2], work[3] + work[4], work[5]];
    const whole = paths.reduce((a, b) => a + b), width = values.reduce((a, b) => a + b);
    shares.forEach((share, i) => {
      const percent = Math.round((100 * paths[i]) / whole);
      share.replaceChildren(make("i"), `${percent} % of the work`);
      share.style.setProperty("--share", `${percent}%`);
    });
    stack.replaceChildren(...Array.from(values, (channels, i) => {
      const part = make("div", { title: `${ROWS[i][0]}: ${channels} maps` }, channels ? String(channels) : "");
      part.style.cssText = `flex-grow:${channels};background:${tinted("feature_map", 0.35 + 0.2 * i)};display:${channels ? "" : "none"}`;
      return part;
    }));
    stack.setAttribute("aria-label", `The stack: ${values.join(" + ")} = ${width} maps`);
    heading.textContent = `The stack: ${values.join(" + ")} = ${width} maps`;
  }

  function drawTotals(costs, { rivals }) {
    const work = rivals.map((_, i) => costs.values[2 * i + 1]), most = Math.max(...work);
    totals.replaceChildren(...rivals.map((name, i) => {
      const bar = make("i");
      bar.style.cssText = `width:${(100 * work[i]) / most}%;background:var(--${i ? "input" : "feature_map"})`;
      const cells = [name, `${counted(costs.values[2 * i])} weights`, `${counted(work[i])} multiply-adds`];
      return make("div", { role: "row", className: "x-row" }, ...cells.map(text => make("span", { role: "cell" }, text)),
        make("div", { role: "presentation" }, bar));
    }));
  }

  return (settings, arrays, constants) => {
    drawCards(settings, arrays, constants);
    drawPaths(arrays);
    drawTotals(arrays.totals, constants);
    say(`${heading.textContent}. ${counted(arrays.totals.values[1])} multiply-adds.`);
  };
}

export default { render: explorer("Channel budget of an Inception block", inceptionBudget) };
