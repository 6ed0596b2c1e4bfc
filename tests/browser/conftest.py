"""Fixtures: one Chromium and one JupyterLab for all browser tests, a tab for each test."""

import shutil
from pathlib import Path

import pytest

from tests.browser.lab import CHROMIUM_ARGUMENTS, Tab, serving, write_notebook
from tools import chromium
from tools.course import ROOT


@pytest.fixture(scope="session")
def browser():
    """A headless Chromium; without one the test is skipped."""
    from playwright.sync_api import sync_playwright

    path = chromium.find()
    if path is None:
        pytest.skip("no Chromium on this machine: make setup fetches one where it can")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def course(tmp_path_factory):
    """A copy of the chapters for Lab to serve, so that what it saves does not change the committed notebooks."""
    folder = tmp_path_factory.mktemp("course")
    shutil.copytree(Path(ROOT, "chapters"), folder / "chapters", ignore=shutil.ignore_patterns("source", ".*"))
    return folder


@pytest.fixture(scope="session")
def server(course, tmp_path_factory):
    """Address of a JupyterLab that serves the copy."""
    with serving(course, tmp_path_factory.mktemp("server")) as url:
        yield url


@pytest.fixture
def tab(browser, server):
    """A fresh tab; ends with the check that the page reported no error and asked for nothing outside."""
    tab = Tab(browser, server)
    yield tab
    tab.page.close()
    assert not tab.console_errors
    assert not tab.outside


@pytest.fixture
def run_cells(request, course, tab):
    """Runs code cells in a notebook of the test's module; gives the tab that shows them."""
    name = f"{request.module.__name__.rpartition('.')[2]}.ipynb"

    def run_cells(*sources):
        write_notebook(course / name, *sources)
        tab.open(name)
        tab.run_all()
        return tab

    return run_cells
