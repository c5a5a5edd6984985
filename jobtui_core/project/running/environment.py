"""What a script finds in its environment when this package starts it."""

from __future__ import annotations

import json
import os
from pathlib import Path

from jobtui_core.project.running.queues import QueuedRun, QueueRequest
from jobtui_core.tracing import protocol

__all__ = ["script_environment"]


def script_environment(request: QueueRequest, queued: QueuedRun) -> dict[str, str]:
    """Give the environment of one script: the supervisor's own, and what the run is about."""
    environment = dict(os.environ)
    if request.pythonpath is None:
        environment.pop("PYTHONPATH", None)
    else:
        environment["PYTHONPATH"] = request.pythonpath
    # Whoever asked may be a run itself.
    for name in protocol.FOR_ONE_SCRIPT:
        environment.pop(name, None)
    environment[protocol.RUN] = queued.run
    environment[protocol.SCRIPT] = str(Path(request.root, queued.script))
    environment[protocol.ROOT] = request.root
    own = request.parameters if queued.parameters is None else queued.parameters
    environment[protocol.PARAMS] = json.dumps(own)
    environment[protocol.ONLY] = json.dumps(list(request.only))
    environment[protocol.RECOMPUTE] = json.dumps(list(request.recompute))
    if request.dropped:
        environment[protocol.DROP] = json.dumps(list(request.dropped))
    if request.sweep:
        environment[protocol.SWEEP] = request.sweep
    if request.replay:
        environment[protocol.REPLAY] = "1"
    # Output goes to a file: written at once, as wide as a report, in the encoding that the log is
    # read in, and no figure may wait for a display.
    environment["PYTHONUNBUFFERED"] = "1"
    environment["COLUMNS"] = "120"
    environment.setdefault("PYTHONIOENCODING", "utf-8")
    environment.setdefault("MPLBACKEND", "Agg")
    return environment
