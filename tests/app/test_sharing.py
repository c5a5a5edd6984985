"""What others computed is shown with who and when, and looked for now and then."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from jobtui.screens import home
from jobtui_core.records import Maker, ProjectStatus
from tests.app.fakes import NOW, FakeService
from tests.app.pilots import AppTest

Open = Callable[..., AppTest]


def _made_by(status: ProjectStatus, name: str, maker: Maker) -> ProjectStatus:
    scripts = []
    for script in status.scripts:
        steps = tuple(
            replace(one, makers=(maker,), last_run=None) if one.name == name else one
            for one in script.steps
        )
        scripts.append(replace(script, steps=steps))
    return replace(status, scripts=tuple(scripts))


async def test_the_why_tab_says_who_computed_a_result_and_when(
    app_test: Open, service: FakeService
) -> None:
    maker = Maker(user="ada\x1b[31m", host="lab2", time=NOW - 7300)
    service.state = _made_by(service.state, "read", maker)
    async with app_test() as t:
        await t.select("read")
        text = t.home.detail.view.text
        assert "computed by ada" in text
        assert "on lab2, 2 h ago" in text
        assert "\x1b" not in text


async def test_a_check_by_hand_asks_stores_anew_and_no_other_does(
    app_test: Open, service: FakeService
) -> None:
    async with app_test() as t:
        assert "look again" not in service.asked
        await t.press("ctrl+r")
        assert "look again" in service.asked


async def test_shared_stores_are_looked_at_now_and_then(
    app_test: Open, service: FakeService, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(home, "_SHARED", 0.05)
    service.shares = True
    async with app_test() as t:
        before = service.asked.count("status")
        await t.until(lambda: service.asked.count("status") > before)


async def test_where_nobody_else_writes_nothing_is_asked_by_itself(
    app_test: Open, service: FakeService
) -> None:
    async with app_test() as t:
        before = service.asked.count("status")
        t.home._look_at_shared()
        await t.settle()
        assert service.asked.count("status") == before
