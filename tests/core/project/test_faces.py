"""Explanations, results, watched files, parameters as typed, and the shape of the JSON."""

from __future__ import annotations

import json
import os
import random
import re
import sys
from datetime import datetime

import pytest

from jobtui_core.entry import EntryMeta, entry_name, write_entry
from jobtui_core.errors import ParameterError, UnknownNameError
from jobtui_core.project import parse_overrides, result, to_json, watched, why
from jobtui_core.project.running import history
from jobtui_core.records import ReasonKind, RunInfo, RunState, Verdict


def test_why_explains_a_step_of_each_script_that_has_it(lab):
    run = lab.run()
    (found,) = why(lab.project, "trend")
    assert found.step.verdict is Verdict.FRESH
    assert found.run is not None
    assert found.run.id == run
    assert why(lab.project, "co2:trend") == why(lab.project, "co2.trend") == (found,)
    (other,) = why(lab.project, "trend", script="co2.py", overrides={"window": 4})
    assert other.step.reasons[0].kind is ReasonKind.PARAMETER_CHANGED


def test_why_of_an_unknown_step_names_the_nearest(lab):
    with pytest.raises(UnknownNameError, match="did you mean 'report'"):
        why(lab.project, "reprot")


def test_results_are_shown_from_headers_alone(lab):
    class Bomb:
        def __reduce__(self):
            return (sys.exit, (1,))

    lab.run()
    row = lab.row("report")
    store = lab.project.open_store()
    name = entry_name(row.function, row.keys[0])
    write_entry(store, name, {"bomb": Bomb()}, EntryMeta(key=row.keys[0], function=row.function))
    (preview,) = result(lab.project, lab.row("report"))
    assert preview.kind == "mapping"


def test_a_result_that_cannot_be_shown_says_why(lab):
    lab.run()
    row = lab.row("report")
    (preview,) = result(lab.project, row)
    assert "unreadable" in preview.text
    lab.project.open_store().delete(entry_name(row.function, row.keys[0]))
    (preview,) = result(lab.project, row)
    assert preview.text == "no longer in the store"


def test_watched_are_sources_inputs_outputs_and_settings(lab):
    lab.run()
    lab.write("jobtui.toml", "")
    lab.write("data/unrelated.csv", "")
    names = [path.relative_to(lab.root).as_posix() for path in watched(lab.project, lab.status())]
    assert names == [
        "co2.py",
        "data/co2.csv",
        "helpers.py",
        "jobtui.toml",
        "results/trend.json",
    ]


def test_folders_that_are_inputs_are_watched_with_their_files(lab):
    lab.write("data/sub/a.csv", "1")
    lab.write(
        "many.py",
        """
        from jobtui_core import make
        @make(inputs="data/**/a.csv")
        def read():
            return 1
        read()
        """,
    )
    found = watched(lab.project, lab.status("many.py"))
    names = [path.relative_to(lab.root).as_posix() for path in found]
    assert names == ["data", "data/sub", "data/sub/a.csv", "many.py"]


def test_overrides_are_typed_by_the_defaults(lab):
    assert parse_overrides(lab.project, None, ["window=26"]) == {"window": 26}
    assert parse_overrides(lab.project, ["co2.py"], ["window=1", "window=2"]) == {"window": 2}
    assert parse_overrides(lab.project, None, []) == {}
    with pytest.raises(ParameterError, match="whole number"):
        parse_overrides(lab.project, None, ["window=wide"])
    with pytest.raises(ParameterError, match="name=value"):
        parse_overrides(lab.project, None, ["window"])
    with pytest.raises(UnknownNameError, match="did you mean 'window'"):
        parse_overrides(lab.project, None, ["widnow=3"])


def test_the_json_has_the_promised_shape(lab):
    run = lab.run(argv=["--fast"])
    lab.write("bad.py", "from jobtui_core import make\nx = = 1\n")
    lab.edit("helpers.py", "SCALE = 3", "SCALE = 4")
    found = json.loads(json.dumps(to_json(lab.status())))
    assert found["project"] == "."
    bad, co2 = sorted(found["scripts"], key=lambda script: script["path"])
    assert bad["error"] == {"line": 2, "column": 5, "message": "invalid syntax"}
    assert co2["path"] == "co2.py"
    assert co2["error"] is None
    assert co2["argv"] == ["--fast"]
    (window,) = co2["parameters"]
    assert {name: window[name] for name in ("name", "type", "default", "value")} == {
        "name": "window",
        "type": "int",
        "default": 52,
        "value": 52,
    }
    read, trend, report = co2["steps"]
    assert read["verdict"] == "fresh"
    assert read["reasons"] == []
    assert trend["name"] == "trend"
    assert trend["function"] == "co2:trend"
    assert trend["kind"] == "step"
    assert trend["verdict"] == "stale"
    assert trend["reasons"][0]["kind"] == "code-changed"
    assert trend["reasons"][0]["subject"] == "helpers:SCALE"
    assert trend["reasons"][0]["summary"] == "helpers.SCALE: 3 → 4"
    assert trend["notes"] == []
    assert trend["accepted"] is False
    assert trend["calls"] == 1
    assert trend["duration"] == pytest.approx(2.0)
    assert trend["last_run"] == run
    assert datetime.fromisoformat(trend["last_time"]).tzinfo is not None
    assert report["verdict"] == "unsure"


def test_argv_is_that_of_the_newest_run_unless_given(lab):
    lab.edit("co2.py", "print(report", "import sys\nprint(sys.argv)\nprint(report")
    lab.run(argv=["--slow"])
    lab.run(argv=["--fast"])
    assert lab.status().scripts[0].argv == ("--fast",)
    from jobtui_core.project import status

    assert status(lab.project, argv=[]).scripts[0].argv == ()
    assert status(lab.project, argv=["x"]).scripts[0].argv == ("x",)


def test_words_that_a_script_refused_are_not_taken_up_again(lab):
    lab.edit("co2.py", "print(report", "import sys\nprint(sys.argv)\nprint(report")
    lab.run(argv=["--fast"])
    lab.run(argv=["--fsat"], state=RunState.FAILED, until="read", code=2)
    assert lab.status().scripts[0].argv == ("--fast",)
    lab.run(argv=["--slow"], state=RunState.FAILED, until="trend", code=2)
    assert lab.status().scripts[0].argv == ("--slow",)


def test_the_next_run_does_not_repeat_words_that_were_refused(lab, monkeypatch):
    def run(day, argv, **facts):
        return RunInfo(id=f"2026-11-{day}", script="co2.py", argv=argv, **facts)

    refused = run(22, ("--fsat",), state=RunState.FAILED, code=2)
    monkeypatch.setattr(history, "runs", lambda project: (refused,))
    assert history.newest_argv(lab.project, "co2.py") == ()
    earlier = run(21, ("--fast",), state=RunState.FAILED, code=2, failed=1)
    monkeypatch.setattr(history, "runs", lambda project: (refused, earlier))
    assert history.newest_argv(lab.project, "co2.py") == ("--fast",)


def test_looking_writes_nothing_into_a_folder_without_a_state_folder(empty, tmp_path):
    root = tmp_path / "untouched"
    root.mkdir()
    (root / "a.py").write_text(
        "from jobtui_core import make\n@make\ndef f(x):\n    return x\nprint(f(1))\n"
    )
    from jobtui_core.project import open_project, status

    assert [step.name for step in status(open_project(root)).steps] == ["f"]
    assert sorted(os.listdir(root)) == ["a.py"]


def test_a_folder_that_cannot_be_written_is_read_all_the_same(lab, monkeypatch):
    from pathlib import Path

    def refuse(*args, **kwargs):
        raise PermissionError(13, "no writing here")

    lab.run()
    monkeypatch.setattr(Path, "write_text", refuse)
    monkeypatch.setattr(Path, "mkdir", refuse)
    assert set(lab.verdicts().values()) == {"fresh"}


def test_lost_analyses_and_hostile_documents_cost_the_evidence_alone(lab):
    lab.run()
    store = lab.project.open_store()
    for item in list(store.list("code/")):
        store.write(item.name, b'{"sites": [[[[')
    assert lab.status().warnings == ()
    row = lab.row("read")
    # Its code ran: with which arguments nobody knows any more.
    assert row.verdict is Verdict.UNSURE
    assert row.reasons[0].summary == "read was called, but not where its call sites tell"


def test_results_that_went_with_the_whole_store_are_said_to_be_gone(lab):
    lab.run()
    store = lab.project.open_store()
    for item in list(store.list()):
        store.delete(item.name)
    row = lab.row("read")
    assert row.verdict is Verdict.STALE
    assert [reason.kind for reason in row.reasons] == [ReasonKind.EVICTED]
    assert row.reasons[0].summary == "its results are no longer in the store"
    lab.run()
    assert set(lab.verdicts().values()) == {"fresh"}


def test_a_run_whose_records_cannot_be_read_is_told_of(lab, monkeypatch):
    from jobtui_core.project.evidence import gathered as evidence

    class Torn:
        def __init__(self, folder):
            raise ValueError("not a run")

    lab.run()
    monkeypatch.setattr(evidence, "RunReader", Torn)
    status = lab.status()
    assert re.match("The record of run .* is unreadable: ValueError: not a run", status.warnings[0])
    assert {step.verdict for step in status.steps} == {Verdict.NEW}


def test_no_garbled_document_makes_a_status_fail(lab):
    run = lab.run()
    store = lab.project.open_store()
    (name,) = [
        item.name for item in store.list("code/") if b'"sites"' in (store.read(item.name) or b"")
    ]
    document = json.loads(store.read(name))
    dice = random.Random(7)
    lab.edit("helpers.py", "SCALE = 3", "SCALE = 4")
    for _ in range(150):
        store.write(name, json.dumps(garbled(document, dice)).encode())
        from jobtui_core.project import reader

        reader._readers.clear()
        assert len(lab.status().steps) == 3
    store.write(name, json.dumps(document).encode())
    reader._readers.clear()
    assert lab.row("read").verdict is Verdict.FRESH
    assert lab.row("read").last_run == run


def garbled(value, dice):
    """A copy of a document in which one value somewhere is something else."""
    value = json.loads(json.dumps(value))
    place = value
    while True:
        names = list(place) if isinstance(place, dict) else range(len(place))
        name = dice.choice(list(names))
        inner = place[name]
        if isinstance(inner, dict | list) and inner and dice.random() < 0.8:
            place = inner
            continue
        place[name] = dice.choice([None, -1, "x", [], {}, [[1]], {"a": 1}, 1e400, True, "0" * 32])
        return value
