"""Which names a cell defines and which it takes from outside, by Python's own symbol table."""

import builtins
import symtable


def defined(code):
    """Names that running `code` at the top of a notebook defines (set of str)."""
    top = symtable.symtable(code, "cell", "exec")
    return {symbol.get_name() for symbol in top.get_symbols() if symbol.is_assigned() or symbol.is_imported()} | {
        symbol.get_name() for symbol in top.get_symbols() if symbol.is_namespace()
    }


def used(code):
    """Names that `code` takes from outside: used somewhere, defined nowhere in it, no built-in (set of str)."""
    top = symtable.symtable(code, "cell", "exec")
    found = {symbol.get_name() for symbol in top.get_symbols() if symbol.is_referenced()}
    pending = top.get_children()
    while pending:
        scope = pending.pop()
        pending.extend(scope.get_children())
        found |= {symbol.get_name() for symbol in scope.get_symbols() if symbol.is_global() and symbol.is_referenced()}
    return found - defined(code) - set(dir(builtins))
