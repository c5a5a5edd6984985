"""A small project in a temporary folder, whose scripts are run as a user would run them."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from jobtui_core.tracing.read import RunTrace, read_run

CHECKOUT = Path(__file__).parents[3]

HEADER = "from jobtui_core import make, Memory\n"

STEP = """
@make
def double(x):
    return 2 * x
"""


class Folder:
    """A project's folder, and what running its scripts leaves there."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / "jobtui.toml").write_text("")

    def write(self, name: str, text: str) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text))
        return path

    def script(self, body: str, name: str = "script.py") -> Path:
        """Write a script with one step, ``double``, above its own statements."""
        return self.write(name, HEADER + STEP + textwrap.dedent(body))

    def environment(self, **extra: str) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("JOBTUI", "PYTEST"))}
        return {**kept, "PYTHONPATH": str(CHECKOUT), **extra}

    def run(
        self, *words: str, env: dict[str, str] | None = None, **options: object
    ) -> subprocess.CompletedProcess[bytes]:
        words = words or ("script.py",)
        options.setdefault("stdin", subprocess.DEVNULL)
        return subprocess.run(  # type: ignore[call-overload,no-any-return]
            [sys.executable, *words],
            cwd=self.root,
            env=self.environment(**(env or {})),
            capture_output="stdout" not in options,
            timeout=60,
            **options,
        )

    def run_folders(self) -> list[Path]:
        return sorted((self.root / ".jobtui" / "runs").glob("*"))

    def trace(self) -> RunTrace:
        """Read the only run there is."""
        (folder,) = self.run_folders()
        return read_run(folder)

    def log(self) -> bytes:
        (folder,) = self.run_folders()
        return (folder / "output.log").read_bytes()


@pytest.fixture
def project(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


@pytest.fixture
def eventually() -> Callable[[Callable[[], object]], None]:
    """Wait until something holds, and fail after a while."""

    def wait(holds: Callable[[], object]) -> None:
        deadline = time.monotonic() + 20
        while not holds():
            assert time.monotonic() < deadline, "it never came about"
            time.sleep(0.01)

    return wait
