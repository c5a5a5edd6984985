"""How files differ from what they held when a call read them."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from jobtui_core.diffs.contents import content_changes, content_facts
from jobtui_core.records import Reason, ReasonKind
from jobtui_core.trees import Tree, is_tree, shown_name, split_manifest

if TYPE_CHECKING:
    from jobtui_core.project.judging.filefacts import FileFacts
    from jobtui_core.project.judging.preconditions import Changed

__all__ = ["input_reasons"]

_MOST = 20
"""Files of one folder or pattern that are told of one by one."""


def input_reasons(changed: Sequence[Changed], facts: FileFacts) -> list[Reason]:
    """Say how files differ from what a record says."""
    found: list[Changed] = []
    more: list[Reason] = []
    for one in changed:
        if not is_tree(one.path):
            found.append(one)
            continue
        files = _files_of(one, facts)
        found += files[:_MOST]
        if not files or len(files) > _MOST:
            more.append(_of_many(one, len(files) - _MOST))
    facts.learn((one.path, one.new) for one in found)
    return [_reason(one, facts) for one in found] + more


def _files_of(changed: Changed, facts: FileFacts) -> list[Changed]:
    """Give what changed in a tree of files; nothing if what it held is not known any more."""
    tree = Tree.of(changed.path)
    before, now = facts.of(changed.old), facts.tree(tree, changed.new)
    if before is None or before.text is None or now is None:
        return []
    old = split_manifest(before.text)
    return [
        replace(changed, path=posixpath.normpath(f"{tree.base}/{path}"), old=one, new=other)
        for path in sorted(old.keys() | now.keys())
        if (one := old.get(path)) != (other := now.get(path))
    ]


def _of_many(changed: Changed, more: int) -> Reason:
    """Say that a tree of files changed, without its files."""
    declared = changed.kind == "input"
    shown = shown_name(changed.path)
    if more > 0:
        summary = f"{more:,} more files of {shown} changed"
    else:
        summary = f"{shown} is gone" if changed.new is None else f"files of {shown} changed"
    if not declared:
        summary += ", which is not declared as an input"
    return Reason(
        kind=ReasonKind.INPUT_CHANGED if declared else ReasonKind.UNDECLARED_FILE,
        subject=shown,
        summary=summary,
    )


def _reason(changed: Changed, facts: FileFacts) -> Reason:
    declared = changed.kind == "input"
    path = changed.path
    before = facts.of(changed.old)
    now = facts.now(path, changed.new)
    diff = ""
    if changed.new is None:
        summary = f"{path} is gone"
    elif changed.old is None:
        summary = f"{path} is there now"
    elif before is None or now is None:
        summary = f"{path} changed (#{changed.old[:8]} → #{changed.new[:8]})"
    else:
        words, diff = content_changes(path, before, now)
        summary = f"{path} changed: {words}"
    if not declared:
        summary += ", which is not declared as an input"
    return Reason(
        kind=ReasonKind.INPUT_CHANGED if declared else ReasonKind.UNDECLARED_FILE,
        subject=path,
        summary=summary,
        diff=diff,
        old=content_facts(before, changed.old),
        new=content_facts(now, changed.new),
    )
