"""The last look at a store is there at once, is corrected by the next, and is never trusted."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest
from xxhash import xxh3_64_hexdigest

from jobtui_core.project import Catalogue, known_stores, open_project
from jobtui_core.project.catalogue.index import last_looks
from jobtui_core.stores import CountingStore, LatencyStore, LocalStore, MemoryStore
from tests.core.catalogue.stock import fill, key_of, opened, put


@pytest.fixture
def index(tmp_path: Path) -> Path:
    folder = tmp_path / ".jobtui" / "index"
    folder.parent.mkdir()
    return folder


def looked(store: MemoryStore | LocalStore | CountingStore, index: Path) -> Catalogue:
    """Look through a store to the end, and read what half of the entries say."""
    catalogue = opened(store, index)
    list(catalogue.pages())
    list(catalogue.facts(sorted(catalogue.rows)[: len(catalogue.rows) // 2]))
    catalogue.keep()
    return catalogue


def test_the_second_opening_asks_the_store_for_nothing(index: Path) -> None:
    inner = MemoryStore("second")
    for number in range(10):
        put(inner, number, function=f"co2:été {number % 3}")
    first = looked(inner, index)
    store = CountingStore(LatencyStore(inner, 0.0))
    second = opened(store, index)
    assert second.remember()
    assert second.state == "remembered"
    assert sorted(second.rows) == sorted(first.rows)
    assert second.size == first.size
    rows = sorted(second.rows)
    assert [facts for _, facts in second.facts(rows[:5])] == [first.known(row) for row in rows[:5]]
    assert store.total == 0
    assert second.last_look is not None
    assert second.last_look.entries == 10


def test_the_listing_tells_what_is_new_changed_and_gone(index: Path) -> None:
    store = MemoryStore("corrected")
    names = [put(store, number) for number in range(4)]
    looked(store, index)
    store.delete(names[0])
    put(store, 1, value="another result, of another size")
    put(store, 9)
    second = opened(store, index)
    second.remember()
    page, last = second.pages()
    assert {row.key for row in page.fresh} == {key_of(1), key_of(9)}
    assert [row.key for row in last.gone] == [key_of(0)]
    assert {row.key for row in second.rows} == {key_of(n) for n in (1, 2, 3, 9)}
    assert second.state == "listed"
    # What was written anew says something else now.
    assert all(second.known(row) is None for row in page.fresh)
    third = opened(store, index)
    third.remember()
    assert sorted(third.rows) == sorted(second.rows)


def test_a_listing_that_was_stopped_forgets_nothing(index: Path) -> None:
    store = MemoryStore("halfway")
    fill(store, 30)
    looked(store, index)
    second = opened(store, index)
    second.remember()
    asked = iter([False, True])
    list(second.pages(stop=lambda: next(asked), size=10))
    assert len(second.rows) == 30
    second.keep()
    assert [look.entries for look in last_looks(index)] == [30]


def test_deleted_entries_are_not_remembered(index: Path) -> None:
    store = MemoryStore("deleted")
    fill(store, 3)
    first = looked(store, index)
    first.delete(first.rows[:1])
    first.keep()
    second = opened(store, index)
    second.remember()
    assert len(second.rows) == 2


def test_nobody_else_may_read_it_and_without_a_project_nothing_is_written(
    index: Path, tmp_path: Path
) -> None:
    store = MemoryStore("private")
    put(store, 1)
    looked(store, index)
    files = list((index / "stores").iterdir())
    assert len(files) == 2
    assert all(stat.S_IMODE(file.stat().st_mode) == 0o600 for file in files)
    bare = tmp_path / "bare"
    bare.mkdir()
    looked(store, bare / ".jobtui" / "index")
    assert list(bare.iterdir()) == []


def test_no_damage_does_more_than_make_it_be_ignored(index: Path) -> None:
    store = MemoryStore("damage")
    for number in range(3):
        put(store, number)
    first = looked(store, index)
    for kind in ("rows", "facts"):
        (path,) = (index / "stores").glob(f"*.{kind}")
        whole = path.read_bytes()
        for place in range(len(whole)):
            changed = bytes([whole[place] ^ 0x15])
            for data in (whole[:place], whole[:place] + changed + whole[place + 1 :]):
                path.write_bytes(data)
                second = opened(store, index)
                if second.remember():
                    assert sorted(second.rows) == sorted(first.rows)
                for row in first.rows:
                    second._remember_facts()
                    assert second.known(row) in (None, first.known(row))
                list(last_looks(index))
        path.write_bytes(whole)


@pytest.mark.parametrize(
    "head",
    [
        {"rows": -1}, {"rows": 1 << 60}, {"rows": "3"}, {"rows": 2}, {"rows": None},
        {"folders": []}, {"folders": [["co2%3Afit", "co2:fit", 99]]}, {"folders": [[1, 2, 3]]},
        {"folders": [["../..", "co2:fit", 3]]}, {"folders": [["a", "\x1b[31m", 3]]},
        {"folders": "abc"}, {"folders": None}, {"url": "memory://other"}, {"kind": "joblib"},
        {"time": "now"}, {"time": -1}, {"entries": 1e400}, {"place": "\x1b]0;x\x07"},
        {"size": None},
    ],
)  # fmt: skip
def test_a_header_that_lies_is_not_believed(index: Path, head: dict[str, object]) -> None:
    store = CountingStore(MemoryStore("lies"))
    for number in range(3):
        put(store, number)
    looked(store, index)
    (path,) = (index / "stores").glob("*.rows")
    magic, said, body = path.read_bytes().split(b"\n", 2)
    lies = json.dumps(json.loads(said[17:]) | head).encode()
    checksum = xxh3_64_hexdigest(lies).encode()
    path.write_bytes(b"\n".join((magic, checksum + b" " + lies, body)))
    second = opened(store, index)
    if second.remember():
        for row in second.rows:
            assert (row.function + row.name).isprintable()
            # The store refuses a name that is none of its own.
            if row.name.startswith(".."):
                with pytest.raises(OSError, match="no name for a store's object"):
                    second.detail(row)
    assert list(second.pages())[-1].seen == 3
    for look in last_looks(index):
        assert look.place.isprintable()


def test_an_older_or_newer_index_is_ignored(index: Path) -> None:
    store = MemoryStore("versions")
    put(store, 1)
    looked(store, index)
    (path,) = (index / "stores").glob("*.rows")
    path.write_bytes(path.read_bytes().replace(b"rows 1", b"rows 2", 1))
    assert not opened(store, index).remember()


def test_a_pipe_in_its_place_holds_nobody_up(index: Path) -> None:
    store = MemoryStore("pipe")
    put(store, 1)
    looked(store, index)
    for path in (index / "stores").iterdir():
        path.unlink()
        os.mkfifo(path)
    catalogue = opened(store, index)
    assert not catalogue.remember()
    assert list(last_looks(index)) == []
    assert list(catalogue.pages())[-1].seen == 1


def test_only_the_latest_stores_are_remembered(index: Path) -> None:
    for number in range(43):
        store = MemoryStore(f"many {number}")
        put(store, 1)
        looked(store, index)
        for path in (index / "stores").iterdir():
            # Times of files are coarse.
            os.utime(path, ns=(path.stat().st_atime_ns, path.stat().st_mtime_ns - 10**9))
    assert len(list(last_looks(index))) == 40
    assert len(list((index / "stores").iterdir())) == 80


def test_stores_that_were_opened_are_offered_again(tmp_path: Path) -> None:
    (tmp_path / ".jobtui").mkdir()
    project = open_project(tmp_path)
    store = MemoryStore("offered")
    put(store, 1)
    looked(store, project.index_folder)
    own, other = known_stores(project)
    assert (own.why, own.kind, own.opened) == ("project", "jobtui", None)
    assert (other.why, other.place, other.entries) == ("opened", "memory://offered", 1)
    assert other.opened is not None
