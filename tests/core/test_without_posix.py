"""Where the system is not POSIX, the core imports, and Memory and make work."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).parent.parent.parent

SCRIPT = """
import importlib, os, pkgutil, signal, sys

for name in ("fcntl", "pwd", "grp", "termios", "resource", "pty", "tty"):
    sys.modules[name] = None
for name in ("register_at_fork", "geteuid", "getuid", "killpg", "getpgid", "setsid", "fork",
             "O_NOFOLLOW", "O_NONBLOCK", "O_DIRECTORY", "O_CLOEXEC", "pread", "uname"):
    if hasattr(os, name):
        delattr(os, name)
for name in ("SIGKILL", "SIGHUP", "SIGSTOP", "SIGCONT", "SIGUSR1", "SIGPIPE", "SIGCHLD"):
    if hasattr(signal, name):
        delattr(signal, name)

import jobtui_core
from jobtui_core import Memory, make

for layer in ("errors", "records", "root", "sources", "hashing", "codecs", "stores", "entry",
              "fingerprint", "slices", "tracing", "memory", "steps", "scripts", "project"):
    importlib.import_module("jobtui_core." + layer)

ran = []

@Memory("memory", verbose=0).cache
def one(x):
    ran.append("one")
    return x + 1

@make
def two(x):
    ran.append("two")
    return [x]

print(one(1), one(1), two(1), two(1), ran)
"""


def test_memory_and_make_work_without_posix(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(SCRIPT)
    environment = {**os.environ, "PYTHONPATH": str(REPOSITORY), "HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, str(script)],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.stdout.split("\n")[0] == "2 2 [1] [1] ['one', 'two']", done.stderr
