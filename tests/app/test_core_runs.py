"""The history of a real project: what ran is listed, shown, noted, compared and removed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from jobtui.services.core import CoreService, open_service
from jobtui.services.core_runs import CoreRuns
from jobtui.services.runs import History, RunQuery
from jobtui_core.errors import NoteError
from jobtui_core.records import CallState, RunRequest, RunState

SCRIPT = """\
from jobtui_core import default_param, make

factor = default_param("factor", 2)


@make
def double(number):
    print("doubling", number)
    return number * 2


@make
def scaled(number, factor):
    return number * factor


scaled(double(21), factor)
"""

EVERYTHING = RunQuery()


@pytest.fixture
async def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[CoreService]:
    for name in ("JOBTUI_STORE", "JOBTUI_TRACE", "JOBTUI_RUN"):
        monkeypatch.delenv(name, raising=False)
    # Scripts must find the package, installed or not.
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    (tmp_path / "jobtui.toml").write_text("")
    (tmp_path / "a.py").write_text(SCRIPT)
    opened = open_service(tmp_path)
    yield opened
    await opened.close()


async def run(service: CoreService, **overrides: object) -> str:
    (name,) = await service.start(RunRequest(scripts=("a.py",), overrides=dict(overrides)))
    await until(service.history, lambda found: found.rows[0].id == name and not found.active)
    return name


async def until(history: CoreRuns, condition: object) -> History:
    while True:
        found = await history.history(EVERYTHING)
        if found.rows and condition(found):  # type: ignore[operator]  # any function will do
            return found
        await asyncio.sleep(0.02)


async def test_what_ran_is_listed_filtered_shown_noted_compared_and_removed(
    service: CoreService,
) -> None:
    history = service.history
    assert (await history.history(EVERYTHING)).total == 0
    first = await run(service)
    second = await run(service, factor=3)

    found = await history.history(EVERYTHING)
    assert [one.id for one in found.rows] == [second, first]
    assert [one.state for one in found.rows] == [RunState.DONE] * 2
    assert found.rows[0].differing == {"factor": 3}
    assert await history.history(EVERYTHING) is found, "nothing happened, nothing is drawn"
    assert [one.id for one in (await history.history(RunQuery(filter="factor>=3"))).rows] == [
        second
    ]
    older = await history.history(RunQuery(reverse=False))
    assert [one.id for one in older.rows] == [first, second]
    assert history.problem("factor>=3") is None
    message, place = history.problem("done hits:x") or ("", 0)
    assert message
    assert place == 5
    wrong = await history.history(RunQuery(filter="facter=3"))
    assert "did you mean factor?" in wrong.problem

    detail = await history.detail(second)
    assert [(call.name, call.state) for call in detail.calls] == [
        ("double", CallState.HIT),
        ("scaled", CallState.COMPUTED),
    ]
    (line,) = await history.log(second)
    assert (line.text, line.origin) == ("doubling 21", first)
    read = await service.read_log(second, step="a:double")
    assert (read.text, [(one.text, one.origin) for one in read.replayed]) == (
        "", [("doubling 21", first)],
    )  # fmt: skip
    read = await service.read_log(first, step="a:double")
    assert (read.text, read.replayed) == ("doubling 21\n", ())
    (line,) = await history.log(first)
    assert (line.text, line.origin) == ("doubling 21", "")
    assert line.time is not None

    await history.note(first, note="the old one", tags=("kept",), starred=True)
    found = await history.history(EVERYTHING)
    assert (found.rows[1].note, found.rows[1].tags, found.rows[1].starred) == (
        "the old one", ("kept",), True,
    )  # fmt: skip
    with pytest.raises(NoteError):
        await history.note(first, tags=("two words",))

    told: list[str] = []
    compared = await history.compare((first, second), told.append, lambda: False)
    (parameter,) = compared.of("parameter")
    assert (parameter.subject, parameter.values) == ("factor", ("2", "3"))
    assert {one.subject for one in compared.of("result")} == {"scaled"}
    stopped = await history.compare((first, second), told.append, lambda: True)
    assert stopped.not_compared

    assert (await history.removal((first,))).refused
    removal = await history.removal((second,))
    assert [one.id for one in removal.runs] == [second]
    assert removal.size > 0
    assert await history.remove((second,)) == (second,)
    assert [one.id for one in (await history.history(EVERYTHING)).rows] == [first]
    history.look_again()
    assert [one.id for one in (await history.history(EVERYTHING)).rows] == [first]
