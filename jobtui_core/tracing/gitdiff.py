"""Asking git for uncommitted changes, so that neither the script nor the repository notices.

A script that begins cannot wait for git, may end before it, and may wait for children of its own.
So a shell is started that leaves the work to another process and ends at once: it is reaped before
anybody else can be, and the other one is nobody's child.  Where even that could be noticed nothing
is asked; then it is not known whether anything was uncommitted.

Git reads, and runs no program that the repository's settings name.
"""

from __future__ import annotations

import os
import signal
import threading
from contextlib import suppress
from pathlib import Path

from jobtui_core.tracing.changes import DIFF, LARGEST_DIFF, UNTRACKED

__all__ = ["can_be_unnoticed", "has_repository", "record_changes"]

_SECONDS = 60
"""After which git is ended, and what it found is dropped."""

_BLOCKS = LARGEST_DIFF // 512 + 1
"""Of 512 bytes: one more than is kept, so that it is seen that there was more."""

_SCRIPT = f"""\
exec 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&-
umask 077
ulimit -f {_BLOCKS}
work() {{
    # What filters make of files is not asked for: they are programs.
    set -f
    IFS='
'
    set --
    for key in $(git -C "$root" config --name-only --get-regexp '^filter[.].*[.](clean|process)$')
    do
        set -- "$@" -c "$key=" -c "${{key%.*}}.required=false"
    done
    git -C "$root" --no-pager "$@" -c core.fsmonitor=false -c core.hooksPath=/dev/null \\
        -c protocol.allow=never -c diff.autoRefreshIndex=false -c diff.noprefix=false \\
        -c diff.mnemonicPrefix=false -c diff.relative=false \\
        diff --no-ext-diff --no-textconv --no-color --ignore-submodules=dirty --submodule=short \\
        HEAD >"$folder/.diff.part"
    # A diff that is too long ends in an error, like one that cannot be made.
    if [ $? -eq 0 ] || [ -s "$folder/.diff.part" ]; then
        mv "$folder/.diff.part" "$folder/{DIFF}"
        git -C "$root" -c core.fsmonitor=false ls-files --others --exclude-standard --directory \\
            --no-empty-directory >"$folder/{UNTRACKED}"
        [ -s "$folder/{UNTRACKED}" ] || rm "$folder/{UNTRACKED}"
    else
        rm "$folder/.diff.part"
    fi
}}
root=$1 folder=$2
{{
    work &
    worker=$! seconds=0
    while [ $seconds -lt {_SECONDS} ]; do
        sleep 1
        seconds=$((seconds + 1))
        kill -0 $worker || exit
    done
    kill -9 0
}} &
"""

_PASSED_ON = (
    "HOME", "XDG_CONFIG_HOME", "GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM", "GIT_CONFIG_NOSYSTEM",
)  # fmt: skip
_DEFAULTS = ("SIGCHLD", "SIGINT", "SIGTERM", "SIGHUP", "SIGPIPE", "SIGQUIT")


def has_repository(root: Path) -> bool:
    """Tell whether a folder lies in a working tree of git."""
    return any((folder / ".git").exists() for folder in (root, *root.parents))


def can_be_unnoticed() -> bool:
    """Tell whether a process can be started here without the program's learning of it."""
    if not hasattr(os, "posix_spawn") or os.getpid() == 1:
        # The first process of a container inherits everybody's orphans.
        return False
    if signal.getsignal(signal.SIGCHLD) not in (signal.SIG_DFL, signal.SIG_IGN):
        return False
    if signal.SIGCHLD in signal.pthread_sigmask(signal.SIG_BLOCK, ()):
        # It would stay pending for somebody who waits for it.
        return False
    # Another thread that waits for any child would get ours.
    return threading.active_count() == 1 or not _has_children()


def _has_children() -> bool:
    if not hasattr(os, "waitid"):
        return True
    try:
        os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return False
    except OSError:
        return True
    return True


def record_changes(root: Path, folder: Path) -> bool:
    """Have what is uncommitted now written into a run's folder, soon, by somebody else.

    Parameters
    ----------
    root : Path
        The project's, in a working tree of git.
    folder : Path
        The run's.

    Returns
    -------
    bool
        Whether somebody is at it; that may come to nothing all the same.
    """
    nowhere = os.O_RDWR
    actions = [(os.POSIX_SPAWN_OPEN, number, os.devnull, nowhere, 0) for number in (0, 1, 2)]
    words = ["sh", "-c", _SCRIPT, "jobtui", str(root), str(folder)]
    known = [getattr(signal, name) for name in _DEFAULTS if hasattr(signal, name)]
    try:
        child = os.posix_spawn(
            "/bin/sh",
            words,
            _environment(),
            file_actions=actions,
            setsigdef=known,
            setsigmask=(),
            setsid=True,
        )
    except (OSError, NotImplementedError, ValueError):
        return False
    with suppress(ChildProcessError):
        os.waitpid(child, 0)
    return True


def _environment() -> dict[str, str]:
    """Give what git is to know: nothing of the repository that a script was started from."""
    # A relative folder in the path would be looked up in whatever the working directory is.
    places = [place for place in os.get_exec_path() if os.path.isabs(place)]  # noqa: PTH117  # texts
    return {
        "PATH": os.pathsep.join(places),
        **{name: os.environ[name] for name in _PASSED_ON if name in os.environ},
        "LC_ALL": "C",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_NO_LAZY_FETCH": "1",
    }
