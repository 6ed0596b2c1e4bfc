"""Which names a cell defines and which it takes from outside, by Python's own symbol table."""

import ast
import builtins
import symtable


def defined(code):
    """Names that running `code` at the top of a notebook defines (set of str)."""
    symbols = _table(code).get_symbols()
    return {one.get_name() for one in symbols if one.is_assigned() or one.is_imported() or one.is_namespace()}


def used(code):
    """Names that `code` takes from outside: used somewhere, defined nowhere in it, no built-in (set of str)."""
    top = _table(code)
    found = {symbol.get_name() for symbol in top.get_symbols() if symbol.is_referenced()}
    pending = top.get_children()
    while pending:
        scope = pending.pop()
        pending.extend(scope.get_children())
        found |= {symbol.get_name() for symbol in scope.get_symbols() if symbol.is_global() and symbol.is_referenced()}
    return found - defined(code) - set(dir(builtins))


def _table(code):
    return symtable.symtable(ast.unparse(_Generators().visit(ast.parse(code))), "cell", "exec")


class _Generators(ast.NodeTransformer):
    """Every comprehension as a generator: from 3.12 on Python lists the names of others as if the cell made them."""

    def visit_ListComp(self, node):
        return self.visit(ast.GeneratorExp(node.elt, node.generators))

    visit_SetComp = visit_ListComp  # noqa: N815

    def visit_DictComp(self, node):
        return self.visit(ast.GeneratorExp(ast.Tuple([node.key, node.value], ast.Load()), node.generators))
