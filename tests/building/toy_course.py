"""A miniature course for the tests of the build: two chapters, and a `utils` of its own that needs no torch."""

import base64
import struct
import textwrap
import zlib

from tools import build
from tools.building import rules, storage
from tools.building.course import Course
from tools.building.notebook import draft

HEADER = """\
# ---
# title: {title}
# question: "Why: {title}?"
# minutes: 5
# builds_on: {builds_on}
# goals:
#   - double
#   - halve
#   - rest
# ---
"""
SETUP = """
# %% tags=["setup"]
from utils import pictures, toy_check as check
"""
EXERCISE = '''
# %% [markdown] slideshow={"slide_type": "slide"}
# ## Your turn
# Double a number.

# %% tags=["exercise"]
def double(number):
    """Twice the `number`."""
    factor = 2
    ### BEGIN SOLUTION
    return factor * number
    ### END SOLUTION


# %% tags=["check"]
check.double(double)

# %% [markdown] tags=["hint"]
# Think of **two**.

# %% [markdown] tags=["hint"]
# Multiply.
'''
SHOWN = """
# %% [markdown] slideshow={"slide_type": "notes"}
# Say it slowly.
#
# Then wait.

# %% tags=["nbval-check-output"]
total = sum(range(5))
print(total)

# %%
import os
print(os.environ["COURSE_OFFLINE"], os.path.exists(os.environ["COURSE_DATA"]), os.path.basename(os.getcwd()))
print({"sets", "have", "no", "order"})

# %%
pictures.dot()

# %% tags=["timing"]
import time
print(time.time_ns())

# %% tags=["quiz"]
pictures.quiz()
"""
PROJECT = '[project]\nversion = "1.2"\n\n[tool.course]\nrepository = "ada/course"\n'
UTILS = {
    "__init__.py": "",
    "toy_check.py": """
        from types import SimpleNamespace

        def double(answer):
            try:
                right = answer(3) == 6
            except NotImplementedError:
                return SimpleNamespace(status="not attempted", message="")
            return SimpleNamespace(status="passed" if right else "failed", message="twice three is six")
    """,
    "pictures.py": """
        import random
        import string
        from IPython.display import HTML, display

        PNG = {png!r}

        def dot(alt="a dot"):
            display({{"image/png": PNG}}, raw=True, metadata={{"image/png": {{"alt": alt}}}} if alt else {{}})

        def quiz():
            letters = "".join(random.choice(string.ascii_letters) for _ in range(12))
            display(HTML(f'<div id="{{letters}}">?</div>'))

        def slider(picture):
            view = {{"application/vnd.jupyter.widget-view+json": {{"model_id": "0"}}, "text/plain": "Slider()"}}
            display(view | ({{"image/png": PNG}} if picture else {{}}), raw=True)
    """,
}


def png(*chunks):
    """A PNG of one black pixel with extra chunks, base64."""
    parts = [(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)), *chunks]
    parts += [(b"IDAT", zlib.compress(b"\0\0")), (b"IEND", b"")]
    body = b"".join(struct.pack(">I", len(d)) + t + d + struct.pack(">I", zlib.crc32(t + d)) for t, d in parts)
    return base64.b64encode(b"\x89PNG\r\n\x1a\n" + body).decode()


def source(*parts, title="Doubling", builds_on="[]"):
    """Text of a chapter's source."""
    return HEADER.format(title=title, builds_on=builds_on) + "".join(parts)


def write_chapter(root, name, text):
    """Puts a source into the course under `root`."""
    (root / "chapters" / "source" / f"{name}.py").write_text(text, encoding="utf-8")


def make(root):
    """Writes a course of two chapters, never built, into the empty folder `root`."""
    (root / "chapters" / "source").mkdir(parents=True)
    (root / "utils").mkdir()
    for name, text in UTILS.items():
        text = text.format(png=png((b"tEXt", b"Software\0x"))) if name == "pictures.py" else text
        (root / "utils" / name).write_text(textwrap.dedent(text))
    (root / "pyproject.toml").write_text(PROJECT)
    marks = "".join(f"<!-- {name}:begin -->\n<!-- {name}:end -->\n" for name in ("badges", "contents"))
    (root / "README.md").write_text(f"# Course\n{marks}kept\n")
    write_chapter(root, "01_double", source(SETUP, EXERCISE, SHOWN))
    write_chapter(root, "03_plain", source(SETUP, '\n# %%\nprint("hello")\n', title="Plain", builds_on="[1, 2]"))


def drafted(root, number=1, **options):
    """The cells of a chapter's notebook, not executed."""
    course = Course.load(root)
    return draft(course, course.by_number[number], **options).notebook["cells"]


def tagged(cells, tag):
    """The cells that carry a tag."""
    return [cell for cell in cells if tag in cell["metadata"].get("tags", ())]


def pretend_built(root):
    """Stores both notebooks as if they had run: counts, and an output in each cell that is checked or draws."""
    course = Course.load(root)
    for header in course.headers:
        made = draft(course, header)
        for count, cell in enumerate((c for c in made.notebook["cells"] if c["cell_type"] == "code"), 1):
            cell["execution_count"] = count
            if rules.is_checked(cell["source"], cell["metadata"].get("tags", ())):
                cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "10\n"}]
            if "dot" in cell["source"]:
                data, metadata = {"image/png": png()}, {"image/png": {"alt": "a dot"}}
                cell["outputs"] = [{"output_type": "display_data", "data": data, "metadata": metadata}]
        storage.write(course.notebook_path(header), made.notebook)
    build.main([], root)
    return course


def stored(root, name="01_double"):
    """A stored notebook."""
    return storage.read(root / "chapters" / f"{name}.ipynb")
