"""Chapter 01 in JupyterLab, its explorers alive, looked at by axe-core: what the course puts there, not the Lab.

The alt text of a figure reaches JupyterLab with the picture, as Jupyter's format says, and Lab does not show it: so it
is looked for in the outputs.
"""

import shutil

import pytest

from tests.browser.lab import Tab, serving
from tests.launch import axe
from tools.building.course import ROOT

pytestmark = pytest.mark.slow

CONTENT = {"include": [[".jp-MarkdownOutput"], [".jp-OutputArea-output"]]}


@pytest.mark.chapter(1)
def test_a_chapter_in_the_lab_is_open_to_all(browser, workshop, tmp_path):
    (tmp_path / "course").mkdir()
    shutil.copy(ROOT / "chapters" / "01_convolution_by_hand.ipynb", tmp_path / "course")
    (tmp_path / "server").mkdir()
    with serving(tmp_path / "course", tmp_path / "server") as url:
        tab = Tab(browser, url)
        tab.open("01_convolution_by_hand.ipynb")
        tab.run_explorers()
        assert tab.page.locator(".x-root").count() >= 2
        found = axe.serious(tab.page, workshop, CONTENT)
        assert [finding for finding in found if not finding.startswith("image-alt ")] == []
        outputs = [output for cell in tab.code_cells() for output in cell["outputs"]]
        figures = [output["metadata"] for output in outputs if "image/png" in output.get("data", {})]
        assert len(figures) > 20
        assert all(metadata["image/png"]["alt"].strip() for metadata in figures)
        tab.page.close()
