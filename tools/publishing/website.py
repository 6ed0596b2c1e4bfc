"""`make site`: the course as web pages, with outputs, search and the talks, built without a network.

    .venv/bin/python -m tools.publishing.website    # writes build/site; open index.html in a browser

Sphinx with MyST-NB and the book theme, in .venv-publish. Any warning of theirs, and any link to a page or a place that
is not there, fails the build.
"""

import json
import os
import re
import shutil
import subprocess
import sys

from tools.building import storage
from tools.building.course import ROOT, Course
from tools.environment import CourseError
from tools.publishing import deck, links, markup
from tools.publishing.workshop import LISTS, Workshop

_LEFT_OUT = {"colab", "navigation"}  # tags: the theme has links to the neighbours, and readers are not on Colab
_README = re.compile(r"<!-- badges:end -->\n(?P<intro>.*?)^## ", re.DOTALL | re.MULTILINE)


def build(course, workshop, target):
    """Writes the site of `course` into the folder `target` (Path), which is made anew.

    Raises:
        CourseError: Sphinx warned, or a link leads nowhere; the message says where.
    """
    source = target.parent / f"{target.name}-source"
    for folder in (source, target):
        shutil.rmtree(folder, ignore_errors=True)
    write_source(course, workshop, source)
    run_sphinx(course, workshop, source, target)
    for template in target.glob("_static/*-macros.html"):
        template.unlink()  # the theme leaves two templates there, which are no pages
    deck.build(course, workshop, target / "slides")
    (target / ".nojekyll").touch()  # GitHub Pages would leave out folders such as _static
    if broken := links.broken(target):
        raise CourseError("These links of the site lead nowhere:\n" + "\n".join(broken))


def write_source(course, workshop, source):
    """Writes what Sphinx reads into the folder `source` (Path): pages, settings, MathJax."""
    (source / "_static").mkdir(parents=True)
    (source / "chapters").mkdir()
    shutil.copy(LISTS / "site" / "conf.py", source)
    for name in ("site.css", "site.js"):
        shutil.copy(LISTS / "site" / name, source / "_static")
    (source / "_static" / "mathjax").mkdir()
    shutil.copy(workshop.package("mathjax") / "es5" / "tex-svg-full.js", source / "_static" / "mathjax")
    shutil.copytree(course.root / "docs", source / "docs")
    pages = []
    for header in course.headers:
        if notebook := storage.read(course.notebook_path(header)):
            (source / "chapters" / f"{header.name}.ipynb").write_text(json.dumps(page(notebook)), "utf-8")
            pages.append(header)
    (source / "index.md").write_text(_index(course, pages), "utf-8")


def page(notebook):
    """A chapter's notebook as the site shows it (dict): figures with their alt text, no cell that is for elsewhere."""
    cells = []
    for cell in notebook["cells"]:
        notes = cell["metadata"].get("slideshow", {}).get("slide_type") == "notes"
        if notes or _LEFT_OUT.intersection(cell["metadata"].get("tags", ())):
            continue
        made = {**cell, "source": cell["source"].replace("(../README.md)", "(../index.md)")}
        if cell["cell_type"] == "code":
            made["outputs"] = [_with_alt_text(output) for output in cell["outputs"]]
            if "quiz" in cell["metadata"].get("tags", ()):
                made["metadata"] = {**cell["metadata"], "tags": ["quiz", "remove-input"]}
        cells.append(made)
    return {**notebook, "cells": cells}


def _with_alt_text(output):
    """MyST-NB does not take the alt text from where Jupyter keeps it, so a figure becomes an element of HTML."""
    if "image/png" not in output.get("data", {}):
        return output
    return {**output, "data": {"text/html": markup.output(output)}}


def _index(course, pages):
    readme = (course.root / "README.md").read_text("utf-8")
    title = readme.split("\n", 1)[0]
    rows = [f"| {page.number} | [{page.title}](chapters/{page.name}.ipynb) | {page.question} |" for page in pages]
    listed = "\n".join(f"chapters/{page.name}" for page in pages)
    return (
        f"{title}\n{_README.search(readme)['intro']}\n## Contents\n\n| | Chapter | Question |\n|--:|---|---|\n"
        + "\n".join(rows)
        + f"\n\n```{{toctree}}\n:hidden:\n:caption: Chapters\n{listed}\n```\n"
        + "\n```{toctree}\n:hidden:\n:glob:\n:caption: Behind the course\ndocs/*\n```\n"
    )


def run_sphinx(course, workshop, source, target):
    """Runs Sphinx, every warning an error (raises CourseError with what it said)."""
    settings = json.dumps({"repository": course.repository, "release": course.release})
    command = [str(workshop.python), "-m", "sphinx", "-W", "--keep-going", "-q", "-b", "html", str(source), str(target)]
    environment = {**os.environ, "COURSE_SITE": settings, "PYTHONWARNINGS": "ignore"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise CourseError(f"The site could not be built:\n{done.stdout}{done.stderr}")


def main():
    """Builds the site of this course; returns the exit status."""
    try:
        build(Course.load(ROOT), Workshop().ensure(), ROOT / "build" / "site")
    except CourseError as error:
        print(error, file=sys.stderr)
        return 1
    print("The site is in build/site: open index.html")
    return 0


if __name__ == "__main__":
    sys.exit(main())
