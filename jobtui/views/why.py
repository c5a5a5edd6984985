"""Why a step is stale, or why it is fresh: the text of the first tab.

In this order: the reason in one sentence; the path to what changed; the diff, or the old and the
new value; what else was checked, with counts; what could not be checked.
"""

from __future__ import annotations

from collections.abc import Sequence

from jobtui.glyphs import ACCEPTED_GLYPH, VERDICT_GLYPHS
from jobtui.makers import made_by
from jobtui.plain import age, clock_time, count, duration, plain, plain_lines
from jobtui.views.accept import acceptance_lines
from jobtui.views.diff import diff_lines
from jobtui.views.lines import Line, line
from jobtui.views.reasons import progress, worst
from jobtui.views.reasons import summary as script_summary
from jobtui_core.records import (
    Compared,
    Reason,
    RunInfo,
    ScriptStatus,
    SourceProblem,
    StepStatus,
    Verdict,
)
from jobtui_core.tracing.redacted import redacted_words
from jobtui_core.trees import shown_name

__all__ = ["caret", "first_diff", "problem_lines", "script_lines", "why_lines"]

_SENTENCES: dict[Verdict, str] = {
    Verdict.FAILED: "Its last call failed, and nothing that it depends on has changed since.",
    Verdict.RUNNING: "It is running.",
    Verdict.NEW: "It never ran: there is nothing to compare with.",
    Verdict.STALE: "If the script ran now, it would be computed again.",
    Verdict.UNSURE: "Only running can tell whether it would be computed again.",
    Verdict.FRESH: "If the script ran now, its stored result would be used.",
    Verdict.UNUSED: "No call of it can be reached in today's source.",
}

_NOUNS: dict[str, tuple[str, str]] = {
    "code": ("function", "functions"),
    "constant": ("constant", "constants"),
    "package": ("package", "packages"),
    "parameter": ("parameter", "parameters"),
    "argument": ("argument", "arguments"),
    "input": ("file", "files"),
    "output": ("output", "outputs"),
    "upstream": ("step before it", "steps before it"),
}


def why_lines(
    step: StepStatus,
    *,
    now: float,
    run: RunInfo | None = None,
    traceback: str = "",
    packages: Sequence[str] = (),
) -> list[Line]:
    """Say all that is known about a step's verdict."""
    verdict = step.verdict
    head = f"{VERDICT_GLYPHS[verdict]} {verdict.value}"
    if step.accepted:
        head = f"{ACCEPTED_GLYPH} {verdict.value} (accepted)"
    lines = [
        line((head, verdict.value), "  ", (plain(step.name), "title"), (_place(step), "dim")),
        line((_SENTENCES[verdict], "dim")),
    ]
    if verdict is Verdict.RUNNING:
        lines.append(line((progress(step, now), "running")))
    for reason in step.reasons:
        lines += [(), *_reason(reason)]
    if traceback:
        lines += [(), line(("traceback", "title"))]
        lines += [line((text, "dim")) for text in plain_lines(traceback.rstrip("\n"))]
    for maker in step.makers:
        lines += [(), line((made_by(maker, now), "value"))]
    for note in step.notes:
        lines += [(), line(("note ", "warn"), plain(note))]
    lines += acceptance_lines(step.acceptances)
    lines += _compared(step, fresh=verdict is Verdict.FRESH)
    unseen = (*step.not_compared, *packages)
    if unseen:
        lines += [(), line(("not compared", "title"))]
        lines += [line(("? ", "warn"), plain(text)) for text in unseen]
    lines += _history(step, run, now)
    return lines


def _place(step: StepStatus) -> str:
    kind = "" if step.kind == "step" else "memoized, "
    return f"  {kind}{plain(step.path)}:{step.line}" if step.path else ""


def _reason(reason: Reason) -> list[Line]:
    lines = [line((plain(reason.summary), "value"))]
    if reason.path:
        lines.append(line(("path   ", "dim"), (" → ".join(map(plain, reason.path)), "name")))
    if reason.old is not None or reason.new is not None:
        lines.append(line(("before ", "dim"), (_value(reason.old), "remove")))
        lines.append(line(("now    ", "dim"), (_value(reason.new), "add")))
    if reason.diff:
        lines += diff_lines(reason.diff)
    return lines


def _value(text: str | None) -> str:
    return "(nothing)" if text is None else plain(text)


def _compared(step: StepStatus, *, fresh: bool) -> list[Line]:
    if not step.compared:
        return []
    accepted = {name.replace(":", ".") for one in step.acceptances for name in one.symbols}
    kinds: dict[str, list[Compared]] = {}
    for item in step.compared:
        kinds.setdefault(item.kind, []).append(item)
    counts = [
        count(sum(item.count for item in items), *_NOUNS[kind]) for kind, items in kinds.items()
    ]
    title = f"compared, all equal{' or accepted' * step.accepted}: " if fresh else "compared: "
    equal = ("= ", "good") if fresh else ("· ", "dim")
    lines = [(), line((title, "title"), ", ".join(counts))]
    for kind, items in kinds.items():
        for item in items:
            detail = f"  {plain(item.detail)}" if item.detail else ""
            edited = (
                step.accepted and item.kind in ("code", "constant") and item.subject in accepted
            )
            sign = (f"{ACCEPTED_GLYPH} ", "good") if edited else equal
            lines.append(line(sign, (f"{kind:<10}", "dim"), plain(item.subject), (detail, "dim")))
    return lines


def _history(step: StepStatus, run: RunInfo | None, now: float) -> list[Line]:
    facts: list[tuple[str, str]] = []
    if step.last_run is not None:
        when = f", {_ago(now - step.last_time)}" if step.last_time is not None else ""
        state = f", {run.state.value}" if run is not None else ""
        facts.append(("last run", f"{plain(step.last_run)}{when}{state}"))
        if step.last_time is not None:
            facts.append(("", clock_time(step.last_time)))
    if step.duration is not None:
        facts.append(("took", f"{duration(step.duration)} in {count(step.calls, 'call')}"))
    if step.depends_on:
        facts.append(("takes", ", ".join(map(plain, step.depends_on))))
    facts.append(("identity", plain(step.function)))
    return [(), *(line((f"{name:<9}", "dim"), value) for name, value in facts)]


def _ago(seconds: float) -> str:
    words = age(seconds)
    return "just now" if words == "now" else f"{words} ago"


def first_diff(lines: list[Line]) -> int | None:
    """Give the number of the line where the first diff, or old and new value, begins."""
    for number, spans in enumerate(lines):
        if any(style in ("hunk", "add", "remove") for _text, style in spans):
            # The two file lines above a hunk belong to it.
            return max(number - 2, 0) if spans[0][1] == "hunk" else number
    return None


def caret(problem: SourceProblem) -> tuple[str, str]:
    """Give the line at fault and a line with a caret below the place, or two empty texts."""
    source = problem.text.rstrip("\r\n")
    if not source.strip():
        return "", ""
    lead = len(source) - len(source.lstrip())
    shown = plain(source.lstrip())
    if problem.column is None:
        return shown, ""
    before = plain(source[lead : max(problem.column - 1, lead)])
    return shown, " " * len(before) + "^"


def problem_lines(problem: SourceProblem, script: str) -> list[Line]:
    """Say why a script cannot be read, with the line at fault and a caret."""
    where = f"{plain(problem.path or script)}:{problem.line or 1}"
    lines = [
        line(("✗ cannot be read", "failed"), "  ", (plain(script), "title")),
        (),
        line((plain(problem.message), "value")),
        line((f"in {where}; the other scripts are not affected", "dim")),
    ]
    source, mark = caret(problem)
    if source:
        lines += [(), line(f"    {source}"), line((f"    {mark}", "bad"))]
    return [*lines, (), line(("e", "name"), (" opens it in your editor", "dim"))]


def script_lines(script: ScriptStatus) -> list[Line]:
    """Say what a script's row stands for."""
    if script.error is not None:
        return problem_lines(script.error, script.path)
    verdict = worst(script)
    lines = [
        line((plain(script.path), "title"), "  ", (script_summary(script), verdict or "dim")),
        (),
    ]
    if script.argv:
        lines += [line(("argv ", "dim"), " ".join(map(plain, redacted_words(script.argv))))]
    for step in script.steps:
        word = step.verdict.value
        lines.append(
            line((f"{VERDICT_GLYPHS[step.verdict]} {word:<8}", word), f" {plain(step.name)}")
        )
    for title, files in (("reads", script.reads), ("writes", script.writes)):
        if files:
            lines += [(), line((title, "title"))]
            lines += [line(f"  {plain(shown_name(file))}") for file in files]
    return lines
