"""Outputs that are folders: written aside, put into their place whole, and put back whole."""

from __future__ import annotations

import os
import warnings
from pathlib import Path

import pytest

from jobtui_core import Memory, NumpyFile, PathOutput, make, output_path
from jobtui_core.errors import OutputError
from jobtui_core.folders import listed_files
from jobtui_core.memory.project import project_store
from jobtui_core.project import copy_plan, copy_results, open_project
from jobtui_core.records import ReasonKind, Verdict
from jobtui_core.steps import owners
from tests.core.steps.agreement import Agreement

ran = []


@pytest.fixture
def split():
    """A step that writes the words of a text to files."""
    ran.clear()

    @make(output=PathOutput("out/{name}/"))
    def split(name, text):
        ran.append(text)
        folder = output_path()
        for word in text.split():
            place = folder / word
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(word)
        (folder / "empty").mkdir()

    return split


def found(folder="out/a"):
    return sorted(path.relative_to(folder).as_posix() for path in Path(folder).rglob("*"))


def test_a_folder_is_there_whole_and_put_back_whole(split):
    assert split("a", "x sub/y .zgroup") == Path("out/a")
    assert found() == [".zgroup", "empty", "sub", "sub/y", "x"]
    assert [path.name for path in Path("out").iterdir()] == ["a"]
    Path("out/a/x").unlink()
    Path("out/a/empty").rmdir()
    os.rename("out/a/sub/y", "out/a/sub/z")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for path in Path("out/a").rglob("*"):
            if path.is_file():
                path.unlink()
        for path in sorted(Path("out/a").rglob("*"), reverse=True):
            path.rmdir()
        Path("out/a").rmdir()
        assert split("a", "x sub/y .zgroup") == Path("out/a")
    assert found() == [".zgroup", "empty", "sub", "sub/y", "x"]
    assert Path("out/a/sub/y").read_text() == "sub/y"
    assert len(ran) == 1


def test_what_is_in_it_is_told_from_what_somebody_made_of_it(split):
    split("a", "x y")
    Path("out/a/x").write_text("by hand")
    with pytest.warns(UserWarning, match="out/a/ was edited since split wrote it"):
        split("a", "x y")
    assert Path("out/a/x").read_text() == "by hand"
    assert len(ran) == 1


def test_one_that_somebody_added_to_is_restored_where_that_is_asked_for(split, monkeypatch):
    split("a", "x")
    Path("out/a/added").write_text("")
    monkeypatch.setenv("JOBTUI_OUTPUTS", "restore")
    split("a", "x")
    assert found() == ["empty", "x"]
    assert len(ran) == 1


def test_results_for_earlier_arguments_bring_theirs_back(tmp_path):
    ran.clear()

    @make(output=PathOutput("out/"))
    def write(n):
        ran.append(n)
        for one in range(n):
            (output_path() / str(one)).write_text(str(one))

    write(3)
    # In one run two calls may not write one path: these are of three.
    owners._owners.clear()
    write(1)
    assert found("out") == ["0"]
    owners._owners.clear()
    write(3)
    assert found("out") == ["0", "1", "2"]
    assert ran == [3, 1]


def test_a_step_that_fails_leaves_the_earlier_folder_as_it_was(tmp_path):
    @make(output=PathOutput("out/"))
    def write(fails):
        (output_path() / "new").write_text("")
        if fails:
            raise ValueError("no")
        return output_path()

    Path("out").mkdir()
    Path("out/old").write_text("")
    with pytest.raises(ValueError, match="no"):
        write(True)
    assert [path.name for path in Path().iterdir() if path.name.find("~") > 0] == []
    assert found("out") == ["old"]
    write(False)
    assert found("out") == ["new"]


def test_history_false_keeps_no_copies(tmp_path):
    ran.clear()

    @make(output=PathOutput("out/"), history=False)
    def write():
        ran.append(1)
        (output_path() / "big").write_bytes(b"1" * 9999)

    write(), write()
    store = project_store()
    assert [one.size for one in store.list("blobs/")] == [0]
    Path("out/big").unlink()
    Path("out").rmdir()
    write()
    assert len(ran) == 2


def test_copies_live_as_long_as_their_entry_and_go_with_it(split, tmp_path):
    split("a", "x y z")
    memory = Memory(project_store())

    def copies():
        for one in memory.store.list("blobs/"):
            os.utime(memory.store.local_path(one.name), (1, 1))
        return len(list(memory.store.list("blobs/")))

    assert copies() == 4
    memory.reduce_size("1G")
    assert copies() == 4
    target = Memory(tmp_path / "elsewhere", verbose=0).store
    (tmp_path / ".jobtui").mkdir(exist_ok=True)
    project = open_project(tmp_path)
    copy_results(project, copy_plan(project, None, target.url))
    assert len(list(target.list("blobs/"))) == 4
    (entry,) = (one for one in memory.store.list() if one.name.endswith(".entry"))
    memory.store.delete(entry.name)
    memory.reduce_size("1G")
    assert copies() == 0


def test_a_list_of_files_never_leads_out_of_the_folder(tmp_path):
    for path in ("../x", "/x", "a/../../x", "a//x", "."):
        with pytest.raises(ValueError, match="no path below"):
            listed_files(f"{'0' * 32} {path}\n".encode())
    assert listed_files(b"- a\\nb/\n") == {"a\nb/": None}


def test_a_damaged_copy_makes_the_step_run_again(split):
    split("a", "x y")
    store = project_store()
    for one in list(store.list("blobs/")):
        if one.size == 1:
            store.write(one.name, b"?")
    Path("out/a/x").unlink(), Path("out/a/y").unlink(), Path("out/a/empty").rmdir()
    Path("out/a").rmdir()
    with pytest.warns(UserWarning, match="the kept copy of out/a/ is damaged"):
        split("a", "x y")
    assert found() == ["empty", "x", "y"]
    assert len(ran) == 2


def test_links_in_a_folder_and_folders_of_other_persisters_are_refused(tmp_path):
    @make(output=PathOutput("out/"), raise_errors=True)
    def write():
        (output_path() / "link").symlink_to("elsewhere")

    with pytest.raises(OSError, match="is a link or no file"):
        write()
    with pytest.raises(OutputError, match="only a PathOutput"):
        make(lambda: 1, NumpyFile("x/"), name="named")()


SCRIPT = """
@make(output=PathOutput("made/{name}/"))
def maker(name):
    ran("maker")
    (output_path() / "a.txt").write_text(name)
    (output_path() / ".hidden").write_text(name)

@make(inputs="{folder}")
def reads_all(folder):
    ran("reads_all")
    return sorted(path.read_text() for path in Path(folder).iterdir())

@make(inputs="made/x/a.txt")
def reads_one():
    ran("reads_one")
    return Path("made/x/a.txt").read_text()

folder = maker("x")
print(reads_all(folder), reads_one())
"""


@pytest.mark.slow
def test_verdicts_on_folders_are_what_the_next_run_does(tmp_path):
    lab = Agreement(tmp_path, SCRIPT)
    lab.check("maker", "reads_all", "reads_one")
    rows = lab.check()
    assert rows["reads_all"].depends_on == rows["reads_one"].depends_on == ("maker",)

    for path in (tmp_path / "made/x").iterdir():
        path.unlink()
    (tmp_path / "made/x").rmdir()
    rows = lab.rows()
    assert rows["maker"].verdict is Verdict.FRESH
    assert rows["maker"].restores == ("made/x/",)
    # What is put back is known when it was.
    assert {rows[name].verdict for name in ("reads_all", "reads_one")} == {Verdict.UNSURE}
    assert "ran" not in lab.run().stdout
    lab.check()

    lab.rows()
    (tmp_path / "made/x/.hidden").write_text("by hand")
    rows = lab.rows()
    assert "made/x/ was edited; the edited file is kept" in rows["maker"].notes
    lab.check()

    (tmp_path / "made/x/a.txt").write_text("by hand")
    rows = lab.check("reads_all", "reads_one")
    assert rows["reads_one"].reasons[0].kind is ReasonKind.INPUT_CHANGED

    lab.write_script(SCRIPT.replace('"a.txt").write_text(name)', '"a.txt").write_text("new")'))
    rows = lab.rows()
    assert [rows[name].verdict for name in ("maker", "reads_all", "reads_one")] == [
        Verdict.STALE, Verdict.UNSURE, Verdict.UNSURE,
    ]  # fmt: skip
    lab.run()
    lab.check()
