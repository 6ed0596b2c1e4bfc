"""Exercises: the solution is what an author writes, the stub is what a learner gets.

nbgrader's markers stand around what is left out:

    def twice(x):
        ### BEGIN SOLUTION
        return 2 * x
        ### END SOLUTION
"""

import ast
import linecache
from dataclasses import dataclass
from itertools import pairwise

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
PLACEHOLDER = 'raise NotImplementedError("Your turn: replace this line.")'


@dataclass(frozen=True)
class Exercise:
    """One exercise of a chapter, as source code.

    Attributes:
        name: name of the check, as in `check.name(answer)`.
        target: the name that the learner defines, and hands to the check.
        setup: the chapter's setup cell, all that stub and solution may lean on.
        stub: what the learner is given.
        solution: the author's solution, without markers.
        place: "chapters/source/NN_slug.py:LINE" of the exercise.
    """

    name: str
    target: str
    setup: str
    stub: str
    solution: str
    place: str

    def namespace(self, solved=True):
        """The names that stand after the setup cell and the exercise have run, solved or as a stub (dict)."""
        names = {"__name__": f"exercise_{self.name}"}
        parts = {"setup": self.setup, **({"solution": self.solution} if solved else {"stub": self.stub})}
        for part, code in parts.items():
            file = f"<{part} of {self.name}, {self.place}>"
            # What inspect.getsource and tracebacks read; a notebook's cells are known to them in the same way.
            linecache.cache[file] = (len(code), None, code.splitlines(keepends=True), file)
            exec(compile(code, file, "exec"), names)
        return names

    def answer(self, solved=True):
        """What the check is called with: the solution's object, or the stub's."""
        return self.namespace(solved)[self.target]


def strip_solution(text):
    """An exercise without its solution: each marked part becomes one line that raises NotImplementedError."""
    lines, inside = [], False
    for line in text.splitlines():
        if line.strip() == BEGIN:
            lines.append(line.replace(BEGIN, PLACEHOLDER))
        if line.strip() in (BEGIN, END):
            inside = line.strip() == BEGIN
        elif not inside:
            lines.append(line)
    return "\n".join(lines)


def keep_solution(text):
    """An exercise with its solution, the markers taken out."""
    return "\n".join(line for line in text.splitlines() if line.strip() not in (BEGIN, END))


def check_call(cell):
    """Name of the check and of its argument in a check cell, (str, str).

    Raises:
        ValueError: the cell is not one call `check.name(answer)`.
    """
    try:
        match ast.parse(cell.text, mode="eval").body:
            case ast.Call(ast.Attribute(ast.Name("check"), name), [ast.Name(answer)], []):
                return name, answer
    except SyntaxError:
        pass
    raise ValueError("a check cell is one call `check.name(answer)`, with the name of what the learner wrote.")


def of_chapter(chapter):
    """The exercises of a chapter that the rules have passed: dict from the check's name to its Exercise, in order."""
    setup = next(cell.text for cell in chapter.cells if "setup" in cell.tags)
    code = [cell for cell in chapter.cells if cell.kind == "code"]
    found = {}
    for cell, after in pairwise(code):
        if "exercise" in cell.tags:
            name, target = check_call(after)
            place = f"chapters/source/{chapter.header.path.name}:{cell.line}"
            found[name] = Exercise(name, target, setup, strip_solution(cell.text), keep_solution(cell.text), place)
    return found
