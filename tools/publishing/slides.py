"""From a chapter's notebook to its slides: which cells are shown together, what the speaker says, what is asked."""

import json
import re
from dataclasses import dataclass, field

# What a slide holds, in lines of code at full size; what does not fit goes on a second one under the same heading.
_CAPACITY, _FIGURE, _TABLE_ROW, _HEADING = 27, 10, 1.3, 3
_TEXT_WIDTH, _CODE_WIDTH = 75, 95  # characters in a line
LONGEST_TEXT = 10  # lines of printed output; of a longer one the ends are shown
_QUESTIONS = re.compile(r"var questions\w+=(?=\[)")


@dataclass
class Slide:
    """One slide: `cells` of the notebook (dicts) in order, and the speaker's `notes` (Markdown)."""

    cells: list
    notes: str = ""
    questions: list = field(default_factory=list)

    @property
    def heading(self):
        """Its first heading, without the marks of Markdown (str), "" where it has none."""
        texts = (cell["source"] for cell in self.cells if cell["cell_type"] == "markdown")
        return next((match[1].strip() for text in texts if (match := re.search(r"^#+ (.+)", text, re.MULTILINE))), "")

    @property
    def is_bare(self):
        """True if it holds a heading and nothing else."""
        return len(self.cells) == 1 and len(self.cells[0]["source"].splitlines()) == 1


def of_notebook(notebook):
    """The slides of a stored notebook (list of Slide), by the slide types that a Lab uses too.

    `slide` begins one, `skip` is left out, `notes` are the speaker's, and a cell without a type goes on with the slide
    before it. A quiz goes on slides of its own, a question each.
    """
    slides = []
    for cell in notebook["cells"]:
        kind = cell["metadata"].get("slideshow", {}).get("slide_type")
        if kind == "skip" or (kind is None and not slides):
            continue
        if kind == "notes":
            slides[-1].notes += spoken(cell["source"])
        elif "quiz" in cell["metadata"].get("tags", ()):
            title = slides.pop() if slides[-1].is_bare else Slide([])
            slides += [Slide([], title.notes, questions=[question]) for question in questions(cell)]
        elif kind == "slide":
            slides.append(Slide([cell]))
        else:
            slides[-1].cells.append(cell)
    return [part for slide in slides for part in _parts(slide)]


def with_long_slides_cut(cells):
    """The cells of a notebook, with a heading put in wherever `of_notebook` would cut a slide (list of dicts)."""
    made, heading, taken, shown = [], "", 0.0, 0
    for cell in cells:
        kind = cell["metadata"].get("slideshow", {}).get("slide_type")
        if kind == "slide":
            heading, taken, shown = Slide([cell]).heading, 0.0, 0
        elif kind is None and heading and taken + _size(cell) > _CAPACITY and shown > 1:
            made.append(_continued(heading, len(made)))
            taken, shown = _HEADING, 1
        if kind in ("slide", None):
            taken, shown = taken + _size(cell), shown + 1
        made.append(cell)
    return made


def _continued(heading, place):
    metadata = {"slideshow": {"slide_type": "slide"}}
    source = f"## {heading} (continued)"
    return {"cell_type": "markdown", "id": f"continued-{place}", "metadata": metadata, "source": source}


def _parts(slide):
    """The slide, cut between code cells where it holds more than fits; each part has the heading and the notes."""
    parts, taken = [Slide(slide.cells[:1], slide.notes, slide.questions)], sum(map(_size, slide.cells[:1]))
    for cell in slide.cells[1:]:
        if taken + _size(cell) > _CAPACITY and len(parts[-1].cells) > 1:
            parts.append(Slide([_continued(slide.heading, len(parts))], slide.notes))
            taken = _HEADING
        parts[-1].cells.append(cell)
        taken += _size(cell)
    return parts


def _size(cell):
    """Height of a cell on a slide, in lines of code."""
    lines = cell["source"].splitlines()
    if cell["cell_type"] == "markdown":
        return sum(_HEADING if line.startswith("#") else 1.5 * -(-len(line) // _TEXT_WIDTH) for line in lines)
    return sum(-(-len(line) // _CODE_WIDTH) for line in lines) + sum(map(_output_size, cell["outputs"]))


def _output_size(output):
    data = output.get("data", {})
    if "image/png" in data:
        return _FIGURE
    if "text/html" in data:
        return _TABLE_ROW * data["text/html"].count("<tr")
    return min(output.get("text", data.get("text/plain", "")).count("\n"), LONGEST_TEXT)


def shortened(text):
    """Printed text with its middle left out where it is long: of a training's epochs, the first and the last."""
    lines = text.rstrip().splitlines()
    if len(lines) > LONGEST_TEXT:
        half = (LONGEST_TEXT - 1) // 2
        lines = [*lines[:half], "...", *lines[-half:]]
    return "\n".join(lines)


def spoken(text):
    """Speaker notes as the author wrote them: the build has set them apart as a quotation under a title."""
    lines = [line.removeprefix(">").removeprefix(" ") for line in text.splitlines()]
    return "\n".join(line for line in lines if line != "**Speaker notes**").strip() + "\n\n"


def questions(cell):
    """The questions of a quiz, read from the script that draws it (list of dicts in jupyterquiz's form)."""
    scripts = [output.get("data", {}).get("application/javascript", "") for output in cell["outputs"]]
    for script in scripts:
        if found := _QUESTIONS.search(script):
            return json.JSONDecoder().raw_decode(script, found.end())[0]
    return []


def posed_and_told(question):
    """A quiz question in Markdown (str, str): what is asked, with the answers to choose from; the right one and why."""
    choices = [answer["answer"] for answer in question["answers"] if "answer" in answer]
    right = [answer for answer in question["answers"] if answer.get("correct")]
    posed = ["## A question", question["question"], "\n".join(f"1. {choice}" for choice in choices)]
    told = [f"- **{answer.get('answer', answer.get('value'))}** {answer.get('feedback', '')}" for answer in right]
    return "\n\n".join(posed), "\n".join(told)
