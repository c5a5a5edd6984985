"""Code objects: compared with the source they should come from, or digested without one.

Positions never count; instructions, constants and names do.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from functools import lru_cache
from types import CodeType

from jobtui_core.hashing import combine

__all__ = ["code_digest", "codes_of_text", "nested_codes"]


def nested_codes(code: CodeType) -> Iterator[CodeType]:
    """Give a code object and all those inside it."""
    stack = [code]
    while stack:
        current = stack.pop()
        yield current
        stack.extend(item for item in current.co_consts if isinstance(item, CodeType))


def code_digest(code: CodeType) -> str:
    """Digest a code object and what is inside it; holds for this minor version of Python."""
    digests: dict[int, str] = {}
    # Inner code objects come after the outer ones, so backwards they are known when needed.
    for current in reversed(list(nested_codes(code))):
        digests[id(current)] = _own_digest(current, digests)
    return digests[id(code)]


def _own_digest(code: CodeType, inner: dict[int, str]) -> str:
    return combine(
        "code",
        sys.version_info[0],
        sys.version_info[1],
        code.co_name,
        code.co_code,
        code.co_flags,
        code.co_argcount,
        code.co_posonlyargcount,
        code.co_kwonlyargcount,
        code.co_exceptiontable,
        *_listed("names", code.co_names),
        *_listed("variables", code.co_varnames),
        *_listed("free", code.co_freevars),
        *_listed("cells", code.co_cellvars),
        "constants",
        *(_constant(item, inner) for item in code.co_consts),
    )


def _listed(tag: str, names: tuple[str, ...]) -> tuple[str | int, ...]:
    return (tag, len(names), *names)


def _constant(value: object, inner: dict[int, str]) -> str:
    parts: list[str] = []
    stack: list[object] = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, CodeType):
            parts.append(f"code:{inner[id(item)]}" if id(item) in inner else code_digest(item))
        elif isinstance(item, tuple):
            parts.append(f"tuple:{len(item)}")
            stack.extend(item)
        elif isinstance(item, frozenset):
            # Members of a constant set are plain; their order follows the process's hash seed.
            parts.append(f"frozenset:{sorted(map(_plain, item))}")
        else:
            parts.append(_plain(item))
    return ",".join(parts)


def _plain(value: object) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return f"int:{value:#x}"
    if isinstance(value, tuple | frozenset):
        items = [_plain(item) for item in value]
        return f"{type(value).__name__}:{sorted(items) if isinstance(value, frozenset) else items}"
    return f"{type(value).__name__}:{value!r}"


@lru_cache(maxsize=512)
def codes_of_text(text: str) -> dict[str, frozenset[str]]:
    """Compile a module's text and give the digests of its code objects by qualified name.

    Empty where it does not compile.
    """
    try:
        code = compile(text, "<source>", "exec", dont_inherit=True)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return {}
    found: dict[str, set[str]] = {}
    for current in nested_codes(code):
        found.setdefault(current.co_qualname, set()).add(code_digest(current))
    return {name: frozenset(digests) for name, digests in found.items()}
