"""``jobtui note``: notes, tags and stars beside a run."""

from __future__ import annotations

from argparse import Namespace

from jobtui.cli.kept import print_json
from jobtui.cli.output import Output
from jobtui.cli.usage import UsageError
from jobtui.plain import clock_time, plain_lines
from jobtui_core.labbook import RunNotes

__all__ = ["run", "show_notes"]


def run(options: Namespace, output: Output) -> int:
    """Write beside a run, or show what is written there."""
    from jobtui_core.project import note_run, open_project, run_info

    if not options.words or len(options.words) > 2:
        raise UsageError(
            'jobtui note takes a run and a text in quotes: jobtui note last "as in the paper"'
        )
    if options.star and options.unstar:
        raise UsageError("a run has a star or none: --star or --unstar")
    project = open_project()
    run_id = run_info(project, options.words[0]).id
    notes = note_run(
        project,
        run_id,
        options.words[1] if len(options.words) == 2 else None,
        starred=True if options.star else False if options.unstar else None,
        add_tags=options.tag,
        remove_tags=options.untag,
    )
    if options.json:
        from jobtui_core.project import runs_to_json

        print_json(runs_to_json([run_info(project, run_id)])[0], output)
        return 0
    output.line(run_id, "bold")
    if notes == RunNotes(changed=notes.changed):
        output.line("  nothing is written beside it")
    show_notes(notes, output)
    return 0


def show_notes(notes: RunNotes, output: Output) -> None:
    """Write what stands beside a run; nothing where nothing does."""
    rows = [("star", "never pruned, nor what it needs")] if notes.starred else []
    rows += [("tags", " ".join(f"#{tag}" for tag in notes.tags))] if notes.tags else []
    lines = plain_lines(notes.note) if notes.note else []
    rows += [("note" if n == 0 else "", text) for n, text in enumerate(lines)]
    rows += [("", f"written {clock_time(notes.changed)}")] if rows and notes.changed else []
    output.rows([((name, "dim"), (text, "")) for name, text in rows], indent=2)
