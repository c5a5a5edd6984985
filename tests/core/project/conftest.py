"""A small project whose runs are made up: verdicts are tested without running anything."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, ClassVar

import pytest

from jobtui_core.entry import entry_name
from jobtui_core.fingerprint import source_fingerprint
from jobtui_core.hashing import combine, digest_file
from jobtui_core.project import plan, status
from jobtui_core.project.evidence import gathered as evidence_module
from jobtui_core.project.folder import Project
from jobtui_core.records import CallState, Plan, ProjectStatus, RunInfo, RunState, StepStatus
from jobtui_core.root import load_config
from jobtui_core.slices import CallSite, analyse
from jobtui_core.sources import SourceTree, import_path
from jobtui_core.tracing.traces import (
    AnalysisUse,
    CallError,
    CallRecord,
    CountedCalls,
    FileUse,
    RunTrace,
)


class MadeUpReader:
    """Stands in for the reader of a run's folder."""

    traces: ClassVar[dict[Path, RunTrace]] = {}

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._seen: RunTrace | None = None

    def update(self) -> bool:
        before, self._seen = self._seen, self.traces[self.folder]
        return before is not self._seen

    @property
    def trace(self) -> RunTrace:
        return self.traces[self.folder]


class Lab:
    """A project in a temporary folder, with runs that never were."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._runs = 0
        self.results: dict[str, str] = {}
        """Result digests by step name, where a test wants to say them."""

    @property
    def project(self) -> Project:
        return Project(self.root, load_config(self.root))

    def write(self, name: str, text: str) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text).lstrip())
        return path

    def edit(self, name: str, old: str, new: str) -> None:
        path = self.root / name
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new))

    # -- looking ---------------------------------------------------------------------------------

    def status(self, *scripts: str, **overrides: Any) -> ProjectStatus:
        return status(self.project, scripts or None, overrides=overrides)

    def row(self, name: str, script: str | None = None, **overrides: Any) -> StepStatus:
        rows = self.status(**overrides).steps
        return next(r for r in rows if r.name == name and script in (None, r.script))

    def verdicts(self, **overrides: Any) -> dict[str, str]:
        return {row.name: row.verdict.value for row in self.status(**overrides).steps}

    def plan(self, *scripts: str, **options: Any) -> Plan:
        return plan(self.project, scripts or None, **options)

    # -- making up runs --------------------------------------------------------------------------

    def run(
        self,
        script: str = "co2.py",
        overrides: Mapping[str, Any] | None = None,
        *,
        argv: Iterable[str] = (),
        state: RunState = RunState.DONE,
        code: int | None = None,
        until: str | None = None,
        stop: tuple[str, int] | None = None,
        fail: str | None = None,
        error: CallError | None = None,
        open_call: str | None = None,
        times: Mapping[str, int] | None = None,
        counted: Mapping[str, int] | None = None,
        skip: Iterable[str] = (),
        change: Callable[[CallRecord], CallRecord] = lambda call: call,
        read: Iterable[FileUse] = (),
        written: Iterable[FileUse] = (),
    ) -> str:
        """Make up a run of today's sources.

        ``until`` ends it before that step, ``stop`` says that ``--only`` did, ``fail`` lets one
        fail with ``error``, ``open_call`` leaves one going on, ``times`` calls one in a loop,
        ``skip`` does not reach some.
        """
        self._runs += 1
        run = f"2026-11-22T10-14-{self._runs:02d}-ab12"
        tree = SourceTree(self.root, import_path(self.root, self.root / script))
        analysis = analyse(tree, self.root / script, overrides=overrides or {}, argv=tuple(argv))
        error = error or CallError(type="ValueError", message="no such month")
        store = self.project.open_store()
        document = json.dumps(analysis.to_json()).encode()
        store.write_if_absent(f"code/{analysis.digest}.json", document)
        calls: list[CallRecord] = []
        sequences: dict[int, str] = {}
        for site in analysis.sites:
            if site.name == until:
                break
            results = [sequences.get(hole, "") for hole in site.holes]
            count = 0 if site.name in skip else (times or {}).get(site.name, 1)
            mine = [
                change(self._call(run, analysis.digest, site, results, number, len(calls)))
                for number in range(count)
            ]
            if fail == site.name:
                mine[-1] = replace(mine[-1], state=CallState.FAILED, result=None, error=error)
            if open_call == site.name:
                mine[-1] = replace(mine[-1], state=CallState.RUNNING, result=None, key=None)
            for call in mine:
                self._keep(call, tree)
            calls += mine
            sequences[site.index] = combine("seq", *[c.result for c in mine if c.result])
            if site.name in (fail, open_call):
                break
        active = state.active
        info = RunInfo(
            id=run,
            script=script,
            state=state,
            argv=tuple(argv),
            parameters=dict(overrides or {}),
            started=1_700_000_000.0 + self._runs,
            ended=None if active else 1_700_000_100.0 + self._runs,
            code=0 if state is RunState.DONE else code,
            started_by="jobtui",
            computed=len(calls),
        )
        folder = self.project.runs_folder / run
        folder.mkdir(parents=True, exist_ok=True)
        MadeUpReader.traces[folder] = RunTrace(
            info=info,
            calls=calls,
            analyses=(AnalysisUse(script=script, digest=analysis.digest),),
            counted=tuple(
                CountedCalls(
                    function=site.function,
                    site=site.index,
                    analysis=analysis.digest,
                    computed=counted[site.name],
                )
                for site in analysis.sites
                if counted and site.name in counted
            ),
            files_read=tuple(read),
            files_written=tuple(written),
            only_stop=stop,
            finished=state is RunState.DONE and until is None and stop is None,
        )
        return run

    def _call(
        self, run: str, analysis: str, site: CallSite, results: list[str], number: int, order: int
    ) -> CallRecord:
        inputs = tuple((path, digest_file(self.root / path)) for path in site.inputs)
        parts = [part for pair in inputs for part in pair]
        key = combine("key", site.static_key(results), number, *parts)
        result = self.results.get(site.name) or combine("result", key)
        outputs = tuple((path, self._output(path, result)) for path in site.outputs)
        exists = self.project.open_store().stat(entry_name(site.function, key)) is not None
        return CallRecord(
            id=f"1-{order + number}",
            run=run,
            function=site.function,
            name=site.name,
            kind=site.kind,
            state=CallState.HIT if exists else CallState.COMPUTED,
            key=key,
            result=result,
            code=site.code,
            site=site.index,
            analysis=analysis,
            started=1_700_000_000.0 + self._runs,
            duration=0.001 if exists else 2.0,
            saved=2.0 if exists else 0.0,
            inputs=inputs,
            outputs=outputs,
            order=order + number,
        )

    def _output(self, path: str, result: str) -> str:
        place = self.root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(result)
        digest = digest_file(place)
        self.project.open_store().write_if_absent(f"blobs/{digest}", result.encode())
        return digest

    def _keep(self, call: CallRecord, tree: SourceTree) -> None:
        store = self.project.open_store()
        if call.key is not None and call.state in (CallState.COMPUTED, CallState.HIT):
            store.write(entry_name(call.function, call.key), b"an entry")
        module, _, qualname = call.function.partition(":")
        source = next(m for p in tree.files if (m := tree.module_at(p)).name == module)
        found = source_fingerprint(tree, source, qualname)
        symbols = {"symbols": [asdict(symbol) for symbol in found.symbols]}
        store.write_if_absent(f"code/{found.digest}.json", json.dumps(symbols).encode())


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lab:
    """A project without scripts."""
    monkeypatch.setattr(evidence_module, "RunReader", MadeUpReader)
    monkeypatch.setattr(MadeUpReader, "traces", {})
    for name in ("JOBTUI_STORE", "JOBTUI_OUTPUTS", "PYTHONPATH"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    root = tmp_path / "project"
    (root / ".jobtui").mkdir(parents=True)
    return Lab(root)


@pytest.fixture
def lab(empty: Lab) -> Lab:
    """A project with one script of three steps and a helper module; never run."""
    empty.write(
        "helpers.py",
        """
        SCALE = 3

        def detrend(x):
            return [value - SCALE for value in x]
        """,
    )
    empty.write(
        "co2.py",
        """
        from jobtui_core import JsonFile, default_param, make
        from helpers import detrend

        window = default_param("window", 52, help="weeks")

        @make(inputs=["{path}"])
        def read(path):
            with open(path) as file:
                return [float(line) for line in file]

        @make(output=JsonFile("results/trend.json"))
        def trend(series, window):
            return [sum(detrend(series)[i : i + window]) for i in range(3)]

        @make
        def report(values):
            return max(values)

        series = read("data/co2.csv")
        values = trend(series, window)
        print(report(values))
        """,
    )
    empty.write("data/co2.csv", "1\n2\n3\n4\n")
    return empty
