// The cost explorer: AlexNet layer by layer, with what each layer costs and why. See costs.py.

function costExplorer(root, { say, model }) {
  let last = null;
  const picked = () => clamp(model.get("position"), 0, last.rows.length - 1);
  const table = costTable("Layers of the network", [{ title: "parameters", role: "kernel" }, { title: "multiply-adds", role: "feature_map" }],
    row => { model.set("position", row); model.save_changes(); });
  const formula = make("div", { className: "x-formula" }), total = make("div", { className: "x-total" });
  root.append(table.element, formula, total);

  function reason({ name, window: [inputs, kernel, height, width, outputs], costs }) {
    const each = kernel ? `${kernel} × ${kernel} × ${inputs}` : `${inputs}`;
    const places = kernel ? ` × ${height} × ${width} places` : "";
    return [make("b", {}, `${name}: `), `${outputs} × (${each} + 1) = ${grouped(costs[0])} parameters; `,
      `${outputs} × ${each}${places} = ${grouped(costs[1])} multiply-adds`];
  }
  function show() {
    table.draw(last.rows, picked());
    formula.replaceChildren(...reason(last.rows[picked()]));
    say(formula.textContent);
  }
  model.on("change:position", () => { if (last) show(); });

  return (settings, arrays, { names }) => {
    const [params, macs, sums] = [counts(arrays.params), counts(arrays.macs), counts(arrays.totals)];
    const windows = arrays.windows.values;
    last = { rows: names.map((name, i) => {
      const window = [...windows.slice(5 * i, 5 * i + 5)], [, kernel, height, width, outputs] = window;
      return { name, window, shape: kernel ? `${outputs} × ${height} × ${width}` : `${outputs}`, costs: [params[i], macs[i]] };
    }) };
    const times = Array.from(arrays.times.values, value => grouped(Math.round(value)));
    total.replaceChildren("together: ", make("b", {}, `${grouped(sums[0])} parameters`), ` (${times[0]} × LeNet), `,
      make("b", {}, `${grouped(sums[1])} multiply-adds`), ` (${times[1]} × LeNet), weights of ${written(sums[0] * 4 / 1e6, 1)} MB`);
    show();
  };
}

export default { render: explorer("Cost explorer", costExplorer) };
