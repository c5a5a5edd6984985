"""Every command of the command line, declared once: for parsing, for help and for completion."""

from __future__ import annotations

from jobtui.cli.command import JSON, Command, Option
from jobtui.cli.run_commands import RUN_COMMANDS
from jobtui.cli.store_commands import STORE_COMMANDS

__all__ = ["COMMANDS", "EXIT_CODES", "command_named"]

EXIT_CODES = """\
exit codes:
  0  done, or nothing to do
  1  a step failed or a run was cancelled; with --fail-if-stale: something is not fresh; with
     --exit-code: runs differ;
     check: a result differs; push, pull: something was not copied; a question was answered no
  2  wrong use: an unknown name, a value that is refused, a folder that cannot be used
  130  Ctrl+C stopped a command that is no run"""


_ONLY = Option(("--only",), "stop each script once this step is done", metavar="STEP")
_RECOMPUTE = Option(
    ("--recompute",), "compute this step although it is fresh", metavar="STEP", repeated=True
)
_DROP = Option(
    ("--drop",),
    "take this step's latest stored result, for this run only",
    metavar="STEP",
    repeated=True,
)
_PARAMS = Option(("--params",), "take parameters from a TOML or JSON file", metavar="FILE")
_SELECTION = "[SCRIPT…] [name=value…] [--params FILE]"
_STEPS = "[--only STEP] [--recompute STEP] [--drop STEP]"
_PRESENT = """\
Nothing of yours is run for this: it reads sources, files and the records of earlier runs.
Words after -- are the scripts' own arguments; without --, those of each script's newest run
count, and a bare -- means none."""

COMMANDS: tuple[Command, ...] = (
    Command(
        name="demo",
        usage="[DIR]",
        summary="make a small project on a real record, run it and show it",
        details="""\
Makes a project on 44 years of weekly CO₂ at Mauna Loa in DIR (./co2-demo), starts its first run
and opens the app on it. Called again it opens the same folder, with your edits. Without a
terminal it runs the scripts and prints the table.""",
        examples=(
            ("jobtui demo", "in ./co2-demo"),
            ("jobtui demo /tmp/try", "somewhere else"),
        ),
        module="jobtui.cli.demo",
        words="one",
    ),
    Command(
        name="run",
        usage=f"{_SELECTION} {_STEPS} [-j N] [--watch] [--replay] [-- ARGV…]",
        summary="run what is not fresh, and follow it",
        details="""\
Without SCRIPT it runs the scripts that have a step which is not fresh, in the order that their
files demand, and those whose hits put a missing output back; scripts that are named run in any
case. What is fresh is answered from the cache.
name=value stands in for a default_param of the scripts, and so does a line of FILE, over which
name=value wins; a table [co2] in it is for co2.py alone. Words after -- are the scripts' argv. A
list is written window=1,2; a part of it that holds commas, in quotes: 'names="a,b",c'.

A step that is dropped is not computed: its latest stored result is taken in its place, for this
run only. It stays stale, and what is computed below it is marked "on old STEP".

At the end the plan is held against what happened: what it was wrong about is said.

The run belongs to the project, not to this terminal: Ctrl+C cancels it, but closing the terminal
leaves it running, and the app or "jobtui log" shows how it went.""",
        examples=(
            ("jobtui run", "everything that is not fresh"),
            ("jobtui run co2.py window=26", "one script, with another value"),
            ("jobtui run co2.py --params base.toml window=26", "with those of a file, but for one"),
            ("jobtui run --only trend", "no further than that step"),
            ("jobtui run --recompute bootstrap", "that step again, although it is fresh"),
            ("jobtui run --drop bootstrap", "without waiting for that step: with its older result"),
            ("jobtui run -j 2", "two scripts at a time"),
            ("jobtui run --watch", "again whenever a save makes something stale"),
            ("jobtui run train.py -- --fast", "with arguments for the script"),
        ),
        module="jobtui.cli.run",
        options=(
            _PARAMS,
            _ONLY,
            _RECOMPUTE,
            _DROP,
            Option(("-j", "--jobs"), "how many scripts may run at a time (1)", "N", number=True),
            Option(("--watch",), "stay, and run again what a saved edit makes stale"),
            Option(("--replay",), "show again what steps wrote that come from the cache"),
        ),
        takes_argv=True,
        completes=("script", "parameter"),
    ),
    Command(
        name="status",
        usage=f"{_SELECTION} [--json] [--fail-if-stale] [-- ARGV…]",
        summary="say which steps are fresh, and why the others are not",
        details=_PRESENT,
        examples=(
            ("jobtui status", "all scripts of this project"),
            ("jobtui status window=26", "as if window were 26"),
            ("jobtui status --json", "one JSON object, for programs"),
            ("jobtui status --fail-if-stale", "exit 1 unless everything is fresh, for CI"),
        ),
        module="jobtui.cli.status",
        options=(
            _PARAMS,
            Option(("--json",), "print one JSON object"),
            Option(("--fail-if-stale",), "exit with 1 unless everything is fresh"),
        ),
        takes_argv=True,
        completes=("script", "parameter"),
    ),
    Command(
        name="plan",
        usage=f"{_SELECTION} {_STEPS} [--json] [-- ARGV…]",
        summary="say what a run would do, and how long that took last time",
        details="""\
"will run" is certain; "may run" depends on whether what a step takes comes out equal; "kept" is
answered from the cache. A time is that of last time; "may run" adds to it only if it does.

"""
        + _PRESENT,
        examples=(
            ("jobtui plan", "what jobtui run would do"),
            ("jobtui plan window=26", "what it would do with that value"),
            ("jobtui plan --drop bootstrap", "with that step's older result"),
            ("jobtui plan --json", "one JSON object, for programs"),
        ),
        module="jobtui.cli.plan",
        options=(_PARAMS, _ONLY, _RECOMPUTE, _DROP, JSON),
        takes_argv=True,
        completes=("script", "parameter"),
    ),
    Command(
        name="sweep",
        usage="SCRIPT name=VALUES… [-j N] [--show NAME] [--dry-run] [--csv | --json] [-- ARGV…]",
        summary="run a script for all combinations of some values of its parameters",
        details="""\
VALUES is a list (10,20,50), a range first:last:step of numbers (0.1:0.5:0.1) or a count (1..5),
or several of these with commas between them; a parameter with one value has that in all runs.
What holds a comma or looks like a range goes in quotes: 'title="a,b",c'. A value of a parameter
that is a list itself goes in brackets: 'window=[1,2],[3,4]'.

Each combination is a run, and steps that do not depend on what differs are computed once. At the
end there is a table. --show adds the result of a step, where that is a number or a short text, or
else a number that the script prints as "NAME: 0.83" or "NAME = 0.83".

The same command again runs what did not finish, or has become stale. Ctrl+C cancels; closing the
terminal leaves the sweep running.""",
        examples=(
            ("jobtui sweep co2.py window=10,20,50 kind=a,b", "six runs"),
            ("jobtui sweep fit.py lr=0.1:0.5:0.1 n=1..5 -j 4", "25 runs, four at a time"),
            ("jobtui sweep fit.py n=1..5 --show score", "with the score of each"),
            ("jobtui sweep fit.py n=1..5 --dry-run", "only say what would be run"),
            (
                "jobtui sweep fit.py n=1..5 --params base.toml --csv",
                "with other values from a file",
            ),
        ),
        module="jobtui.cli.sweep",
        options=(
            _PARAMS,
            Option(("-j", "--jobs"), "how many runs may go on at a time (1)", "N", number=True),
            Option(("--show",), "a step, or a number that the script prints", metavar="STEP"),
            Option(("--dry-run",), "run nothing: list the combinations, and what each would do"),
            Option(("--csv",), "print the table as CSV"),
            JSON,
            Option(("--yes",), "also if these are hundreds of runs"),
        ),
        takes_argv=True,
        completes=("script", "parameter"),
    ),
    Command(
        name="why",
        usage="STEP [SCRIPT] [name=value…] [--json] [-- ARGV…]",
        summary="explain a step's verdict: the edit, the values, what was compared",
        details=_PRESENT,
        examples=(
            ("jobtui why trend", "in every script that calls it"),
            ("jobtui why trend window=26", "what that value would do to it"),
            ("jobtui why trend --json", "for programs"),
        ),
        module="jobtui.cli.why",
        options=(Option(("--json",), "print a JSON list, one object for each script"),),
        takes_argv=True,
        completes=("step", "script", "parameter"),
    ),
    Command(
        name="check",
        usage="STEP [SCRIPT] [name=value…] [--json] [-- ARGV…]",
        summary="compute a fresh step again, and tell whether the result is the same",
        details="""\
Runs the step's script once more, up to the step, in a process of its own. The step is computed
again and compared with what is stored, bit by bit; the script goes on with the stored result, and
all other steps are answered from the store. Stored results, output files, verdicts and the list
of runs stay as they are. What the script does between its steps, and what the step does besides
giving its result, is done again.

Exits with 0 if all calls gave the same, 1 if one differs, 2 if the check could not be made.""",
        examples=(
            ("jobtui check trend", "does it still give what is stored?"),
            ("jobtui check trend window=26", "and with that value?"),
        ),
        module="jobtui.cli.check",
        options=(Option(("--json",), "print a JSON list, one object for each script"),),
        takes_argv=True,
        completes=("step", "script", "parameter"),
    ),
    Command(
        name="accept",
        usage="STEP [SCRIPT] [name=value…] [--yes] [-- ARGV…]",
        summary="declare that the edit of a step does not matter, once it was shown",
        details="""\
Prints what changed in the step's code since its stored result was computed, and asks. From then
on that result answers for today's code as well: the step is fresh (accepted), and nothing is
stored under the new code. Any further edit is seen. Only code can be accepted, one step at a
time: a parameter, an input or a value that changed too still makes it run, as it says.

Scripts that run already do not hear of it. Exits with 1 if you say no.""",
        examples=(
            ("jobtui accept trend", "look at the edit, and answer y"),
            ("jobtui accept trend --yes", "without a terminal to ask on"),
        ),
        module="jobtui.cli.accept",
        options=(Option(("--yes",), "do not ask: you know the edit"),),
        takes_argv=True,
        completes=("step", "script", "parameter"),
    ),
    Command(
        name="accepted",
        usage="[--json]",
        summary="list the edits that were accepted, by whom and when",
        details="They lie beside the results, in the store that those are in.",
        examples=(
            ("jobtui accepted", "with their diffs, on a terminal"),
            ("jobtui accepted --json", "a JSON list, for programs"),
        ),
        module="jobtui.cli.accepted",
        options=(Option(("--json",), "print a JSON list"),),
        words="none",
    ),
    Command(
        name="unaccept",
        usage="STEP [--all]",
        summary="take back that an edit of a step does not matter",
        details="""\
Takes back the last acceptance of the step. Nothing was stored on its account, so that verdicts
are then what they would be without it. Scripts that run already may go on to follow it.""",
        examples=(
            ("jobtui unaccept trend", "the last one"),
            ("jobtui unaccept trend --all", "all of that step"),
        ),
        module="jobtui.cli.unaccept",
        options=(Option(("--all",), "take back all acceptances of the step"),),
        words="one",
        completes=("step",),
    ),
    *RUN_COMMANDS,
    *STORE_COMMANDS,
    Command(
        name="browse",
        usage="[STORE] [FILTER]",
        summary="open the app on what a store keeps",
        details="""\
Opens the Cache: functions, entries, and a picture of each result, made without unpickling. STORE
is a folder or a URL, of jobtui's or of joblib's, or what was given to Memory; without it, the
project's own store. FILTER is what / takes there, such as size:>10M age:<7d fn:fit alpha=0.1.""",
        examples=(
            ("jobtui browse", "the project's store"),
            ("jobtui browse s3://lab/results", "any other"),
            ("jobtui browse cache/ 'fn:fit alpha>0.5'", "only entries that fit"),
        ),
        module="jobtui.cli.browse",
    ),
    Command(
        name="completion",
        usage="bash|zsh|fish",
        summary="print a script that completes jobtui's words in your shell",
        details="Completes commands, options, and the scripts, steps and parameters of a project.",
        examples=(
            ('eval "$(jobtui completion bash)"', "in ~/.bashrc"),
            ('eval "$(jobtui completion zsh)"', "in ~/.zshrc, after compinit"),
            ("jobtui completion fish > ~/.config/fish/completions/jobtui.fish", "once"),
        ),
        module="jobtui.cli.completion",
        words="one",
        completes=("shell",),
    ),
)


def command_named(name: str) -> Command | None:
    """Give the command of that name, if there is one."""
    return next((command for command in COMMANDS if command.name == name), None)
