"""Why a call would miss: the stored result that is nearest to it, and what differs.

Nothing runs, nothing is unpickled and nothing changes for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from jobtui_core.aliases import known_older
from jobtui_core.entry import EntryInfo, entry_name
from jobtui_core.errors import InputError, JobtuiError, StoreError, text_of
from jobtui_core.fingerprint.kept import kept_symbols
from jobtui_core.memory.circumstances import argument_texts
from jobtui_core.memory.lookup import file_digest
from jobtui_core.memory.project import project_store
from jobtui_core.memory.request import Request
from jobtui_core.memory.stored import StoredCall, StoredFunction, stored_calls
from jobtui_core.reasons import Reason, ReasonKind
from jobtui_core.stores import Store
from jobtui_core.trees import shown_name

if TYPE_CHECKING:
    from jobtui_core.diffs import Definition

__all__ = ["CallExplanation", "ExplainedFunction", "nothing_kept"]

P = ParamSpec("P")
R = TypeVar("R")

_MOST_ENTRIES = 2_000
"""Results that are compared, the newest ones."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CallExplanation:
    """Whether a call would be answered from the store, and if not, why.

    ``str()`` of it is a text for people, with the diffs.
    """

    function: str
    """Name of the function, as shown."""
    hit: bool
    """Whether the call would be answered."""
    reasons: tuple[Reason, ...] = ()
    """What differs from the nearest stored result, or what else stands in the way."""
    nearest: StoredCall | None = None
    """The stored result that answers, or the one that is most like what was asked for."""

    def __str__(self) -> str:
        if self.hit:
            return f"{self.function}: a hit: {self.nearest}"
        lines = [f"{self.function}: a miss: {reason.summary}" for reason in self.reasons[:1]]
        lines += [f"    {reason.summary}" for reason in self.reasons[1:]]
        if self.nearest is not None:
            lines.append(f"    the nearest result: {self.nearest}")
        lines += [reason.diff for reason in self.reasons if reason.diff]
        return "\n".join(lines)


def nothing_kept(function: str) -> CallExplanation:
    """Give the explanation for a function whose results are not kept at all."""
    words = "nothing is kept: its Memory has no location"
    return CallExplanation(function=function, hit=False, reasons=(_new(function, words),))


class ExplainedFunction(StoredFunction[P, R]):
    """A function that can say why a call would run."""

    def explain(self, /, *args: P.args, **kwargs: P.kwargs) -> CallExplanation:
        """Say why a call would not be answered from the store, without making it.

        Returns
        -------
        CallExplanation
            With a `CallExplanation.reasons`, most telling first: code that changed, with a diff;
            arguments and input files, with what they were and are.

        Raises
        ------
        TypeError
            If the call does not fit the function's signature; a ``ValueError``, too.

        Examples
        --------
        >>> print(simulate.explain(seed=3))
        simulate: a miss: steps: 100 → 200
            the nearest result: simulate(seed=3, steps=100) of 2026-11-22 10:14:05, 3.2 s, 910 bytes
        """
        try:
            request = self._request(args, kwargs)
        except InputError as error:
            reason = Reason(
                kind=ReasonKind.INPUT_CHANGED, subject=str(error.facts.get("path", "")),
                summary=text_of(error).removeprefix(f"{self.display_name}: "),
            )  # fmt: skip
            return self._miss([reason], None)
        store = self._store()
        if store is None:
            return nothing_kept(self.display_name)
        if request.key is None:
            return self._miss([self._cannot(request.unkeyed)], None)
        request.by_reference = True
        found = self._standing(request)
        code = request.code.static.digest
        stored = list(islice(stored_calls(store, self.identity, code), _MOST_ENTRIES))
        if isinstance(found, EntryInfo):
            same = next((one for one in stored if one.key == found.key), None)
            return CallExplanation(function=self.display_name, hit=True, nearest=same)
        same = next((one for one in stored if one.key == request.key), None)
        if found and same is not None:
            return self._miss(found, same)
        if not stored:
            return self._miss([self._never(store, request)], None)
        # The newest one of those with the fewest differences.
        nearest = min(stored, key=lambda one: _distance(one, request))
        return self._miss(self._differences(store, request, nearest), nearest)

    def _miss(self, reasons: Sequence[Reason], nearest: StoredCall | None) -> CallExplanation:
        return CallExplanation(
            function=self.display_name, hit=False, reasons=tuple(reasons), nearest=nearest
        )

    def _standing(self, request: Request) -> EntryInfo | list[Reason]:
        """Give the entry that answers a call, or why those under its key do not."""
        reasons: list[Reason] = []
        for _, info, _ in self._candidates(request):
            why = list(self._in_the_way(request, info))
            if not why and self._stands(request, info, []):
                if self._outputs_stand(info):
                    return info
                why = [self._lost_output(info)]
            reasons += why or [self._cannot("its cache_validation_callback does not accept it")]
        return reasons

    def _in_the_way(self, request: Request, info: EntryInfo) -> Iterator[Reason]:
        if self.kind == "step" and self.files != "declared":
            for path, known in info.met:
                now = file_digest(path)
                if now != known:
                    yield _file(path, known, now, declared=False)
        if not self._same_outputs(request, info):
            yield Reason(
                kind=ReasonKind.OUTPUT_MISSING,
                subject=self.display_name,
                summary="its output files are declared otherwise",
            )
        if info.accepted and not self._still_accepted(info):
            yield self._cannot("an accepted edit that it rests on was taken back")

    def _lost_output(self, info: EntryInfo) -> Reason:
        names = ", ".join(str(one["path"]) for one in info.outputs)
        words = f"its output files ({names}) are not as it left them, and cannot be put back"
        return Reason(kind=ReasonKind.OUTPUT_MODIFIED, subject=names, summary=words)

    def _cannot(self, words: str) -> Reason:
        return Reason(kind=ReasonKind.CANNOT_FOLLOW, subject=self.display_name, summary=words)

    def _never(self, store: Store, request: Request) -> Reason:
        assert request.key is not None
        if store.stat(entry_name(request.code.identity, request.key)) is not None:
            return _damaged(self.display_name)
        return _new(self.display_name, "no result of it is stored here")

    def _differences(self, store: Store, request: Request, nearest: StoredCall) -> list[Reason]:
        """Say what differs between a call and a stored one."""
        from jobtui_core.diffs import code_reasons, definitions

        assert request.key is not None
        found: list[Reason] = []
        code = request.code
        if nearest.code != code.static.digest and nearest.code not in _accepted(store, request):
            before = _definitions(store, nearest.code)
            found += code_reasons(code.identity, before, definitions(code.static.symbols))
        found += _arguments(request, nearest)
        found += _inputs(dict(nearest.inputs), dict(request.inputs))
        if found:
            return found
        if store.stat(entry_name(code.identity, request.key)) is not None:
            return [_damaged(self.display_name)]
        if values := [one.symbol for one in code.static.values]:
            names = ", ".join(values[:5])
            words = f"a value that it reads is another one: one of {names}, or of a closure"
            return [Reason(kind=ReasonKind.CODE_CHANGED, subject=values[0], summary=words)]
        if labels := sorted({one.label for one in code.watch.values}):
            # Without a source in a file, functions that it calls are values, too.
            which = labels[0] if len(labels) == 1 else f"one of {', '.join(labels[:5])}"
            words = f"a value that it reads is another one: {which}"
            return [Reason(kind=ReasonKind.CODE_CHANGED, subject=labels[0], summary=words)]
        words = "a value that it reads from outside is another one, or its result was deleted"
        return [Reason(kind=ReasonKind.EVICTED, subject=self.display_name, summary=words)]


def _new(function: str, words: str) -> Reason:
    return Reason(kind=ReasonKind.NEVER_RUN, subject=function, summary=words)


def _damaged(function: str) -> Reason:
    words = "its stored result cannot be read: damaged, not signed, or of a newer version"
    return Reason(kind=ReasonKind.EVICTED, subject=function, summary=words)


def _accepted(store: Store, request: Request) -> Sequence[str]:
    return list(known_older(store, request.code.identity, request.code.static.digest))


def _distance(stored: StoredCall, request: Request) -> tuple[int, bool]:
    """Tell how much differs between a stored call and one that is asked about."""
    digests = request.argument_digests
    names = digests.keys() | stored.digests.keys()
    unlike = sum(digests.get(name) != stored.digests.get(name) for name in names)
    unlike += dict(stored.inputs) != dict(request.inputs)
    other_code = stored.code != request.code.static.digest
    # The same call of older code tells more than another call of today's.
    return unlike + other_code, unlike > 0


def _definitions(store: Store, digest: str) -> Sequence[Definition] | None:
    """Give the kept sources of some code: here, or where the runs of the project keep them."""
    from jobtui_core.diffs import definitions

    for one in (store, None):
        try:
            symbols = kept_symbols(project_store() if one is None else one, digest)
        except (JobtuiError, StoreError):
            continue
        if symbols is not None:
            return definitions(symbols)
    return None


def _arguments(request: Request, stored: StoredCall) -> Iterator[Reason]:
    digests, texts = request.argument_digests, argument_texts(request)
    for name in dict.fromkeys([*digests, *stored.digests]):
        if digests.get(name) == stored.digests.get(name):
            continue
        old = stored.arguments.get(name) if name in stored.digests else None
        new = texts.get(name) if name in digests else None
        if old == new:
            words = f"{name}: another value than before, though it looks the same: {new}"
        elif old is None:
            words = f"{name}: was not among the arguments that count → {new}"
        elif new is None:
            words = f"{name}: {old} → is not among the arguments that count"
        else:
            words = f"{name}: {old} → {new}"
        yield Reason(
            kind=ReasonKind.PARAMETER_CHANGED, subject=name, summary=words, old=old, new=new
        )


def _inputs(before: Mapping[str, str], now: Mapping[str, str]) -> Iterator[Reason]:
    for path in dict.fromkeys([*before, *now]):
        if before.get(path) != now.get(path):
            yield _file(path, before.get(path), now.get(path), declared=True)


def _file(name: str, old: str | None, new: str | None, *, declared: bool) -> Reason:
    path = shown_name(name)
    if old is not None and new is not None:
        words = f"{path} changed (#{old[:8]} → #{new[:8]})"
    else:
        words = f"{path} is {'gone' if new is None else 'there now'}"
    if not declared:
        words += ", which is not declared as an input"
    return Reason(
        kind=ReasonKind.INPUT_CHANGED if declared else ReasonKind.UNDECLARED_FILE,
        subject=path,
        summary=words,
        old=old,
        new=new,
    )
