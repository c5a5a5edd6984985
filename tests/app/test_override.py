"""The form for parameters: the same conversion as on the command line, said beside the field."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from textual.widgets import Input

from jobtui.screens.override import OverrideScreen
from jobtui.screens.plan import PlanScreen
from jobtui.services.overriding import Typed, override_problem, request_of, text_of_value
from jobtui_core.records import ParameterInfo, Plan, PlanAction, PlanRow
from tests.app.fake_runs import FakeRuns
from tests.app.fakes import FakeService, usual_status
from tests.app.pilots import AppTest

Open = Callable[..., AppTest]


def parameter(kind: str, default: Any, **facts: Any) -> ParameterInfo:
    return ParameterInfo(
        **{"name": "p", "type": kind, "default": default, "value": default} | facts
    )


def set_parameters(service: FakeService, *parameters: ParameterInfo) -> None:
    status = usual_status()
    script = replace(status.scripts[0], parameters=parameters)
    service.state = replace(status, scripts=(script, *status.scripts[1:]))


def one_step() -> Plan:
    row = PlanRow(script="co2.py", step="trend", function="co2:trend", action=PlanAction.RUN)
    return Plan(rows=(row,), scripts=("co2.py",))


# --- texts and values -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("int", 26),
        ("float", 0.1),
        ("bool", True),
        ("str", "a b"),
        ("Path", "data/x.csv"),
        ("date", "2026-11-22"),
        ("list[int]", [1, 2, 3]),
        ("int | None", None),
        ("None", None),
        ("dict", {"a": 1}),
    ],
)
def test_text_in_the_form_gives_the_value_again(kind: str, value: Any) -> None:
    known = parameter(kind, value)
    text = text_of_value(value, known)
    assert text
    assert override_problem(text, known) == ""
    assert request_of("a.py", (known,), Typed({"p": text}), ()).overrides == {}
    other = parameter(kind, value, name="q")
    assert request_of("a.py", (known, other), Typed({"p": text}), ()).overrides == {}


def test_only_what_is_not_the_default_is_overridden() -> None:
    window, name = parameter("int", 52), parameter("str", "x", name="name")
    request = request_of("a.py", (window, name), Typed({"p": "26", "name": ""}, "--fast 'a b'"), ())
    assert request.overrides == {"p": 26, "name": ""}
    assert request.argv == ("--fast", "a b")
    unchanged = request_of("a.py", (window,), Typed({"p": ""}, "--fast"), ("--fast",))
    assert (unchanged.overrides, unchanged.argv) == ({}, None)


def test_hidden_value_is_not_taken_for_a_value() -> None:
    hidden = parameter("str", "none", name="api_key", value="<hidden 3f>")
    assert text_of_value(hidden.value, hidden) == ""
    assert request_of("a.py", (hidden,), Typed({"api_key": ""}), ()).overrides == {}


def test_value_that_no_field_can_show_stays_unless_something_is_typed() -> None:
    bell = parameter("str", "", value="a\x07b")
    assert text_of_value("a\x07b", bell) == ""
    assert request_of("a.py", (bell,), Typed({"p": ""}), ()).overrides == {"p": "a\x07b"}
    assert request_of("a.py", (bell,), Typed({"p": "c"}), ()).overrides == {"p": "c"}


# --- the form -------------------------------------------------------------------------------


async def test_form_shows_what_the_script_declares_and_runs_with_what_is_typed(
    app_test: Open, service: FakeService
) -> None:
    service.plans = [one_step()] * 3
    async with app_test() as t:
        await t.press("o")
        assert isinstance(t.app.screen, OverrideScreen)
        text = t.text()
        for told in ("window  int  default 52", "weeks", "kind  str", "one of mean, x"):
            assert told in text, told
        field = t.app.focused
        assert isinstance(field, Input)
        assert field.value == "26"
        await t.press("end", "1")
        assert "jobtui run co2.py window=261" in t.text()
        await t.until(lambda: "1 will run" in t.text())
        await t.press("enter")
        (request,) = service.started
        assert (request.scripts, request.overrides) == (("co2.py",), {"window": 261})
        assert request.argv is None


async def test_value_that_is_refused_says_why_beside_its_field_and_starts_nothing(
    app_test: Open, service: FakeService
) -> None:
    async with app_test() as t:
        await t.press("o", "down", *["backspace"] * 4, *"maen", "up", "end", "x", "down", "enter")
        text = t.text()
        assert "parameter 'window' must be a whole number, not '26x'" in text
        assert "did you mean 'mean'?" in text
        assert "jobtui run co2.py" not in text
        focused = t.app.focused
        assert focused is not None
        assert focused.id == "value-0"
        assert service.started == []
        await t.press("escape")
        assert t.app.screen is t.home


async def test_words_for_sys_argv_are_taken_apart_as_a_shell_does(
    app_test: Open, service: FakeService
) -> None:
    async with app_test() as t:
        await t.press("o", "down", "down", *"--fast 'a")
        assert "these are no words" in t.text()
        await t.press(*" b'", "enter")
        assert isinstance(t.app.screen, PlanScreen)
        assert "jobtui run co2.py window=26 -- --fast 'a b'" in t.text()


async def test_more_than_one_step_shows_the_plan_first_and_what_was_typed_is_kept(
    app_test: Open, service: FakeService
) -> None:
    async with app_test() as t:
        await t.press("o", "end", "0", "enter")
        assert isinstance(t.app.screen, PlanScreen)
        assert "window=260" in t.text()
        await t.press("escape", "o")
        field = t.app.focused
        assert isinstance(field, Input)
        assert field.value == "260"


async def test_script_without_parameters_has_its_words(
    app_test: Open, service: FakeService
) -> None:
    set_parameters(service)
    async with app_test() as t:
        await t.press("o")
        assert "declares no parameters" in t.text()
        assert t.app.focused is not None
        assert t.app.focused.id == "argv"


async def test_form_scrolls_on_the_smallest_terminal(app_test: Open, service: FakeService) -> None:
    set_parameters(service, *(parameter("int", n, name=f"number_{n}", help="x") for n in range(12)))
    async with app_test(60, 15) as t:
        await t.press("o")
        assert "number_0" in t.text()
        await t.press(*["down"] * 11, "end", "5")
        assert "number_11" in t.text()
        assert "number_0 " not in t.text()
        assert "enter runs it" in t.text()
        assert "number_11=115" in t.text()


async def test_secret_is_not_shown_while_it_is_typed(app_test: Open, service: FakeService) -> None:
    set_parameters(service, parameter("str", "", name="api_key"))
    async with app_test() as t:
        await t.press("o", *"hunter2")
        assert "hunter2" not in t.text()
        await t.press("enter")
        assert "hunter2" not in t.text()
        await t.press("enter")
        assert service.started[0].overrides == {"api_key": "hunter2"}


async def test_form_of_a_run_begins_with_its_values(runs_test: Open, service: FakeService) -> None:
    history: FakeRuns = service.history
    history.change(0, values={"window": 13}, argv=("--slow",))
    async with runs_test() as t:
        await t.press("o")
        assert isinstance(t.app.screen, OverrideScreen)
        values = [field.value for field in t.app.screen.query(Input)]
        assert values == ["13", "mean", "--slow"]
        await t.press("enter")
        assert isinstance(t.app.screen, PlanScreen)
        assert "jobtui run co2.py window=13 -- --slow" in t.text()


async def test_form_of_a_script_that_is_gone_is_refused(
    runs_test: Open, service: FakeService
) -> None:
    service.history.change(0, script="gone.py")
    async with runs_test() as t:
        await t.press("o")
        assert t.app.said == ["gone.py is not a script of this project any more"]


async def test_form_looks_as_it_did(app_test: Open, app_snapshot: Callable[..., None]) -> None:
    async with app_test(110, 32) as t:
        await t.press("o", "x")
        app_snapshot(t.app, "form")
