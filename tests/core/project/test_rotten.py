"""Whatever becomes of a file in ``.jobtui``: status answers, and a run gives the right results."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from jobtui_core.project import (
    accept,
    accept_offer,
    accepted,
    calls,
    discover,
    open_project,
    overview,
    read_log,
    runs,
    status,
    why,
)
from jobtui_core.project.reader import forget_readers
from tests.core.project.test_end_to_end import Folder

SCRIPT = """
from jobtui_core import JsonFile, Memory, default_param, make

from parts import helper

level = default_param("level", 3)
memory = Memory(".jobtui/own", verbose=0)


@make(inputs=["data.txt"], inputs_check="stat")
def read():
    with open("data.txt") as file:
        return helper(file.read())


@make(output=JsonFile("out.json"))
def write(text):
    with open("side.txt") as side:
        return text * level + side.read()


@memory.cache
def count(text):
    return len(text)


print(count(write(read())))
"""


def _nothing(path: Path, data: bytes) -> None:
    path.write_bytes(b"")


def _half(path: Path, data: bytes) -> None:
    path.write_bytes(data[: len(data) // 2])


def _zeros(path: Path, data: bytes) -> None:
    path.write_bytes(bytes(len(data)))


def _other_bytes(path: Path, data: bytes) -> None:
    path.write_bytes(bytes(255 - byte for byte in data))


def _one_bit(path: Path, data: bytes) -> None:
    place = len(data) // 2
    path.write_bytes(data[:place] + bytes([data[place] ^ 4]) + data[place + 1 :] if data else b"x")


def _twice(path: Path, data: bytes) -> None:
    path.write_bytes(data + data)


def _json(text: bytes) -> Callable[[Path, bytes], None]:
    def damage(path: Path, data: bytes) -> None:
        path.write_bytes(text)

    damage.__name__ = f"_json_{text[:6].decode()}"
    return damage


def _folder(path: Path, data: bytes) -> None:
    path.mkdir()


def _dangling(path: Path, data: bytes) -> None:
    path.symlink_to("nowhere")


def _loop(path: Path, data: bytes) -> None:
    path.symlink_to(path.name)


def _pipe(path: Path, data: bytes) -> None:
    os.mkfifo(path)


def _gone(path: Path, data: bytes) -> None:
    pass


DAMAGES = (
    _nothing, _half, _zeros, _other_bytes, _one_bit, _twice, _json(b"{}\n"), _json(b"[[1]]\n"),
    _json(b"null"), _json(b"[" * 100_000), _json(b'{"event": 1e999, "runs": 7, "format": 1}\n'),
    _folder, _dangling, _loop, _pipe, _gone,
)  # fmt: skip


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with runs, an accepted edit, outputs, and all that is derived of them."""
    folder = Folder(tmp_path_factory.mktemp("made") / "project")
    folder.write("script.py", SCRIPT)
    folder.write("parts.py", "def helper(text):\n    return text.strip()\n")
    folder.write("data.txt", "abc\n")
    folder.write("side.txt", "side")
    assert folder.run("script.py") == "13\n"
    folder.edit("parts.py", "text.strip()", "str(text.strip())")
    project = open_project(folder.root)
    for step in ("read",):
        accept(project, accept_offer(project, step))
    assert folder.run("script.py") == "13\n"
    look(folder.root)
    assert len(accepted(project)) == 1
    return folder.root


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Folder:
    root = tmp_path / "project"
    shutil.copytree(made, root, symlinks=True)
    found = Folder.__new__(Folder)
    found.root = root
    return found


@pytest.fixture(autouse=True)
def own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("JOBTUI_"):
            monkeypatch.delenv(name)


def look(root: Path) -> None:
    """Ask everything that can be asked without running."""
    forget_readers()
    project = open_project(root)
    found = status(project)
    assert {row.name for row in found.steps} == {"read", "write", "count"}
    overview(project)
    for row in found.steps:
        why(project, row.name)
    accepted(project)
    discover(project)
    for run in runs(project):
        calls(project, run.id)
        read_log(project, run.id)


def files(root: Path) -> Iterator[Path]:
    yield from sorted(path for path in (root / ".jobtui").rglob("*") if path.is_file())


def one_of_each(root: Path) -> Iterator[Path]:
    """Give one file of each kind; those whose names differ in digests and times alone are one."""
    seen = set()
    for path in files(root):
        kind = re.sub(r"[0-9a-f]{2,}|[0-9-]+", "N", str(path.relative_to(root)))
        # Analyses and definitions have names alike.
        kind += path.read_text(errors="replace")[:12] if "/code/" in str(path) else ""
        if kind not in seen:
            seen.add(kind)
            yield path


def test_there_is_something_of_every_kind(made: Path) -> None:
    kinds = {path.relative_to(made / ".jobtui").parts[0] for path in files(made)}
    assert {"cache", "own", "runs", "index", "inputs"} <= kinds
    kinds = {path.relative_to(made / ".jobtui/cache").parts[0]
             for path in files(made) if "cache" in path.parts}  # fmt: skip
    assert {"alias", "blobs", "code"} <= kinds


class Backup:
    """All of ``.jobtui``, to be put back after each damage."""

    def __init__(self, root: Path) -> None:
        self.folder = root / ".jobtui"
        self.content = {path: path.read_bytes() for path in files(root)}

    @contextmanager
    def damaged(self, path: Path, damage: Callable[[Path, bytes], None]) -> Iterator[None]:
        path.unlink()
        damage(path, self.content[path])
        try:
            yield
        except BaseException as error:
            error.add_note(f"{damage.__name__} of {path}")
            raise
        finally:
            shutil.rmtree(self.folder)
            for other, content in self.content.items():
                other.parent.mkdir(parents=True, exist_ok=True)
                other.write_bytes(content)


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_status_answers_whatever_became_of_a_file(
    folder: Folder, damage: Callable[[Path, bytes], None]
) -> None:
    backup = Backup(folder.root)
    # Every other one, so that all kinds meet half of the damages.
    for path in list(one_of_each(folder.root))[DAMAGES.index(damage) % 2 :: 2]:
        with backup.damaged(path, damage):
            look(folder.root)


@pytest.mark.slow
def test_a_run_is_right_whatever_became_of_a_file(folder: Folder) -> None:
    backup = Backup(folder.root)
    for number, path in enumerate(one_of_each(folder.root)):
        (folder.root / "out.json").unlink(missing_ok=True)
        with backup.damaged(path, DAMAGES[number % len(DAMAGES)]):
            assert folder.run("script.py") == "13\n"
            assert (folder.root / "out.json").read_text() == '"abcabcabcside"\n'


@pytest.mark.parametrize("damage", [_zeros, _other_bytes, _half, _nothing, _one_bit, _pipe])
def test_a_damaged_copy_of_an_output_makes_the_step_run_again(
    folder: Folder, damage: Callable[[Path, bytes], None]
) -> None:
    (copy,) = (folder.root / ".jobtui/cache/blobs").iterdir()
    data = copy.read_bytes()
    copy.unlink()
    damage(copy, data)
    (folder.root / "out.json").unlink()
    assert folder.run("script.py") == "13\n"
    assert (folder.root / "out.json").read_text() == '"abcabcabcside"\n'
    # It is whole again, and the next one is put back.
    assert copy.read_bytes() == data
    (folder.root / "out.json").unlink()
    assert folder.run("script.py") == "13\n"
    assert (folder.root / "out.json").read_bytes() == data
