"""What a check found, in words and in lines."""

from __future__ import annotations

from jobtui.plain import count, duration, plain
from jobtui.views.lines import Line, line
from jobtui_core.checks import CheckedCall, CheckReport, CheckState

__all__ = ["check_lines", "difference", "outcome", "progress"]

_INKS = {CheckState.SAME: "good", CheckState.DIFFERS: "bad", CheckState.COULD_NOT: "warn"}
_SIGNS = {CheckState.SAME: "=", CheckState.DIFFERS: "≠", CheckState.COULD_NOT: "?"}

_SHOWN = 100
"""Calls that are shown one by one."""


def progress(report: CheckReport) -> str:
    """Say how far a check has come."""
    done = f"{count(len(report.calls), 'call')} checked" if report.calls else ""
    if report.computing is None:
        return done or f"running {report.script} up to {report.step} …"
    words = ", ".join(f"{name}={text[:40]}" for name, text in report.computing.items())
    now = f"computing {report.step}({words}) …"
    return f"{done}, {now}" if done else now


def outcome(report: CheckReport) -> str:
    """Sum up a check in one sentence."""
    where = f" ({report.script})"
    if report.state is CheckState.SAME:
        seconds = sum(call.seconds or 0.0 for call in report.calls)
        then = sum(call.stored_seconds or 0.0 for call in report.calls)
        times = f"{duration(seconds)}, {duration(then)} when stored"
        calls = count(len(report.calls), "call")
        return f"= {report.step} gives the same, bit by bit: {calls}, {times}{where}"
    states = [call.state for call in report.calls]
    parts = [
        f"{states.count(state)} {words}"
        for state, words in (
            (CheckState.DIFFERS, "differ"),
            (CheckState.COULD_NOT, "could not be compared"),
            (CheckState.SAME, "are the same"),
        )
        if state in states
    ]
    found = f" of {count(len(states), 'call')}, {', '.join(parts)}" if len(states) > 1 else ""
    problem = f": {report.problem}" if report.problem else ""
    if report.state is CheckState.DIFFERS:
        return f"≠ {report.step} gives something else than is stored{found}{problem}{where}"
    return f"? {report.step} could not be checked{found}{problem}{where}"


def difference(call: CheckedCall) -> str:
    """Say how the result of a call compares with the stored one."""
    if call.state is CheckState.SAME:
        return "; ".join(["the same", *_besides(call)])
    if call.state is CheckState.COULD_NOT:
        return call.why or "it could not be compared"
    words = []
    if call.old or call.new:
        place = f"{call.where or 'the result'}: "
        words.append(f"{place}{call.old or 'nothing'} → {call.new or 'nothing'}")
        if call.largest is not None:
            words.append(_amount(call))
    elif not call.files:
        words.append("the result has another digest")
    else:
        words.append("the result is the same")
    return "; ".join([*words, *_besides(call)])


def _amount(call: CheckedCall) -> str:
    many = f"{count(call.count, 'number')} differ{'s' * (call.count == 1)} " if call.count else ""
    words = f"{many}by {'at most ' * (call.count > 1)}{call.largest:.3g}"
    return words if call.relative is None else f"{words} (relative {call.relative:.3g})"


def _besides(call: CheckedCall) -> list[str]:
    words = [f"{name} would hold something else" for name in call.files]
    return [*words, call.note] if call.note else words


def check_lines(report: CheckReport, *, going: bool) -> list[Line]:
    """Give what a check found, or how far it has come."""
    if going:
        return [line(("● checking", "running"), f"  {plain(progress(report))}")]
    lines = [line((plain(outcome(report)), _INKS[report.state]))]
    telling = [call for call in report.calls if call.state is not CheckState.SAME or call.note]
    for call in telling[:_SHOWN]:
        words = ", ".join(f"{name}={text[:40]}" for name, text in call.arguments.items())
        sign = (f"{_SIGNS[call.state]} ", _INKS[call.state])
        lines.append(line(sign, (plain(f"{report.step}({words})"), "name")))
        lines.append(line(f"    {plain(difference(call))}"))
    if len(telling) > _SHOWN:
        lines.append(line((f"… and {count(len(telling) - _SHOWN, 'call')} more", "dim")))
    if report.problem:
        lines += [line((plain(text), "dim")) for text in report.log.splitlines()[-20:]]
    return lines
