"""Signs of life."""

from __future__ import annotations

import threading

from jobtui_core.tracing.beat import Heartbeat


def test_it_beats_until_it_is_stopped() -> None:
    beats: list[int] = []
    thrice = threading.Event()

    def beat() -> None:
        beats.append(1)
        if len(beats) == 3:
            thrice.set()

    heart = Heartbeat(beat, seconds=0.001)
    heart.start()
    heart.start()
    assert thrice.wait(20)
    heart.stop()
    count = len(beats)
    assert not [t for t in threading.enumerate() if t.name == "jobtui-heartbeat"]
    assert len(beats) == count


def test_it_can_be_stopped_before_it_started_and_started_again() -> None:
    once = threading.Event()
    heart = Heartbeat(once.set, seconds=0.001)
    heart.stop()
    heart.start()
    assert once.wait(20)
    heart.stop()


def test_a_fork_stops_it_and_the_next_call_starts_it(project) -> None:
    project.script(
        """
        import os, threading

        def beating():
            return any(t.name == "jobtui-heartbeat" for t in threading.enumerate())

        double(1)
        assert beating()
        child = os.fork()
        if not child:
            os._exit(beating())
        assert os.waitpid(child, 0)[1] == 0
        assert not beating()
        double(2)
        assert beating()
        """
    )
    done = project.run()
    assert done.returncode == 0, done.stderr
