"""Children that are killed in the middle of what they do, and a parent that looks at the ruins.

Run as ``python -m tests.core.memory.faults.killing random FOLDER ROUNDS SEED``, or with ``walk
FOLDER``; it prints what it counted as JSON, and fails at the first thing that is not as it
should be.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable
from itertools import count, product
from pathlib import Path
from typing import Any, NoReturn

from jobtui_core import JsonFile, Memory, leftovers, make
from jobtui_core.entry import read_info
from jobtui_core.stores import LocalStore
from tests.core.memory.faults.calls import come_between
from tests.core.memory.faults.specimens import KINDS, same, wanted

PLAYED = ("plain", "array", "large", "nested", "boxed")
ARGUMENTS = range(3)


@make(output=JsonFile("results/{n}.json"))
def report(n: int) -> list[int]:
    return list(range(n, n + 2000))


class Play:
    """Two memories on one folder, and a step with output files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.memories = [
            Memory(folder / "cache", verbose=0),
            Memory(folder / "cache", verbose=0, compress=True, max_size="20M"),
        ]
        self.functions = {
            (kind, number): memory.cache(KINDS[kind])
            for kind in PLAYED
            for number, memory in enumerate(self.memories)
        }
        self.right = {(kind, n): wanted(kind, n) for kind in PLAYED for n in ARGUMENTS}
        store = self.memories[0].store
        assert isinstance(store, LocalStore)
        self.store = store

    # What children do

    def call(self, chance: random.Random) -> None:
        kind, n = chance.choice(PLAYED), chance.choice(ARGUMENTS)
        found = self.functions[kind, chance.randrange(2)](n)
        assert same(found, self.right[kind, n])

    def recompute(self, chance: random.Random) -> None:
        self.functions[chance.choice(PLAYED), chance.randrange(2)].call(chance.choice(ARGUMENTS))

    def delete(self, chance: random.Random) -> None:
        for item in list(self.store.list()):
            if chance.random() < 0.5:
                self.store.delete(item.name)

    def clear(self, chance: random.Random) -> None:
        self.memories[0].clear(warn=False)

    def clear_function(self, chance: random.Random) -> None:
        self.functions[chance.choice(PLAYED), 0].clear()

    def reduce(self, chance: random.Random) -> None:
        self.memories[0].reduce_size(items_limit=chance.randrange(20))

    def step(self, chance: random.Random) -> None:
        n = chance.choice(ARGUMENTS)
        assert report(n) == list(range(n, n + 2000))

    def copy(self, chance: random.Random) -> None:
        entries = [item for item in self.store.list() if item.name.endswith(".entry")]
        for item in entries[:2]:
            self.store.copy(item.name, f"copies/00/{chance.randrange(5)}.entry")

    # What the parent looks at

    def verify(self) -> None:
        """Hold all that the folder has against what it should be."""
        for item in self.store.list():
            if item.name.endswith(".entry"):
                assert read_info(self.store, item.name) is not None
        for path in (self.folder / "results").glob("[!.]*"):
            n = int(path.stem)
            assert json.loads(path.read_text()) == list(range(n, n + 2000)), path
        with warnings.catch_warnings():
            # Nothing is torn, so there is nothing to warn of.
            warnings.simplefilter("error")
            for (kind, number), function in self.functions.items():
                for n in ARGUMENTS:
                    assert same(function(n), self.right[kind, n]), (kind, number, n)
            for n in ARGUMENTS:
                assert report(n) == list(range(n, n + 2000))

    def left(self) -> list[str]:
        return [str(path) for path in self.folder.rglob("*") if "~" in path.name]

    def sweep(self) -> None:
        self.store.sweep()
        for place in ("results", ".jobtui/cache/.tmp", ".jobtui/index", ".jobtui/inputs"):
            leftovers.sweep(str(self.folder / place), all_passing=place.endswith(".tmp"))


ACTS = (Play.call, Play.recompute, Play.delete, Play.clear, Play.clear_function, Play.reduce,
        Play.step, Play.copy)  # fmt: skip
WEIGHTS = (8, 6, 1, 1, 1, 1, 3, 1)


def act_for_ever(play: Play, seed: int, ready: int) -> NoReturn:
    chance = random.Random(seed)
    os.write(ready, b".")
    while True:
        chance.choices(ACTS, WEIGHTS)[0](play, chance)


def fork(work: Callable[[], Any]) -> int:
    """Start a child; it ends with 0 if its work does, and with 3 if that fails."""
    # A process that starts looks for leftovers itself.
    leftovers._looked.clear()
    child = os.fork()
    if child:
        return child
    try:
        warnings.simplefilter("error")
        work()
        os._exit(0)
    except BaseException:
        sys.excepthook(*sys.exc_info())
        os._exit(3)


def end_of(child: int) -> int:
    """Wait for a child; give its exit code, negative for a signal."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def at_random(folder: Path, rounds: int, seed: int) -> dict[str, Any]:
    """Kill two children at a time at random points, and verify each time."""
    play = Play(folder)
    play.verify()
    chance = random.Random(seed)
    most_left = kills = 0
    for _ in range(rounds):
        ready, tell = os.pipe()
        children = [
            fork(lambda: act_for_ever(play, chance.getrandbits(32), tell))  # noqa: B023  # now
            for _ in range(2)
        ]
        for _ in children:
            os.read(ready, 1)
        for child in children:
            time.sleep(chance.uniform(0, 0.008))
            os.kill(child, signal.SIGKILL)
        for child in children:
            assert end_of(child) == -signal.SIGKILL
            kills += 1
        os.close(ready)
        os.close(tell)
        most_left = max(most_left, len(play.left()))
        play.verify()
    left = len(play.left())
    play.sweep()
    assert play.left() == []
    return {"kills": kills, "most_left": most_left, "left": left, "runs": _runs(folder)}


def _runs(folder: Path) -> int:
    from jobtui_core.tracing.read import read_run

    runs = list((folder / ".jobtui" / "runs").iterdir())
    for run in runs:
        trace = read_run(run)
        assert trace.skipped == 0
        assert trace.calls
    return len(runs)


class Kill:
    """Kills the process at one call of the operating system, just before or just after it."""

    def __init__(self, at: int, after: bool) -> None:
        self.at, self.after, self.number = at, after, 0

    def __call__(self, name: str, call: Callable[[], Any]) -> Any:
        self.number += 1
        if self.number == self.at:
            # Held, as what is dropped is closed.
            _result = call() if self.after else None
            os.kill(os.getpid(), signal.SIGKILL)
        return call()


def walk(folder: Path) -> dict[str, Any]:
    """Kill a child at each call that each act makes, before it and after it."""
    kills: Counter[str] = Counter()
    for act, late, empty in product(ACTS, (False, True), (False, True)):
        for at in count(1):
            play = Play(folder)
            if empty:
                play.clear(random.Random(0))

            def die(play: Play = play, at: int = at, act: Any = act, late: bool = late) -> None:
                come_between(Kill(at, late))
                act(play, random.Random(at))

            ended = end_of(fork(die))
            play.verify()
            if ended == 0:
                break
            assert ended == -signal.SIGKILL, (act.__name__, ended)
            kills[act.__name__] += 1
        play.sweep()
        assert play.left() == [], act.__name__
    return {"kills": sum(kills.values()), "by_act": dict(kills)}


def main() -> None:
    how, folder = sys.argv[1], Path(sys.argv[2])
    os.chdir(folder)
    if how == "walk":
        print(json.dumps(walk(folder)))
    else:
        print(json.dumps(at_random(folder, int(sys.argv[3]), int(sys.argv[4]))))


if __name__ == "__main__":
    main()
