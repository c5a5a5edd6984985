"""``jobtui push`` and ``pull``, ``du``, and what is seen of them on a terminal."""

from __future__ import annotations

import io
import json
import signal
import threading

import pytest

from jobtui.cli import main, transfer
from jobtui.cli import progress as progress_module
from jobtui.cli.signals import Signals
from jobtui_core import Memory
from jobtui_core.stores import (
    Fault,
    FaultyStore,
    LocalStore,
    MemoryStore,
    ReadOnlyStore,
    register_store_backend,
)
from jobtui_core.upkeep.contents import is_entry


@pytest.fixture(autouse=True)
def project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("JOBTUI_ROOT", str(tmp_path))
    monkeypatch.setenv("COLUMNS", "120")
    monkeypatch.setenv("TERM", "xterm-256color")
    (tmp_path / "jobtui.toml").write_text('store = "cache/jobtui"\n')


def square(n):
    return n * n


def cube(n):
    return n**3


@pytest.fixture
def kept():
    memory = Memory("cache", verbose=0)
    for n in range(20):
        memory.cache(square)(n)
    memory.cache(cube)(3)
    return memory.store


@pytest.fixture
def far():
    store = MemoryStore("far")
    register_store_backend("faraway", lambda url: store)
    return store


class Terminal(io.StringIO):
    def isatty(self):
        return True


def entries(store):
    return sorted(one.name for one in store.list() if is_entry(one.name))


def test_a_push_says_what_it_copied_and_the_next_one_that_it_was_there(kept, far, capsys):
    assert main(["push", "faraway://lab"]) == 0
    told = capsys.readouterr()
    assert told.out.startswith("copied 21 results, 2 sources (")
    assert told.err == ""
    assert entries(far) == entries(kept)
    assert main(["push", "faraway://lab"]) == 0
    assert "copied 0 results (0 B)" in (told := capsys.readouterr().out)
    assert "23 were there" in told


def test_what_is_chosen_is_copied_and_a_dry_run_copies_nothing(kept, far, capsys):
    assert main(["push", "faraway://lab", "--function", "cube", "--dry-run"]) == 0
    assert capsys.readouterr().out.startswith("1 result, 1 source (")
    assert list(far.list()) == []
    assert main(["push", "faraway://lab", "--function", "cube", "--dry-run", "--json"]) == 0
    planned = json.loads(capsys.readouterr().out)
    assert main(["push", "faraway://lab", "--function", "cube", "--json"]) == 0
    done = json.loads(capsys.readouterr().out)
    assert done["objects"] == planned["objects"]
    assert done["size"] == planned["size"]
    assert len(entries(far)) == 1


def test_a_pull_brings_results_to_the_project(kept, far, tmp_path, capsys):
    main(["push", "faraway://lab"])
    (tmp_path / "jobtui.toml").write_text('store = "other"\n')
    assert main(["pull", "faraway://lab", "--function", "square"]) == 0
    assert len(entries(LocalStore(tmp_path / "other"))) == 20


def test_a_new_folder_may_be_spelled_as_a_url(kept, tmp_path, capsys):
    assert main(["push", (tmp_path / "a new one").as_uri()]) == 0
    assert entries(LocalStore(tmp_path / "a new one")) == entries(kept)


def test_from_and_to_name_any_two_stores(kept, far, tmp_path, capsys):
    assert main(["push", "--from", "cache", "--to", "faraway://lab"]) == 0
    assert main(["pull", "--from", "faraway://lab", "--to", "./third"]) == 0
    assert entries(LocalStore(tmp_path / "third")) == entries(kept)


def test_what_is_damaged_is_named_and_the_exit_code_says_so(kept, far, capsys):
    torn = entries(kept)[0]
    kept.write(torn, kept.read(torn)[:-3])
    assert main(["push", "faraway://lab"]) == 1
    told = capsys.readouterr().out
    assert "copied 20 results" in told
    assert f"left out: {torn}: it has " in told


def test_a_store_that_gives_out_ends_it_in_a_sentence(kept, far, capsys):
    broken = FaultyStore(far, Fault("unavailable", "write_if_absent", first=6))
    register_store_backend("broken", lambda url: broken)
    assert main(["push", "broken://lab"]) == 1
    told = capsys.readouterr().out
    assert "stopped: memory://far does not answer" in told
    assert "the same jobtui push goes on with the rest" in told
    assert main(["push", "faraway://lab"]) == 0
    assert entries(far) == entries(kept)


def test_ctrl_c_stops_a_copy_cleanly_and_says_what_was_done(kept, far, monkeypatch, capsys):
    noticed, sent = threading.Event(), threading.Lock()

    class Noticing(Signals):
        @property
        def cancel(self):
            if self._asked:
                noticed.set()
            return self._asked

        @cancel.setter
        def cancel(self, asked):
            self._asked = asked

    class Interrupting(MemoryStore):
        def write_if_absent(self, name, data):
            if len(self._objects) >= 5:
                if sent.acquire(blocking=False):
                    signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
                # What was begun ends after the signal was heard.
                noticed.wait(20)
            return super().write_if_absent(name, data)

    monkeypatch.setattr(transfer, "Signals", Noticing)
    slow = Interrupting("slow")
    register_store_backend("slowly", lambda url: slow)
    assert main(["push", "slowly://lab"]) == 130
    told = capsys.readouterr().out
    assert "the same jobtui push goes on with the rest" in told
    there = len(entries(slow))
    assert 0 < there < 21
    assert f"copied {there} result" in told


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["push"], "needs one store to copy to"),
        (["pull"], "needs one store to copy from"),
        (["push", "cube"], "--function cube"),
        (["push", "./x", "--to", "./y"], "needs one store"),
        (["push", "faraway://lab", "--function", "cub"], "did you mean 'cube'?"),
        (["push", "cache"], "to another one"),
        (["pull", "./nowhere"], "is no folder"),
        (["push", "nosuch://x"], "no store is known for nosuch"),
    ],
)
@pytest.mark.usefixtures("kept", "far")
def test_wrong_use_is_said_in_one_line(words, told, capsys):
    assert main(words) == 2
    error = capsys.readouterr().err
    assert told in error
    assert error.count("\n") == 1


def test_on_a_terminal_a_line_tells_how_far_it_is_and_goes(kept, far, monkeypatch, capsys):
    monkeypatch.setattr(progress_module, "_FIRST", 0.0)
    monkeypatch.setattr(progress_module, "_PAUSE", 0.0)
    monkeypatch.setattr("sys.stderr", err := Terminal())
    assert main(["push", "faraway://lab"]) == 0
    seen = err.getvalue()
    assert "listing" in seen
    assert "of 23 objects" in seen
    assert seen.endswith("\r\x1b[K")
    assert "\r" not in capsys.readouterr().out


def test_du_tells_what_takes_the_room(kept, capsys):
    assert main(["du", "cache"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0].rpartition(":")[2] for line in lines] == [
        "square", "cube", "sources", "total",
    ]  # fmt: skip
    assert main(["du", "cache", "--json"]) == 0
    (told,) = json.loads(capsys.readouterr().out)
    assert told["size"] == sum(one.size for one in kept.list())
    assert [one["results"] for one in told["functions"]] == [20, 1]
    shares = [one["share"] for one in told["functions"]]
    others = sum(one["size"] for one in told["others"]) / told["size"]
    assert sum(shares) + others == pytest.approx(1.0)
    assert main(["du", "square"]) == 2
    assert "jobtui ls square has the sizes" in capsys.readouterr().err


def test_du_of_a_cache_of_joblibs_has_its_functions(capsys):
    joblib = pytest.importorskip("joblib")
    joblib.Memory("theirs", verbose=0).cache(abs)(-1)
    assert main(["du", "theirs", "--json"]) == 0
    (told,) = json.loads(capsys.readouterr().out)
    assert (told["kind"], told["results"], told["others"]) == ("joblib", 1, [])


def test_a_read_only_store_says_so_and_nothing_is_deleted_of_it(kept, capsys):
    register_store_backend("closed", lambda url: ReadOnlyStore(kept))
    before = entries(kept)
    for words in (["rm", "closed://x", "cube"], ["gc", "closed://x", "--max-items", "1"]):
        assert main([*words, "--yes"]) == 2
        assert "read-only" in capsys.readouterr().err
    assert main(["push", "--to", "closed://x", "--from", "cache"]) == 2
    assert entries(kept) == before
    assert main(["show", "closed://x", "cube"]) == 0
    assert "read-only" in capsys.readouterr().out


def test_rm_and_gc_answer_programs(kept, capsys):
    assert main(["rm", "cache", "cube", "--yes", "--json"]) == 0
    (told,) = json.loads(capsys.readouterr().out)
    assert (told["deleted"], told["failed"]) == (1, 0)
    assert main(["gc", "cache", "--max-items", "4", "--dry-run", "--json"]) == 0
    (planned,) = json.loads(capsys.readouterr().out)
    assert main(["gc", "cache", "--max-items", "4", "--json"]) == 2
    assert "--yes" in capsys.readouterr().err
    assert main(["gc", "cache", "--max-items", "4", "--json", "--yes"]) == 0
    (done,) = json.loads(capsys.readouterr().out)
    assert done == {**planned, "dry_run": False}
    assert (done["entries"], done["left"]) == (16, 4)


def test_ctrl_c_stops_deleting_between_batches_and_says_what_went(kept, monkeypatch, capsys):
    class Interrupting(MemoryStore):
        def delete_all(self, names):
            super().delete_all(names)
            signal.raise_signal(signal.SIGINT)

    store = Interrupting("many")
    for n in range(250):
        store.write(f"m%3Af/{n:02x}/{n:02x}{'0' * 30}.entry", b"torn")
    register_store_backend("many", lambda url: store)
    assert main(["rm", "many://x", "f", "--yes"]) == 130
    left = len(entries(store))
    assert 0 < left < 250
    assert f"stopped: deleted {250 - left} results" in capsys.readouterr().out


def test_an_entry_that_cannot_be_read_is_a_row_that_says_why(kept, capsys):
    torn = entries(kept)[0]
    kept.write(torn, b"no entry at all")
    assert main(["ls", "cache", "cube"]) == 0
    assert "it does not begin like an entry" in capsys.readouterr().out


def test_what_names_and_stores_say_steers_no_terminal(capsys):
    store = MemoryStore("evil")
    store.write(f"m%3A%1B%5B31mf/aa/aa{'0' * 30}.entry", b"torn")
    register_store_backend("evil", lambda url: store)
    for words in (
        ["ls", "evil://x"],
        ["ls", "evil://x", "size:>0"],
        ["du", "evil://x"],
        ["show", "evil://x", "aa00"],
        ["push", "--from", "evil://x", "--to", "./y"],
    ):
        main(words)
        told = capsys.readouterr()
        assert "\x1b" not in told.out + told.err
        assert told.out


@pytest.mark.parametrize("words", [["ls"], ["du"], ["pull"]])
def test_ctrl_c_while_a_store_is_listed_ends_without_a_trace(words, kept, capsys):
    class Endless(MemoryStore):
        def pages(self, prefix="", size=1000):
            yield from super().pages(prefix, size)
            signal.raise_signal(signal.SIGINT)
            raise AssertionError("nobody was interrupted")

    store = Endless("endless")
    store.write(f"m%3Af/aa/{'a' * 32}.entry", b"torn")
    register_store_backend("endless", lambda url: store)
    assert main([*words, "endless://x"]) == 130
    assert capsys.readouterr().err == ""
