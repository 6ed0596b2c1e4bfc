// The cheque reader: a pad and a field for the amount, the line, its map of answers, what is read. See amounts.py.

const PIXEL = 3.5; // CSS pixels of one pixel of the line

function chequeReader(root, { ask, wanted, say, model }) {
  const { pad: [rows, cols], names, width, most, first, step } = model.get("answer").constants;
  const pad = inkPad({ label: "Pad", rows, cols, radius: 2.6, width: width * PIXEL, onInk: drawing => ask({ drawing, source: "drawn" }) });
  const clear = button("Clear", "Clear the pad", () => { pad.clear(); ask({ drawing: pad.bytes(), source: "typed" }); });
  const field = make("input", { type: "text", inputMode: "numeric", autocomplete: "off", maxLength: most, className: "x-amount", "aria-label": "Amount" });
  field.addEventListener("input", () => { if (field.value) ask({ amount: field.value, source: "typed" }); });
  const other = button("Other writers", "Write the same amount in other digits", () => ask({ writer: (wanted().writer + 1) % 100, source: "typed" }));
  const line = pixelMap("Line", width * PIXEL), map = pixelMap("Map of answers", 0);
  const labels = make("div", { className: "x-answer-names", "aria-hidden": "true" }, ...names.map(name => make("span", {}, name)));
  const marks = make("div", { className: "x-answer-marks" }), found = make("div", { className: "x-found", role: "status" });
  const verdict = make("div", { className: "x-verdict" });
  const strip = make("div", { className: "x-strip" }, line.element, make("div", { className: "x-answer-map" }, labels, map.element, marks), found);
  strip.style.width = `${width * PIXEL}px`;
  root.append(
    make("div", { className: "x-bar x-tight" }, make("label", {}, "Type an amount ", field), other, make("span", { className: "x-soft" }, "or write one here:"), clear),
    pad.element, make("div", { className: "x-title x-small" }, "The line, and what each window says: digits 0 to 9, or nothing (–)"), strip, verdict);

  return (settings, arrays) => {
    if (document.activeElement !== field) field.value = settings.amount;
    if (wanted().source === "typed") pad.clear();
    const cell = step * PIXEL, left = column => (first - step / 2) * PIXEL + column * cell;
    const [columns, digits, written] = [arrays.columns, arrays.digits, arrays.written].map(array => [...array.values]);
    line.draw(arrays.line, "pixels", 0, 255);
    map.draw(arrays.shares, "sequential", 0, 1);
    map.element.style.cssText += `;width:${arrays.shares.shape[1] * cell}px;margin-left:${left(0)}px;image-rendering:pixelated`;
    const read = digits.join(""), truth = written.join("");
    const role = !truth ? "feature_map" : read === truth ? "right" : "wrong";
    const place = (element, column, top) => { element.style.cssText = `left:${left(column)}px;width:${cell}px;top:${top}px`; return element; };
    marks.replaceChildren(...columns.map((column, i) => place(make("i"), column, digits[i] * cell)));
    found.replaceChildren(...columns.map((column, i) => place(make("b", {}, String(digits[i])), column, 0)));
    found.style.setProperty("--role", `var(--${role})`);
    const told = `Read: ${read || "nothing"}${truth ? `. Written: ${truth}.` : "."}`;
    verdict.replaceChildren(make("span", { className: truth ? `x-${role}` : "" }, told));
    say(told);
  };
}

export default { render: explorer("Cheque reader", chequeReader) };
