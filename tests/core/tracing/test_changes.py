"""Uncommitted changes go into a run's folder, and neither script nor repository notices."""

from __future__ import annotations

import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from jobtui_core.tracing import gitdiff
from jobtui_core.tracing.changes import DIFF, LARGEST_DIFF, UNTRACKED, is_dirty, read_changes
from jobtui_core.tracing.read import read_run

pytestmark = pytest.mark.skipif(shutil.which("git") is None, reason="there is no git")

CONFIG = ("-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false")


def git(root: Path, *words: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(root), *CONFIG, *words], capture_output=True, text=True, check=True
    )
    return done.stdout


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """A repository with one commit."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.devnull)
    root = tmp_path / "project"
    root.mkdir()
    git(root, "init", "-q")
    (root / "a.py").write_text("one\n")
    (root / "jobtui.toml").touch()
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "first")
    return root


@pytest.fixture
def folder(tmp_path):
    found = tmp_path / "run"
    found.mkdir()
    return found


def settled(folder: Path) -> bool:
    """Tell whether git is done: its last file is in place and no other is being written."""
    names = {one.name for one in folder.iterdir()}
    return DIFF in names and ".diff.part" not in names


def test_an_edit_is_kept_as_a_diff_that_applies(repository, folder, eventually):
    (repository / "a.py").write_text("two\n")
    assert gitdiff.record_changes(repository, folder)
    eventually(lambda: settled(folder))
    assert is_dirty(folder) is True
    assert "-one\n+two\n" in read_changes(folder)
    assert stat.S_IMODE((folder / DIFF).stat().st_mode) == 0o600
    git(repository, "checkout", "-q", "a.py")
    git(repository, "apply", str(folder / DIFF))
    assert (repository / "a.py").read_text() == "two\n"


def test_a_tree_as_it_was_committed_is_clean(repository, folder, eventually):
    gitdiff.record_changes(repository, folder)
    eventually(lambda: settled(folder))
    assert is_dirty(folder) is False
    assert read_changes(folder) == ""


def test_what_is_staged_counts_and_new_files_are_named(repository, folder, eventually):
    (repository / "a.py").write_text("staged\n")
    git(repository, "add", "a.py")
    (repository / "new.py").write_text("password = 'hunter2'\n")
    (repository / ".gitignore").write_text("ignored.txt\n")
    (repository / "ignored.txt").touch()
    gitdiff.record_changes(repository, folder)
    eventually(lambda: (folder / UNTRACKED).exists() and (folder / UNTRACKED).stat().st_size > 10)
    assert "+staged" in read_changes(folder)
    assert read_changes(folder, UNTRACKED).split() == [".gitignore", "new.py"]
    assert "hunter2" not in read_changes(folder)


def test_a_project_below_the_root_of_a_repository_sees_all_of_it(repository, folder, eventually):
    (repository / "below").mkdir()
    (repository / "a.py").write_text("two\n")
    assert gitdiff.has_repository(repository / "below")
    gitdiff.record_changes(repository / "below", folder)
    eventually(lambda: settled(folder))
    assert "a/a.py" in read_changes(folder)


def test_a_diff_is_bounded(repository, folder, eventually):
    (repository / "a.py").write_text("".join(f"{n}\n" for n in range(400_000)))
    gitdiff.record_changes(repository, folder)
    eventually(lambda: settled(folder))
    assert LARGEST_DIFF < (folder / DIFF).stat().st_size < LARGEST_DIFF + 1000
    assert read_changes(folder).endswith("\n…\n")


@pytest.mark.parametrize("trouble", ["no commit", "no repository", "no git", "read-only folder"])
def test_where_git_cannot_tell_nothing_is_known(
    repository, folder, tmp_path, monkeypatch, eventually, trouble
):
    ended = tmp_path / "ended"
    script = gitdiff._SCRIPT.replace("work &", f'{{ work; : >"{ended}"; }} &')
    monkeypatch.setattr(gitdiff, "_SCRIPT", script)
    if trouble == "no commit":
        shutil.rmtree(repository / ".git")
        git(repository, "init", "-q")
    elif trouble == "no repository":
        shutil.rmtree(repository / ".git")
    elif trouble == "no git":
        (tmp_path / "bin").mkdir()
        for name in ("mv", "rm", "sleep"):
            (tmp_path / "bin" / name).symlink_to(str(shutil.which(name)))
        monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    else:
        if os.geteuid() == 0:
            pytest.skip("the administrator may write everywhere")
        folder.chmod(0o500)
    gitdiff.record_changes(repository, folder)
    eventually(ended.exists)
    assert is_dirty(folder) is None
    assert list(folder.iterdir()) == []


def test_nothing_that_a_repository_names_is_run(repository, folder, tmp_path, eventually):
    evil = tmp_path / "evil"
    evil.write_text(f"#!/bin/sh\ntouch {tmp_path}/ran-$1\ncat\n")
    evil.chmod(0o755)
    for key in (
        "core.fsmonitor", "diff.external", "diff.evil.command", "diff.evil.textconv",
        "filter.evil.clean", "filter.evil.smudge", "filter.ev il.x.process", "core.pager",
        "pager.diff", "core.sshCommand", "core.editor",
    ):  # fmt: skip
        git(repository, "config", key, f"{evil} {key.replace(' ', '')}")
    git(repository, "config", "filter.evil.required", "true")
    (repository / ".git/hooks").mkdir(exist_ok=True)
    shutil.copy(evil, repository / ".git/hooks/post-index-change")
    (repository / ".gitattributes").write_text("*.py diff=evil filter=evil\n")
    (repository / "a.py").write_text("two\n")
    before = (repository / ".git/index").read_bytes()
    gitdiff.record_changes(repository, folder)
    eventually(lambda: settled(folder))
    assert "+two" in read_changes(folder)
    assert list(tmp_path.glob("ran-*")) == []
    assert (repository / ".git/index").read_bytes() == before


def test_the_repository_of_whoever_starts_a_script_is_not_asked(
    repository, folder, tmp_path, monkeypatch, eventually
):
    other = tmp_path / "other"
    shutil.copytree(repository, other)
    (other / "a.py").write_text("another\n")
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(other))
    gitdiff.record_changes(repository, folder)
    eventually(lambda: settled(folder))
    assert is_dirty(folder) is False


def test_git_is_not_looked_for_in_the_working_directory(
    repository, folder, tmp_path, monkeypatch, eventually
):
    (repository / "git").write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    (repository / "git").chmod(0o755)
    monkeypatch.chdir(repository)
    monkeypatch.setenv("PATH", f".:{os.environ['PATH']}")
    gitdiff.record_changes(repository, folder)
    eventually(lambda: settled(folder))
    assert not (tmp_path / "ran").exists()


def test_what_takes_too_long_is_ended(repository, folder, tmp_path, monkeypatch, eventually):
    bins = tmp_path / "bin"
    bins.mkdir()
    (bins / "git").write_text(f"#!/bin/sh\necho $$ >>{tmp_path}/pids\nexec sleep 1000\n")
    (bins / "git").chmod(0o755)
    monkeypatch.setenv("PATH", f"{bins}:{os.environ['PATH']}")
    monkeypatch.setattr(gitdiff, "_SCRIPT", gitdiff._SCRIPT.replace("-lt 60", "-lt 1"))
    gitdiff.record_changes(repository, folder)
    pids = tmp_path / "pids"
    eventually(lambda: pids.exists() and pids.read_text().endswith("\n"))

    def gone() -> bool:
        try:
            os.kill(int(pids.read_text().split()[0]), 0)
        except ProcessLookupError:
            return True
        return False

    eventually(gone)
    assert is_dirty(folder) is None


MIGHT_NOTICE = """
import os, signal, threading
from jobtui_core.tracing.gitdiff import can_be_unnoticed

assert can_be_unnoticed()
signal.signal(signal.SIGCHLD, lambda number, frame: None)
assert not can_be_unnoticed()
signal.signal(signal.SIGCHLD, signal.SIG_DFL)
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCHLD])
assert not can_be_unnoticed()
signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGCHLD])
stay = threading.Event()
thread = threading.Thread(target=stay.wait)
thread.start()
assert can_be_unnoticed()
reading, writing = os.pipe()
child = os.fork()
if child == 0:
    os.close(writing)
    os.read(reading, 1)
    os._exit(0)
assert not can_be_unnoticed()
stay.set()
thread.join()
assert can_be_unnoticed()
os.close(writing)
os.waitpid(child, 0)
"""


def test_somebody_who_might_notice_is_left_alone():
    # In a process of its own: whoever runs the tests has threads and children.
    subprocess.run([sys.executable, "-c", MIGHT_NOTICE], check=True, timeout=60)


NOTICING = """
import os, signal
def children():
    try:
        return os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return "none"
assert children() == "none"
print(double(1), children())
seen = []
signal.signal(signal.SIGCHLD, lambda number, frame: seen.append(number))
child = os.posix_spawn("/bin/true", ["true"], {})
assert os.wait() == (child, 0)
try:
    os.wait()
except ChildProcessError:
    print("only mine", len(seen))
"""


def test_a_script_that_waits_for_any_child_sees_only_its_own(project, eventually):
    project.script(NOTICING)
    git(project.root, "init", "-q")
    git(project.root, "add", "script.py", "jobtui.toml")
    git(project.root, "commit", "-q", "-m", "first")
    (project.root / "jobtui.toml").write_text("# edited\n")
    begin = time.monotonic()
    done = project.run("-W", "error", "-X", "dev", "script.py")
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.splitlines() == [b"2 none", b"only mine 1"]
    (folder,) = project.run_folders()
    eventually(lambda: settled(folder))
    assert time.monotonic() - begin < 60
    trace = read_run(folder)
    assert "+# edited" in read_changes(folder)
    assert [call.notes for call in trace.calls] == [()]
    assert trace.info.commit


def test_output_of_a_script_ends_with_the_script(project, tmp_path):
    """Whoever reads the script's output to its end does not wait for git."""
    bins = tmp_path / "bin"
    bins.mkdir()
    (bins / "git").write_text(f"#!/bin/sh\necho $$ >>{tmp_path}/pids\nexec sleep 30\n")
    (bins / "git").chmod(0o755)
    project.script("print(double(1))")
    git(project.root, "init", "-q")
    begin = time.monotonic()
    done = project.run("script.py", env={"PATH": f"{bins}:{os.environ['PATH']}"})
    assert done.stdout == b"2\n"
    assert time.monotonic() - begin < 25
    pids = tmp_path / "pids"
    deadline = time.monotonic() + 20
    while not pids.exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    for pid in pids.read_text().split():
        os.kill(int(pid), signal.SIGKILL)
