"""axe-core on a page: what keeps people who do not see, hear or move as others do from using it."""

# Contrast, names, alt text, keyboard, structure: the rules of WCAG 2.2 at level AA, and axe's best practices.
_RUN = """async (root) => {
    const found = await axe.run(root ?? document, { resultTypes: ["violations"] });
    return found.violations.filter((rule) => ["serious", "critical"].includes(rule.impact)).flatMap((rule) =>
        rule.nodes.map((node) => `${rule.id} (${rule.impact}): ${node.target.join(" ")}: ${node.html.slice(0, 120)}`));
}"""


def serious(page, workshop, root=None):
    """Serious and critical findings of axe-core (list of str) on Playwright's `page`, or on its part `root`."""
    if not page.evaluate("typeof axe !== 'undefined'"):
        page.evaluate((workshop.package("axe-core") / "axe.min.js").read_text("utf-8"))
    return page.evaluate(_RUN, root)
