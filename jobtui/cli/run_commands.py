"""The commands about runs that were: what they wrote, what they came to, what differs."""

from __future__ import annotations

from jobtui.cli.command import JSON, Command, Option

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
    Command(
        name="replay",
        usage="[RUN] [CALL|STEP] [--pdb | --show]",
        summary="call again what failed, with the arguments that it had",
        details="""\
Without words, the call that failed last; else the last failed call of STEP, or the one with the id
CALL, in RUN or else in the newest run that has one. It is called in a process of its own, with the
arguments that were kept when it failed and the code of today. Of its script only imports and what
the function needs are run, and nothing is stored. Arguments are kept up to keep_arguments in the
settings (64M), and not where the name of one says that it is a secret.

Exits with 0 if it returns, with 1 if it raises, with 2 if it cannot be called.""",
        examples=(
            ("jobtui replay", "what failed last"),
            ("jobtui replay fit --pdb", "with Python's debugger where it raises"),
            ("jobtui replay fit --show", "its arguments, and the local variables of each frame"),
            ("jobtui replay 2026-11-22T10-14-05 fit", "in a certain run"),
        ),
        module="jobtui.cli.replay",
        options=(
            Option(("--pdb",), "open the debugger where it raises"),
            Option(("--show",), "run nothing: show what was recorded of the failure"),
        ),
        completes=("run", "step"),
    ),
)
