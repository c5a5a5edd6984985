"""Small projects written to a temporary folder."""

from __future__ import annotations

import importlib
import sys
import textwrap
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import ModuleType

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


@pytest.fixture
def load(project, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., ModuleType]]:
    """Write files, import the first one as a fresh module, and forget all of them in the end."""
    monkeypatch.setenv("JOBTUI_ROOT", str(project.root))
    monkeypatch.syspath_prepend(str(project.root))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    before = set(sys.modules)

    def forget() -> None:
        for name in set(sys.modules) - before:
            file = getattr(sys.modules[name], "__file__", None) or ""
            if file.startswith(str(project.root)):
                del sys.modules[name]

    def load(text: str, **others: str) -> ModuleType:
        forget()
        project.write({"script.py": text, **{f"{k}.py": v for k, v in others.items()}})
        importlib.invalidate_caches()
        return importlib.import_module("script")

    yield load
    forget()
