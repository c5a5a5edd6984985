"""The service on a real project: from a script nobody ran to its result and its log."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from jobtui.screens.command_lines import load_snippet
from jobtui.services.core import CoreService, open_service
from jobtui_core.records import PlanAction, RunRequest, RunState, StepStatus, Verdict

SCRIPT = """\
from jobtui_core import default_param, make

factor = default_param("factor", 2)


@make
def double(number, factor):
    print("doubling", number)
    return number * factor


@make
def broken(number):
    raise ValueError(f"no {number}")


print(double(21, factor))
broken(3)
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("JOBTUI_STORE", raising=False)
    monkeypatch.delenv("JOBTUI_TRACE", raising=False)
    # Scripts must find the package, installed or not.
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[2]))
    (tmp_path / "jobtui.toml").write_text('[keys]\nzoom = "Z"\n')
    (tmp_path / "a.py").write_text(SCRIPT)
    return tmp_path


async def run_to_its_end(service: CoreService) -> str:
    (run,) = await service.start(RunRequest(scripts=("a.py",)))
    while True:
        news = await service.news()
        if not any(info.id == run for info in news.active):
            newest = await service.newest_run("a.py")
            if newest is not None and newest.state is not RunState.QUEUED:
                return run
        await asyncio.sleep(0.02)


async def until_active(service: CoreService, wanted: bool) -> None:
    while True:
        if bool((await service.news()).active) is wanted:
            return
        await asyncio.sleep(0.02)


async def steps_of(service: CoreService) -> dict[str, StepStatus]:
    return {step.name: step for step in (await service.status()).steps}


async def test_a_script_from_new_to_fresh(project: Path) -> None:
    service = open_service(project)
    assert service.root == project
    assert service.settings == {"keys": {"zoom": "Z"}}
    assert await service.remembered() is None
    steps = await steps_of(service)
    assert steps["double"].verdict is Verdict.NEW
    plan = await service.plan(None)
    assert plan.scripts == ("a.py",)
    assert project / "a.py" in await service.watched(await service.status())
    assert not (project / ".jobtui").exists(), "looking writes nothing"

    run = await run_to_its_end(service)
    steps = await steps_of(service)
    assert steps["double"].verdict is Verdict.FRESH
    assert steps["broken"].verdict is Verdict.FAILED
    (preview,) = await service.result(steps["double"])
    assert "42" in preview.text
    explained = await service.explain(steps["broken"])
    assert "ValueError: no 3" in explained.traceback
    assert explained.run is not None
    assert explained.run.id == run
    log = await service.read_log(run, step=steps["double"].function)
    assert log.text == "doubling 21\n"
    whole = await service.read_log(run, start=-10)
    assert whole.start > 0
    plan = await service.plan(RunRequest(scripts=("a.py",), only="double"))
    assert [row.action for row in plan.rows] == [PlanAction.KEEP]
    assert not (await service.news()).active

    (project / "a.py").write_text(SCRIPT.replace("* factor", "* factor + 1"))
    assert (await steps_of(service))["double"].verdict is Verdict.STALE
    await service.close()

    second = open_service(project)
    shown = await second.remembered()
    assert shown is not None
    assert {step.name for step in shown.steps} == {"double", "broken"}
    await second.close()


async def test_snippet_loads_the_result(project: Path) -> None:
    service = open_service(project)
    await run_to_its_end(service)
    step = (await steps_of(service))["double"]
    names: dict[str, object] = {}
    exec(load_snippet(project, step), names)  # that it runs is what is tested
    assert names["value"] == 42
    await service.close()


async def test_run_can_be_cancelled(project: Path) -> None:
    (project / "a.py").write_text(
        "import time\nfrom jobtui_core import make\n\n"
        "@make\ndef slow():\n    time.sleep(600)\n\nslow()\n"
    )
    service = open_service(project)
    (run,) = await service.start(RunRequest(scripts=("a.py",)))
    await until_active(service, True)
    await service.cancel([run])
    await until_active(service, False)
    newest = await service.newest_run("a.py")
    assert newest is not None
    assert newest.state is RunState.CANCELLED
    await service.close()
