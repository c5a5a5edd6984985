"""Several values in one word: ``10,20`` or ``a,"b, c"``."""

from __future__ import annotations

import ast

__all__ = ["split_items", "unquoted"]

_OPEN, _CLOSED = "([{", ")]}"


def split_items(text: str) -> list[str]:
    """Split a text at its commas, but for those in quotes or brackets.

    A quote counts where an item begins: ``"a,b",c`` has two items, and so has ``don't,c``.  The
    items keep their quotes; see `unquoted`.
    """
    items: list[str] = []
    begin, depth, quote = 0, 0, ""
    place = 0
    while place < len(text):
        sign = text[place]
        if quote:
            if sign == "\\":
                place += 1
            elif sign == quote:
                quote = ""
        elif sign in "'\"" and (depth or not text[begin:place].strip()):
            quote = sign
        elif sign in _OPEN:
            depth += 1
        elif sign in _CLOSED:
            depth = max(0, depth - 1)
        elif sign == "," and not depth:
            items.append(text[begin:place].strip())
            begin = place + 1
        place += 1
    items.append(text[begin:].strip())
    return [item for item in items if item]


def unquoted(item: str) -> tuple[str, bool]:
    """Give an item without its quotes, and whether it had any."""
    if len(item) >= 2 and item[0] == item[-1] and item[0] in "'\"":
        try:
            value = ast.literal_eval(item)
        except (ValueError, SyntaxError):
            return item, False
        if isinstance(value, str):
            return value, True
    return item, False
