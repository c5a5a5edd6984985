"""What goes is told beforehand; deleting goes in batches, stops, and stays within the store."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from jobtui_core.errors import StoreError
from jobtui_core.project import (
    delete_rows,
    open_catalogues,
    open_project,
    removal,
    steps_resting_on,
)
from jobtui_core.project.catalogue.rows import Row
from jobtui_core.stores import CountingStore, Fault, FaultyStore, MemoryStore, ReadOnlyStore
from tests.core.catalogue.stock import fill, opened, put
from tests.core.isolation import clean_environment


def test_rows_bytes_functions_and_time_are_told_before_anything_goes() -> None:
    store = MemoryStore("told")
    for number in range(1, 5):
        put(store, number, function=f"co2:f{number % 2}")
    catalogue = opened(store)
    list(catalogue.pages())
    rows = catalogue.rows
    told = removal(catalogue, rows)
    assert told.size == sum(row.size for row in rows)
    assert (told.timed, told.seconds, told.refused) == (0, 0.0, "")
    assert told.functions == (("co2:f1", 2), ("co2:f0", 2))
    list(catalogue.facts(rows[:3]))
    told = removal(catalogue, rows)
    assert told.timed == 3
    assert 6.0 <= told.seconds <= 9.0
    assert len(list(store.list())) == 4


def test_what_was_chosen_goes_in_batches_and_the_rest_stays() -> None:
    inner = MemoryStore("batches")
    fill(inner, 450)
    fill(inner, 10, function="co2:other")
    store = CountingStore(inner)
    catalogue = opened(store)
    list(catalogue.pages())
    rows = [row for row in catalogue.rows if row.function == "co2:fit"]
    told = list(delete_rows(catalogue, rows))
    assert [one.done for one in told] == [200, 400, 450]
    assert told[-1].size == 4500
    assert store.calls["delete_all"] == 3
    assert {row.function for row in catalogue.rows} == {"co2:other"}
    assert len(list(inner.list())) == 10


def test_it_stops_between_batches_and_what_is_gone_is_gone() -> None:
    store = MemoryStore("stopped")
    fill(store, 450)
    catalogue = opened(store)
    list(catalogue.pages())
    asked = iter([False, True])
    (told,) = delete_rows(catalogue, catalogue.rows, stop=lambda: next(asked))
    assert told.done == 200
    assert len(list(store.list())) == len(catalogue.rows) == 250


def test_what_is_deleted_while_a_listing_goes_on_does_not_come_back() -> None:
    store = MemoryStore("meanwhile")
    fill(store, 30)
    catalogue = opened(store)
    pages = catalogue.pages(size=10)
    first = next(pages).rows
    catalogue.delete(first[:4])
    list(pages)
    assert len(catalogue.rows) == 26
    assert not {*first[:4]} & {*catalogue.rows}


def test_a_read_only_store_refuses_in_a_sentence() -> None:
    inner = MemoryStore("read-only")
    put(inner, 1)
    catalogue = opened(ReadOnlyStore(inner))
    list(catalogue.pages())
    sentence = "memory://read-only is read-only: nothing can be deleted"
    assert catalogue.read_only is True
    assert removal(catalogue, catalogue.rows).refused == sentence
    with pytest.raises(StoreError, match=sentence):
        next(delete_rows(catalogue, catalogue.rows))
    assert len(list(inner.list())) == 1


def test_what_cannot_be_deleted_is_counted_and_says_why() -> None:
    inner = MemoryStore("partly")
    fill(inner, 5)
    catalogue = opened(FaultyStore(inner, Fault("denied", ["delete", "delete_all"])))
    list(catalogue.pages())
    (told,) = delete_rows(catalogue, catalogue.rows)
    assert (told.done, told.failed) == (0, 5)
    assert told.problem
    assert len(catalogue.rows) == 5


def test_nothing_but_entries_is_deleted() -> None:
    store = MemoryStore("only entries")
    put(store, 1)
    store.write("alias/x.json", b"{}")
    catalogue = opened(store)
    list(catalogue.pages())
    lie = Row("alias/x.json", "co2:fit", 2, 0.0)
    told = list(delete_rows(catalogue, [lie]))
    assert told[-1].problem == "alias/x.json is no entry"
    assert store.read("alias/x.json") is not None


SCRIPT = """
from jobtui_core import make

@make
def read():
    return 1

@make
def fit(x):
    return x + 1

fit(read())
"""


def test_steps_that_would_have_to_run_are_named(tmp_path: Path) -> None:
    (tmp_path / "jobtui.toml").write_text("")
    (tmp_path / "co2.py").write_text(SCRIPT)
    environment = {**clean_environment(), "JOBTUI_TRACE": "1"}
    subprocess.run(
        [sys.executable, "co2.py"], cwd=tmp_path, env=environment, check=True, timeout=60
    )
    project = open_project(tmp_path)
    (catalogue,) = open_catalogues(project)
    list(catalogue.pages())
    (row,) = [row for row in catalogue.rows if row.function.endswith(":fit")]
    assert [step.name for step in steps_resting_on(project, catalogue, [row])] == ["fit"]
    steps = steps_resting_on(project, catalogue, catalogue.rows)
    assert sorted(step.name for step in steps) == ["fit", "read"]
    shutil.copytree(tmp_path / ".jobtui" / "cache", tmp_path / "copy")
    (copy,) = open_catalogues(project, str(tmp_path / "copy"))
    assert steps_resting_on(project, copy, [row]) == ()
    list(delete_rows(catalogue, [row]))
    assert [step.name for step in steps_resting_on(project, catalogue, [row])] == []
    (other,) = open_catalogues(project)
    list(other.pages())
    assert len(other.rows) == 1
