"""What one machine computed, seen from another one that has its store and no runs of its own."""

from __future__ import annotations

import os
import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from jobtui_core.project import open_project, overview
from jobtui_core.project.kept.lastlook import LastLook
from jobtui_core.project.reader import forget_readers
from tests.core.project.test_overview import settle
from tests.core.sharing.conftest import Machine
from tests.support import wait_until

FRESH = {"read": "fresh", "scaled": "fresh"}

Both = tuple[Machine, Machine]


def test_the_second_machine_shows_fresh_and_by_whom_before_it_runs_anything(both: Both) -> None:
    ada, bob = both
    assert "computing scaled" in ada.run("co2.py")
    seen = bob.status()
    assert {name: step["verdict"] for name, step in seen.items()} == FRESH
    (maker,) = seen["scaled"]["computed_by"]
    assert (maker["user"], maker["host"]) == ("ada", os.uname().nodename)
    ago = datetime.now(UTC) - datetime.fromisoformat(maker["time"])
    assert timedelta(0) <= ago < timedelta(minutes=2)
    why = bob.jobtui("why", "scaled")
    assert f"computed by ada on {os.uname().nodename}, just now (" in why
    # Looking wrote nothing.
    assert not (bob.root / ".jobtui").exists()
    # What it says of a run comes true, and whose the results are is not forgotten.
    assert bob.run("co2.py") == "the sum is 12\n"
    assert bob.status()["read"]["computed_by"][0]["user"] == "ada"
    # For whoever computed them, it is no news.
    assert ada.status()["read"]["computed_by"] == []


def test_results_of_different_machines_are_told_apart(both: Both) -> None:
    ada, bob = both
    ada.run("co2.py")
    bob.edit("co2.py", "sum(scaled", "max(scaled")
    bob.write("numbers.txt", "4 5")
    assert bob.run("co2.py").startswith("computing read\ncomputing scaled\n")
    ada.write("numbers.txt", "4 5")
    makers = {name: step["computed_by"] for name, step in ada.status().items()}
    assert {one["user"] for found in makers.values() for one in found} == {"bob"}
    ada.write("numbers.txt", "1 2 3")
    assert ada.status()["read"]["computed_by"] == []


def test_an_edit_that_one_accepts_is_accepted_on_the_other(both: Both) -> None:
    ada, bob = both
    ada.run("co2.py")
    for one in both:
        one.edit("helpers.py", "number * factor", "factor * number")
    bob.jobtui("accept", "scaled", "--yes")
    seen = ada.status()["scaled"]
    assert (seen["verdict"], seen["accepted"]) == ("fresh", True)
    assert "by bob" in ada.jobtui("accepted")
    assert ada.run("co2.py") == "the sum is 12\n"


def test_an_edit_is_shown_as_a_diff_from_what_the_store_keeps(both: Both) -> None:
    ada, bob = both
    ada.run("co2.py")
    bob.edit("helpers.py", "number * factor", "number * factor + 1")
    why = bob.jobtui("why", "scaled")
    assert "scaled is stale" in why
    assert "-    return number * factor\n" in why
    assert "+    return number * factor + 1\n" in why


def test_a_killed_run_is_shared_by_whoever_runs_next_on_its_machine(
    both: Both, shared: Path
) -> None:
    ada, bob = both
    ada.write(
        "halts.py",
        """
        import time
        from jobtui_core import make

        @make
        def first():
            return 1

        @make
        def second(value):
            print("in the middle", flush=True)
            time.sleep(1000)

        second(first())
        """,
    )
    (bob.root / "halts.py").write_text((ada.root / "halts.py").read_text())
    process = ada.start("halts.py")
    assert process.stdout is not None
    assert process.stdout.readline() == "in the middle\n"
    process.send_signal(signal.SIGKILL)
    process.communicate()
    assert not list(shared.glob("runs/*"))
    ada.run("co2.py")
    seen = bob.status()
    assert seen["first"]["verdict"] == "fresh"
    assert seen["first"]["computed_by"][0]["user"] == "ada"
    assert seen["second"]["verdict"] in ("new", "stale")


def test_runs_of_both_at_once_leave_a_record_each(both: Both, shared: Path) -> None:
    processes = [one.start("co2.py") for one in both]
    for process in processes:
        out, err = process.communicate(timeout=60)
        assert process.returncode == 0, err
        assert out.endswith("the sum is 12\n")
    names = [path.name for path in (shared / "runs").iterdir()]
    assert len({name.rpartition("-")[2] for name in names}) == 2
    assert len(names) == 2
    for one in both:
        assert one.verdicts() == FRESH


def test_a_run_by_the_supervisor_is_shared_too(both: Both, shared: Path) -> None:
    ada, bob = both
    ada.jobtui("run")
    wait_until(lambda: list(shared.glob("runs/*.run")))
    assert bob.verdicts() == FRESH


def test_runs_that_show_nothing_new_are_told_once(both: Both, shared: Path) -> None:
    ada, bob = both
    for _ in range(2):
        ada.run("co2.py")
    assert len(list(shared.glob("runs/*.run"))) == 1
    assert bob.verdicts() == FRESH


def test_who_lost_the_own_records_finds_them_in_the_store(both: Both) -> None:
    ada, _ = both
    ada.run("co2.py")
    for path in sorted((ada.root / ".jobtui").rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    (ada.root / ".jobtui").rmdir()
    seen = ada.status()
    assert {name: step["verdict"] for name, step in seen.items()} == FRESH
    assert seen["read"]["computed_by"] == []


def test_nothing_is_shared_where_nobody_wants_it(both: Both, shared: Path) -> None:
    ada, bob = both
    ada.run("co2.py", JOBTUI_TRACE="0")
    assert not (shared / "runs").exists()
    ada.write("jobtui.toml", f'store = "{shared}"\nshare_runs = false\n')
    ada.run("co2.py")
    assert not (shared / "runs").exists()
    # Its results are found all the same, and say themselves whose they are.
    assert bob.run("co2.py") == "the sum is 12\n"
    assert f"computed by ada on {os.uname().nodename}" in bob.jobtui("why", "scaled")


def test_a_failure_elsewhere_is_no_failure_here(both: Both) -> None:
    ada, bob = both
    for one in both:
        one.edit("co2.py", '    print("computing scaled")\n', "    open('only on bob')\n")
    bob.write("only on bob", "")
    ada.run("co2.py", code=1)
    assert bob.verdicts() == {"read": "fresh", "scaled": "new"}
    assert bob.run("co2.py") == "the sum is 12\n"


def test_a_status_that_was_kept_is_given_until_somebody_adds_to_the_shared_folder(
    both: Both, shared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada, bob = both
    for name in ("JOBTUI_STORE", "JOBTUI_ROOT"):
        monkeypatch.delenv(name, raising=False)
    bob.run("co2.py")
    for path in (bob.root, shared):
        settle(path)
    forget_readers()
    overview(open_project(bob.root))
    with LastLook(str(bob.root)) as look:
        assert look.holds()
        ada.run("co2.py")
        assert not look.holds()
