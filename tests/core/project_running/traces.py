"""Traces written by hand, for what need not really run."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from jobtui_core.project.running.processes import ProcessId, identify


class Trace:
    """A run's folder, and the events that a script would write into it."""

    def __init__(self, root: Path, run: str, script: str = "a.py") -> None:
        self.run = run
        self.script = script
        self.folder = root / ".jobtui/runs" / run
        self.folder.mkdir(parents=True)

    def write(self, event: str, **fields: Any) -> None:
        fields.setdefault("time", time.time())
        with (self.folder / "events.jsonl").open("a") as file:
            file.write(json.dumps({"event": event, **fields}) + "\n")

    def start(self, process: ProcessId | None = None, **fields: Any) -> Trace:
        process = process or identify()
        facts = {
            "version": 1,
            "run": self.run,
            "script": self.script,
            "argv": [],
            "parameters": {},
            "host": process.host,
            "boot": process.boot,
            "pid": process.pid,
            "pid_start": process.start,
            "started_by": "hand",
        }
        self.write("run_start", **facts | fields)
        return self

    def call(self, number: int, name: str, log: int = 0) -> None:
        self.write(
            "call_start",
            call=f"1-{number}",
            function=f"a:{name}",
            name=name,
            kind="step",
            site=None,
            analysis=None,
            key=None,
            parent=None,
            log=log,
        )

    def called(self, number: int, state: str = "computed", log: int = 0, **fields: Any) -> None:
        facts = {
            "key": None,
            "result": None,
            "code": None,
            "duration": 0.5,
            "saved": 0.0,
            "inputs": [],
            "met": [],
            "outputs": [],
            "error": None,
            "notes": [],
        }
        self.write("call_end", call=f"1-{number}", state=state, log=log, **facts | fields)

    def end(self, code: int = 0, state: str = "done") -> Trace:
        self.write("run_end", code=code, signal=None, state=state)
        return self

    def output(self, data: bytes) -> None:
        with (self.folder / "output.log").open("ab") as file:
            file.write(data)
