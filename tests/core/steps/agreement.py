"""A script whose steps say that they run: what verdicts promised is compared with what it does."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from jobtui_core.project import open_project, overview, status
from jobtui_core.records import StepStatus, Verdict
from tests.core.isolation import CHECKOUT

HEAD = """
from pathlib import Path
from jobtui_core import Memory, PathOutput, TextFile, make, memoize, output_path

def ran(name):
    print("ran", name)
"""


class Agreement:
    """A project with one script.

    Parameters
    ----------
    root : Path
        Its folder.
    script : str
        After the imports.  Each step calls ``ran`` with its name.
    """

    def __init__(self, root: Path, script: str) -> None:
        self.root = root
        (root / ".jobtui").mkdir()
        self.write_script(script)

    def write_script(self, script: str) -> None:
        """Put another script in the place of the one that is there."""
        (self.root / "script.py").write_text(HEAD + script)

    def rows(self) -> dict[str, StepStatus]:
        """Judge the steps, by name."""
        with pytest.MonkeyPatch.context() as patch:
            for variable in [one for one in os.environ if one.startswith("JOBTUI_")]:
                patch.delenv(variable)
            project = open_project(self.root)
            rows = {row.name: row for row in status(project).steps}
            # The short way, by what was kept of an earlier look, tells the same.
            short = {row.name: row.verdict for row in overview(project).steps}
            assert short == {name: row.verdict for name, row in rows.items()}
            return rows

    def run(self) -> subprocess.CompletedProcess[str]:
        """Run the script."""
        environment = {k: v for k, v in os.environ.items() if not k.startswith("JOBTUI_")}
        return subprocess.run(
            [sys.executable, "-W", "ignore", "script.py"],
            cwd=self.root,
            env={**environment, "PYTHONPATH": str(CHECKOUT)},
            capture_output=True,
            text=True,
            timeout=100,
        )

    def check(self, *stale: str) -> dict[str, StepStatus]:
        """Judge and run: the steps named run, as was said, and the others are fresh and do not."""
        rows = self.rows()
        done = self.run()
        assert done.returncode == 0, done.stderr
        ran = {line.removeprefix("ran ") for line in done.stdout.splitlines() if "ran " in line}
        fresh = {name for name, row in rows.items() if row.verdict is Verdict.FRESH}
        assert ran == set(stale), done.stdout
        assert fresh == rows.keys() - ran, {name: row.reasons for name, row in rows.items()}
        return rows
