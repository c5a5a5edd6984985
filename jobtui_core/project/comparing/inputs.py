"""Which files runs read that did not hold the same."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from typing import TYPE_CHECKING

from jobtui_core.diffs.contents import content_changes, content_facts
from jobtui_core.project.comparing.work import Side, Work, unlike
from jobtui_core.trees import Tree, is_tree, shown_name, split_manifest

if TYPE_CHECKING:
    from jobtui_core.labbook import DifferenceKind
    from jobtui_core.tracing.contents import Content

__all__ = ["MOST_FILES", "Digests", "compare_inputs", "tell_file"]

MOST_FILES = 20
"""Files of one folder or pattern that are told of one by one."""

Digests = list[tuple[str, ...]]
"""For each run the contents that it found in a file; none where it did not read it."""


def compare_inputs(work: Work) -> None:
    """Compare the contents of files as the runs found them."""
    work.look("comparing inputs")
    known = [_read(work, side) for side in work.sides]
    for path in sorted({path for one in known for path in one}):
        digests = [one.get(path, ()) for one in known]
        if len(set(digests)) == 1:
            if digests[0] == ("",):
                work.found.cannot(
                    f"{shown_name(path)}: too large to be looked at, or gone when it was"
                )
            else:
                work.found.equal("input")
            continue
        if is_tree(path):
            _compare_trees(work, path, digests)
        else:
            _differ(work, path, digests)


def _compare_trees(work: Work, name: str, digests: Digests) -> None:
    """Compare the files of a folder or pattern, as far as is known what was in it."""
    known = []
    for one in digests:
        content = work.files.of(one[-1]) if one else None
        if one and (content is None or content.text is None):
            _differ(work, name, digests)
            return
        known.append(split_manifest(content.text) if content and content.text else {})
    changed = [
        (path, states)
        for path in sorted({path for one in known for path in one})
        if len(set(states := [one.get(path, "") for one in known])) > 1
    ]
    base = Tree.of(name).base
    for path, states in changed[:MOST_FILES]:
        found: Digests = [(state,) if state else () for state in states]
        _differ(work, posixpath.normpath(f"{base}/{path}"), found)
    if len(changed) > MOST_FILES:
        values = [None if not one else f"#{one[-1][:8]}" for one in digests]
        words = f"{len(changed) - MOST_FILES:,} more files of it differ"
        work.found.add("input", shown_name(name), values, where=words)


def _read(work: Work, side: Side) -> dict[str, tuple[str, ...]]:
    """Give the files that a run read, each with the contents that were found in it."""
    found: dict[str, dict[str, None]] = {}
    for call in work.calls(side):
        for path, digest in (*call.inputs, *call.met):
            found.setdefault(path, {})[digest] = None
    if work.step is None:
        for use in side.trace.files_read:
            found.setdefault(use.path, {})[use.digest or ""] = None
    # Of several contents the one that was read last tells the most.
    return {path: tuple(digests) for path, digests in found.items()}


def _differ(work: Work, path: str, digests: Digests) -> None:
    contents = [work.files.of(one[-1]) if one and one[-1] else None for one in digests]
    tell_file(work, "input", path, digests, contents, "read in one of the runs only")


def tell_file(
    work: Work,
    kind: DifferenceKind,
    path: str,
    digests: Digests,
    contents: Sequence[Content | None],
    lonely: str,
) -> None:
    """Tell of a file that did not hold the same in all runs.

    Parameters
    ----------
    work : Work
    kind : str
    path : str
        As records name it.
    digests : list of tuple of str
        Of its contents, for each run.
    contents : sequence of Content or None
        What is known of the last of them.
    lonely : str
        What to say where one of the runs has nothing to do with it.
    """
    last = [one[-1] if one else None for one in digests]
    values = [
        "content not known" if digest == "" else content_facts(content, digest)
        for content, digest in zip(contents, last, strict=True)
    ]
    for number in unlike(digests):
        before, now = contents[0], contents[number]
        words = diff = ""
        if before is not None and now is not None and last[0] != last[number]:
            words, diff = content_changes(path, before, now)
            if path.lower().endswith(".svg"):
                # A drawing is text, but its lines tell nobody anything.
                diff = ""
        elif not digests[0] or not digests[number]:
            words = lonely
        work.found.add(kind, shown_name(path), values, run=number, detail=diff, where=words)
