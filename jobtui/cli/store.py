"""``jobtui store``: what is kept in a store, of ours or of joblib's, and deleting some of it."""

from __future__ import annotations

import json
import sys
from argparse import Namespace
from collections.abc import Sequence
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from jobtui.cli.output import Cell, Output
from jobtui.cli.phrases import one_line
from jobtui.cli.usage import UsageError
from jobtui.plain import clock_time, count, duration, plain_lines, size

if TYPE_CHECKING:
    from jobtui_core.project import KeptResult, StoreView
    from jobtui_core.records import Preview

__all__ = ["run"]

DECLINED = 1
"""Exit code where somebody saw what would be deleted and said no."""

_Found = Sequence[tuple["StoreView", Sequence["KeptResult"]]]
_VERBS = ("ls", "show", "rm", "prune")
_KEY = 10
"""Digits of a key that are shown in a list, and enough to name it."""


def run(options: Namespace, output: Output) -> int:
    """List, show or delete what a store keeps."""
    from jobtui_core.project import find_results, open_project, open_stores

    verb, place, names = _understand(options.words)
    project = open_project()
    views = open_stores(project, place)
    if verb == "prune":
        from jobtui.cli.prune import prune

        done = prune(project, views, options, output, partial(_agreed, verb, output))
        return 0 if done else _declined(output)
    if verb == "ls" and not names:
        return _list_functions(views, output, as_json=options.json)
    found = [one for name in names for one in find_results(views, name)]
    if verb == "rm":
        return _delete(found, options, output)
    if options.json:
        _print_json(found, output)
    elif verb == "ls":
        _list_results(found, output)
    else:
        _show(found, output)
    return 0


def _understand(words: Sequence[str]) -> tuple[str, str | None, list[str]]:
    """Take the words apart: what to do, where, and with which functions or results."""
    verb, *rest = words or ["ls"]
    if verb not in _VERBS:
        near = get_close_matches(verb, _VERBS, n=1)
        hint = (
            f"did you mean jobtui store {near[0]}?" if near else "there are ls, show, rm and prune"
        )
        raise UsageError(f"jobtui store has no {verb!r}; {hint}")
    place = None
    if rest and ("://" in rest[0] or "/" in rest[0] or Path(rest[0]).is_dir()):
        place, *rest = rest
    if verb == "prune" and rest:
        raise UsageError(f"jobtui store prune takes a folder or a URL, and {rest[0]!r} is none")
    if verb in ("show", "rm") and not rest:
        raise UsageError(f"jobtui store {verb} needs a function or a key; jobtui store ls has them")
    return verb, place, rest


def _list_functions(views: Sequence[StoreView], output: Output, *, as_json: bool) -> int:
    if as_json:
        _print_json([(view, view.results()) for view in views], output)
        return 0
    for view in views:
        functions = view.functions()
        if not functions:
            output.line(f"nothing is kept in {view.place}")
            output.line("a Memory keeps what it has in a folder of its own: jobtui store ls cache/")
            continue
        if output.terminal or len(views) > 1:
            output.line(f"{view.place}  {view.kind}", "bold")
        rows: list[Sequence[Cell]] = [
            (
                (one_line(one.name), ""),
                (count(one.results, "result"), ""),
                (size(one.size).rjust(7), ""),
                (clock_time(one.newest or None), "dim"),
            )
            for one in functions
        ]
        output.rows(rows, indent=2 if output.terminal else 0)
        if output.terminal:
            total = sum(one.results for one in functions)
            output.line(f"{count(total, 'result')}, {size(sum(one.size for one in functions))}")
    return 0


def _list_results(found: _Found, output: Output) -> None:
    for view, results in found:
        if output.terminal:
            output.line(f"{view.place}  {view.kind}", "bold")
        output.rows([_row(one) for one in results], indent=2 if output.terminal else 0)


def _row(result: KeptResult) -> Sequence[Cell]:
    return (
        (result.key[:_KEY], "bold"),
        (one_line(result.function), ""),
        (clock_time(result.started or result.written), "dim"),
        ((duration(result.duration) or "-").rjust(7), "dim"),
        (size(result.size).rjust(7), ""),
        (_picture(result), ""),
        (_arguments(result), "dim"),
    )


def _arguments(result: KeptResult) -> str:
    return one_line(", ".join(f"{name}={text}" for name, text in result.arguments.items()))


def _picture(result: KeptResult) -> str:
    if result.preview is None:
        return one_line(result.problem or "-")
    return one_line(_words(result.preview))


def _words(preview: Preview) -> str:
    """Tell in a few words what a result is."""
    shape = "×".join(map(str, preview.shape))
    kind = preview.type.rpartition(".")[2] or preview.kind
    parts = [part for part in (kind, preview.dtype, shape) if part]
    if preview.kind in ("scalar", "text") and preview.text:
        parts.append(preview.text[:40])
    return " ".join(parts)


def _show(found: _Found, output: Output) -> None:
    for view, results in found:
        for result in results:
            output.line(f"{one_line(result.function)}  {result.key}", "bold")
            rows = [
                ("store", f"{view.place} ({view.kind})"),
                ("called", clock_time(result.started) or "not recorded"),
                ("took", duration(result.duration) or "not recorded"),
                ("written", clock_time(result.written)),
                ("size", size(result.size)),
                ("result", _picture(result)),
                *((f"{name} =", text) for name, text in result.arguments.items()),
                *_parts(result.preview),
            ]
            output.rows([((one_line(a), "dim"), (one_line(b), "")) for a, b in rows], indent=2)
            code = view.code(result)
            if code:
                output.line()
                for text in plain_lines(code.rstrip("\n")):
                    output.line(f"    {text}", exact=True)
            output.line()


def _parts(preview: Preview | None) -> list[tuple[str, str]]:
    if preview is None:
        return []
    return [(f"result[{name}]", _words(part)) for name, part in preview.items]


def _delete(found: _Found, options: Namespace, output: Output) -> int:
    if options.json:
        raise UsageError("jobtui store rm takes no --json")
    chosen = [(view, one) for view, results in found for one in results]
    _list_results(found, output)
    total = size(sum(one.size for _, one in chosen))
    question = f"Delete {count(len(chosen), 'result')}, {total}? [y/N] "
    if not options.yes and not _agreed("rm", output, question):
        return _declined(output)
    for view, one in chosen:
        view.delete(one)
    output.line(f"deleted {count(len(chosen), 'result')}, {total}")
    return 0


def _declined(output: Output) -> int:
    output.line("nothing was deleted")
    return DECLINED


def _agreed(verb: str, output: Output, question: str) -> bool:
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError(
            f"jobtui store {verb} asks first, which needs a terminal; with --yes it does not"
        )
    output.raw(question)
    output.flush()
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _print_json(found: _Found, output: Output) -> None:
    from jobtui_core.project import stores_to_json

    shown = stores_to_json(tuple((view, tuple(results)) for view, results in found))
    output.raw(json.dumps(shown, indent=2) + "\n")
