"""The walk over a value: from the leaves up, on a stack of its own, each part once."""

from __future__ import annotations

from typing import Any

from jobtui_core.hashing.cycles import digest_graph
from jobtui_core.hashing.nodes import Node, Options, compose
from jobtui_core.hashing.objects import cause_of, handler_for, known_handler, unhashable
from jobtui_core.hashing.plain import LEAVES

__all__ = ["digest_value"]


class _Frame:
    __slots__ = ("digests", "index", "node", "value")

    def __init__(self, value: Any, node: Node) -> None:
        self.value = value
        self.node = node
        self.index = 0
        self.digests: list[bytes] = []


def digest_value(value: Any, options: Options, name: str) -> bytes:
    """Give the 16 bytes that stand for a value's content.

    Raises
    ------
    UnhashableError
        If the value, or something inside it, has no content to go by.
    """
    cls = type(value)
    leaf = LEAVES.get(cls)
    if leaf is not None:
        return leaf(value)
    stack: list[_Frame] = []
    try:
        node = handler_for(cls)(value, options)
        if type(node) is bytes:
            return node
        assert type(node) is Node
        stack.append(_Frame(value, node))
        digest = _walk(stack, options)
    except Exception as error:  # noqa: BLE001  # values run anybody's code
        # Whatever goes wrong, in a handler or in code that it calls, there is no digest.
        culprit = value
        if stack:
            culprit = stack[-1].node.children[stack[-1].index - 1]
        path = [frame.node.label(frame.node.children, frame.index - 1) for frame in stack]
        raise unhashable("".join([name, *path]), culprit, error) from cause_of(error)
    if digest is not None:
        return digest
    return digest_graph(value, options, name)


def _walk(stack: list[_Frame], options: Options) -> bytes | None:
    """Digest what lies on the stack; ``None`` if something contains itself."""
    # By id; ``kept`` holds the objects, so that no id is given away in between.
    memo: dict[int, bytes] = {}
    kept: list[Any] = []
    opened = {id(stack[0].value)}
    while True:
        frame = stack[-1]
        children = frame.node.children
        digests = frame.digests
        index, count = frame.index, len(children)
        while index < count:
            child = children[index]
            index += 1
            cls = type(child)
            leaf = LEAVES.get(cls)
            if leaf is not None:
                digests.append(leaf(child))
                continue
            key = id(child)
            known = memo.get(key)
            if known is not None:
                digests.append(known)
                continue
            if key in opened:
                return None
            frame.index = index
            handler = known_handler(cls) or handler_for(cls)
            node = handler(child, options)
            if type(node) is bytes:
                digests.append(node)
                memo[key] = node
                kept.append(child)
                continue
            assert type(node) is Node
            opened.add(key)
            stack.append(_Frame(child, node))
            break
        else:
            node = frame.node
            digest = compose(node.head, node.mode, digests)
            stack.pop()
            if not stack:
                return digest
            key = id(frame.value)
            opened.discard(key)
            memo[key] = digest
            kept.append(frame.value)
            stack[-1].digests.append(digest)
