"""Reading traces, also torn, garbled and hostile ones."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time

import pytest

from jobtui_core.records import CallState, RunState
from jobtui_core.tracing.liveness import boot_id, host_name, liveness, process_start
from jobtui_core.tracing.read import RunReader, read_run


class Writer:
    def __init__(self, folder) -> None:
        self.folder = folder

    def __call__(self, event: str, to: str = "events.jsonl", /, **fields) -> None:
        self.raw(json.dumps({"event": event, "time": 1000.0, **fields}) + "\n", to)

    def raw(self, text: str | bytes, name: str = "events.jsonl") -> None:
        self.folder.mkdir(exist_ok=True)
        data = text if isinstance(text, bytes) else text.encode()
        with (self.folder / name).open("ab") as file:
            file.write(data)

    def start(self, **fields) -> None:
        alive = {"host": host_name(), "boot": boot_id(), "pid": os.getpid()}
        alive["pid_start"] = process_start(os.getpid())
        self("run_start", **{"script": "a.py", "argv": [], "parameters": {}, **alive, **fields})

    def call(self, number: int, **fields) -> None:
        self(
            "call_start",
            **{"call": f"1-{number}", "function": "a:f", "name": "f", "kind": "step", **fields},
        )


@pytest.fixture
def write(tmp_path) -> Writer:
    return Writer(tmp_path / "2026-01-01T00-00-00-abcd")


def read(write):
    return read_run(write.folder)


def test_a_missing_folder_is_an_empty_trace(write) -> None:
    trace = read(write)
    assert trace.info.id == write.folder.name
    assert trace.info.state is RunState.DIED
    assert trace.info.script == ""
    assert trace.calls == []


def test_a_run_is_queued_then_spawned_then_started(write) -> None:
    reader = RunReader(write.folder)
    write("run_queued", script="a.py", argv=["x"], parameters={"w": 1}, queue="q1")
    assert reader.update()
    info = reader.trace.info
    assert (info.state, info.queue, info.argv) == (RunState.QUEUED, "q1", ("x",))
    assert info.parameters == {"w": 1}
    assert info.started is None
    write(
        "run_spawned",
        host=host_name(),
        boot=boot_id().partition("/")[0],
        pid=os.getpid(),
        pid_start=process_start(os.getpid()),
    )
    assert reader.update()
    assert reader.trace.info.state is RunState.RUNNING
    assert reader.trace.info.started == 1000.0
    write("run_end", code=2, signal=None, state="failed", error="it broke", time=1005.0)
    assert reader.update()
    info = reader.trace.info
    assert (info.state, info.code, info.error, info.ended) == (RunState.FAILED, 2, "it broke", 1005)
    assert not reader.update()


def test_calls_grow_as_their_events_come(write) -> None:
    reader = RunReader(write.folder)
    write.start()
    write.call(1, log=7, site=3, analysis="an", key=None)
    reader.update()
    (call,) = reader.trace.calls
    assert (call.state, call.log, call.site, call.started) == (
        CallState.RUNNING,
        (7, None),
        3,
        1000,
    )
    write(
        "call_end",
        call="1-1",
        state="computed",
        key="k",
        result="r",
        code="c",
        duration=1.5,
        inputs=[["a.csv", "d"]],
        met=[["b.csv", "e"]],
        outputs=[["o.npy", "f"]],
        notes=["n"],
        log=[7, 20],
    )
    assert reader.update()
    (call,) = reader.trace.calls
    assert (call.state, call.key, call.result, call.code) == (CallState.COMPUTED, "k", "r", "c")
    assert (call.inputs, call.met) == ((("a.csv", "d"),), (("b.csv", "e"),))
    assert (call.outputs, call.notes, call.log) == ((("o.npy", "f"),), ("n",), (7, 20))
    assert call.info.duration == 1.5
    assert reader.trace.info.computed == 1


def test_a_torn_last_line_waits_for_its_end(write) -> None:
    write.start()
    line = json.dumps(
        {"event": "call_start", "time": 1.0, "call": "1-1", "function": "a:é", "kind": "step"}
    ).encode()
    reader = RunReader(write.folder)
    for index in range(0, len(line), 7):
        write.raw(line[index : index + 7])
        reader.update()
        assert reader.trace.calls == []
    write.raw("\n")
    assert reader.update()
    assert reader.trace.calls[0].name == "é"
    assert reader.trace.skipped == 0


@pytest.mark.parametrize(
    "line",
    [
        b"\x00\x01\xff\n",
        b"[1, 2]\n",
        b"{}\n",
        b'{"event": 3}\n',
        b'{"event": "call_start"}\n',
        b'{"event": "call_end", "call": ["x"]}\n',
        b'{"event": "file_read", "path": 7}\n',
        b"[" * 100_000 + b"\n",
    ],
)
def test_a_line_that_cannot_be_read_is_counted(write, line) -> None:
    write.raw(line)
    write.start()
    write.call(1)
    trace = read(write)
    assert trace.skipped == 1
    assert len(trace.calls) == 1


@pytest.mark.parametrize("value", [None, 3, "x", ["x"], {"a": 1}, [[1]], True, 1e400, -5, [[]]])
def test_fields_of_the_wrong_type_are_taken_for_absent(write, value) -> None:
    names = [
        "run",
        "script",
        "argv",
        "parameters",
        "host",
        "boot",
        "pid",
        "pid_start",
        "queue",
        "code",
        "signal",
        "state",
        "error",
        "name",
        "value",
        "default",
        "analysis",
        "text",
        "file",
        "line",
        "site",
        "key",
        "parent",
        "log",
        "started",
        "result",
        "duration",
        "saved",
        "inputs",
        "met",
        "outputs",
        "inner",
        "notes",
        "digest",
        "hits",
        "computed",
        "place",
        "type",
        "message",
        "kind",
    ]
    bad = dict.fromkeys(names, value)
    events = [
        "run_queued",
        "run_spawned",
        "run_start",
        "parameter",
        "sites",
        "warning",
        "only_stop",
        "error",
        "call_start",
        "call_end",
        "file_read",
        "file_write",
        "calls_counted",
    ]
    for number, event in enumerate(events):
        write(event, **{**bad, "call": f"1-{number}", "function": "a:f", "path": "p"})
    write("call_end", **{**bad, "call": "1-8"})
    write("beat", time=value)
    trace = read(write)
    assert trace.skipped == 0
    assert len(trace.calls) == 2
    assert trace.info.id == write.folder.name
    write("run_end", **bad)
    assert read(write).info.ended == 1000


@pytest.mark.parametrize("value", [10**30, -(10**30), 1 << 62])
def test_whole_numbers_beyond_all_measure_are_taken_for_absent(write, value) -> None:
    write("run_start", pid=value)
    write("call_start", call="1", function="a:f", log=value, site=value)
    write("call_end", call="1", log=[value, value])
    write("run_end", code=value, signal=value)
    trace = read(write)
    assert (trace.info.pid, trace.info.code, trace.info.signal) == (None, None, None)
    assert (trace.calls[0].log, trace.calls[0].site) == ((0, 0), None)


def test_a_line_beyond_all_measure_is_dropped(write, monkeypatch) -> None:
    monkeypatch.setattr("jobtui_core.tracing.read.LONGEST_LINE", 1000)
    monkeypatch.setattr("jobtui_core.tracing.read.CHUNK", 300)
    write.start()
    write.raw('{"event": "warning", "text": "' + "x" * 5000 + '"}\n')
    write.call(1)
    trace = read(write)
    assert trace.skipped == 1
    assert trace.warnings == ()
    assert len(trace.calls) == 1


def test_unknown_events_and_fields_are_left_to_later_versions(write) -> None:
    write.start(version=99, colour="blue")
    write("sparkle", call="1-1")
    assert read(write).skipped == 0


def test_a_file_that_was_rewritten_is_read_anew(write) -> None:
    write.start()
    write.call(1)
    write.call(2)
    reader = RunReader(write.folder)
    reader.update()
    (write.folder / "events.jsonl").write_text("")
    assert reader.update()
    assert reader.trace.calls == []


def test_events_of_all_processes_are_merged_by_time(write) -> None:
    write.start()
    write.call(1, time=10.0)
    write("call_start", "events-h-2.jsonl", call="2-1", function="a:f", kind="step", time=11.0)
    write.call(2, time=12.0)
    # Somebody set the clock back: within a process the order of the lines counts.
    write.call(3, time=5.0)
    assert [call.id for call in read(write).calls] == ["1-1", "2-1", "1-2", "1-3"]


def test_only_the_main_process_ends_a_run(write) -> None:
    write.start()
    write("run_end", "events-h-2.jsonl", code=1, state="failed")
    assert read(write).info.state is RunState.RUNNING


def test_counts_are_sums_so_far(write) -> None:
    write.start()
    counted = {"place": 1, "function": "a:f", "site": 0, "analysis": "an"}
    for hits in (1, 2, 4):
        write("calls_counted", **counted, hits=hits, computed=0, saved=hits / 2)
    write("calls_counted", "events-h-2.jsonl", **counted, hits=3, computed=1, saved=0)
    trace = read(write)
    assert (trace.info.hits, trace.info.computed, trace.info.time_saved) == (7, 1, 2.0)
    assert len(trace.counted) == 2


def dead_process() -> dict[str, object]:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    facts = {"pid": child.pid, "pid_start": process_start(child.pid)}
    child.communicate(b"\n")
    return facts


def test_a_process_that_is_gone_has_died(write) -> None:
    write.start(**dead_process())
    assert read(write).info.state is RunState.DIED


def test_a_process_of_another_boot_has_died(write) -> None:
    write.start(boot="another-boot")
    assert read(write).info.state is RunState.DIED


def test_a_number_given_to_another_process_has_died(write) -> None:
    write.start(pid_start=1.0)
    assert read(write).info.state is RunState.DIED


def test_dying_is_a_change_without_an_event(write) -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    write.start(pid=child.pid, pid_start=process_start(child.pid))
    reader = RunReader(write.folder)
    reader.update()
    assert reader.trace.info.state is RunState.RUNNING
    assert not reader.update()
    child.communicate(b"\n")
    assert reader.update()
    assert reader.trace.info.state is RunState.DIED


@pytest.mark.skipif(sys.platform != "linux", reason="zombies are told apart on Linux")
def test_a_process_that_nobody_reaped_is_alive_only_to_its_supervisor(write) -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    write.start(pid=child.pid, pid_start=process_start(child.pid))
    assert child.stdin is not None
    child.stdin.close()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert read(write).info.state is RunState.DIED
    write("run_queued", script="a.py")
    assert read(write).info.state is RunState.RUNNING
    child.wait()
    assert read(write).info.state is RunState.DIED


@pytest.mark.parametrize(
    ("age", "state"),
    [(10.0, RunState.RUNNING), (299.0, RunState.RUNNING), (400.0, RunState.SILENT)],
)
def test_another_machine_falls_silent(write, age, state) -> None:
    write.start(host="elsewhere", time=time.time() - 9999)
    write("beat", time=time.time() - age)
    assert read(write).info.state is state


def test_another_process_namespace_cannot_be_asked() -> None:
    boot = boot_id().partition("/")[0]
    record = {"host": host_name(), "boot": f"{boot}/pid:[1]", "pid": 1, "pid_start": 0}
    assert liveness(record) in ("unknown", "dead")
    if boot_id().partition("/")[2]:
        assert liveness(record) == "unknown"


def test_an_uncaught_error_is_what_ended_a_failed_run(write) -> None:
    write.start()
    write("error", type="ValueError", message="boom", traceback="…")
    write("run_end", code=1, signal=None, state="failed", error="last line of the log")
    assert read(write).info.error == "ValueError: boom"


def test_a_cancelled_run_has_no_error(write) -> None:
    write.start()
    write("cancel")
    write("error", type="KeyboardInterrupt", message="", traceback="…")
    write("run_end", code=None, signal=2, state="cancelled", error="")
    info = read(write).info
    assert (info.state, info.signal, info.error) == (RunState.CANCELLED, 2, "")


def test_reading_imports_nothing_of_the_writer() -> None:
    code = (
        "import sys, jobtui_core.tracing.read; "
        "bad = [m for m in ('jobtui_core.tracing.files', 'jobtui_core.tracing.opening', "
        "'numpy', 'psutil', 'asyncio') if m in sys.modules]; assert not bad, bad"
    )
    env = {**os.environ, "PYTHONPATH": os.getcwd()}
    subprocess.run([sys.executable, "-c", code], check=True, env=env)
