"""An analysis brought up to date after an edit of the script's own statements.

The walk goes on from a checkpoint before the edit.  Where it comes to another one behind the edit
in the state that the walk before was in, what follows is as it was: most edits of a line change
one call, and the names that come of it mean what they meant.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from jobtui_core.errors import JobtuiError, ScriptError
from jobtui_core.slices.analysis import (
    Analysis,
    CallSite,
    DeclaredFunction,
    finished,
    slice_text,
)
from jobtui_core.slices.ground import Ground
from jobtui_core.slices.machine import Request
from jobtui_core.slices.moves import CannotReviseError
from jobtui_core.slices.revise import renewed
from jobtui_core.slices.terms import Term, term
from jobtui_core.slices.walk import Walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from jobtui_core.slices.checkpoints import Checkpoint, Checkpoints
    from jobtui_core.sources import SourceModule, SourceTree

__all__ = ["resume"]

_TRIES = 3
"""Checkpoints behind the edit that are held against the walk."""

_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


class _Edit(NamedTuple):
    """Statements of a script's top level that others took the place of, on the same lines."""

    first: int
    last: int
    """Lines."""
    start: int
    end: int
    """Statements before the edit, from the first to the one behind the last."""
    more: int
    """How many more there are now."""
    body: list[ast.stmt]
    """All statements as they are now; those that did not change are the very nodes."""


def resume(
    analysis: Analysis,
    ground: Ground,
    tree: SourceTree,
    overrides: Mapping[str, Any],
    argv: Sequence[str],
) -> tuple[Analysis, Ground] | None:
    """Bring an analysis up to date after an edit of nothing but statements of its script.

    Parameters
    ----------
    analysis, ground : Analysis, Ground
        As found over ``tree.earlier``, with the same parameters and words.
    tree : SourceTree
        Of the same files, with the same data files consulted; not to be used further if nothing
        comes of it.
    overrides, argv
        As for `analyse`.

    Returns
    -------
    (Analysis, Ground) or None
        What `analyse` would give; ``None`` if that cannot be told without it.  The script's module
        in ``tree`` is then the one of the earlier tree, with another text: what refers to it in
        what is kept of the walk goes on to do so.
    """
    checkpoints = ground.checkpoints
    if tree.earlier is None or checkpoints is None:
        return None
    try:
        old, new = _script(analysis, tree.earlier, tree)
        edit = _edit(old, new)
        with _in_place(tree, old, new, edit.body):
            request = Request(dict(overrides), tuple(argv), {})
            return _Resumption(analysis, ground, checkpoints, tree, old, edit).made(request)
    except (CannotReviseError, ScriptError, JobtuiError, LookupError, ValueError, RecursionError):
        return None


def _script(
    analysis: Analysis, before: SourceTree, now: SourceTree
) -> tuple[SourceModule, SourceModule]:
    """Give the script's module before and now, if no other one is another."""
    pairs = [(before.module_at(path), now.module_at(path)) for path in before.files]
    changed = [(old, new) for old, new in pairs if old is not new]
    if len(changed) != 1 or changed[0][0].file != analysis.script:
        raise CannotReviseError
    return changed[0]


def _edit(old: SourceModule, new: SourceModule) -> _Edit:
    """Find out which statements took the place of which others."""
    before, after = old.lines, new.lines
    if len(before) != len(after):
        raise CannotReviseError
    differ = [number for number, pair in enumerate(zip(before, after, strict=True), 1)
              if pair[0] != pair[1]]  # fmt: skip
    if not differ:
        raise CannotReviseError
    body = old.tree.body
    spans = [_span(statement) for statement in body]
    touched = [n for n, (a, b) in enumerate(spans) if a <= differ[-1] and b >= differ[0]]
    start = touched[0] if touched else sum(b < differ[0] for _, b in spans)
    end = start + len(touched)
    first = min([differ[0], *(spans[n][0] for n in touched)])
    last = max([differ[-1], *(spans[n][1] for n in touched)])
    if touched != [n for n, (a, b) in enumerate(spans) if a <= last and b >= first]:
        # Others begin or end on the same lines.
        raise CannotReviseError
    text = "\n".join(after[first - 1 : last])
    if "default_param" in text or "default_param" in "\n".join(before[first - 1 : last]):
        raise CannotReviseError
    try:
        come = ast.parse("\n" * (first - 1) + text).body
    except (SyntaxError, MemoryError) as error:
        raise CannotReviseError from error
    if any(isinstance(node, _DEFINITIONS) for node in (*come, *body[start:end])):
        # Another function is never the one that was known.
        raise CannotReviseError
    whole = [*body[:start], *come, *body[end:]]
    return _Edit(first, last, start, end, len(whole) - len(body), whole)


def _span(statement: ast.stmt) -> tuple[int, int]:
    decorators = getattr(statement, "decorator_list", ())
    first = min([statement.lineno, *(one.lineno for one in decorators)])
    return first, statement.end_lineno or statement.lineno


@contextmanager
def _in_place(
    tree: SourceTree, old: SourceModule, new: SourceModule, body: list[ast.stmt]
) -> Iterator[None]:
    """Give the earlier module today's text, unless nothing comes of it."""
    kept = dict(vars(old))
    text = {name: vars(new)[name] for name in ("name", "path", "file", "text", "package")}
    text |= {"_problem": None, "lines": new.lines, "tree": ast.Module(body, [])}
    vars(old).clear()
    vars(old).update(text)
    tree.put(old)
    done = False
    try:
        yield
        done = True
    finally:
        if not done:
            vars(old).clear()
            vars(old).update(kept)


class _Resumption:
    def __init__(
        self,
        analysis: Analysis,
        ground: Ground,
        checkpoints: Checkpoints,
        tree: SourceTree,
        module: SourceModule,
        edit: _Edit,
    ) -> None:
        self.old = analysis
        self.ground = ground
        self.checkpoints = checkpoints
        self.tree = tree
        self.module = module
        self.edit = edit

    def made(self, request: Request) -> tuple[Analysis, Ground]:
        prints = renewed(self.ground, self.tree)
        codes = {f"{module.name}:{name}": found.digest for (module, name), found in prints.items()}
        for one in self.old.functions:
            if one.identity in self.ground.looped and codes[one.identity] != one.code:
                raise CannotReviseError
        walk = Walk(self.tree, self.module, request)
        walk.ground = Ground(
            prints, set(self.ground.fixed), set(self.ground.walked), looped=set(self.ground.looped)
        )
        first, last = self._walked(walk)
        protos = self.checkpoints.sites
        protos = [*protos[: first.sites], *walk.sites[first.sites :], *protos[last.sites :]]
        again = []
        for number in range(first.sites, last.sites):
            site = finished(walk, number, walk.sites[number], self.checkpoints.problems)
            known = self.old.sites[number]
            again.append(known if site == known else site)
        parts = [
            *self.ground.parts[: first.sites],
            *walk.ground.parts,
            *self.ground.parts[last.sites :],
        ]
        sites = [*self.old.sites[: first.sites], *again, *self.old.sites[last.sites :]]
        found = tuple(self._site(site, codes, parts) for site in sites)
        reached = {site.function for site in found}
        functions = tuple(
            _declared(one, codes.get(one.identity, one.code), reachable=one.identity in reached)
            for one in self.old.functions
        )
        ground = walk.ground
        ground.parts = parts
        ground.read = self.ground.read | walk.names_read()
        ground.checkpoints = self.checkpoints.spliced(first, last, self.edit.more, protos)
        sources = tuple(sorted(self.tree.module_at(path).file for path in self.tree.files))
        return replace(self.old, sites=found, functions=functions, sources=sources), ground

    def _walked(self, walk: Walk) -> tuple[Checkpoint, Checkpoint]:
        """Walk from the last checkpoint before the edit to one behind it."""
        taken = self.checkpoints.taken
        first = max((one for one in taken if one.at <= self.edit.start), key=lambda one: one.at)
        first.put_back(walk, self.checkpoints.sites)
        at = first.at
        for one in [one for one in taken if one.at >= self.edit.end][:_TRIES]:
            now = one.at + self.edit.more
            if not walk.block(self.edit.body[at:now]):
                break
            at = now
            if one.is_same(walk):
                return first, one
        raise CannotReviseError

    def _site(
        self, site: CallSite, codes: Mapping[str, str], parts: Sequence[Sequence[Term | str]]
    ) -> CallSite:
        """Bring the text and the code of a call site up to date."""
        edit, file = self.edit, self.module.file
        if any(of == file and a <= edit.last and b >= edit.first for of, a, b in site.lines):
            text = slice_text(self.tree, frozenset(site.lines))
            if text != site.slice:
                site = replace(site, slice=text)
        code = codes.get(site.function, site.code)
        if code != site.code:
            template = term("site", site.function, code, *parts[site.index])
            site = replace(site, code=code, template=template.digest)
        return site


def _declared(one: DeclaredFunction, code: str, *, reachable: bool) -> DeclaredFunction:
    if (one.code, one.reachable) == (code, reachable):
        return one
    return replace(one, code=code, reachable=reachable)
