"""Children that strace kills, or lies to, at each system call of one call of a function.

Run as ``python -m tests.core.memory.faults.stracing FOLDER``; it prints what it counted as JSON,
and fails at the first thing that is not as it should be.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable
from itertools import count
from pathlib import Path

from tests.core.memory.faults.killing import Play, end_of, fork
from tests.core.memory.faults.specimens import same

CALLS = ("openat", "writev", "/^rename", "close", "/^mkdir", "/stat", "read", "/^unlink", "mmap")
"""As strace knows them: names, or regular expressions."""


def traced(work: Callable[[], None], inject: str) -> int:
    """Do some work in a child of which strace has got hold; give its exit code."""
    begin, go = os.pipe()

    def wait_and_work() -> None:
        os.read(begin, 1)
        work()

    child = fork(wait_and_work)
    strace = subprocess.Popen(
        ["strace", "-p", str(child), "-o", os.devnull, "-e", f"inject={inject}"],
        stderr=subprocess.PIPE,
        text=True,
    )
    assert strace.stderr is not None
    attached = strace.stderr.readline()
    os.write(go, b".")
    ended = end_of(child)
    strace.communicate()
    os.close(begin)
    os.close(go)
    assert "attached" in attached, attached
    return ended


def main() -> None:
    folder = Path(sys.argv[1])
    os.chdir(folder)
    play = Play(folder)
    for kind in ("plain", "large"):
        play.functions[kind, 0](0)
    kills: dict[str, int] = {}
    for calls in CALLS:
        kills[calls] = 0
        for at in count(1):
            kind = ("plain", "large")[at % 2]
            play.clear(random.Random(0))

            def call(kind: str = kind) -> None:
                assert same(play.functions[kind, 0](0), play.right[kind, 0])
                assert same(play.functions[kind, 0](0), play.right[kind, 0])

            ended = traced(call, f"{calls}:signal=KILL:when={at}")
            assert ended in (0, -signal.SIGKILL)
            play.verify()
            if ended == 0:
                break
            kills[calls] += 1
    play.sweep()
    assert play.left() == []
    print(json.dumps(kills))


if __name__ == "__main__":
    main()
