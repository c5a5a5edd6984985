"""The comparison of runs: which ones, what it says, how it is stopped."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from jobtui.screens.compare import CompareScreen
from jobtui.widgets.text_view import TextView
from jobtui_core.errors import StoreError
from jobtui_core.labbook import Difference, FigureInfo
from tests.app.fake_runs import FakeRuns
from tests.app.fakes import FakeService
from tests.app.pilots import AppTest

Open = Callable[..., AppTest]


@pytest.fixture
def history(service: FakeService) -> FakeRuns:
    return service.history


def compared(t: AppTest) -> str:
    return t.app.screen.query_one(TextView).text


def numbers(history: FakeRuns) -> list[str]:
    return ["".join(run[-1] for run in runs) for runs in history.compared]


async def test_marked_runs_are_compared_else_the_selected_one_with_the_one_before_it(
    runs_test: Open, history: FakeRuns
) -> None:
    async with runs_test() as t:
        await t.press("equals_sign")
        assert isinstance(t.app.screen, CompareScreen)
        first, second = history.runs[2].id, history.runs[0].id
        assert f"jobtui compare {first} {second}" in t.text()
        await t.press("y", "escape")
        assert t.app.copied == [f"jobtui compare {first} {second}"]
        assert t.app.screen is t.runs
        await t.press("space", "down", "equals_sign", "escape")
        await t.press("space", "equals_sign", "escape")
        await t.press("space", "equals_sign", "escape")
        assert numbers(history) == ["31", "31", "31", "431"]


async def test_run_that_is_alone_cannot_be_compared(runs_test: Open, history: FakeRuns) -> None:
    history.runs = history.runs[:1]
    async with runs_test() as t:
        await t.press("equals_sign")
        assert t.app.screen is t.runs
        assert t.app.said == ["its script did not run before: mark another run with space"]


def differences() -> tuple[Difference, ...]:
    figure = FigureInfo(name="growth", run="x", png="a" * 32, width=640, height=480)
    return (
        Difference(kind="log", subject="trend", detail="-old line\n+new line", where="line 3"),
        Difference(kind="parameter", subject="window", values=("52", "26")),
        Difference(kind="package", subject="numpy", values=("2.4.6", None)),
        Difference(
            kind="code", subject="co2:trend", detail="@@ -1 +1 @@\n-    return x\n+    return y"
        ),
        Difference(
            kind="result", subject="trend", values=("ndarray (9,)", "ndarray (9,)"),
            numbers=(("max_abs", 0.25), ("count", 3.0)), where="[4]",
        ),
        Difference(kind="figure", subject="growth", figures=(figure, None)),
    )  # fmt: skip


async def test_differences_stand_in_groups_and_only_they(
    runs_test: Open, history: FakeRuns
) -> None:
    history.differences = differences()
    async with runs_test(120, 50) as t:
        await t.press("equals_sign")
        text = compared(t)
        order = ["Parameters", "Code", "Packages", "Results", "Figures", "Logs", "The same"]
        places = [text.index(f"\n{name}") for name in order]
        assert places == sorted(places)
        assert "Inputs" not in text
        for told in (
            "window  52 → 26", "numpy  2.4.6 → (none)", "+    return y", "max |Δ| 0.25",
            "at [4]", "A growth  640 × 480", "B (none)", "+new line", "12 packages",
        ):  # fmt: skip
            assert told in text, told
        inks = {style for spans in t.app.screen.query_one(TextView).lines for _, style in spans}
        assert {"add", "remove"} <= inks
        assert "6 differences" in t.text()
        await t.press("slash", *"return", "enter", "n", "escape")
        assert isinstance(t.app.screen, CompareScreen)


async def test_equal_runs_are_said_to_be_equal(runs_test: Open) -> None:
    async with runs_test() as t:
        await t.press("equals_sign")
        assert "Nothing that was compared differs." in compared(t)
        assert "no difference" in t.text()


async def test_escape_stops_a_long_comparison_and_shows_what_was_found(
    runs_test: Open, history: FakeRuns
) -> None:
    gate = history.gates["compare"] = asyncio.Event()
    history.differences = differences()[:2]
    async with runs_test() as t:
        await t.press("equals_sign")
        assert "comparing: results of trend" in compared(t)
        assert "esc stops" in t.text()
        await t.press("escape")
        assert "stopping" in compared(t)
        gate.set()
        await t.settle()
        assert "window  52 → 26" in compared(t)
        assert "? stopped before the results" in compared(t)
        await t.press("escape")
        assert t.app.screen is t.runs


async def test_comparison_that_fails_says_why(runs_test: Open, history: FakeRuns) -> None:
    history.errors["compare"] = StoreError("the store is gone")
    async with runs_test() as t:
        await t.press("equals_sign")
        assert "the store is gone" in compared(t)
        await t.press("q")
        assert t.app.screen is t.runs


async def test_comparison_looks_as_it_did(
    runs_test: Open, history: FakeRuns, app_snapshot: Callable[..., None]
) -> None:
    history.differences = differences()
    async with runs_test(110, 32) as t:
        await t.press("equals_sign")
        app_snapshot(t.app, "comparison")
