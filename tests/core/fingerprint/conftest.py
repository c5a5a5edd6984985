"""Small projects written to a temporary folder."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from jobtui_core.fingerprint import Fingerprint, source_fingerprint
from jobtui_core.sources import SourceTree, import_path


class Project:
    """Source files in a folder, changed and fingerprinted."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def write(self, files: Mapping[str, str]) -> None:
        for name, text in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(textwrap.dedent(text).lstrip("\n"), encoding="utf-8")

    def edit(self, name: str, old: str, new: str) -> None:
        path = self.root / name
        text = path.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{old!r} is {text.count(old)} times in {name}"
        path.write_text(text.replace(old, new), encoding="utf-8")

    def tree(self, script: str = "script.py") -> SourceTree:
        return SourceTree(self.root, import_path(self.root, self.root / script))

    def fingerprint(self, function: str, script: str = "script.py") -> Fingerprint:
        """Fingerprint ``function`` of the script, or ``file.py:function``."""
        file, _, qualname = function.rpartition(":")
        tree = self.tree(script)
        return source_fingerprint(tree, tree.module_at(self.root / (file or script)), qualname)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


@pytest.fixture
def differing() -> Callable[[Fingerprint, Fingerprint], set[str]]:
    """Names of the symbols in which two fingerprints differ."""

    def compare(old: Fingerprint, new: Fingerprint) -> set[str]:
        before = {(s.name, s.kind): s.digest for s in old.symbols}
        after = {(s.name, s.kind): s.digest for s in new.symbols}
        keys = before.keys() | after.keys()
        return {name for name, kind in keys if before.get((name, kind)) != after.get((name, kind))}

    return compare
