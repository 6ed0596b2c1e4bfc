"""The shape of the code: who imports whom, how long a module or function may be, what must be documented."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
LONGEST_MODULE, LONGEST_FUNCTION, SLOWEST_IMPORT = 300, 25, 0.1  # lines, lines, seconds

# room of utils -> rooms that it may import. A new room adds its row.
ARROWS = {
    "": set(),
    "runtime": set(),
    "layers": set(),
    "models": {"layers"},
    "complexity": set(),
    "data": {"runtime"},
    "train": {"runtime"},
    "retrieval": set(),
    "parallel": {"runtime", "data", "models"},
    "train_cli": {"runtime", "data", "models", "train"},
    "zoo": {"complexity"},
    "viz": set(),
    "quiz": set(),
    "reading": set(),
    "widgets": {"viz", "layers", "models", "data", "reading", "zoo"},
    "checks": {"runtime", "layers", "models", "reading"},
}
# A path that exists on one machine only: somebody's home, or a scratch folder. Binder's is everybody's; Ada is the
# tests' own example.
PRIVATE_PATH = re.compile(r"(?<![\w.])/(?:home/(?!jovyan|ada)\w|root/|work/|Users/\w)|[A-Z]:\\\\?Users\\")
TEXTS = {".py", ".ipynb", ".md", ".toml", ".yml", ".yaml", ".txt", ".cfg", ".js", ".json", ".mplstyle", ""}


def python_files(*folders):
    """Python files under the course's folders, sorted."""
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def parse(path):
    """Syntax tree of a Python file."""
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def label(path):
    """The path inside the course, for messages and test ids."""
    return path.relative_to(ROOT).as_posix()


def module_name(path):
    """Dotted name of a module of utils."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path):
    """Dotted names that a file imports, relative ones resolved; `from a import b` gives a.b."""
    package = list(path.relative_to(ROOT).parts[:-1])
    for node in ast.walk(parse(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*start, *([node.module] if node.module else [])])
            yield from (f"{base}.{alias.name}" for alias in node.names)


def rooms(name):
    """Top folder and room of a dotted name: "utils.data._mnist" is ("utils", "data")."""
    top, _, rest = name.partition(".")
    return top, rest.partition(".")[0]


def refuse(offenders):
    """Fail, and list what offends."""
    offenders = list(offenders)
    assert not offenders, "\n" + "\n".join(offenders)


UTILS = python_files("utils")
CODE = python_files("utils", "tools", "benchmarks", "tests")


@pytest.mark.parametrize("path", UTILS, ids=label)
def test_imports_follow_the_arrows(path):
    _, room = rooms(module_name(path))
    assert room in ARROWS, f"utils.{room} is a new room: say in ARROWS which rooms it may import"
    for name in imports(path):
        top, other = rooms(name)
        assert top not in {"chapters", "tests", "tools", "benchmarks"}, f"{label(path)} imports {name}"
        if top == "utils" and other in ARROWS and other != room:
            assert other in ARROWS[room], f"{label(path)} may not import {name}"


def test_nothing_is_imported_with_a_star():
    files = [*CODE, *python_files("chapters/source")]
    refuse(label(path) for path in files if any(name.endswith(".*") for name in imports(path)))


def test_modules_are_short():
    lengths = {label(path): len(path.read_text(encoding="utf-8").splitlines()) for path in CODE}
    refuse(f"{name}: {lines} lines" for name, lines in lengths.items() if lines > LONGEST_MODULE)


def body_lines(function):
    """Lines of a function's body, its docstring left out; a table (a dict, list or set over several lines) is one."""
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    if not body:
        return 0
    lines = set(range(body[0].lineno, body[-1].end_lineno + 1))
    for node in ast.walk(ast.Module(body, [])):
        if isinstance(node, (ast.Dict, ast.List, ast.Set)):
            lines -= set(range(node.lineno + 1, node.end_lineno + 1))
    return len(lines)


def test_functions_are_short():
    lengths = {
        f"{label(path)}:{node.lineno} {node.name}": body_lines(node)
        for path in CODE
        for node in ast.walk(parse(path))
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
    }
    refuse(f"{name}: {lines} lines" for name, lines in lengths.items() if lines > LONGEST_FUNCTION)


def methods(node):
    """The methods of a class; nothing for anything else."""
    return [part for part in node.body if isinstance(part, ast.FunctionDef)] if isinstance(node, ast.ClassDef) else []


def public(tree, inherited):
    """A module, its functions and classes, their methods (inherited ones left out)."""
    if tree.body:
        yield tree
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and not node.name.startswith("_"):
            yield node
            known = inherited if isinstance(node, ast.ClassDef) and node.bases else set()
            yield from (part for part in methods(node) if not part.name.startswith("_") and part.name not in known)


def test_what_is_public_is_documented():
    trees = {path: parse(path) for path in python_files("utils", "tools", "benchmarks")}
    parts = [part for tree in trees.values() for node in ast.walk(tree) for part in methods(node)]
    # What a method of a base class says holds for those that override it; nn.Module documents `forward`.
    inherited = {"forward"} | {part.name for part in parts if ast.get_docstring(part)}
    refuse(
        f"{label(path)}:{getattr(node, 'lineno', 1)} {getattr(node, 'name', 'module')}"
        for path, tree in trees.items()
        for node in public(tree, inherited)
        if not ast.get_docstring(node)
    )


def kept_files():
    """Files that git keeps, or would keep once added; without git, all that lie in the course's own folders."""
    git = ["git", "-C", str(ROOT), "ls-files", "--cached", "--others", "--exclude-standard"]
    try:
        names = subprocess.run(git, capture_output=True, text=True, check=True).stdout.splitlines()
        found = [ROOT / name for name in names]
    except (OSError, subprocess.CalledProcessError):
        own = ("utils", "tools", "tests", "benchmarks", "chapters", "binder", ".github")
        found = [*ROOT.glob("*"), *(path for folder in own for path in (ROOT / folder).rglob("*"))]
    visible = [
        path for path in found if not any(part.startswith((".hypothesis", "__pycache__")) for part in path.parts)
    ]
    return [path for path in visible if path.is_file() and path.suffix in TEXTS]


def test_no_path_of_one_machine():
    refuse(
        f"{label(path)}:{number}: {match[0]}"
        for path in kept_files()
        if path != Path(__file__).resolve()
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1)
        if (match := PRIVATE_PATH.search(line))
    )


def run_alone(code, *arguments):
    """What a fresh interpreter prints; fails where it does."""
    command = [sys.executable, "-c", code, *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return done.stdout


# One interpreter for all of them: torch is imported once, and every module finds a `utils` of which nothing is loaded.
IMPORT_EACH = """
import importlib, sys, traceback
for name in sys.argv[1:]:
    for loaded in [other for other in sys.modules if other.partition(".")[0] == "utils"]:
        del sys.modules[loaded]
    try:
        importlib.import_module(name)
    except BaseException as error:
        print(name, traceback.format_exc(limit=-1))
"""


def test_every_module_of_utils_is_importable_alone():
    complaints = run_alone(IMPORT_EACH, *map(module_name, UTILS))
    assert not complaints, complaints


# processor time: how busy the machine is otherwise says nothing about the import
TIME_IMPORT = """
import sys, time
start = time.process_time()
import utils
print(time.process_time() - start, "torch" in sys.modules)
"""


def test_utils_itself_is_imported_at_once_and_without_torch():
    runs = [run_alone(TIME_IMPORT).split() for _ in range(3)]
    assert {torch for _, torch in runs} == {"False"}
    assert min(float(seconds) for seconds, _ in runs) < SLOWEST_IMPORT
