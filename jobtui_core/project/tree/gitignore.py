"""The part of git's ignore rules that tells data and build folders from source.

Comments, ``!`` exceptions, anchored patterns, ``dir/``, ``*``, ``?``, ``[…]`` and ``**`` are
understood, from the ``.gitignore`` of every folder on the way.  The rules that live outside of the
project (``.git/info/exclude``, a user's own file) are not read: they differ between machines.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

__all__ = ["IgnoreRules", "glob_expression", "is_ignored", "parse_rules"]


@dataclass(frozen=True, slots=True)
class _Rule:
    expression: re.Pattern[str]
    keep: bool
    folders_only: bool


@dataclass(frozen=True, slots=True)
class IgnoreRules:
    """The rules of one ``.gitignore``; ``folder`` is where it lies (``""`` for the root)."""

    folder: str
    rules: tuple[_Rule, ...]

    def verdict(self, path: str, *, is_folder: bool) -> bool | None:
        """Tell whether a path (relative to the root) is ignored; ``None`` if no rule speaks."""
        if self.folder:
            path = path[len(self.folder) + 1 :]
        # The last rule that matches decides, as in git.
        for rule in reversed(self.rules):
            if (is_folder or not rule.folders_only) and rule.expression.fullmatch(path):
                return not rule.keep
        return None


def is_ignored(stack: Sequence[IgnoreRules], path: str, *, is_folder: bool) -> bool:
    """Tell whether the rules of the folders on the way (outermost first) ignore a path."""
    for rules in reversed(stack):
        verdict = rules.verdict(path, is_folder=is_folder)
        if verdict is not None:
            return verdict
    return False


@lru_cache(maxsize=256)
def parse_rules(folder: str, text: str) -> IgnoreRules:
    """Read the text of a ``.gitignore``; a pattern that makes no sense is left out."""
    rules = []
    for raw in text.splitlines():
        line = raw.rstrip()
        if not line or line.startswith("#"):
            continue
        keep = line.startswith("!")
        line = line[1:] if keep else line
        folders_only = line.endswith("/")
        line = line.rstrip("/")
        if not line:
            continue
        anchored = "/" in line
        pattern = glob_expression(line.lstrip("/"))
        try:
            rules.append(
                _Rule(re.compile(pattern if anchored else f"(?:.*/)?{pattern}"), keep, folders_only)
            )
        except re.error:
            continue
    return IgnoreRules(folder, tuple(rules))


def glob_expression(pattern: str) -> str:
    """Translate a glob over paths: ``*`` and ``?`` stay within a folder, ``**`` does not."""
    parts: list[str] = []
    at = 0
    while at < len(pattern):
        if pattern[at] == "*":
            # Stars in a row mean no more than two, and would be tried in every combination.
            part, at = _stars(pattern, at)
            if parts[-1:] != [part]:
                parts.append(part)
        elif pattern[at] == "?":
            parts.append("[^/]")
            at += 1
        elif pattern[at] == "[" and (end := pattern.find("]", at + 2)) > 0:
            inner = pattern[at + 1 : end].replace("\\", "\\\\")
            part = f"[{'^' + inner[1:] if inner.startswith('!') else inner}]"
            # A range that runs backwards holds nothing; git says so too.
            parts.append(part if _is_expression(part) else "(?!)")
            at = end + 1
        else:
            if pattern[at] == "\\" and at + 1 < len(pattern):
                at += 1
            parts.append(re.escape(pattern[at]))
            at += 1
    return "".join(parts)


def _is_expression(text: str) -> bool:
    try:
        re.compile(text)
    except re.error:
        return False
    return True


def _stars(pattern: str, at: int) -> tuple[str, int]:
    """Translate the stars that begin at a place, and give the place behind them."""
    end = at
    while pattern.startswith("*", end):
        end += 1
    if end == at + 1:
        return "[^/]*", end
    return ("(?:.*/)?", end + 1) if pattern.startswith("/", end) else (".*", end)
