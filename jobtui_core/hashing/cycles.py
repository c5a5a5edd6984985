"""Digests of values that contain themselves.

A part of a cycle has no digest that is made from its children's alone.  So the whole value is
laid out as a graph; its strongly connected components are found and digested children first, and
inside a component every part starts from its own head and is refined by its children's colours
until no two parts come apart any more.  Colours depend on what can be reached, never on where
the walk began, so a cycle met twice, or copied, keeps its digest.
"""

from __future__ import annotations

from typing import Any

from jobtui_core.hashing.nodes import ORDERED, Node, Options, compose, head
from jobtui_core.hashing.objects import cause_of, handler_for, unhashable

__all__ = ["digest_graph"]


class _Vertex:
    __slots__ = ("digest", "edges", "label", "low", "node", "order", "origin", "value")

    def __init__(self, value: Any, origin: _Vertex | None, label: str) -> None:
        self.value = value
        self.origin = origin
        self.label = label
        self.node: Node | None = None
        self.edges: list[_Vertex] = []
        self.digest: bytes | None = None
        self.order = -1
        self.low = -1


def digest_graph(value: Any, options: Options, name: str) -> bytes:
    """Give the digest of a value in which something contains itself.

    Raises
    ------
    UnhashableError
        If something inside has no content to go by.
    """
    root = _build(value, options, name)
    for component in _components(root):
        _digest_component(component, options)
    assert root.digest is not None
    return root.digest


def _build(value: Any, options: Options, name: str) -> _Vertex:
    root = _Vertex(value, None, name)
    vertices = {id(value): root}
    waiting = [root]
    while waiting:
        vertex = waiting.pop()
        try:
            leaf = options.leaves.get(type(vertex.value))
            if leaf is not None:
                vertex.digest = leaf(vertex.value)
                continue
            node = handler_for(type(vertex.value))(vertex.value, options)
        except Exception as error:  # noqa: BLE001  # values run anybody's code
            # Whatever goes wrong, in a handler or in code that it calls, there is no digest.
            raise unhashable(_where(vertex), vertex.value, error) from cause_of(error)
        if isinstance(node, bytes):
            vertex.digest = node
            continue
        vertex.node = node
        for index, child in enumerate(node.children):
            key = id(child)
            known = vertices.get(key)
            if known is None:
                # The vertex keeps the child alive, so that its id stays its own.
                known = vertices[key] = _Vertex(child, vertex, str(index))
                waiting.append(known)
            vertex.edges.append(known)
    return root


def _where(vertex: _Vertex) -> str:
    path = []
    while vertex.origin is not None:
        node = vertex.origin.node
        assert node is not None
        path.append(node.label(node.children, int(vertex.label)))
        vertex = vertex.origin
    return "".join([vertex.label, *reversed(path)])


def _components(root: _Vertex) -> list[list[_Vertex]]:
    """Give the strongly connected components, children first (Tarjan's algorithm, on a list)."""
    found: list[list[_Vertex]] = []
    path: list[_Vertex] = []
    on_path: set[int] = set()
    counter = 0
    calls: list[tuple[_Vertex, int]] = [(root, 0)]
    while calls:
        vertex, index = calls.pop()
        if index == 0:
            vertex.order = vertex.low = counter
            counter += 1
            path.append(vertex)
            on_path.add(id(vertex))
        else:
            vertex.low = min(vertex.low, vertex.edges[index - 1].low)
        while index < len(vertex.edges):
            edge = vertex.edges[index]
            index += 1
            if edge.order < 0:
                calls += [(vertex, index), (edge, 0)]
                break
            if id(edge) in on_path:
                vertex.low = min(vertex.low, edge.order)
        else:
            if vertex.low == vertex.order:
                component = []
                while True:
                    member = path.pop()
                    on_path.discard(id(member))
                    component.append(member)
                    if member is vertex:
                        break
                found.append(component)
    return found


def _digest_component(component: list[_Vertex], options: Options) -> None:
    first = component[0]
    if len(component) == 1 and first not in first.edges:
        if first.digest is None:
            first.digest = _compose(first, {}, options)
        return
    colours = {id(vertex): bytes(16) for vertex in component}
    count = 1
    while True:
        refined = {id(vertex): _compose(vertex, colours, options) for vertex in component}
        distinct = len(set(refined.values()))
        colours = refined
        if distinct == count:
            break
        count = distinct
    # A colour alone sees no further than the number of rounds; all of them together fix how the
    # parts hang together, however far one follows them.
    everything = sorted(set(colours.values()))
    for vertex in component:
        parts = [colours[id(vertex)], *everything]
        vertex.digest = compose(options, head("cycle"), ORDERED, parts)


def _compose(vertex: _Vertex, colours: dict[int, bytes], options: Options) -> bytes:
    assert vertex.node is not None
    digests = []
    for edge in vertex.edges:
        colour = colours.get(id(edge), edge.digest)
        assert colour is not None
        digests.append(colour)
    return compose(options, vertex.node.head, vertex.node.mode, digests)
