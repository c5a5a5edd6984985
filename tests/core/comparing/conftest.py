"""Runs that never were: records, results, sources and logs put down by hand."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from jobtui_core.entry import EntryMeta, describe, entry_name, write_entry
from jobtui_core.hashing import combine, digest, digest_bytes
from jobtui_core.labbook import Comparison, Difference
from jobtui_core.project import Project, compare, open_project
from jobtui_core.tracing.contents import Contents
from tests.core.project_running.traces import Trace

NOTHING = object()


class Run:
    """A run that is written down step by step."""

    def __init__(self, bench: Bench, run: str, script: str, began: float, **start: Any) -> None:
        self.bench = bench
        self.trace = Trace(bench.root, run, script)
        self.began = began
        facts = {"python": "3.13.1", "user": "anna", "versions": {"numpy": "2.1"}, "host": "lab1"}
        self.trace.start(time=began, **facts | start)
        self._numbers = itertools.count(1)
        self._printed = 0

    @property
    def id(self) -> str:
        return self.trace.run

    def parameter(self, name: str, value: Any, default: Any) -> Run:
        self.trace.write("parameter", name=name, value=value, default=default)
        return self

    def prints(self, text: str) -> Run:
        data = text.encode()
        self.trace.output(data)
        self._printed += len(data)
        return self

    def step(
        self,
        name: str,
        value: Any = NOTHING,
        *,
        state: str = "computed",
        arguments: Mapping[str, Any] | None = None,
        key: str | None = None,
        log: str = "",
        code: str | None = None,
        keep: bool = True,
        site: int = 0,
        parent: str | None = None,
        function: str = "",
        **end: Any,
    ) -> str:
        """Call a step whose result is kept; give the call's id."""
        call = f"1-{next(self._numbers)}"
        function = function or f"a:{name}"
        known = {
            n: {"preview": describe(v), "digest": digest(v)} for n, v in (arguments or {}).items()
        }
        key = key or combine("key", name, repr(sorted(known.items())), self.id)
        result = None
        if value is not NOTHING:
            meta = EntryMeta(key=key, function=function, arguments=known, log=log, run=self.id)
            if keep:
                result = write_entry(self.bench.store, entry_name(function, key), value, meta)
            else:
                result = digest(value)
        start = self._printed
        self.trace.write(
            "call_start", call=call, function=function, name=name, kind="step", site=site,
            analysis=None, key=key, parent=parent, log=start,
        )  # fmt: skip
        if state != "hit":
            self.prints(log)
        self.trace.write(
            "call_end", call=call, state=state, key=key, result=result, code=code,
            log=[start, self._printed], **{"duration": 0.1, "saved": 0.0} | end,
        )  # fmt: skip
        return call

    def end(self, after: float = 1.0, code: int = 0, state: str = "done", **facts: Any) -> Run:
        self.trace.write(
            "run_end", time=self.began + after, code=code, signal=None, state=state, **facts
        )
        return self


class Bench:
    """A project in a temporary folder."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "jobtui.toml").write_text("")
        self.store = self.project.open_store()
        self._runs = itertools.count()

    @property
    def project(self) -> Project:
        return open_project(self.root)

    def run(self, script: str = "a.py", **start: Any) -> Run:
        number = next(self._runs)
        began = time.time() - 10_000 + 60 * number
        return Run(self, f"2026-11-22T10-00-{number:02d}-ab12", script, began, **start)

    def code(self, *symbols: tuple[str, str, tuple[str, ...], str]) -> str:
        """Keep the sources behind a fingerprint: name, source, path and kind of each."""
        plain = [
            {"name": name, "source": source, "path": list(path), "kind": kind,
             "digest": combine("code", source)}
            for name, source, path, kind in symbols
        ]  # fmt: skip
        data = json.dumps({"symbols": plain, "steps": []}).encode()
        self.store.write(f"code/{digest_bytes(data)}.json", [data])
        return digest_bytes(data)

    def note(self, name: str, text: str) -> list[str]:
        """Take a note of a file as a call that reads it does; give its name and digest."""
        data = text.encode()
        (self.root / name).write_bytes(data)
        Contents(self.root).note([(name, digest_bytes(data))])
        return [name, digest_bytes(data)]

    def compare(self, *runs: Run | str, **options: Any) -> Comparison:
        return compare(self.project, [getattr(run, "id", run) for run in runs], **options)

    def one(self, kind: str, *runs: Run, **options: Any) -> Difference:
        """Give the only difference of a kind."""
        (found,) = self.compare(*runs, **options).of(kind)
        return found


@pytest.fixture
def bench(tmp_path, monkeypatch):
    monkeypatch.setenv("JOBTUI_ROOT", str(tmp_path))
    return Bench(tmp_path)
