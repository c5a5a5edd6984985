"""Folders and patterns as inputs: each file in them counts, and verdicts say so beforehand."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from jobtui_core import Memory, make
from jobtui_core.errors import InputError
from jobtui_core.hashing import files, remembered
from jobtui_core.records import ReasonKind, Verdict
from jobtui_core.trees import Tree, find_tree
from tests.core.steps.agreement import Agreement

SCRIPT = """
def texts(paths):
    return [(path.name, path.read_text()) for path in sorted(paths)]

@make(inputs=["data/*.csv"])
def pattern():
    ran("pattern")
    return texts(Path("data").glob("*.csv"))

@make(inputs=["data/*.csv"], inputs_check="stat")
def by_stat():
    ran("by_stat")
    return texts(Path("data").glob("*.csv"))

@make(inputs=["{folder}/**/*.txt"])
def deep(folder):
    ran("deep")
    return texts(Path(folder).rglob("*.txt"))

@make(inputs="data/")
def whole():
    ran("whole")
    return texts(path for path in Path("data").rglob("*") if path.is_file())

@make(inputs="{path}")
def argument(path):
    ran("argument")
    return texts(path.rglob("*.txt"))

@make(inputs="{path}")
def literal(path):
    ran("literal")
    return Path(path).read_text()

@make
def outer():
    ran("outer")
    return pattern()

@make
def outermost(folder):
    ran("outermost")
    return deep(folder)

memory = Memory("cache", verbose=0)

@memory.cache(inputs="data/[ab].csv")
def memoized():
    ran("memoized")
    return texts(Path("data").glob("[ab].csv"))

print(pattern(), by_stat(), deep("data"), whole(), argument(Path("data/sub")))
print(literal("data/a[1].csv"), outer(), outermost("data"), memoized())
"""

OF_CSV = ("pattern", "by_stat", "outer", "whole")
EVERY = (*OF_CSV, "deep", "argument", "literal", "outermost", "memoized")


@pytest.fixture
def lab(tmp_path: Path) -> Agreement:
    for name in ("a.csv", "b.csv", "c.csv", "a[1].csv", "sub/d.txt"):
        path = tmp_path / "data" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"{name}\n")
    return Agreement(tmp_path, SCRIPT)


def _subjects(row):
    assert row.verdict is Verdict.STALE
    assert {reason.kind for reason in row.reasons} <= {
        ReasonKind.INPUT_CHANGED, ReasonKind.UPSTREAM, ReasonKind.UNDECLARED_FILE,
    }  # fmt: skip
    return [reason.subject for reason in row.reasons]


@pytest.mark.slow
def test_verdicts_on_many_files_are_what_the_next_run_does(lab):
    data = lab.root / "data"
    lab.check(*EVERY)
    lab.check()

    (data / "a.csv").write_text("another\n")
    rows = lab.check(*OF_CSV, "memoized")
    assert _subjects(rows["by_stat"]) == ["data/a.csv"]
    assert "data/a.csv" in _subjects(rows["memoized"])
    assert rows["by_stat"].reasons[0].diff

    (data / "a.csv").write_text("a.csv\n")
    lab.check()

    (data / "new.csv").write_text("")
    rows = lab.check(*OF_CSV)
    assert _subjects(rows["whole"]) == ["data/new.csv"]

    (data / "new.csv").rename(data / "newer.csv")
    rows = lab.check(*OF_CSV)
    assert _subjects(rows["by_stat"]) == ["data/new.csv", "data/newer.csv"]

    (data / "newer.csv").unlink()
    lab.check()

    (data / "b.csv").rename(data / "x")
    (data / "c.csv").rename(data / "b.csv")
    (data / "x").rename(data / "c.csv")
    lab.check(*OF_CSV, "memoized")

    (data / "sub" / "deeper").mkdir()
    (data / "sub" / "deeper" / "e.txt").write_text("e")
    lab.check("deep", "outermost", "whole", "argument")

    (data / ".hidden.csv").write_text("hidden")
    (data / "sub" / "empty").mkdir()
    os.utime(data / "b.csv")
    lab.check()

    (data / "a[1].csv").write_text("literal")
    rows = lab.check(*OF_CSV, "literal")
    assert _subjects(rows["literal"]) == ["data/a[1].csv"]


MAKERS = """
@make(output=PathOutput("made/{n}.txt"))
def maker(n):
    ran("maker")
    output_path().write_text(str(n))

@make(inputs="made/*.txt")
def reader():
    ran("reader")
    return sorted(path.read_text() for path in Path("made").glob("*.txt"))

maker(1), maker(2)
print(reader())
"""


@pytest.mark.slow
def test_files_of_a_pattern_may_be_made_by_steps(tmp_path):
    lab = Agreement(tmp_path, MAKERS)
    lab.run()
    assert lab.check()["reader"].depends_on == ("maker",)
    (tmp_path / "made" / "1.txt").unlink()
    rows = lab.check()
    assert rows["maker"].restores == ("made/1.txt",)
    script = tmp_path / "script.py"
    script.write_text(script.read_text().replace("str(n)", "str(n) + '.'"))
    rows = lab.rows()
    assert [rows[name].verdict for name in ("maker", "reader")] == [Verdict.STALE, Verdict.UNSURE]
    assert rows["reader"].reasons[0].kind is ReasonKind.UPSTREAM
    lab.run()
    lab.check()


WRITES = """
for n in range(2):
    Path(f"data/{n}.csv").write_text("x" * n)

@make(inputs="data/*.csv")
def reader():
    ran("reader")
    return sorted(path.read_text() for path in Path("data").glob("*.csv"))

print(reader())
"""


def test_a_pattern_over_files_that_the_script_writes_itself_leaves_it_unsure(tmp_path):
    (tmp_path / "data").mkdir()
    lab = Agreement(tmp_path, WRITES)
    lab.run()
    row = lab.rows()["reader"]
    assert row.verdict is Verdict.UNSURE
    assert "itself writes data/" in row.reasons[0].summary


def test_a_pattern_without_files_is_an_error_and_never_fresh(tmp_path):
    lab = Agreement(tmp_path, SCRIPT.partition('@make(inputs=["data/*.csv"], i')[0] + "pattern()")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a.csv").write_text("a")
    lab.run()
    (tmp_path / "data" / "a.csv").unlink()
    row = lab.rows()["pattern"]
    assert _subjects(row) == ["data/a.csv"]
    failed = lab.run()
    assert "InputError: step pattern: its input data/*.csv matches no file" in failed.stderr


ran = []


@pytest.fixture(autouse=True)
def _nothing_ran():
    ran.clear()


def listing(path):
    ran.append(path)
    return sorted(str(one) for one in Path(path).rglob("*") if one.is_file())


def _files(*names: str) -> None:
    for name in names:
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(name)


def test_what_is_missing_is_named(tmp_path):
    read = make(listing, inputs="{path}")
    with pytest.raises(InputError, match=r"its input gone .* does not exist"):
        read("gone")
    with pytest.raises(FileNotFoundError, match=r"its input gone/\*\.csv .*matches no file"):
        make(listing, inputs="{path}/*.csv")("gone")


def test_a_folder_may_be_empty_and_is_another_input_then(tmp_path):
    read = make(listing, inputs="{path}")
    Path("data").mkdir()
    assert read("data") == []
    _files("data/a")
    assert read("data") == ["data/a"]
    Path("data/a").unlink()
    assert read("data") == []
    assert len(ran) == 2


def test_a_file_with_the_name_of_a_pattern_is_that_file(tmp_path):
    _files("a[1].csv", "a1.csv", "[ab]/x.csv", "a/x.csv")
    one = make(lambda path: Path(path).read_text(), name="one", inputs="{path}")
    assert one("a[1].csv") == "a[1].csv"
    Path("a1.csv").write_text("changed")
    assert one.check_call_in_cache("a[1].csv")
    Path("a[1].csv").write_text("changed")
    assert one("a[1].csv") == "changed"
    # An argument is a name, also as a part of a pattern.
    inside = make(listing, inputs="{path}/*.csv")
    inside("[ab]")
    Path("a/x.csv").write_text("changed")
    assert inside.check_call_in_cache("[ab]")
    Path("[ab]/x.csv").write_text("changed")
    assert not inside.check_call_in_cache("[ab]")


def test_an_argument_may_be_a_pattern_or_a_list_of_them(tmp_path):
    _files("a/1.csv", "b/1.csv")
    read = make(lambda paths: len(paths) + 1, name="read", inputs="{paths}")
    assert read("a/*.csv") == 8
    assert read(["a/*.csv", "b", "b/1.csv"]) == 4
    _files("b/2.csv")
    assert read.check_call_in_cache("a/*.csv")
    assert not read.check_call_in_cache(["a/*.csv", "b", "b/1.csv"])


def test_links_are_followed_and_circles_of_them_end(tmp_path):
    _files("elsewhere/x.txt", "data/a.txt")
    Path("data/link").symlink_to("../elsewhere")
    Path("data/self").symlink_to(".")
    Path("data/nowhere").symlink_to("gone")
    Path("elsewhere/back").symlink_to("../data")
    os.mkfifo("data/pipe")
    read = make(lambda path: path, name="read", inputs="{path}/**/*.txt")
    read("data")
    assert read.check_call_in_cache("data")
    Path("elsewhere/x.txt").write_text("changed")
    assert not read.check_call_in_cache("data")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may look into every folder")
def test_a_folder_that_cannot_be_looked_into_leaves_the_call_uncached(tmp_path):
    _files("data/sub/x")
    Path("data/sub").chmod(0)
    read = make(lambda path: ran.append(path) or 1, name="read", inputs="{path}")
    try:
        with pytest.warns(UserWarning, match="an input cannot be read"):
            read("data"), read("data")
    finally:
        Path("data/sub").chmod(0o700)
    assert len(ran) == 2


def test_a_step_that_changes_the_folder_that_it_reads_is_not_stored(tmp_path):
    _files("data/a")

    @make(inputs="data/")
    def adds():
        Path("data/b").write_text("")
        return 1

    with pytest.warns(UserWarning, match="data/ changed while adds ran"):
        adds()
    assert not list(adds.entries())


def test_patterns_at_urls_are_refused(tmp_path):
    with pytest.raises(InputError, match="pattern at a URL"):
        make(listing, inputs="s3://bucket/*.csv")
    with pytest.raises(InputError, match="pattern at a URL"):
        make(listing, inputs="{path}")("memory://bucket/*.csv")


def test_why_a_call_would_miss_names_the_pattern(tmp_path):
    _files("data/a.csv")
    read = Memory("cache", verbose=0).cache(listing, inputs="{path}/*.csv")
    read("data")
    _files("data/b.csv")
    (reason,) = read.explain("data").reasons
    assert (reason.kind, reason.subject) == ("input-changed", "data/*.csv")


def test_files_are_read_once_and_compared_by_size_and_times_from_then_on(tmp_path, monkeypatch):
    _files("data/a", "data/b")
    for name in ("data/a", "data/b"):
        # A file of this moment may change once more under the same time.
        os.utime(name, (time.time() - 9, time.time() - 9))
    read = make(listing, inputs="{path}")
    read("data")
    # As in another process.
    files.known_digests.clear()
    monkeypatch.setattr(remembered, "_recalled", {})
    monkeypatch.setattr(files, "_read", lambda *_: pytest.fail("a file was read again"))
    read("data")
    assert len(ran) == 1


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("*.csv", ["a.csv"]),
        ("**/*.csv", ["a.csv", "s/b.csv", "s/t/c.csv"]),
        ("**", ["a.csv", "s/b.csv", "s/t/c.csv", "x"]),
        ("", ["a.csv", "s/b.csv", "s/t/c.csv", "x"]),
        ("[s]/**/c.csv", ["s/t/c.csv"]),
        ("*/*.csv", ["s/b.csv"]),
        ("[!x]*", ["a.csv"]),
        (".*", [".h"]),
        ("**/t/*", ["s/t/c.csv"]),
        ("*/", ["s/b.csv", "s/t/c.csv"]),
    ],
)
def test_patterns_mean_what_they_mean_to_glob(tmp_path, pattern, found):
    _files("d/a.csv", "d/s/b.csv", "d/s/t/c.csv", "d/x", "d/.h", "d/.g/i.csv")
    name = find_tree(f"d/{pattern}", f"d/{pattern}", tmp_path)
    tree = Tree.of(name)
    assert sorted(path for path, _ in tree.files(tmp_path)) == found
    for path in ("a.csv", "s/b.csv", "s/t/c.csv", "x", ".h", ".g/i.csv"):
        assert tree.matches(f"d/{path}", tmp_path) is (path in found)
