"""What no process of a run can mark has the time at which the log was seen to hold it."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from jobtui_core.tracing.growth import Growth
from jobtui_core.tracing.loglines import lines_of
from jobtui_core.tracing.markings import Markings, read_markings


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "output.log"
    path.touch()
    return path


def test_lines_of_others_have_the_time_of_the_look_that_found_them(
    log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    watched = Growth(log)
    for moment, text in ((1.0, "first\nsec"), (2.0, "ond\n"), (3.0, ""), (4.0, "third\n")):
        with log.open("a") as file:
            file.write(text)
        monkeypatch.setattr(time, "time", lambda moment=moment: moment)
        watched.look()
    with log.open("a") as file:
        file.write("last\n")
    monkeypatch.setattr(time, "time", lambda: 5.0)
    watched.close()

    found = lines_of(log.read_bytes(), 0, read_markings(log.parent), [])
    assert [(placed[3].text, placed[3].time) for placed in found] == [
        ("first", 1.0),
        ("second", 1.0),
        ("third", 4.0),
        ("last", 5.0),
    ]


def test_nothing_is_noted_of_a_log_that_does_not_grow(log: Path) -> None:
    watched = Growth(log)
    watched.look()
    watched.close()
    assert [path.name for path in log.parent.iterdir()] == ["output.log"]


def test_a_log_that_is_gone_is_no_matter(log: Path) -> None:
    watched = Growth(log)
    log.unlink()
    watched.look()
    watched.close()
    assert read_markings(log.parent) == Markings()


def test_garbled_looks_are_left_out(log: Path) -> None:
    log.with_name("marks-supervisor.jsonl").write_text(
        '{"version":1}\n{"time":5.0,"grown":[0,10]}\n{"time":2.0,"grown":[10,20]}\n'
        '{"time":"x","grown":[0,30]}\n{"time":3.0,"grown":[40,30]}\n{"time":3.0,"grown":7}\n'
        '{"time":1e300,"grown":[0,50]}\n{"time":3.0,"grown":[0,1e9]}\n'
    )
    found = read_markings(log.parent)
    # The clock was put back between the two.
    assert found.reached == ((10, 5.0), (20, 5.0))
    assert (found.by(0), found.by(9), found.by(10), found.by(20)) == (5.0, 5.0, 5.0, None)
