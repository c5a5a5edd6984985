"""Which words of commands about stores are a place, a name, or part of a filter."""

from __future__ import annotations

import pytest

from jobtui.cli import main
from jobtui.cli.candidates import candidates
from jobtui.cli.places import is_place, understand
from jobtui.cli.usage import UsageError
from jobtui_core import Memory
from jobtui_core.stores import MemoryStore, register_store_backend


@pytest.fixture(autouse=True)
def project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("JOBTUI_ROOT", str(tmp_path))
    (tmp_path / "jobtui.toml").write_text("")
    monkeypatch.setenv("COLUMNS", "120")


@pytest.fixture
def kept(tmp_path):
    """A project's store with results of two functions, one of them called like a folder."""
    (tmp_path / "jobtui.toml").write_text('store = "cache/jobtui"\n')
    memory = Memory("cache", verbose=0)
    for n in (1, 2):
        memory.cache(results)(n)
    memory.cache(other)(3, alpha="two words")
    return memory


def results(n):
    return n


def other(n, alpha):
    return n


@pytest.mark.parametrize(
    "word",
    ["s3://lab/x", "memory://a", "file:/tmp/x", "./new", "cache/", "/abs", "~", "~/cache", ".",
     "folder", "a=b"],
)  # fmt: skip
def test_what_looks_like_a_place_is_one(word, tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "a=b").mkdir()
    assert is_place(word)


@pytest.mark.parametrize(
    "word",
    ["fit", "pkg.mod:fit", "3f2a91", "size:>10M", "age:<7d", "path=data/x.csv", "fn:a/b",
     "x<3/4", "url=s3://lab", "!user:anna", "alpha!=a/b", "2026-11-22T10-14-05"],
)  # fmt: skip
def test_names_and_filters_are_none(word):
    assert not is_place(word)


def test_words_are_taken_apart(tmp_path):
    words = understand("ls", ["s3://lab/x", "fit", "size:>1M", "alpha=two words", 'b="c d"'])
    assert words.place == "s3://lab/x"
    assert words.names == ("fit",)
    assert words.filter == 'size:>1M alpha="two words" b="c d"'
    assert understand("ls", ["folder"], store="cache/").names == ("folder",)


@pytest.mark.parametrize("words", [["a/", "b/"], ["fit", "s3://lab/x"]])
def test_a_second_place_is_refused(words):
    with pytest.raises(UsageError, match="takes one place"):
        understand("ls", words)


def test_a_name_that_is_unknown_is_said_to_be_no_folder_either(kept, capsys):
    assert main(["ls", "othr"]) == 2
    error = capsys.readouterr().err
    assert "'othr' is no folder" in error
    assert "did you mean 'other'?" in error


def test_a_folder_called_like_a_function_is_the_folder_and_both_readings_are_said(
    kept, tmp_path, capsys
):
    (tmp_path / "results").mkdir()
    assert main(["ls", "results"]) == 2
    error = capsys.readouterr().err
    assert "holds no results" in error
    assert "jobtui ls --store cache/jobtui results" in error
    assert main(["ls", "--store", "cache/jobtui", "results"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == 2


@pytest.mark.usefixtures("kept")
@pytest.mark.parametrize(
    ("words", "count"),
    [(["n>1"], 2), (["results", "n=1"], 1), (["alpha=two words"], 1), (["!fn:results"], 1),
     (["size:>1G"], 0)],
)  # fmt: skip
def test_filters_choose_among_results(words, count, capsys):
    assert main(["ls", "cache", *words, "--json"]) == 0
    assert capsys.readouterr().out.count('"key"') == count
    assert main(["ls", "cache", *words]) == 0
    found = capsys.readouterr().out.splitlines()
    assert len(found) == max(count, 1)


@pytest.mark.usefixtures("kept")
def test_a_filter_with_a_mistake_is_told_in_a_sentence(capsys):
    assert main(["ls", "size:>big"]) == 2
    assert "big" in capsys.readouterr().err


@pytest.mark.usefixtures("kept")
def test_functions_keys_and_options_are_completed(capsys):
    assert candidates(["ls", "r"]) == ["results"]
    assert candidates(["push", "x/", "--function", "o"]) == ["other"]
    main(["ls", "cache", "other"])
    key = capsys.readouterr().out.split()[0]
    (whole,) = candidates(["show", key])
    assert whole.startswith(key)
    assert candidates(["rm", "--y"]) == ["--yes"]
    assert candidates(["push", "--key", key]) == [whole]
    assert whole not in candidates(["show", ""])


def test_completing_asks_nothing_of_a_network(tmp_path):
    class Silent(MemoryStore):
        @property
        def capabilities(self):
            return super().capabilities | {"remote"}

        def asked(self, *arguments, **options):
            raise AssertionError("it was asked")

        read = stat = pages = list = asked

    register_store_backend("silent", lambda url: Silent("there"))
    (tmp_path / "jobtui.toml").write_text('store = "silent://there"\n')
    assert candidates(["ls", "r"]) == []
    assert candidates(["show", "ab12"]) == []
