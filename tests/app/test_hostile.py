"""Names, logs, previews and errors from files cannot act on the terminal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from jobtui.widgets.record import RECORD_TABS
from jobtui_core.errors import StoreError
from jobtui_core.labbook import Difference, Failure, FailureFrame, FigureInfo, LogLine
from jobtui_core.records import (
    ParameterInfo,
    Preview,
    ProjectStatus,
    Reason,
    ReasonKind,
    RunState,
    ScriptStatus,
    SourceProblem,
    Verdict,
)
from tests.app.fake_runs import past_run, usual_detail
from tests.app.fakes import NOW, RUN, FakeService, step
from tests.app.pilots import AppTest

Open = Callable[..., AppTest]

EVIL = "[red]x[/red]\x1b[2J\x07\u202e\udcff\r\n[link=http://x]"
SHOWN = "[red]x[/red]␛[2J␇\\u202e\\udcff␍␊[link=http://x]"


def evil_status() -> ProjectStatus:
    reason = Reason(
        kind=ReasonKind.CODE_CHANGED,
        subject=EVIL,
        summary=EVIL,
        path=(EVIL, EVIL),
        diff=f"--- {EVIL}\n+++ b\n@@ -1 +1 @@\n-{EVIL}\n+[bold]\n",
        old=EVIL,
        new=EVIL,
    )
    evil = step(
        EVIL, Verdict.STALE, reasons=(reason,), notes=(EVIL,), not_compared=(EVIL,), path=EVIL
    )
    parameter = ParameterInfo(
        name=EVIL, type=EVIL, default=EVIL, value=EVIL + "!", help=EVIL, choices=(EVIL,)
    )
    return ProjectStatus(
        root="/project",
        scripts=(
            ScriptStatus(
                path=f"{EVIL}.py", argv=(EVIL,), parameters=(parameter,), steps=(evil,),
                reads=(EVIL,),
            ),
            ScriptStatus(
                path="b.py", error=SourceProblem(message=EVIL, line=1, column=3, text=EVIL)
            ),
        ),
        warnings=(EVIL,),
    )  # fmt: skip


def drawn(t: AppTest) -> str:
    text = t.text()
    for char in "\x1b\x07\u202e\udcff\r":
        assert char not in text
    return text


async def test_hostile_text_is_shown_as_it_is_everywhere(
    app_test: Open, service: FakeService
) -> None:
    service.state = evil_status()
    service.logs[RUN, f"co2:{EVIL}"] = EVIL
    service.previews[EVIL] = (
        Preview(kind="text", type=EVIL, text=EVIL),
        Preview(kind="table", type=EVIL, columns=(EVIL,), rows=((EVIL, EVIL),)),
        Preview(kind="mapping", type=EVIL, items=((EVIL, Preview(kind="scalar", type="x")),)),
        Preview(kind="array", type=EVIL, dtype=EVIL, shape=(2,), line=(1.0, None)),
        Preview(kind="opaque", type=EVIL, text=EVIL),
    )
    async with app_test(200, 60) as t:
        await t.press("down")
        assert "[red]x[/red]␛[2J" in drawn(t)
        assert SHOWN in t.home.detail.view.text
        await t.press("full_stop")
        assert SHOWN in t.home.detail.view.text
        drawn(t)
        await t.press("full_stop")
        assert SHOWN in t.home.detail.view.text
        drawn(t)
        for keys in (("p",), ("y",), ("slash", "x")):
            await t.press(*keys)
            drawn(t)
            await t.press("escape")


async def test_hostile_error_is_shown_as_it_is(app_test: Open, service: FakeService) -> None:
    service.errors["start"] = StoreError(EVIL)
    service.errors["status"] = StoreError(EVIL)
    async with app_test(200, 60) as t:
        assert "[red]x[/red]␛[2J" in drawn(t)
        await t.press("w", "enter")
        drawn(t)


async def test_hostile_settings_are_shown_as_they_are(app_test: Open, service: FakeService) -> None:
    service.store = EVIL
    service.settings = {"keys": {EVIL: EVIL, "log": EVIL}, "app": {"theme": EVIL}}
    async with app_test(200, 60) as t:
        drawn(t)
        await t.press("question_mark")
        drawn(t)


async def test_ascii_terminal_gets_ascii_alone(app_test: Open, service: FakeService) -> None:
    service.previews["read"] = (Preview(kind="array", type="ndarray", line=(1.0, 2.0, 0.5)),)
    async with app_test(130, 36, ascii=True) as t:
        for keys in ((), ("down", "comma"), ("p",), ("escape", "question_mark")):
            await t.press(*keys)
            t.app.screen.refresh()
            lines = t.app.screen._compositor.render_strips()
            for filtered in t.app.get_line_filters():
                lines = [
                    type(line)(filtered.apply(list(line), t.app.screen.background_colors[1]))
                    for line in lines
                ]
            text = "\n".join(line.text for line in lines)
            assert text.isascii()
        assert "fresh" in text


async def test_without_colours_the_cursor_is_still_seen(
    app_test: Open, monkeypatch: object, service: FakeService
) -> None:
    from jobtui.inks import inks_of

    async with app_test() as t:
        t.app.no_color = True
        t.app.theme = "textual-dark"
        assert inks_of(t.app)["cursor"].reverse


def evil_history(service: FakeService) -> None:
    """Fill the history with texts that would act on a terminal."""
    history = service.history
    run = past_run(
        1, id=f"2026-09-21T13-13-20-{EVIL}", script=EVIL, error=EVIL, note=EVIL, tags=(EVIL,),
        differing={EVIL: EVIL}, parameters={EVIL: EVIL}, argv=(EVIL,), user=EVIL, host=EVIL,
        job=EVIL, python=EVIL, commit=EVIL, parent=EVIL, sweep=EVIL, failed=1,
        state=RunState.FAILED,
    )  # fmt: skip
    history.runs = [run, replace(run, id="2026-09-20T13-13-20-0001")]
    detail = usual_detail(run)
    frame = FailureFrame(
        file=EVIL, line=1, function=EVIL, source=(EVIL,), first=1, locals=((EVIL, EVIL),)
    )
    failure = Failure(
        run=run.id, call="1", step=EVIL, type=EVIL, message=EVIL, frames=(frame,),
        arguments=((EVIL, EVIL),), replayable=True,
    )  # fmt: skip
    call = replace(detail.calls[0], name=EVIL, key=EVIL, error=EVIL, notes=(EVIL,))
    history.details[run.id] = replace(
        detail,
        parameters=(ParameterInfo(name=EVIL, type=EVIL, default=EVIL, value=EVIL + "!"),),
        calls=(call,),
        figures=(FigureInfo(name=EVIL, run=EVIL, step=EVIL, png=EVIL, hit=True),),
        failures=(failure, replace(failure, frames=(), traceback=EVIL, replayable=False, why=EVIL)),
        warnings=(EVIL,),
        inputs=((EVIL, EVIL),),
        versions=((EVIL, EVIL),),
        command=EVIL,
        diff=f"--- {EVIL}\n+++ b\n@@ -1 +1 @@\n-{EVIL}\n",
        untracked=(EVIL,),
    )
    history.logs[run.id] = (
        LogLine(text=EVIL, time=NOW, stream="log", level=EVIL, logger=EVIL, step=EVIL, origin=EVIL),
    )
    figure = FigureInfo(name=EVIL, run=EVIL, png=EVIL, width=1, height=1)
    history.differences = (
        Difference(kind="parameter", subject=EVIL, values=(EVIL, None)),
        Difference(kind="code", subject=EVIL, detail=f"-{EVIL}\n", where=EVIL),
        Difference(kind="result", subject=EVIL, numbers=((EVIL, 1.0),), where=EVIL),
        Difference(kind="figure", subject=EVIL, figures=(figure, None)),
    )


async def test_hostile_history_is_shown_as_it_is(runs_test: Open, service: FakeService) -> None:
    evil_history(service)
    async with runs_test(200, 60) as t:
        for _tab in RECORD_TABS:
            assert "[red]x[/red]␛[2J" in drawn(t)
            assert "[red]x[/red]␛[2J" in t.runs.record.view.text
            await t.press("full_stop")
        t.runs.record.show_tab("failures")
        await t.press("tab", "enter")
        drawn(t)
        for keys in (("y",), ("D",), ("m",), ("r",), ("equals_sign",), ("slash", "x")):
            await t.press(*keys)
            drawn(t)
            await t.press("escape", "escape")


async def test_hostile_parameters_are_asked_for_as_they_are(
    app_test: Open, service: FakeService
) -> None:
    service.state = evil_status()
    async with app_test(200, 60) as t:
        await t.press("o", "x")
        assert "[red]x[/red]␛[2J" in drawn(t)
