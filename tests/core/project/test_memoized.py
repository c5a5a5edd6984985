"""What is said of functions decorated with `memoize`, in scripts that really run."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from jobtui_core.project import known_stores, open_project
from jobtui_core.records import ReasonKind
from tests.core.project.test_end_to_end import Folder

RECURSIVE = """
    from jobtui_core import default_param, make, memoize
    size = default_param("size", 30)

    @memoize
    def fibonacci(n):
        return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)

    @make
    def total(n):
        return n + 1

    print(total(fibonacci(size)))
"""

FORMS = """
    import asyncio
    import jobtui_core
    from jobtui_core import memoize
    from jobtui_core.memory import memoize as remember

    @memoize
    def bare(x):
        return x, "bare"

    @memoize()
    def called(x):
        return x, "called"

    @memoize(True, None, False)
    def by_position(x):
        return x, "by_position"

    @jobtui_core.memoize(cachedir="own")
    def elsewhere(x):
        return x, "elsewhere"

    @remember
    def renamed(x):
        return x, "renamed"

    def given(x):
        return x, "given"

    given = memoize(given)

    def made(x):
        return x, "made"

    made = memoize(persist=True)(made)

    @memoize
    async def awaited(x):
        return x, "awaited"

    async def main():
        return await awaited(1)

    print(bare(1), called(1), by_position(1), elsewhere(1), renamed(1), given(1), made(1))
    print(asyncio.run(main()))
"""

NAMES = ["bare", "called", "by_position", "elsewhere", "renamed", "given", "made", "awaited"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Folder:
    for name in list(os.environ):
        if name.startswith("JOBTUI_"):
            monkeypatch.delenv(name)
    return Folder(tmp_path / "project")


def test_a_recursive_function_is_a_row_and_an_edit_makes_it_stale(folder: Folder) -> None:
    folder.write("a.py", RECURSIVE)
    assert folder.verdicts() == {"fibonacci": "new", "total": "new"}
    assert folder.run("a.py") == "832041\n"
    assert folder.verdicts() == {"fibonacci": "fresh", "total": "fresh"}
    assert folder.rows()["fibonacci"].kind == "memoized"
    assert folder.verdicts(size=20) == {"fibonacci": "stale", "total": "unsure"}
    folder.edit("a.py", "n if n < 2", "1 * n if n < 2")
    (reason,) = folder.rows()["fibonacci"].reasons
    assert reason.kind is ReasonKind.CODE_CHANGED
    folder.run("a.py")
    folder.edit("a.py", "1 * n if n < 2", "n if n < 2")
    assert folder.verdicts() == {"fibonacci": "fresh", "total": "fresh"}


def test_results_that_were_deleted_are_missed(folder: Folder) -> None:
    folder.write("a.py", RECURSIVE)
    folder.run("a.py")
    for entry in (folder.root / ".jobtui" / "cache").rglob("*.entry"):
        entry.unlink()
    row = folder.rows()["fibonacci"]
    assert (row.verdict.value, row.reasons[0].kind) == ("stale", ReasonKind.EVICTED)


def test_the_decorator_is_seen_however_it_is_written(folder: Folder) -> None:
    folder.write("a.py", FORMS)
    assert folder.verdicts() == dict.fromkeys(NAMES, "new")
    out = folder.run("a.py")
    assert folder.verdicts() == dict.fromkeys(NAMES, "fresh")
    assert folder.run("a.py") == out
    assert list((folder.root / "own" / "jobtui").rglob("*.entry"))
    for name in NAMES:
        folder.edit("a.py", f'"{name}"', f'"{name} anew"')
        assert folder.rows()[name].reasons[0].kind is ReasonKind.CODE_CHANGED
    assert folder.verdicts() == dict.fromkeys(NAMES, "stale")


@pytest.mark.parametrize("choice", ["persist=False", "False"])
def test_what_is_kept_in_memory_alone_is_computed_by_each_run(folder: Folder, choice: str) -> None:
    folder.write("a.py", RECURSIVE.replace("@memoize", f"@memoize({choice})"))
    folder.run("a.py")
    rows = folder.rows()
    assert rows["fibonacci"].verdict.value == "stale"
    assert rows["fibonacci"].reasons[0].summary.startswith("its results are kept in memory alone")
    folder.edit("a.py", "n if n < 2", "1 * n if n < 2")
    assert folder.rows()["fibonacci"].reasons[0].kind is ReasonKind.CODE_CHANGED
    places = [one.place for one in known_stores(open_project(folder.root))]
    assert places == [str(folder.root / ".jobtui" / "cache")]


def test_files_read_below_a_call_that_is_at_hand_count_for_the_step_around_it(
    folder: Folder,
) -> None:
    folder.write("data.txt", "1")
    folder.write(
        "a.py",
        """
        from jobtui_core import make, memoize

        @memoize(persist=False)
        def read(name):
            with open(name) as file:
                return int(file.read())

        @make
        def step(k):
            return k * read("data.txt")

        print(step(1), step(2), step(3), step(4))
        """,
    )
    folder.run("a.py")
    assert folder.verdicts()["step"] == "fresh"
    folder.write("data.txt", "2")
    row = folder.rows()["step"]
    assert (row.verdict.value, row.reasons[0].subject) == ("stale", "data.txt")
    assert row.calls == 4
    assert folder.run("a.py") == "2 4 6 8\n"
