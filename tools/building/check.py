"""What is wrong with the stored notebooks, told in seconds: nothing is executed."""

from tools.building import address, instructor, readme, rules, storage
from tools.building.notebook import authored, digest_of_cells, draft
from tools.building.outputs import alt_text, has_picture
from tools.building.source import SourceError

LARGEST = 1_200_000  # bytes of a stored notebook


def problems(course):
    """All that is wrong with sources, notebooks and README (list of str), empty where all is well."""
    found = [line for error in course.broken for line in error.problems]
    for header in course.headers:
        found += _chapter(course, header)
    known = {course.notebook_path(header) for header in course.headers} | {
        course.folder / f"{error.path.stem}.ipynb" for error in course.broken
    }
    for path in sorted(set(course.folder.glob("*.ipynb")) - known):
        found.append(f"chapters/{path.name}: has no source. Delete it, or bring back chapters/source/{path.stem}.py.")
    try:
        if readme.rendered(course) != (course.root / "README.md").read_text(encoding="utf-8"):
            found.append("README.md: contents or badges are stale. Run tools/build.py.")
        page = course.root / "docs" / "instructor.md"
        if (wanted := instructor.rendered(course)) is not None and wanted != page.read_text(encoding="utf-8"):
            found.append("docs/instructor.md: the table of the talks is stale. Run tools/build.py.")
    except ValueError as error:
        found.append(str(error))
    return found + address.problems(course)


def is_current(stored, wanted):
    """True if the stored notebook is what the source gives, by its metadata and by every cell."""
    if stored["metadata"] != wanted["metadata"]:
        return False
    return [authored(cell) for cell in stored["cells"]] == [authored(cell) for cell in wanted["cells"]]


def is_complete(notebook):
    """True if every code cell of a stored notebook has run, in order, without an error."""
    return not list(_run(notebook))


def _chapter(course, header):
    path = course.notebook_path(header)
    try:
        wanted, stored = draft(course, header).notebook, storage.read(path)
    except SourceError as error:
        return error.problems
    except ValueError as error:
        return [f"chapters/{path.name}: {error}"]
    if stored is None:
        return [f"chapters/{path.name}: was never built. Run tools/build.py {header.number:02}."]
    found = [*_up_to_date(stored, wanted, header), *_run(stored), *_shown(stored)]
    if (size := path.stat().st_size) > LARGEST:
        found.append(f"is {size / 1e6:.2f} MB, the most is {LARGEST / 1e6} MB. Draw fewer or smaller figures.")
    return [f"chapters/{path.name}: {problem}" for problem in found]


def _up_to_date(stored, wanted, header):
    """Stale, or edited by hand? The notebook stores what the build gave it."""
    given = stored["metadata"].get("course", {})
    if given.get("cells") != digest_of_cells(stored["cells"]):
        yield f"was edited by hand. Edit chapters/source/{header.path.name} and run tools/build.py {header.number:02}."
    elif not is_current(stored, wanted):
        yield f"is stale: its source, the build or the address has changed. Run tools/build.py {header.number:02}."


def _run(stored):
    """Counts 1..n, no errors."""
    code = [(index, cell) for index, cell in enumerate(stored["cells"], 1) if cell["cell_type"] == "code"]
    for count, (index, cell) in enumerate(code, 1):
        if cell.get("execution_count") != count:
            yield f"cell {index} has the execution count {cell.get('execution_count')}, not {count}. Build it again."
        if any(output["output_type"] == "error" for output in cell["outputs"]):
            yield f"cell {index} stores an error. Build it again."


def _shown(stored):
    """What each code cell must show: an output where it is checked, alt text on figures, few lines."""
    for index, cell in enumerate(stored["cells"], 1):
        if cell["cell_type"] != "code":
            continue
        if rules.is_checked(cell["source"], cell["metadata"].get("tags", ())) and not cell["outputs"]:
            yield f"cell {index} is checked and has no output, so it proves nothing. Print what is to be checked."
        if any(has_picture(output) and not alt_text(output) for output in cell["outputs"]):
            yield f"cell {index} has a figure without alt text. Call viz.caption(..., alt=...): {_first_line(cell)}"
        if (lines := len(cell["source"].splitlines())) > rules.LONGEST_CELL:
            yield f"cell {index} has {lines} lines of code, the most is {rules.LONGEST_CELL}."


def _first_line(cell):
    return cell["source"].split("\n", 1)[0]
