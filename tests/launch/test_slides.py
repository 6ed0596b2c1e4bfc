"""From a notebook to slides: what is shown, what is said, what is asked, what is cut in two."""

import json

import pytest

from tools.publishing import deck, markup, slides


def text(source, kind=None):
    metadata = {"slideshow": {"slide_type": kind}} if kind else {}
    return {"cell_type": "markdown", "metadata": metadata, "source": source}


def code(source, *outputs, kind=None, tags=()):
    cell = {**text(source, kind), "cell_type": "code", "outputs": list(outputs)}
    cell["metadata"]["tags"] = list(tags)
    return cell


def printed(lines):
    return {"output_type": "stream", "name": "stdout", "text": lines}


FIGURE = {
    "output_type": "display_data",
    "data": {"image/png": "iVBOR\n"},
    "metadata": {"image/png": {"alt": 'a "b" <c>'}},
}


def made(*cells):
    return slides.of_notebook({"cells": cells})


def test_a_slide_takes_what_follows_and_leaves_out_what_is_skipped():
    shown = made(
        code("import x"), text("# One", "slide"), code("1"), text("aside", "skip"), code("2"), text("## Two", "slide")
    )
    assert [[cell["source"] for cell in slide.cells] for slide in shown] == [["# One", "1", "2"], ["## Two"]]
    assert [slide.heading for slide in shown] == ["One", "Two"]


def test_notes_are_given_back_as_they_were_written():
    (slide,) = made(text("# One", "slide"), text("> **Speaker notes**\n>\n> Say *it*.\n>\n> Wait.", "notes"))
    assert slide.notes.strip() == "Say *it*.\n\nWait."
    assert '<aside class="notes"><p>Say <em>it</em>.</p>' in deck.section(slide)


def test_what_does_not_fit_goes_on_a_second_slide_with_the_notes():
    long = [code("x\n" * 8, FIGURE) for _ in range(3)]
    shown = made(text("# One", "slide"), *long, text("> **Speaker notes**\n>\n> Slowly.", "notes"))
    assert [slide.heading for slide in shown] == ["One", "One (continued)", "One (continued)"]
    assert [len(slide.cells) for slide in shown] == [2, 2, 2]
    assert {slide.notes.strip() for slide in shown} == {"Slowly."}


def test_a_cell_too_large_for_any_slide_is_not_dropped():
    shown = made(text("# One", "slide"), code("x\n" * 60))
    assert [len(slide.cells) for slide in shown] == [2]


QUESTIONS = [
    {
        "question": "2 + 2?",
        "type": "numeric",
        "answers": [{"type": "value", "value": 4, "correct": True, "feedback": "Yes."}],
    },
    {"question": "Which?", "answers": [{"answer": "a", "correct": True}, {"answer": "b", "correct": False}]},
]


def test_a_quiz_is_a_slide_for_each_question_and_its_answer_comes_last():
    script = f"(() => {{ let MathJax;\nvar questionsabc={json.dumps(QUESTIONS)};\nshow();}})();"
    output = {"output_type": "display_data", "data": {"application/javascript": script}, "metadata": {}}
    shown = made(text("# One", "slide"), text("## Quiz", "slide"), code("quiz.show()", output, tags=["quiz"]))
    assert [slide.questions for slide in shown] == [[], QUESTIONS[:1], QUESTIONS[1:]]
    first, second = (deck.section(slide) for slide in shown[1:])
    assert first.index("2 + 2?") < first.index("fragment answer") < first.index("<strong>4</strong> Yes.")
    assert second.index("<li>a</li>") < second.index("<li>b</li>") < second.index("<strong>a</strong>")


@pytest.mark.parametrize(("count", "kept"), [(10, 10), (11, 9), (40, 9)])
def test_the_middle_of_long_printed_text_is_left_out(count, kept):
    lines = slides.shortened("\n".join(map(str, range(count)))).splitlines()
    assert len(lines) == kept
    assert (lines[0], lines[-1]) == ("0", str(count - 1))


def test_outputs_are_shown_by_their_best_form_and_text_is_no_markup():
    assert (
        markup.output(FIGURE)
        == '<img class="figure" alt="a &quot;b&quot; &lt;c&gt;" src="data:image/png;base64,iVBOR">'
    )
    data = {"text/html": "<table></table>", "text/plain": "Frame"}
    assert markup.output({"output_type": "execute_result", "data": data}) == '<div class="table"><table></table></div>'
    assert "1 &lt; 2" in markup.output(printed("1 < 2\n"))
    assert markup.output(printed("  \n")) == ""


def test_formulas_are_left_to_mathjax_and_headings_have_no_anchors():
    made = markup.markdown("## A $x_1$\n\n$$ y $$")
    assert "$x_1$" in made
    assert "$$ y $$" in made
    assert "¶" not in made
