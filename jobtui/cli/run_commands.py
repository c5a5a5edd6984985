"""The commands about runs that were: what they wrote, what they came to, what differs."""

from __future__ import annotations

from jobtui.cli.command import JSON, Command, Option

__all__ = ["RUN_COMMANDS"]

RUN_COMMANDS: tuple[Command, ...] = (
    Command(
        name="runs",
        usage="[FILTER…] [-n N] [--json | --app]",
        summary="list what ran: parameters, how it went, time saved, notes, tags",
        details="""\
Lists runs, the newest first, those with a star marked *: id, script, how it went, time, calls that
ran and calls that were hits, time that the hits saved; then the parameters that are not the
defaults, the words after --, the sweep, tags and the note.

A FILTER asks for fields (step:fit script:co2.py state:failed tag:paper note:text user: host: job:
commit: error:), for times (since:7d until:2026-11-22 took:>10m saved:>1h), for parameters
(window>=20 model=ridge), for failed, done, cancelled, running, starred or dirty, or for a word
anywhere; with - before it for the opposite. All of them must hold.""",
        examples=(
            ("jobtui runs", "the newest"),
            ("jobtui runs failed since:7d", "what failed within a week"),
            ("jobtui runs step:fit 'window>=20'", "runs that called fit with such a window"),
            ("jobtui runs tag:paper --json", "for programs"),
            ("jobtui runs --app failed", "in the app: their logs, calls and figures"),
        ),
        module="jobtui.cli.runs",
        options=(
            Option(("-n", "--number"), "so many (30 on a terminal, else all)", "N", number=True),
            Option(("--json",), "print a JSON list, one object for each run"),
            Option(("--app",), "look at them in the app"),
        ),
        completes=("filter",),
    ),
    Command(
        name="note",
        usage='RUN ["TEXT"] [--tag TAG] [--untag TAG] [--star|--unstar] [--json]',
        summary="write beside a run: a note, tags, a star; or show what is written there",
        details="""\
RUN is the id of a run or its beginning, last for the newest, last~1 for the one before. TEXT takes
the place of the note that is there; "" takes it away. A run with a star is never pruned, and
nothing that it needs is deleted to make room: results, their kept outputs, sources.""",
        examples=(
            ('jobtui note last "figure 2 of the paper" --star', "and keep it for good"),
            ("jobtui note last~1 --tag paper --tag final", "tags, to be found by tag:paper"),
            ("jobtui note 2026-11-22T10-14", "what is written beside that run"),
        ),
        module="jobtui.cli.note",
        options=(
            Option(("--tag",), "put this tag to the others", "TAG", repeated=True),
            Option(("--untag",), "take this tag away", "TAG", repeated=True),
            Option(("--star",), "never prune it, nor what it needs"),
            Option(("--unstar",), "take its star away"),
            JSON,
        ),
        completes=("run",),
    ),
    Command(
        name="log",
        usage="[[RUN] [STEP] | SCRIPT] [--time] [--level LEVEL] [--json]",
        summary="print what a run or a step wrote",
        details="""\
RUN is the id of a run or its beginning; without it, the newest run, with STEP the newest that
computed it, with SCRIPT the newest of that script. On a terminal, control characters in the log
are shown, not obeyed. Below the log of a whole run stand the scripts that it ran by run_script, and
what its plan was wrong about; into a pipe goes the log alone.

With --time each line has the time at which it was begun, its step and its stream; records of
logging and warnings stand among them whether or not they were shown, and of a progress bar the
last state. Of a call that was answered from the cache there is what it wrote when it was computed,
below a line that names that run.""",
        examples=(
            ("jobtui log", "the newest run"),
            ("jobtui log bootstrap", "what that step wrote last"),
            ("jobtui log co2.py", "the newest run of that script"),
            ("jobtui log 2026-11-22T10-14-05 bootstrap", "in a certain run"),
            ("jobtui log --time", "when each line was written, in which step"),
            ("jobtui log --level WARNING", "only warnings and what is worse"),
            ("jobtui log --json", "the newest run, its calls, lines and plan, for programs"),
        ),
        module="jobtui.cli.log",
        options=(
            Option(("--time", "--timestamps"), "when, where and by which stream each line was put"),
            Option(("--level",), "records of logging from this level on, and warnings", "LEVEL"),
            JSON,
        ),
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
    Command(
        name="compare",
        usage="[RUN…] [--step STEP] [--only KIND] [--exit-code] [--json]",
        summary="put runs side by side, and tell only what differs",
        details="""\
Compares the runs with the first of them: parameters, code, inputs, packages, environment, how they
went, results, figures, logs. Without RUN, the newest run and the one before it of the same script;
with one, that run and the one before it. RUN is an id or its beginning, last or last~1.

Numbers are told by their largest difference, absolutely and in relation to the first run, by the
first index where they differ and by how many do; frames column by column; figures by the share of
pixels. A log is told by the first line that differs. A duration counts from half a second and half
as much again. Nothing is unpickled and nothing of yours is run: of what is pickled, pictures made
when it was written are compared.

KIND is script, argv, parameter, code, input, package, environment, outcome, result, figure or
log.""",
        examples=(
            ("jobtui compare", "the newest run and the one before it"),
            ("jobtui compare last~3 last", "any two"),
            ("jobtui compare last --step fit --only result", "numbers of one step"),
            ("jobtui compare A B C", "two runs against the first"),
            ("jobtui compare --exit-code", "exit 1 if anything differs, for CI"),
            ("jobtui compare --json", "one JSON object, for programs"),
        ),
        module="jobtui.cli.compare",
        options=(
            Option(("--step",), "only what concerns this step", "STEP"),
            Option(("--only",), "only differences of this kind", "KIND", repeated=True),
            Option(("--exit-code",), "exit with 1 if anything differs"),
            JSON,
        ),
        completes=("run",),
    ),
    Command(
        name="report",
        usage="[RUN… | FILTER…] [-o FILE] [--markdown] [--force]",
        summary="write what runs did as one page: figures, tables, logs, code, how to repeat it",
        details="""\
Without words, the newest run. RUN is an id, its beginning, last or last~1; FILTER is what jobtui
runs takes. Several runs are a chapter each, after what differs between them.

The page is one file that needs no network: readable on a phone, and printed. A name that ends in
.md makes Markdown, with its figures in FILE_files/ beside it; -o - writes to standard output.
Secrets are left out by their names, but look at what your own logs say before you pass it on.

What is written already is replaced if it is a report; anything else only with --force.""",
        examples=(
            ("jobtui report", "the newest run, as lab.html"),
            ("jobtui report last~1 last -o lab.html", "two runs, and what differs between them"),
            ("jobtui report tag:paper -o paper.md", "all runs of a tag, as Markdown"),
            ("jobtui report --markdown -o -", "to standard output, without figures"),
        ),
        module="jobtui.cli.report",
        options=(
            Option(("-o", "--output"), "the file, lab.html if not given; - for stdout", "FILE"),
            Option(("--markdown",), "write Markdown, whatever the file is called"),
            Option(("--force",), "replace FILE even if it is no report"),
        ),
        completes=("run", "filter"),
    ),
)
