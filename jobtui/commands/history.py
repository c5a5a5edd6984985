"""Commands of Runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jobtui.screens.home import HomeScreen
    from jobtui.screens.place import Place
    from jobtui.screens.runs import RunsScreen

__all__ = [
    "compare",
    "live",
    "newer",
    "next_pause",
    "note",
    "older",
    "override",
    "run_again",
    "show_runs",
    "star",
    "timestamps",
]


def show_runs(place: Place) -> None:
    """Go to the runs of the project."""
    place.jobtui.show_mode("runs")


def run_again(runs: RunsScreen) -> None:
    """Show the plan of the same run once more."""
    runs.run_again()


def override(place: HomeScreen | RunsScreen) -> None:
    """Ask for other values of the script's parameters."""
    place.ask_overrides()


def compare(runs: RunsScreen) -> None:
    """Show in what the marked runs differ."""
    runs.compare()


def note(runs: RunsScreen) -> None:
    """Write beside the selected run."""
    runs.ask_note()


def star(runs: RunsScreen) -> None:
    """Put a star on the selected run, or take it away."""
    runs.star()


def older(runs: RunsScreen) -> None:
    """Go to the run of the same script before that."""
    runs.to_run_of_script(1)


def newer(runs: RunsScreen) -> None:
    """Go to the next run of the same script."""
    runs.to_run_of_script(-1)


def live(runs: RunsScreen) -> None:
    """Go to the newest run."""
    runs.to_newest()


def timestamps(runs: RunsScreen) -> None:
    """Show when each line was put out, or no longer."""
    runs.record.toggle_times()


def next_pause(runs: RunsScreen) -> None:
    """Go to where nothing was put out for long."""
    runs.to_pause()
