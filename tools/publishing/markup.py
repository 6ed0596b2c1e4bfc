"""Cells as HTML for the deck: Markdown, code, outputs and quiz questions."""

import html
import re
from functools import cache

from nbconvert.filters import Highlight2HTML, markdown2html
from pygments.formatters import HtmlFormatter

from tools.publishing.slides import posed_and_told, shortened

_ANCHOR = re.compile(r'<a class="anchor-link".*?</a>')  # nbconvert's ¶ behind each heading
LIGHT, DARK = "default", "github-dark"  # Pygments' styles


def markdown(text):
    """Markdown as HTML (str); formulas between dollars stay for MathJax."""
    return _ANCHOR.sub("", markdown2html(text))


def code(text):
    """Python as coloured HTML (str)."""
    return f'<div class="code" tabindex="0">{Highlight2HTML(pygments_lexer="ipython3")(text)}</div>'


@cache
def code_colours():
    """CSS of the colours of code, light and dark (str)."""
    styles = ((LIGHT, ".highlight"), (DARK, ".dark .highlight"))
    return "\n".join(HtmlFormatter(style=style).get_style_defs(selector) for style, selector in styles)


def output(result):
    """One output of a code cell as HTML (str): its figure, else its HTML, else its text, else ""."""
    if result["output_type"] == "stream":
        return _text(result["text"])
    data = result.get("data", {})
    if "image/png" in data:
        alt = html.escape(result.get("metadata", {}).get("image/png", {}).get("alt", ""))
        return f'<img class="figure" alt="{alt}" src="data:image/png;base64,{data["image/png"].strip()}">'
    if "text/html" in data:
        return f'<div class="table">{data["text/html"]}</div>'
    if "text/markdown" in data:
        return markdown(data["text/markdown"])
    return _text(data.get("text/plain", ""))


def question(asked):
    """A quiz question as HTML: the answers to choose from, then, one step later, the right one and why."""
    posed, told = posed_and_told(asked)
    return f'{markdown(posed)}<div class="fragment answer">{markdown(told)}</div>'


def _text(text):
    return f'<pre class="text" tabindex="0">{html.escape(shortened(text))}</pre>' if text.strip() else ""
