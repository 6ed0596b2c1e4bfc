"""Fixtures: one Chromium and one JupyterLab for all browser tests; a tab for each test, or one that they share."""

import shutil
from pathlib import Path

import pytest

from tests.browser.lab import CHROMIUM_ARGUMENTS, SIZE, Tab, serving, write_notebook
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


@pytest.fixture(scope="session")
def desk(browser, server, course):
    """A tab with a notebook and a kernel that has PyTorch: one for all tests that bring cells of their own."""
    write_notebook(course / "desk.ipynb", "import torch, torchvision")
    tab = Tab(browser, server)
    tab.open("desk.ipynb")
    yield tab
    tab.page.close()


@pytest.fixture
def run_cells(desk):
    """Runs code cells on the desk, and gives its tab; ends with the check that a tab of its own would end with."""

    def run_cells(*sources):
        desk.console_errors.clear()
        desk.outside.clear()
        desk.page.set_viewport_size(SIZE)
        desk.page.bring_to_front()
        desk.run_instead(*sources)
        return desk

    yield run_cells
    assert not desk.console_errors
    assert not desk.outside
