"""What is done with the source: decorators taken off before, mutants compared with the original after."""

import ast
import difflib
import re

ORIGINAL, MUTANT = "__mutmut_orig", re.compile(r"__mutmut_\d+$")
SEVERAL_WORDS = re.compile(r"\S\s+\S")


def undecorated(source):
    """The module with `name = decorator(name)` below each function in place of `@decorator` above it.

    mutmut leaves out functions that are decorated, and every check is. It means the same, line numbers aside.

    Args:
        source: of a module (str).
    """
    lines = source.splitlines(keepends=True)
    for node in reversed(ast.parse(source).body):
        if isinstance(node, ast.FunctionDef) and node.decorator_list:
            wrapped = node.name
            for decorator in reversed(node.decorator_list):
                wrapped = f"{ast.unparse(decorator)}({wrapped})"
            body = lines[node.lineno - 1 : node.end_lineno]
            lines[node.decorator_list[0].lineno - 1 : node.end_lineno] = [*body, f"\n{node.name} = {wrapped}\n"]
    return "".join(lines)


def variants(source):
    """Mutants in a module that mutmut wrote.

    Returns:
        {name of the mutant: (original, mutant)}, both ast.FunctionDef that bear the original's name.
    """
    found = {node.name: node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef)}
    pairs = {name: (found[MUTANT.sub(ORIGINAL, name)], node) for name, node in found.items() if MUTANT.search(name)}
    for name, pair in pairs.items():
        for node in pair:
            node.name = plain(name).rpartition(".")[2]
    return pairs


def plain(name):
    """The function's own name in a mutant's: "f" of x_f__mutmut_1, "C.f" of xǁCǁf__mutmut_1."""
    return MUTANT.sub("", name)[2:].replace("ǁ", ".")


class _Blanked(ast.NodeTransformer):
    """Empties the text in a function: each string of several words, and every string in a `raise`."""

    def __init__(self):
        self.raising = False

    def visit_Raise(self, node):
        self.raising = True
        node = self.generic_visit(node)
        self.raising = False
        return node

    def visit_Constant(self, node):
        text = isinstance(node.value, str) and (self.raising or SEVERAL_WORDS.search(node.value))
        return ast.Constant("") if text else node

    def visit_JoinedStr(self, node):
        node = self.generic_visit(node)
        node.values = [part for part in node.values if not (isinstance(part, ast.Constant) and part.value == "")]
        return node


def only_text(original, mutant):
    """True if two functions (ast) differ only in what `_Blanked` empties: in the wording of messages."""
    return _dumped(original) == _dumped(mutant)


def _dumped(function):
    return ast.dump(_Blanked().visit(ast.parse(ast.unparse(function))))


def change(original, mutant):
    """The statements that differ: ("what was", "what is"), each on one line, "" where there is none."""
    was, now = (ast.unparse(function).splitlines() for function in (original, mutant))
    lines = [line for line in difflib.ndiff(was, now) if line[0] in "-+"]
    return tuple(" / ".join(line[2:].strip() for line in lines if line[0] == sign) for sign in "-+")
