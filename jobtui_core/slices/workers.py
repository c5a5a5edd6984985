"""Functions that are handed to workers: pools, executors, ``joblib.Parallel``.

Their calls happen in other threads or processes, which cannot say where they come from.  They are
placed where the function was handed over, and count in no order.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from contextlib import contextmanager

from jobtui_core.slices import library
from jobtui_core.slices.arguments import Arguments
from jobtui_core.slices.lazies import Lazies, own
from jobtui_core.slices.machine import ProtoSite
from jobtui_core.slices.meanings import LibraryValue, Partial, Value
from jobtui_core.slices.terms import Constant, Term, term

__all__ = ["Workers"]


class Workers(Lazies):
    """Places the calls of workers."""

    @contextmanager
    def _handing(self, pool: str) -> Iterator[None]:
        start = len(self.sites)
        self.handing += 1
        yield
        self.handing -= 1
        for site in self.sites[start:]:
            if not library.is_thread_pool(pool):
                site.unfollowed |= self._strange_values(site)

    def _strange_values(self, site: ProtoSite) -> set[str]:
        """Say which globals another process may see otherwise: all but constants bound once."""
        found: set[str] = set()
        for name, value in site.values.items():
            module, _, inner = name.partition(":")
            source = self.script if module == self.script.name else self.tree.named(module)
            known = isinstance(value.meaning, Constant) and source is not None
            if inner and not (known and source is not None and _bound_once(source.tree, inner)):
                found.add(f"a worker may see another {inner} than the script does")
        return found

    # ------------------------------------------------------------------ pools and executors

    def pool(self, name: str, made: Term, arguments: Arguments) -> Value | None:
        """Give a pool: how many work in it makes no difference to what they give."""
        if not library.makes_pool(name) or "initializer" in arguments.keywords or made.carries:
            return None
        if name == "joblib.Parallel" and "return_as" in arguments.keywords:
            return None
        return Value(term("pool", name, meaning=LibraryValue(name)))

    def handed(
        self, node: ast.Call, receiver: Value, name: str, arguments: Arguments
    ) -> Value | None:
        """``pool.map(step, …)``, ``executor.submit(step, …)``."""
        meaning = receiver.term.meaning
        if not isinstance(meaning, LibraryValue) or not library.makes_pool(meaning.name):
            return None
        if name == "Pool" and meaning.name == "multiprocessing.get_context":
            return self.pool("multiprocessing.Pool", term("context"), arguments)
        if arguments.spread or not arguments.positional or receiver.term.unfollowed:
            return None
        if not arguments.positional[0].term.carries:
            return None
        with self._handing(meaning.name):
            if name == "submit":
                function, *rest = arguments.positional
                given = Arguments(
                    tuple(rest), arguments.keywords, False, arguments.texts[1:],
                    arguments.keyword_texts,
                )  # fmt: skip
                value = self.call_value(node, function, given, discarded=False)
                return Value(term("future", value.term), value.cells)
            if name in ("map", "starmap"):
                return self._mapped_by_workers(node, name, meaning.name, arguments)
            if name == "imap" and id(node) in self.consumers:
                return self._mapped_by_workers(node, "map", meaning.name, arguments)
        return None

    def _mapped_by_workers(
        self, node: ast.Call, name: str, pool: str, arguments: Arguments
    ) -> Value | None:
        function, *sources = arguments.positional
        if not sources:
            return None
        several = pool.startswith("concurrent.")
        sources = sources if several else sources[:1]

        def body() -> bool:
            depth = self.loops[-1].depth
            items = [self._item(source, depth) for source in sources]
            if len(items) > 1:
                items = [
                    Value(term("of", index, item.term), item.cells)
                    for index, item in enumerate(items)
                ]
            starred = name == "starmap"
            given = Arguments(tuple(items), {}, spread=starred, texts=("…",) * len(items))
            value = self.call_value(node, function, given, discarded=False)
            self.loops[-1].given.append(value.term)
            return True

        whole = sources[0].term if len(sources) == 1 else term("zip", *(s.term for s in sources))
        made = self._loop("each", whole, lambda depth: None, body)
        return Value(term("handed-map", made))

    # ------------------------------------------------------------------ joblib

    def call(self, node: ast.Call, *, discarded: bool) -> Value:
        """Give the value of a call; ``discarded`` says that nobody uses it."""
        if len(node.args) == 1 and not node.keywords and _makes_tasks(node.args[0]):
            function = self.eval(node.func)
            meaning = function.term.meaning
            if isinstance(meaning, LibraryValue) and meaning.name == "joblib.Parallel":
                return self._parallel(node)
        return super().call(node, discarded=discarded)

    def _parallel(self, node: ast.Call) -> Value:
        before, self.tasks_of = self.tasks_of, node
        self.consumers[id(node.args[0])] = node
        tasks = self.eval(node.args[0])
        self.tasks_of = before
        return Value(term("parallel", tasks.term))

    def task(self, function: Partial, arguments: Arguments) -> Value:
        """``delayed(step)(…)``: a call, if it is made for ``Parallel`` at once."""
        place = self.tasks_of
        if place is None:
            made = term("task", function.function.term, *arguments.parts)
            return Value(self.let_go(made))
        with self._handing("joblib.Parallel"):
            return self.call_value(place, function.function, arguments, discarded=False)


def _makes_tasks(node: ast.expr) -> bool:
    return isinstance(node, ast.GeneratorExp | ast.ListComp) and isinstance(node.elt, ast.Call)


def _bound_once(tree: ast.Module, name: str) -> bool:
    """Tell whether a module binds a name at its top level, under no condition, and only once."""
    every = [n for n in ast.walk(tree) if isinstance(n, ast.Name) and n.id == name]
    stores = [n for n in every if isinstance(n.ctx, ast.Store | ast.Del)]
    top = [n for s in tree.body if isinstance(s, ast.Assign | ast.AnnAssign)
           for n in own(s, ast.Name)]  # fmt: skip
    given = [n for n in ast.walk(tree) if isinstance(n, ast.Global) and name in n.names]
    return len(stores) == 1 and not given and any(n is stores[0] for n in top)
