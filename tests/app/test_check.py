"""Checking a step in the app: from the palette, with progress, and stopped by leaving."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from pathlib import Path

from jobtui.commands.availability import can_check
from jobtui.commands.catalogue import by_id
from jobtui.commands.keymap import read_keymap
from jobtui.screens.check import CheckScreen
from jobtui.services.core import open_service
from jobtui_core.checks import CheckedCall, CheckState
from jobtui_core.records import Verdict

REPOSITORY = Path(__file__).parents[2]


async def test_a_check_is_started_from_the_palette_and_says_what_differs(app_test, service) -> None:
    service.checked = (
        CheckedCall(
            function="co2:read",
            state=CheckState.DIFFERS,
            arguments={"path": "'\x1b[2J'"},
            where="[3]",
            old="1.0",
            new="1.5",
            count=1,
            largest=0.5,
            relative=0.5,
        ),
    )
    async with app_test() as t:
        await t.select(fresh(t).name)
        await t.press("colon", *"check the selected step", "enter")
        assert isinstance(t.app.screen, CheckScreen)
        assert "gives something else than is stored" in t.text()
        assert "[3]: 1.0 → 1.5; 1 number differs by 0.5 (relative 0.5)" in t.text()
        assert "\x1b[2J" not in t.text()
        assert "jobtui check" in t.text()
        await t.press("escape")
        assert t.app.screen is t.home


def fresh(t):
    return next(step for step in t.service.state.steps if step.verdict is Verdict.FRESH)


async def test_a_check_that_goes_on_shows_what_it_computes_and_is_stopped_by_escape(
    app_test, service
) -> None:
    service.gates["check"] = asyncio.Event()
    async with app_test() as t:
        await t.select(fresh(t).name)
        t.home.run_command("check")
        await t.settle()
        await t.until(lambda: "window=52" in t.text())
        assert "esc stops the check" in t.text()
        assert not service.check_stopped()
        await t.press("escape")
        assert service.check_stopped()
        assert t.app.screen is t.home


async def test_a_check_that_cannot_be_made_says_why(app_test, service) -> None:
    service.errors["check"] = OSError("no room")
    async with app_test() as t:
        await t.select(fresh(t).name)
        t.home.run_command("check")
        await t.settle()
        assert "could not be checked: no room" in t.text()


async def test_only_a_fresh_step_can_be_checked(app_test) -> None:
    async with app_test() as t:
        stale = next(one for one in t.service.state.steps if one.verdict is Verdict.STALE)
        await t.select(stale.name)
        assert "only a fresh step" in can_check(t.home.context)


async def test_it_has_no_key_until_the_user_gives_it_one(app_test, service) -> None:
    assert by_id("check").keys == ()
    assert read_keymap({"check": "f9"}).changed == {"check": "f9"}
    service.settings = {"keys": {"check": "f9"}}
    async with app_test() as t:
        await t.select(fresh(t).name)
        await t.press("f9")
        assert isinstance(t.app.screen, CheckScreen)


async def test_the_service_checks_a_real_step_and_ends_it_when_the_app_does(
    tmp_path, monkeypatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(REPOSITORY))
    (tmp_path / "jobtui.toml").touch()
    (tmp_path / "a.py").write_text(
        "import os, time\nfrom jobtui_core import make\n\n@make\ndef one(x):\n"
        "    time.sleep(600 if os.environ.get('JOBTUI_CHECK') else 0)\n    return x\n\none(1)\n"
    )
    kept = {name: value for name, value in os.environ.items() if not name.startswith("JOBTUI")}
    await asyncio.to_thread(
        subprocess.run, [sys.executable, "a.py"], cwd=tmp_path, env=kept, check=True
    )
    service = open_service(tmp_path)
    (step,) = (await service.status()).steps
    begun = asyncio.Event()
    loop = asyncio.get_running_loop()

    def told(report) -> None:
        loop.call_soon_threadsafe(begun.set)

    checking = asyncio.create_task(service.check(step, told=told, stopped=lambda: False))
    await asyncio.wait_for(begun.wait(), 60)
    await service.close()
    assert (await checking).problem == "the check was stopped"
