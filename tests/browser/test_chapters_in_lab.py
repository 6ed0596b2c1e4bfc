"""Chapters in JupyterLab, as a learner meets them: top to bottom, offline, without an error."""

from pathlib import Path

import pytest

from tools.course import ROOT

pytestmark = pytest.mark.browser

# Each is opened and run in full. nbval runs all of them without a browser; add one here when it has something that only
# a browser shows.
CHAPTERS = ("04",)


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_chapter_runs(tab, chapter):
    (notebook,) = Path(ROOT, "chapters").glob(f"{chapter}_*.ipynb")
    tab.open(f"chapters/{notebook.name}")
    tab.run_all()
    tab.screenshot(notebook.stem)
