"""The commands about runs that were: what they wrote, what they came to, what differs."""

from __future__ import annotations

from jobtui.cli.command import JSON, Command

__all__ = ["RUN_COMMANDS"]

RUN_COMMANDS: tuple[Command, ...] = (
    Command(
        name="log",
        usage="[RUN] [STEP] [--json]",
        summary="print what a run or a step wrote",
        details="""\
RUN is the id of a run or its beginning; without it, the newest run, or with STEP the newest that
computed it. On a terminal, control characters in the log are shown, not obeyed. Below the log of
a whole run stands what its plan was wrong about; into a pipe goes the log alone.""",
        examples=(
            ("jobtui log", "the newest run"),
            ("jobtui log bootstrap", "what that step wrote last"),
            ("jobtui log 2026-11-22T10-14-05 bootstrap", "in a certain run"),
            ("jobtui log --json", "the newest run, its calls, and how its plan did, for programs"),
        ),
        module="jobtui.cli.log",
        options=(JSON,),
        completes=("run", "step"),
    ),
)
