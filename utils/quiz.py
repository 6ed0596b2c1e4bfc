"""Questions with several answers at the end of a chapter, drawn by jupyterquiz."""

# jupyterquiz gives the fields for numbers no name that a screen reader could say.
_NAME_FIELDS = """for (const field of document.querySelectorAll("input.Input-text")) {
  field.setAttribute("aria-label", "Your answer");
}"""


def show(questions):
    """Show the questions; a click on an answer says whether it is right, and why.

    jupyterquiz brings its own MathJax where it finds none that it likes, which replaces the Lab's, asks another machine
    for it, and breaks the clicks. Hiding the name from its script keeps both; so formulas in questions are not typeset.

    Args:
        questions: list of dicts, as jupyterquiz's `display_quiz` takes them.
    """
    from IPython.display import Javascript, display
    from IPython.utils.capture import capture_output
    from jupyterquiz import display_quiz

    with capture_output() as captured:
        display_quiz(questions)
    for output in captured.outputs:
        script = output.data.get("application/javascript")
        if script:
            display(Javascript(f"(() => {{ let MathJax;\n{script}\n{_NAME_FIELDS} }})();"))
        else:
            display(output.data, raw=True)
