"""The commands about stores: looking through one, making room in it, copying to and from it."""

from __future__ import annotations

from jobtui.cli.command import JSON, Command, Option

__all__ = ["STORE_COMMANDS"]

_STORE = Option(("--store",), "the store, where STORE would be taken for a name", "STORE")
_YES = Option(("--yes",), "do not ask")
_LIST = Option(("--json",), "print a JSON list, one object for each store")
_DRY = Option(("--dry-run",), "say what would happen, and change nothing")

_PLACE = """\
STORE is a folder or a URL: a store, or what was given to Memory or to joblib.Memory; without it,
the project's own store. The first word is taken for STORE if it is a URL, has a / in it, or is a
folder; --store says it in any case."""
_NAMES = """\
NAME is a function, with or without its module; KEY the first digits of a key, four at least. A
FILTER compares: size:>10M age:<7d took:>1m fn:fit user:anna alpha=0.1, with ! before it for the
opposite; all of them must hold."""
_RUN = "RUN is the id of a run or its beginning, last for the newest or last~1 for the one before."
_UNRUN = "Nothing is unpickled, and nothing of yours is run."

_CHOICE = (
    Option(("--function",), "what this function gave", "NAME", repeated=True),
    Option(("--step",), "the same, of a step", "STEP", repeated=True),
    Option(("--key",), "the result with this key, or its first digits", "KEY", repeated=True),
    Option(("--run",), "what this run's calls gave", "RUN", repeated=True),
    Option(("--from",), "the store to copy from", "STORE"),
    Option(("--to",), "the store to copy to", "STORE"),
    _DRY,
    JSON,
)
_COPIED = """\
With results go the output files that were kept of them, the sources that computed them, accepted
edits of their functions, and the records of the runs; without a choice, all that there is. What is
there is not copied again, and nothing is replaced or deleted. Everything is held against its
checksums on the way: what is damaged is named, and stays behind.

Ctrl+C stops after what is under way; the same command goes on with the rest. Exits with 1 if
something could not be copied."""

STORE_COMMANDS: tuple[Command, ...] = (
    Command(
        name="ls",
        usage="[STORE] [NAME|KEY|FILTER…] [--json]",
        summary="list what a store keeps: functions, or the results of some",
        details=f"""\
Lists functions with results or, where some are named or a filter is given, the results, the
newest first: key, function, time, duration, size, what it is, arguments. An entry that cannot be
read says why.

{_PLACE}

{_NAMES}

{_UNRUN}""",
        examples=(
            ("jobtui ls", "functions in the project's store"),
            ("jobtui ls simulate", "its results, the newest first"),
            ("jobtui ls cache/", "what a Memory, or joblib's, keeps there"),
            ("jobtui ls s3://lab/results fn:fit 'age:<7d'", "results of a week, from a bucket"),
            ("jobtui ls --json", "for programs"),
        ),
        module="jobtui.cli.ls",
        options=(_STORE, _LIST),
        completes=("kept",),
    ),
    Command(
        name="show",
        usage="RUN… [--diff | --figures FOLDER] [--json] | [STORE] NAME|KEY|FILTER… [--json]",
        summary="tell all about a run, or about a result: arguments, who, when, time, size, shape",
        details=f"""\
{_RUN} It tells
parameters, calls, what they saved, files, versions, the commit and whether anything was not
committed, and the command line that does the same again. --diff shows what was not committed when
the run began, as git apply takes it; --figures writes its figures into a folder, as PNG and SVG.
A result is drawn: arrays as lines or colours, frames as tables, your own types as you say.

{_PLACE}

{_NAMES}

{_UNRUN}""",
        examples=(
            ("jobtui show last", "the newest run"),
            ("jobtui show last~1 --diff", "uncommitted changes that the run before it found"),
            ("jobtui show last --figures plots", "its figures, as files in plots/"),
            ("jobtui show 3f2a91", "one result"),
            ("jobtui show cache/ simulate", "all of a function, in another store"),
        ),
        module="jobtui.cli.show",
        options=(
            Option(("--diff",), "what was not committed when the run began"),
            Option(("--figures",), "write the figures of the run into this folder", "FOLDER"),
            _STORE,
            Option(("--json",), "print a JSON list, one object for each run or store"),
        ),
        completes=("run", "kept"),
    ),
    Command(
        name="du",
        usage="[STORE] [--json]",
        summary="say what takes the room in a store, by function",
        details=f"""\
Number, bytes and share of each function's results, then of all else: kept outputs, sources,
accepted edits, records of runs and of use.

{_PLACE}""",
        examples=(
            ("jobtui du", "the project's store"),
            ("jobtui du s3://lab/results", "any other"),
        ),
        module="jobtui.cli.du",
        options=(_STORE, _LIST),
    ),
    Command(
        name="gc",
        usage="[STORE] [--max-size SIZE] [--older-than AGE] [--max-items N] [--keep-runs N] …",
        summary="bring a store within limits: what was used longest ago goes",
        details=f"""\
Says what goes, asks, and deletes it: results until all limits hold, those first that were used
longest ago; the output files that were kept of them; records of runs beyond the newest N. For the
project's own store the limits are max_size and max_age of the settings where none is given. Who
used what is known of stores on this machine; elsewhere the time of writing counts. What runs of
this project with a star need stays.

Programs that use the store compute again what was deleted. A cache of joblib's is left as it is.

{_PLACE}""",
        examples=(
            ("jobtui gc cache/ --max-size 20G --dry-run", "what would go"),
            ("jobtui gc --older-than 90d", "what no call used for so long"),
            ("jobtui gc s3://lab/results --keep-runs 500 --yes", "without a question"),
        ),
        module="jobtui.cli.gc",
        options=(
            Option(("--max-size",), "to so many bytes, as in 20G", "SIZE"),
            Option(("--older-than",), "what no call used for so long, as in 90d", "AGE"),
            Option(("--max-items",), "to so many results", "N", number=True),
            Option(("--keep-runs",), "to so many records of runs", "N", number=True),
            _DRY,
            _YES,
            _STORE,
            _LIST,
        ),
    ),
    Command(
        name="rm",
        usage="RUN… [--force] [--yes] | [STORE] NAME|KEY|FILTER… [--yes] [--json]",
        summary="remove runs, or delete results, after showing which and asking",
        details=f"""\
{_RUN} Its
records, log and notes go, stored results stay; a run with a star goes by --force alone, and one
that goes on never does.

Programs that use a store compute again what was deleted of it, and keep the rest.

{_PLACE}

{_NAMES}""",
        examples=(
            ("jobtui rm cache/ simulate", "all results of a function"),
            ("jobtui rm 3f2a91 --yes", "one result, without a question"),
            ("jobtui rm fn:fit 'age:>30d'", "what a filter finds"),
            ("jobtui rm 2026-11-22T10-14", "a run"),
        ),
        module="jobtui.cli.rm",
        options=(
            _YES,
            Option(("--force",), "remove runs with a star too"),
            _STORE,
            _LIST,
        ),
        completes=("run", "kept"),
    ),
    Command(
        name="push",
        usage="STORE [--function NAME] [--step STEP] [--key KEY] [--run RUN] …",
        summary="copy results of the project to another store",
        details=f"""\
STORE is a folder or a URL; a folder that is not there yet is made, and written ./name.

{_COPIED}""",
        examples=(
            ("jobtui push s3://lab/results", "all that is not there yet"),
            ("jobtui push /mnt/lab/store --step trend", "the results of a step"),
            ("jobtui push --from cache/ --to s3://lab/results", "from any store to any other"),
            ("jobtui push s3://lab/results --dry-run", "what would be copied"),
        ),
        module="jobtui.cli.push",
        options=_CHOICE,
        words="one",
    ),
    Command(
        name="pull",
        usage="STORE [--function NAME] [--step STEP] [--key KEY] [--run RUN] …",
        summary="copy results of another store to the project's",
        details=f"STORE is a folder or a URL.\n\n{_COPIED}",
        examples=(
            ("jobtui pull s3://lab/results", "all that is not here yet"),
            ("jobtui pull /mnt/lab/store --run 2026-11-22T10-14", "what a run gave"),
        ),
        module="jobtui.cli.pull",
        options=_CHOICE,
        words="one",
    ),
)
