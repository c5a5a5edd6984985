"""The record of a run in a store: what it holds, and what is made of one that lies."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from jobtui_core.project.evidence import others as others_module
from jobtui_core.project.evidence.others import OtherRuns, harvest_of
from jobtui_core.project.evidence.stores import ELSEWHERE
from jobtui_core.records import CallState, RunState
from jobtui_core.stores import LatencyStore, LocalStore, MemoryStore, SigningKey
from jobtui_core.tracing.read import read_run
from jobtui_core.tracing.sharing import records
from jobtui_core.tracing.sharing.records import (
    SharedRun,
    from_bytes,
    parse_name,
    record_name,
    run_lines,
    to_bytes,
)
from tests.core.sharing.conftest import Machine

RUN = "2026-11-22T10-14-05-ab12"
NAME = record_name(RUN, "0123456789abcdef")
KEY = "a" * 32
CODE = "c" * 32
ANALYSIS = "d" * 32

SAMPLE = Path(__file__).parents[2] / "data" / "runs" / "version-1.run"


def _lines(**changes: object) -> list[str]:
    call = {
        "event": "call_end", "call": "7-1", "function": "co2:trend", "name": "trend",
        "kind": "step", "site": 0, "analysis": ANALYSIS, "key": KEY, "started": 2.0,
        "time": 3.0, "state": "computed", "result": "b" * 32, "code": CODE, "duration": 1.0,
        **changes,
    }  # fmt: skip
    events = [
        {"event": "shared", "version": 1, "project": True},
        {"event": "run_start", "time": 1.0, "script": "co2.py", "user": "ada", "host": "lab2"},
        {"event": "sites", "script": "co2.py", "analysis": ANALYSIS},
        call,
        {"event": "run_end", "time": 4.0, "state": "done", "code": 0},
    ]
    return [json.dumps(event) for event in events]


def _read(lines: list[str]) -> SharedRun | None:
    return from_bytes(to_bytes(lines, NAME, None), NAME, None)


def test_a_record_of_the_first_version_is_read() -> None:
    shared = from_bytes(SAMPLE.read_bytes(), NAME, None)
    assert shared is not None
    assert (shared.user, shared.host, shared.project) == ("ada", "lab2", True)
    trace = shared.trace
    assert (trace.info.script, trace.info.state, trace.finished) == ("co2.py", RunState.DONE, True)
    (call,) = trace.calls
    assert (call.key, call.state, call.function) == (KEY, CallState.COMPUTED, "co2:trend")
    assert [one.digest for one in trace.analyses] == [ANALYSIS]


def test_what_a_trace_says_comes_back_from_its_record(tmp_path: Path) -> None:
    folder = tmp_path / RUN
    folder.mkdir()
    events = [
        {"event": "run_start", "time": 1.0, "script": "co2.py", "argv": ["--token=x", "n"],
         "host": "lab2", "pid": 7, "boot": "b", "cwd": "/home/ada", "user": "ada"},
        {"event": "sites", "time": 1.1, "script": "co2.py", "analysis": ANALYSIS},
        {"event": "file_read", "time": 1.2, "path": "a.txt", "digest": "e" * 32,
         "file": "co2.py", "line": 3},
        {"event": "call_start", "time": 2.0, "call": "7-1", "function": "co2:read",
         "kind": "step", "site": 0, "analysis": ANALYSIS, "key": KEY},
        {"event": "call_end", "time": 3.0, "call": "7-1", "state": "failed", "key": KEY,
         "error": {"type": "ValueError", "message": "at /home/ada", "traceback": "/home/ada"}},
        {"event": "call_start", "time": 3.5, "call": "7-2", "function": "co2:trend",
         "kind": "step", "site": 1, "analysis": ANALYSIS, "key": KEY},
        {"event": "run_end", "time": 4.0, "state": "failed", "code": 1, "error": "/home/ada"},
    ]  # fmt: skip
    text = "".join(f"{json.dumps(event)}\n" for event in events)
    (folder / "events.jsonl").write_text(text)
    trace = read_run(folder)
    lines = run_lines(trace, project=True, store_name=lambda name: name)
    assert "/home/ada" not in "".join(lines)
    assert '"pid"' not in "".join(lines)
    shared = _read(lines)
    assert shared is not None
    assert shared.trace.info.argv == ("--token=<hidden>", "n")
    assert [call.state for call in shared.trace.calls] == [CallState.FAILED, CallState.RUNNING]
    assert shared.trace.files_read == trace.files_read
    assert shared.trace.info.state is RunState.FAILED


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: b"",
        lambda data: data[: len(data) // 2],
        lambda data: data.replace(b"run 1", b"run 2", 1),
        lambda data: data.partition(b"\n")[2],
        lambda data: b"jobtui run 1 -\n" + zlib.compress(b"not json"),
        lambda data: b"jobtui run 1 -\n" + zlib.compress(b"[]"),
        lambda data: b"jobtui run 1 -\n" + zlib.compress(b"[" * 200_000),
        lambda data: b"jobtui run 1 -\n" + zlib.compress(b"\xff\xfe"),
    ],
)
def test_what_is_no_record_is_none(spoil: Callable[[bytes], bytes]) -> None:
    assert from_bytes(spoil(to_bytes(_lines(), NAME, None)), NAME, None) is None


@pytest.mark.parametrize("state", ["running", "queued", "silent", "anything", 7, None])
def test_a_run_that_has_not_ended_is_no_evidence(state: object) -> None:
    lines = _lines()
    lines[-1] = json.dumps({"event": "run_end", "time": 4.0, "state": state})
    assert _read(lines) is None
    assert _read(_lines()[:-1]) is None


def test_a_record_that_unpacks_to_more_than_anybody_needs_is_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    data = to_bytes([*_lines()[:-1], json.dumps({"x": "y" * 100_000}), _lines()[-1]], NAME, None)
    assert from_bytes(data, NAME, None) is not None
    monkeypatch.setattr(records, "_LARGEST_TEXT", 50_000)
    assert from_bytes(data, NAME, None) is None
    with pytest.raises(ValueError, match="takes"):
        to_bytes([json.dumps({"x": "y" * 100_000})], NAME, None)


@pytest.mark.parametrize(
    "line", ["{}\n" * 300_000, '{"event": "x", "a": [' + "{}," * 2_000_000 + "{}]}\n"]
)
def test_what_packs_small_and_takes_long_to_read_is_no_record(line: str) -> None:
    first, *rest = _lines()
    data = to_bytes([first, line + rest[0], *rest[1:]], NAME, None)
    assert len(data) < 100_000
    assert from_bytes(data, NAME, None) is None


def test_of_records_that_unpack_to_very_much_the_newest_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(others_module, "_MOST_TEXT", 350_000)
    store = MemoryStore()
    filling = json.dumps({"event": "x", "y": "z" * 100_000})
    names = [record_name(f"2026-11-22T10-14-05-{number:04x}", "f" * 16) for number in range(5)]
    for name in names:
        store.write(name, to_bytes([*_lines()[:-1], filling, _lines()[-1]], name, None))
    others = OtherRuns(tmp_path, store)
    came, _ = others.update(anew=True)
    assert came == set(names[-3:])


def test_of_fields_of_the_wrong_kind_nothing_is_taken() -> None:
    shared = _read(_lines(key=7, result=[], inputs={"a": 1}, store=3, accepted=[["x"]], notes="n"))
    assert shared is not None
    (call,) = shared.trace.calls
    assert (call.key, call.result, call.inputs, call.store, call.accepted) == (
        None, None, (), None, (),
    )  # fmt: skip


def test_with_a_key_only_records_count_that_are_signed_under_their_own_name() -> None:
    key, other = SigningKey("ours"), SigningKey("somebody's")
    signed = to_bytes(_lines(), NAME, key)
    assert from_bytes(signed, NAME, key) is not None
    # Whoever has no key reads them all the same.
    assert from_bytes(signed, NAME, None) is not None
    assert from_bytes(signed, NAME, other) is None
    assert from_bytes(to_bytes(_lines(), NAME, None), NAME, key) is None
    assert from_bytes(signed, record_name(RUN, "f" * 16), key) is None


@pytest.mark.parametrize(
    "name",
    ["runs/x", "runs/../a.run", f"{NAME}.bak", NAME.upper(), f"runs/{RUN}.run", f"{NAME}\n"],
)
def test_other_names_are_no_records(name: str) -> None:
    assert parse_name(NAME) is not None
    assert parse_name(name) is None


@pytest.mark.parametrize(
    ("told", "project", "place", "where"),
    [
        (None, True, None, None),
        (".", False, None, None),
        (".", True, "s3://lab/x", "s3://lab/x"),
        ("s3://known/y", True, None, "s3://known/y"),
        # The project's store of those who made the record is not this one.
        (None, False, None, ELSEWHERE),
        (None, True, "s3://lab/x", ELSEWHERE),
        # Whatever else it names is not for us to open.
        ("s3://stranger/z", True, None, ELSEWHERE),
        ("/etc", True, None, ELSEWHERE),
        ("../../other", True, None, ELSEWHERE),
    ],
)
def test_a_record_counts_for_its_own_store_and_those_known_here(
    told: str | None, project: bool, place: str | None, where: str | None
) -> None:
    lines = _lines(**({} if told is None else {"store": told}))
    lines[0] = json.dumps({"event": "shared", "version": 1, "project": project})
    shared = _read(lines)
    assert shared is not None
    found = harvest_of(shared, place, ["s3://known/y"], lambda digest: None)
    assert list(found.kept) == ([] if where == ELSEWHERE else [(where, KEY)])
    assert bool(found.codes) is (where != ELSEWHERE)


def test_of_very_many_records_the_newest_count(tmp_path: Path) -> None:
    store = MemoryStore()
    for number in range(1_100):
        name = record_name(f"2026-11-22T10-14-05-{number:04x}", "f" * 16)
        store.write(name, to_bytes(_lines(), name, None))
    others = OtherRuns(tmp_path, store)
    came, went = others.update(anew=True)
    assert (len(came), len(went)) == (1_000, 0)
    assert others.update(anew=True) == (set(), set())
    store.delete(max(came))
    came, went = others.update(anew=True)
    assert (len(came), len(went)) == (1, 1)


def test_records_for_which_there_was_no_time_are_told_of_and_read_at_the_next_look(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = LatencyStore(MemoryStore(), 0.0)
    for number in range(30):
        name = record_name(f"2026-11-22T10-14-05-{number:04x}", "f" * 16)
        store.write(name, to_bytes(_lines(), name, None))
    others = OtherRuns(tmp_path, store)
    monkeypatch.setattr(others_module, "_PATIENCE", -1.0)
    assert others.update(anew=True) == (set(), set())
    assert "30 of 30 records of runs were not read in time" in others.problem
    monkeypatch.undo()
    assert len(others.update(anew=True)[0]) == 30
    assert not others.problem


def test_a_store_with_rubbish_under_the_name_of_records_is_no_trouble(
    both: tuple[Machine, Machine], shared: Path
) -> None:
    ada, bob = both
    ada.run("co2.py")
    good = next(path for path in (shared / "runs").iterdir())
    store = LocalStore(shared)
    for number, data in enumerate([b"", b"jobtui run 1 -\n", good.read_bytes()[:-5]]):
        store.write(record_name(f"2026-11-22T10-14-05-000{number}", "f" * 16), data)
    store.write("runs/something else".replace(" ", "-"), b"x")
    assert bob.verdicts() == {"read": "fresh", "scaled": "fresh"}
    # One that promises results that nobody ever stored.
    lies = [json.dumps(event) for event in _claims(good.read_bytes())]
    name = record_name("2026-11-22T10-14-05-ffff", "f" * 16)
    store.write(name, to_bytes(lies, name, None))
    assert bob.verdicts() == {"read": "unsure", "scaled": "unsure"}
    good.unlink()
    assert bob.verdicts() == {"read": "stale", "scaled": "unsure"}
    # Once it ran here, it is known which keys are asked for.
    assert bob.run("co2.py") == "the sum is 12\n"
    assert bob.verdicts() == {"read": "fresh", "scaled": "fresh"}


def _claims(data: bytes) -> list[dict[str, object]]:
    """Give the events of a record, with keys that no entry has."""
    text = zlib.decompress(data.partition(b"\n")[2])
    events = [json.loads(line) for line in text.split(b"\n")]
    return [
        {**event, "key": f"{number:032x}"} if event["event"] == "call_end" else event
        for number, event in enumerate(events)
    ]


def test_signed_projects_take_no_word_of_those_who_have_no_key(
    both: tuple[Machine, Machine],
) -> None:
    ada, bob = both
    ada.run("co2.py")
    bob.environment["JOBTUI_SIGNING_KEY"] = "a secret of bob's"
    assert bob.verdicts() == {"read": "new", "scaled": "new"}


def test_of_a_store_that_only_a_memory_names_its_own_calls_are_told(
    both: tuple[Machine, Machine], shared: Path
) -> None:
    ada, bob = both
    for one in both:
        one.write("jobtui.toml", "")
        one.write(
            "squares.py",
            f"""
            from jobtui_core import Memory, make

            memory = Memory({str(shared)!r}, verbose=0)

            @memory.cache
            def square(number):
                print("computing", number)
                return number * number

            @make
            def mine():
                return 3

            print(square(2), mine())
            """,
        )
        (one.root / "co2.py").unlink()
    assert ada.run("squares.py") == "computing 2\n4 3\n"
    seen = bob.status()
    assert seen["square"]["verdict"] == "fresh"
    assert seen["square"]["computed_by"][0]["user"] == "ada"
    # It lies on the other machine, in a folder of its own.
    assert seen["mine"]["verdict"] == "new"
    assert bob.run("squares.py") == "4 3\n"
    # What an edit is compared with comes from that store, too.
    bob.edit("squares.py", "number * number", "number ** 2")
    assert "-    return number * number\n" in bob.jobtui("why", "square")
    for record in (shared / "jobtui" / "runs").iterdir():
        text = zlib.decompress(record.read_bytes().partition(b"\n")[2]).decode()
        assert str(ada.root.parent) not in text
        assert str(shared) not in text
