"""The walk over a value: from the leaves up, on a stack of its own, each part once."""

from __future__ import annotations

from typing import Any

from jobtui_core.hashing.cycles import digest_graph
from jobtui_core.hashing.nodes import ORDERED, Node, Options, compose
from jobtui_core.hashing.objects import cause_of, handler_for, known_handler, unhashable
from jobtui_core.hashing.plain import HANDLERS

__all__ = ["digest_value"]

_CONTAINERS = {kind: HANDLERS[kind] for kind in (list, tuple, dict)}
_SHALLOW = 1
"""Levels of containers in containers that are digested without a stack, below the first."""

_FEW, _SMALL = 8, 64
"""Containers in one, and items of each: parts that they share are digested again each time."""

_Frame = tuple[Any, Node, int, list[bytes]]
"""A value, its node, the index of the next child, and the digests of those before it."""


def digest_value(value: Any, options: Options, name: str) -> bytes:
    """Give the 16 bytes that stand for a value's content.

    Raises
    ------
    UnhashableError
        If the value, or something inside it, has no content to go by.
    """
    cls = type(value)
    try:
        leaf = options.leaves.get(cls)
        if leaf is not None:
            return leaf(value)
        node = handler_for(cls)(value, options)
    except Exception as error:  # noqa: BLE001  values run anybody's code
        raise unhashable(name, value, error) from cause_of(error)
    if type(node) is bytes:
        return node
    assert type(node) is Node
    digest = _at_once(node, options, _SHALLOW) or _walk(value, node, options, name)
    if digest is not None:
        return digest
    return digest_graph(value, options, name)


def _at_once(node: Node, options: Options, levels: int) -> bytes | None:
    """Digest a few builtin containers in each other, as configurations are, without a stack.

    ``None`` for anything else, which `_walk` looks at from the beginning: what contains itself,
    too, since that is deeper than any number of levels.
    """
    children = node.children
    if node.mode != ORDERED or len(children) > _FEW:
        return None
    digests = [node.head]
    for child in children:
        handler = _CONTAINERS.get(type(child))
        if handler is None or len(child) > _SMALL:
            return None
        try:
            found = handler(child, options)
        except Exception:  # noqa: BLE001  said by the walk, with the way to it
            return None
        if type(found) is not bytes:
            deeper = _at_once(found, options, levels - 1) if levels else None  # type: ignore[arg-type]  # a node
            if deeper is None:
                return None
            found = deeper
        digests.append(found)
    return options.digest(b"".join(digests))


def _walk(value: Any, node: Node, options: Options, name: str) -> bytes | None:
    """Digest a value that has parts; ``None`` if something contains itself."""
    # By id; ``kept`` holds the objects, so that no id is given away in between.
    memo: dict[int, bytes] = {}
    leaf_of, finished = options.leaves.get, options.digest
    kept: list[Any] = []
    opened = {id(value)}
    # What lies below; the innermost is in local variables, where access is quickest.
    stack: list[_Frame] = []
    index = 0
    digests: list[bytes] = []
    while True:
        children = node.children
        count = len(children)
        while index < count:
            child = children[index]
            index += 1
            cls = type(child)
            try:
                leaf = leaf_of(cls)
                if leaf is not None:
                    digests.append(leaf(child))
                    continue
                key = id(child)
                digest = memo.get(key)
                if digest is not None:
                    digests.append(digest)
                    continue
                if key in opened:
                    return None
                found = (known_handler(cls) or handler_for(cls))(child, options)
            except Exception as error:  # noqa: BLE001  values run anybody's code
                # Whatever goes wrong, in a handler or in code that it calls, or with a type
                # that itself has no hash, there is no digest.
                where = name + _path([*stack, (value, node, index, digests)])
                raise unhashable(where, child, error) from cause_of(error)
            if type(found) is bytes:
                digests.append(found)
                memo[key] = found
                kept.append(child)
                continue
            assert type(found) is Node
            opened.add(key)
            stack.append((value, node, index, digests))
            value, node, index, digests = child, found, 0, []
            break
        else:
            if node.mode == ORDERED:
                digest = finished(node.head + b"".join(digests))
            else:
                digest = compose(options, node.head, node.mode, digests)
            if not stack:
                return digest
            key = id(value)
            opened.discard(key)
            memo[key] = digest
            kept.append(value)
            value, node, index, digests = stack.pop()
            digests.append(digest)


def _path(stack: list[_Frame]) -> str:
    """Give the way from the whole to the part that the innermost frame was at."""
    return "".join(node.label(node.children, index - 1) for _, node, index, _ in stack)
