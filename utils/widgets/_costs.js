// A table of layers with a bar for each cost: what explorers of whole networks share.

/** Whole numbers beyond float32's 24 bits, from Python's `split_counts`: (rows, 2) of millions and the rest. */
function counts({ values }) {
  return Array.from({ length: values.length / 2 }, (_, row) => values[2 * row] * 1e6 + values[2 * row + 1]);
}

/** A count as a learner reads it: 60,965,224. */
const grouped = count => count.toLocaleString("en-GB");

/**
 * Rows of a layer's name, its output shape and a bar with a number for each quantity, of which one row is picked by a
 * click or the arrow keys. quantities: [{title, role}]; draw(rows, picked) with rows [{name, shape, costs: [number]}].
 */
function costTable(label, quantities, onPick) {
  const element = make("div", { className: "x-costs", role: "listbox", tabIndex: 0, "aria-label": label });
  const heads = ["layer", "output", ...quantities.map(({ title }) => title)];
  const head = make("div", { className: "x-cost-row x-cost-head", role: "presentation" }, ...heads.map(text => make("span", {}, text)));
  element.style.setProperty("--quantities", quantities.length);
  let rows = [], picked = 0;
  const pick = row => { if (rows.length) onPick(clamp(row, 0, rows.length - 1)); };
  element.addEventListener("keydown", event => {
    const to = { ArrowUp: picked - 1, ArrowDown: picked + 1, Home: 0, End: rows.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    pick(to);
  });

  function bar(cost, most, role) {
    const strip = make("i");
    strip.style.cssText = `width:${(100 * cost) / most}%;background:var(--${role})`;
    return make("span", { className: "x-cost" }, make("span", { className: "x-cost-bar" }, strip), make("b", {}, grouped(cost)));
  }
  function draw(newRows, newPicked) {
    [rows, picked] = [newRows, newPicked];
    const most = quantities.map((_, i) => Math.max(1, ...rows.map(row => row.costs[i])));
    element.replaceChildren(head, ...rows.map(({ name, shape, costs }, index) => make("div", {
      className: `x-cost-row${index === picked ? " x-picked" : ""}`, role: "option", "aria-selected": String(index === picked),
      "aria-label": [`${name}, ${shape}`, ...quantities.map(({ title }, i) => `${grouped(costs[i])} ${title}`)].join(", "),
      onclick: () => pick(index),
    }, make("span", {}, name), make("span", {}, shape), ...quantities.map(({ role }, i) => bar(costs[i], most[i], role)))));
  }
  return { element, draw };
}
