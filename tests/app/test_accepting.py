"""Accepting edits in the app: only with the diff in view, and with a way back."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest

from jobtui.plain import clock_time
from jobtui.screens.accept import AcceptScreen
from jobtui.views.lines import text_of
from jobtui.views.why import why_lines
from jobtui.widgets.choices import Choices
from jobtui.widgets.text_view import TextView
from jobtui_core.errors import AcceptError, StoreError
from jobtui_core.records import Compared, ProjectStatus, Reason, ReasonKind, ScriptStatus, Verdict
from tests.app.fakes import DIFF, NOW, FakeService, acceptance, step
from tests.app.pilots import AppTest

Open = Callable[..., AppTest]

EDITED = Reason(
    kind=ReasonKind.CODE_CHANGED,
    subject="helpers:detrend",
    summary="helpers.detrend changed",
    diff=DIFF,
)
STALE = step("cycle", Verdict.STALE, reasons=(EDITED,), old_codes=("a" * 32,), code="b" * 32)
ACCEPTED = step("cycle", accepted=True, acceptances=(acceptance(),), code="b" * 32)


def only(*steps) -> ProjectStatus:
    return ProjectStatus(root="/project", scripts=(ScriptStatus(path="co2.py", steps=steps),))


@pytest.fixture
def stale(service: FakeService) -> FakeService:
    service.state = only(STALE, step("read"))
    return service


def choose(t: AppTest, name: str) -> None:
    assert t.home.steps.go_to(f"co2.py\0co2:{name}")


async def test_the_edit_is_in_view_before_it_can_be_accepted(app_test: Open, stale) -> None:
    async with app_test() as t:
        choose(t, "cycle")
        await t.press("a")
        assert isinstance(t.app.screen, AcceptScreen)
        assert "+    return series - smooth(series, window // 2)" in t.text()
        assert stale.accepted == []
        await t.press("y")
        assert t.app.screen is t.home
        (offer,) = stale.accepted
        assert offer.step == STALE
        assert t.app.said == ["accepted for cycle: helpers.detrend; u takes it back"]


@pytest.mark.parametrize("key", ["n", "escape", "q", "ctrl+c"])
async def test_leaving_accepts_nothing(app_test: Open, stale, key: str) -> None:
    async with app_test() as t:
        choose(t, "cycle")
        await t.press("a", key)
        assert t.app.screen is t.home
        assert stale.accepted == []


async def test_neither_enter_nor_the_key_that_opened_it_accepts(app_test: Open, stale) -> None:
    async with app_test() as t:
        choose(t, "cycle")
        await t.press("a", "a", "enter", "space")
        assert isinstance(t.app.screen, AcceptScreen)
        assert stale.accepted == []


async def test_a_click_accepts(app_test: Open, stale) -> None:
    async with app_test() as t:
        choose(t, "cycle")
        await t.press("a")
        await t.pilot.click(Choices, offset=(2, 1))
        await t.settle()
        assert len(stale.accepted) == 1


async def test_a_long_diff_scrolls(app_test: Open, stale) -> None:
    lines = "\n".join(f"+line {number}" for number in range(300))
    reason = replace(EDITED, diff=f"@@ -1 +1,300 @@\n{lines}")
    stale.state = only(replace(STALE, reasons=(reason,)))
    async with app_test(80, 24) as t:
        choose(t, "cycle")
        await t.press("a")
        assert "line 299" not in t.text()
        await t.press("G")
        assert "line 299" in t.text()
        assert "yes, its stored result" in t.text()


async def test_what_remains_is_said_in_the_dialog(app_test: Open, stale) -> None:
    rest = Reason(kind=ReasonKind.PARAMETER_CHANGED, subject="window", summary="window: 52 → 26")
    stale.state = only(replace(STALE, reasons=(EDITED, rest)))
    async with app_test(80, 24) as t:
        choose(t, "cycle")
        await t.press("a")
        assert "It would not be fresh even then:" in t.text()
        assert "window: 52 → 26" in t.text()


async def test_verdicts_are_looked_at_again_at_once(app_test: Open, stale) -> None:
    async with app_test() as t:
        choose(t, "cycle")
        await t.press("a")
        stale.state = only(ACCEPTED, step("read"))
        await t.press("y")
        assert "≈ fresh" in t.text()
        assert "accepted: helpers.detrend" in t.text()


async def test_the_last_acceptance_is_undone(app_test: Open, service: FakeService) -> None:
    service.state = only(ACCEPTED)
    async with app_test() as t:
        choose(t, "cycle")
        service.state = only(STALE)
        await t.press("u")
        assert service.taken_back == ["cycle"]
        assert t.app.said == ["taken back for cycle: helpers.detrend"]
        assert "~ stale" in t.text()


@pytest.mark.parametrize(
    ("one", "key", "says"),
    [
        (step("cycle"), "a", "no edit of this step's code is in question"),
        (step("cycle", Verdict.NEW), "a", "no edit of this step's code is in question"),
        (ACCEPTED, "a", "its edit is accepted already"),
        (
            replace(STALE, verdict=Verdict.FAILED),
            "a",
            "this step failed; run it again, or undo the edit",
        ),
        (STALE, "u", "no edit of this step was accepted"),
        (
            replace(ACCEPTED, acceptances=(acceptance("co2:inner"),)),
            "u",
            "no edit of this step was accepted",
        ),
    ],
)
async def test_keys_that_make_no_sense_say_why(
    app_test: Open, service: FakeService, one, key: str, says: str
) -> None:
    service.state = only(one)
    async with app_test() as t:
        choose(t, "cycle")
        await t.press(key)
        assert t.app.said == [says]
        assert t.app.screen is t.home


async def test_the_footer_offers_what_makes_sense(app_test: Open, stale) -> None:
    async with app_test(200, 50) as t:
        choose(t, "cycle")
        await t.settle()
        assert "a accept" in t.screen()[-1]
        assert "u unaccept" not in t.screen()[-1]
        stale.state = only(ACCEPTED)
        await t.press("ctrl+r")
        assert "a accept" not in t.screen()[-1]
        assert "u unaccept" in t.screen()[-1]


async def test_errors_are_said(app_test: Open, stale) -> None:
    stale.errors["accept_offer"] = AcceptError("its decorator is another one")
    async with app_test() as t:
        choose(t, "cycle")
        await t.press("a")
        assert t.app.said == ["This edit cannot be accepted: its decorator is another one"]
        del stale.errors["accept_offer"]
        stale.errors["accept"] = StoreError("/cache cannot be written: Permission denied")
        await t.press("a", "y")
        assert t.app.said[-1].endswith("/cache cannot be written: Permission denied")


async def test_another_question_in_the_meantime_is_not_covered(app_test: Open, stale) -> None:
    async with app_test() as t:
        choose(t, "cycle")
        gate = stale.gates["accept_offer"] = asyncio.Event()
        await t.press("a", "question_mark")
        other = t.app.screen
        gate.set()
        await t.settle()
        assert t.app.screen is other


def test_why_tells_what_was_accepted_by_whom_and_when() -> None:
    older = acceptance(time=NOW - 9000.0, symbols=("co2:cycle",), user="bob")
    lines = why_lines(replace(ACCEPTED, acceptances=(older, acceptance())), now=NOW)
    text = "\n".join(map(text_of, lines))
    assert text.startswith("≈ fresh (accepted)")
    assert text.index("accepted helpers.detrend") < text.index("accepted co2.cycle")
    assert f"by ann on mill, {clock_time(NOW - 7200.0)}" in text
    assert "+    return series - smooth(series, window // 2)" in text


def test_why_does_not_call_equal_what_was_accepted() -> None:
    compared = tuple(
        Compared(kind="code", subject=name) for name in ("co2.cycle", "helpers.detrend")
    )
    lines = why_lines(replace(ACCEPTED, compared=compared), now=NOW)
    text = "\n".join(map(text_of, lines))
    assert "compared, all equal or accepted: 2 functions" in text
    assert "= code      co2.cycle" in text
    assert "≈ code      helpers.detrend" in text


async def test_hostile_acceptances_do_nothing_to_the_screen(
    app_test: Open, service: FakeService
) -> None:
    hostile = acceptance(user="[red]\x1b[31m", host="\u202e", diff="+\x1b]0;x", symbols=("[b]x",))
    service.state = only(replace(ACCEPTED, acceptances=(hostile,)))
    async with app_test() as t:
        choose(t, "cycle")
        await t.press("w")
        text = t.text()
        assert "[red]" in text
        assert not {"\x1b", "\u202e"} & set(text)


async def test_accepting_looks_as_it_did(
    app_test: Open, stale, app_snapshot: Callable[..., None]
) -> None:
    async with app_test(100, 30) as t:
        choose(t, "cycle")
        await t.press("a")
        assert t.app.screen.query_one(TextView).has_focus
        app_snapshot(t.app, "accept")
