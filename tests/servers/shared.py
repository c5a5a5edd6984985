"""One server for all processes of a run of the tests.

The first that needs it starts a keeper, and the keeper starts the server.  Everybody who uses it
holds a shared lock on one file; the keeper waits for an exclusive one, which it is given when the
last user is gone, however it ended.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.servers.seaweed import S3Server

__all__ = ["shared_server"]

_CHECKOUT = Path(__file__).parents[2]
_PATIENCE = 90.0


@contextmanager
def shared_server(folder: Path) -> Iterator[S3Server]:
    """Give the server that belongs to a folder; it is there until its last user is gone.

    Parameters
    ----------
    folder : Path
        One that all processes of the run know.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "users").open("a") as users, (folder / "starting").open("a") as starting:
        # While this is held no keeper ends a server; and one that is ending it has it alone.
        fcntl.flock(users, fcntl.LOCK_SH)
        fcntl.flock(starting, fcntl.LOCK_EX)
        if not (folder / "port").exists():
            _start_keeper(folder)
        fcntl.flock(starting, fcntl.LOCK_UN)
        server = S3Server(folder / "server")
        server.port = json.loads((folder / "port").read_text())
        yield server


def _start_keeper(folder: Path) -> None:
    # Not by subprocess, which would have its starter wait for it.
    pid = os.posix_spawn(
        sys.executable,
        [sys.executable, "-m", "tests.servers.shared", str(folder)],
        {**os.environ, "PYTHONPATH": str(_CHECKOUT)},
        setsid=True,
    )
    deadline = time.monotonic() + _PATIENCE
    while not (folder / "port").exists():
        if os.waitpid(pid, os.WNOHANG)[0] or time.monotonic() > deadline:
            raise RuntimeError(f"the server was not started, see {folder}")
        time.sleep(0.02)


def _keep(folder: Path) -> None:
    """Run a server until nobody uses it any more."""
    server = S3Server(folder / "server")
    with (folder / "users").open("a") as users:
        server.start()
        try:
            beside = folder / "port.new"
            beside.write_text(json.dumps(server.port))
            beside.rename(folder / "port")
            fcntl.flock(users, fcntl.LOCK_EX)
        finally:
            (folder / "port").unlink(missing_ok=True)
            server.stop()
            shutil.rmtree(server.folder, ignore_errors=True)


if __name__ == "__main__":
    _keep(Path(sys.argv[1]))
