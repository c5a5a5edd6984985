"""What happens to a random project: a few rounds of edits, each followed by a run."""

from __future__ import annotations

from collections.abc import Callable

from tests.core.fuzz.mutations import mutate
from tests.core.fuzz.programs import Chooser, Program
from tests.core.fuzz.trial import Endless, Trial

__all__ = ["live"]

ROUNDS = 5
TRIES = 4
"""Of an edit that fits the file."""


def live(trial: Trial, program: Program, choose: Chooser) -> None:
    """Run a project, and run it again after edits."""
    trial.story.append("")
    try:
        trial.go()
        for _ in range(1 + choose.below(ROUNDS)):
            for _ in range(choose.of(1, 1, 1, 2, 3)):
                name = choose.of(*EVENTS)
                trial.census.edits[name] += 1
                EVENTS_BY_NAME[name](trial, program, choose)
            trial.go()
    except Endless:
        return


def _edit(trial: Trial, program: Program, choose: Chooser) -> None:
    names = [name for name in trial.files if name.endswith(".py") and trial.files[name]]
    name = choose.of(*reversed(names))
    before = text = trial.files[name]
    for _ in range(TRIES):
        word, text = mutate(before, choose)
        if text != before:
            break
    if text != before:
        trial.story.append(f"-- {word}")
        trial.census.edits[word] += 1
        trial.write(name, text)


def _data(trial: Trial, program: Program, choose: Chooser) -> None:
    name = choose.of("data/a.txt", "data/b.txt")
    trial.write(name, "".join(f"{choose.below(9)}\n" for _ in range(choose.below(4))))


def _parameter(trial: Trial, program: Program, choose: Chooser) -> None:
    if program.parameters:
        name = choose.of(*program.parameters)
        text = "".join(trial.files.values())
        if f'"{name}"' in text or f"'{name}'" in text:
            trial.parameters = choose.of({name: choose.below(5)}, {})
            trial.story.append(f"parameters: {trial.parameters}")


def _argv(trial: Trial, program: Program, choose: Chooser) -> None:
    if program.takes_argv:
        trial.argv = choose.of((str(choose.below(5)),), ())
        trial.story.append(f"argv: {trial.argv}")


def _undo(trial: Trial, program: Program, choose: Chooser) -> None:
    version = choose.below(len(trial.versions))
    trial.story.append(f"undone to run {version + 1}")
    trial.put_back(version)


def _lose(trial: Trial, program: Program, choose: Chooser) -> None:
    made = trial.made()
    if made:
        trial.remove(choose.of(*made))


Event = Callable[[Trial, Program, Chooser], None]
EVENTS_BY_NAME: dict[str, Event] = {
    "edit": _edit,
    "data": _data,
    "parameter": _parameter,
    "argv": _argv,
    "undo": _undo,
    "lose": _lose,
}
EVENTS = (
    "edit",
    "edit",
    "edit",
    "edit",
    "edit",
    "edit",
    "data",
    "parameter",
    "argv",
    "undo",
    "lose",
)
