"""All about one run, and the command line that does it again."""

from __future__ import annotations

import shlex

import pytest

from jobtui_core.errors import RunError, StoreUnavailableError, UnknownNameError
from jobtui_core.project import note_run, remove_runs, run_detail, run_removal, runs
from jobtui_core.project.rundetail import command_line
from jobtui_core.records import CallState, RunInfo, RunState
from jobtui_core.stores import MemoryStore, register_store_backend
from tests.core.project_running.traces import Trace

RUN = "2026-11-22T10-14-05-ab12"


def written(desk) -> Trace:
    trace = Trace(desk.root, RUN, "co2.py").start(
        argv=["--fast", "a b"],
        parameters={"window": 26, "late": 1},
        user="anna",
        python="3.12.1",
        job="slurm:7",
        versions={"numpy": "2.1.0", "bad\x1b": "1", "none": None},
        git={"commit": "a1b2c3", "dirty": None},
    )
    trace.write("parameter", name="window", value=26, default=52)
    trace.write("parameter", name="model", value="ridge", default="ridge")
    trace.write("warning", text="a\x1b[2J warning")
    trace.call(1, "load")
    trace.called(
        1, "hit", saved=12.5, inputs=[["data/co2.csv", "d1"]], met=[["b.txt", "d2"]], outputs=[]
    )
    trace.call(2, "fit")
    trace.called(2, outputs=[["fit.npy", "d3"]])
    trace.write("file_read", path="conf.toml", digest="d4", file="co2.py", line=3)
    trace.write("file_write", path="table.txt", digest=None, file="co2.py", line=4)
    return trace.end()


def test_a_page_about_a_run_has_all_that_is_known(desk) -> None:
    written(desk)
    (desk.project.runs_folder / RUN / "changes.diff").write_text("-old\n+new\n")
    (desk.project.runs_folder / RUN / "untracked.txt").write_text("new.py\nodd\x1b.py\n")
    note_run(desk.project, RUN, "mine", starred=True)
    detail = run_detail(desk.project, "last")
    info = detail.info
    assert (info.state, info.user, info.python, info.job) == (
        RunState.DONE,
        "anna",
        "3.12.1",
        "slurm:7",
    )
    assert (info.commit, info.dirty, info.hits, info.computed) == ("a1b2c3", True, 1, 1)
    assert info.time_saved == 12.5
    assert info.differing == {"window": 26, "late": 1}
    assert [(p.name, p.default, p.value) for p in detail.parameters] == [
        ("window", 52, 26),
        ("model", "ridge", "ridge"),
        ("late", None, 1),
    ]
    assert [(call.name, call.state) for call in detail.calls] == [
        ("load", CallState.HIT),
        ("fit", CallState.COMPUTED),
    ]
    assert detail.inputs == (("b.txt", "d2"), ("conf.toml", "d4"), ("data/co2.csv", "d1"))
    assert detail.outputs == (("fit.npy", "d3"), ("table.txt", ""))
    assert detail.versions == (("bad\\x1b", "1"), ("numpy", "2.1.0"))
    assert detail.warnings == ("a\\x1b[2J warning",)
    assert (detail.notes.note, detail.notes.starred) == ("mine", True)
    assert detail.diff == "-old\n+new\n"
    assert detail.untracked == ("new.py", "odd\\x1b.py")
    assert shlex.split(detail.command) == [
        "jobtui", "run", "co2.py", "window=26", "late=1", "--", "--fast", "a b",
    ]  # fmt: skip


def test_a_clean_tree_is_known_to_be_clean_and_an_unknown_one_is_not(desk) -> None:
    written(desk)
    assert runs(desk.project)[0].dirty is None
    (desk.project.runs_folder / RUN / "changes.diff").touch()
    assert runs(desk.project)[0].dirty is False
    assert runs(desk.project)[0].dirty is False


def test_secrets_are_not_in_the_command_line() -> None:
    info = RunInfo(
        id=RUN,
        script="a b.py",
        state=RunState.DONE,
        argv=("--token", "hunter2", "--password=hunter2"),
        differing={"api_key": "hunter2", "name": "it's"},
    )
    told = command_line(info)
    assert "hunter2" not in told
    assert shlex.split(told)[2:5] == ["a b.py", "api_key=<hidden>", "name=it's"]


def test_removing_says_what_goes_before(desk) -> None:
    written(desk).output(b"x" * 1000)
    look = run_removal(desk.project, [RUN, "last"])
    assert [info.id for info in look.runs] == [RUN]
    assert look.size > 1000
    assert look.refused == ()
    assert remove_runs(desk.project, [RUN]) == (RUN,)
    assert runs(desk.project) == ()
    assert not (desk.project.runs_folder / RUN).exists()


def test_starred_runs_go_by_force_alone_and_running_ones_never(desk) -> None:
    written(desk)
    note_run(desk.project, RUN, starred=True)
    with pytest.raises(RunError, match="has a star"):
        remove_runs(desk.project, [RUN])
    active = Trace(desk.root, "2026-11-22T10-14-06-0000").start()
    with pytest.raises(RunError, match="goes on"):
        remove_runs(desk.project, [RUN, active.run], force=True)
    assert len(runs(desk.project)) == 2
    assert remove_runs(desk.project, [RUN], force=True) == (RUN,)


def test_a_name_that_is_none_removes_nothing(desk) -> None:
    written(desk)
    with pytest.raises(UnknownNameError):
        remove_runs(desk.project, [RUN, "2020-01-01"])
    assert len(runs(desk.project)) == 1


def test_a_folder_without_records_can_be_removed(desk) -> None:
    (desk.project.runs_folder / RUN).mkdir(parents=True)
    assert remove_runs(desk.project, [RUN]) == (RUN,)


def test_a_store_that_does_not_answer_is_asked_once_and_leaves_the_rest(desk) -> None:
    asked = []

    class Silent(MemoryStore):
        def read(self, name: str, start: int = 0, length: int | None = None) -> bytes | None:
            asked.append(name)
            raise StoreUnavailableError("no answer", url=self.url)

    register_store_backend("silent", lambda url: Silent())
    (desk.root / "jobtui.toml").write_text('store = "silent://lab"')
    trace = Trace(desk.root, RUN).start()
    for number, place in enumerate([None, None, "nosuch://lab/a"]):
        trace.call(number, "f")
        trace.called(number, "hit", key="1" * 32, store=place)
    trace.end()
    detail = run_detail(desk.project, RUN)
    assert (detail.info.hits, detail.figures) == (3, ())
    assert len(asked) == 1
