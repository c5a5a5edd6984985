"""``jobtui gc``: a store brought within limits from the command line."""

from __future__ import annotations

import io
import os
from pathlib import Path

import pytest

from jobtui.cli import main
from jobtui_core import Memory
from jobtui_core.stores import LocalStore


@pytest.fixture(autouse=True)
def project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("JOBTUI_ROOT", str(tmp_path))
    (tmp_path / "jobtui.toml").write_text("")


@pytest.fixture
def kept():
    memory = Memory("cache", verbose=0)
    fill = memory.cache(bytes)
    for n in (1000, 1001, 1002):
        fill(n)
    return fill


def test_a_dry_run_says_what_would_go_and_deletes_nothing(kept, capsys):
    assert main(["gc", "cache", "--max-items", "1", "--dry-run"]) == 0
    assert ": 2 results, " in (text := capsys.readouterr().out)
    assert " would go; 1 result, " in text
    assert kept.cache_info().currsize == 3


def test_without_a_terminal_it_needs_to_be_told_to(kept, capsys):
    assert main(["gc", "cache", "--max-items", "1"]) == 2
    assert "--yes" in capsys.readouterr().err
    assert kept.cache_info().currsize == 3
    assert main(["gc", "cache", "--max-items", "1", "--yes"]) == 0
    assert ": deleted 2 results, " in capsys.readouterr().out
    assert kept.cache_info().currsize == 1
    assert main(["gc", "cache", "--max-items", "1", "--yes"]) == 0
    assert "nothing goes" in capsys.readouterr().out


@pytest.mark.parametrize(("answer", "code", "left"), [("y\n", 0, 0), ("\n", 1, 3)])
def test_on_a_terminal_it_asks(kept, capsys, monkeypatch, answer, code, left):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    monkeypatch.setattr("sys.stdin", Terminal(answer))
    monkeypatch.setattr("sys.stdout.isatty", lambda: True, raising=False)
    assert main(["gc", "cache", "--max-size", "10"]) == code
    assert kept.cache_info().currsize == left


def test_old_results_go_by_age(kept, capsys):
    store = kept.store_backend
    for one in store.list():
        os.utime(store.local_path(one.name), (1e9, 1e9))
    kept(1001)
    assert main(["gc", "cache", "--older-than", "90d", "--yes"]) == 0
    assert kept.cache_info().currsize == 1


def test_the_projects_store_has_its_limits_in_the_settings(tmp_path, capsys):
    assert main(["gc"]) == 2
    assert "max_size" in capsys.readouterr().err
    (tmp_path / "jobtui.toml").write_text('max_size = "1K"\n')
    store = LocalStore(tmp_path / ".jobtui" / "cache")
    store.write(f"m%3Af/aa/{'a' * 32}.entry", b"x" * 2000)
    assert main(["gc", "--yes"]) == 0
    assert list(store.list()) == []


@pytest.mark.parametrize(
    "words", [["--max-size", "big"], ["--older-than", "old"], ["--max-items", "0"], []]
)
def test_wrong_limits_are_wrong_use(kept, words):
    try:
        code = main(["gc", "cache", *words])
    except SystemExit as ended:
        code = ended.code
    assert code == 2
    assert kept.cache_info().currsize == 3


def test_a_cache_of_joblibs_is_left_as_it_is(capsys):
    joblib = pytest.importorskip("joblib")
    cached = joblib.Memory("theirs", verbose=0).cache(bytes)
    cached(10)
    assert main(["gc", "theirs", "--max-size", "0", "--yes"]) == 0
    assert "joblib: left as it is" in capsys.readouterr().out
    assert cached.check_call_in_cache(10)


def test_records_of_runs_are_brought_to_a_number(capsys):
    store = LocalStore(Path("shared").absolute())
    for day in range(1, 6):
        store.write(f"runs/2026-11-{day:02}T10-14-05-ab12-{'0' * 16}.run", b"anything")
    store.write(f"m%3Af/aa/{'a' * 32}.entry", b"x")
    assert main(["gc", "shared", "--keep-runs", "2", "--dry-run"]) == 0
    assert ": 3 records of runs, 0 B would go" in capsys.readouterr().out
    assert len(list(store.list("runs/"))) == 5
    assert main(["gc", "shared", "--keep-runs", "2", "--yes"]) == 0
    assert len(list(store.list("runs/"))) == 2
    assert main(["gc", "shared", "f"]) == 2
    assert "jobtui rm f deletes single results" in capsys.readouterr().err
