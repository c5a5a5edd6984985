"""Aliases in a store: what is written is read, chains are followed, and nothing is believed."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from itertools import pairwise

import pytest

from jobtui_core.aliases import (
    alias_name,
    known_older,
    older_codes,
    read_aliases,
    remove_alias,
    write_alias,
)
from jobtui_core.errors import StoreError
from jobtui_core.records import Acceptance
from jobtui_core.stores import LocalStore, MemoryStore

A, B, C, D = (f"{number:032x}" for number in (1, 2, 3, 4))


def said(code=B, old=A, function="co2:trend", time=1.0, **more):
    return Acceptance(function=function, code=code, old=old, time=time, **more)


def chain(*pairs):
    return [said(code, old, time=float(n)) for n, (code, old) in enumerate(pairs)]


@pytest.fixture
def store(tmp_path):
    return LocalStore(tmp_path / "cache")


def put(store, name, **changes):
    data = {"version": 1, **asdict(said()), **changes}
    store.write(name, json.dumps(data).encode())


def test_what_is_written_is_read_back(store):
    alias = said(
        user="ann",
        host="mill",
        script="co2.py",
        symbols=("co2:trend",),
        diff="-a\n+b",
        objects=True,
    )
    assert write_alias(store, alias)
    assert read_aliases(store) == (alias,)
    assert read_aliases(store, "co2:trend") == (alias,)
    assert read_aliases(store, "co2:other") == ()


def test_saying_it_twice_keeps_the_first(store):
    assert write_alias(store, said(user="ann"))
    assert not write_alias(store, said(user="bob", time=2.0))
    assert [one.user for one in read_aliases(store)] == ["ann"]


def test_taking_back_leaves_nothing_and_may_be_done_twice(store):
    write_alias(store, said())
    remove_alias(store, said())
    remove_alias(store, said())
    assert list(store.list()) == []


def test_functions_whose_names_begin_alike_are_kept_apart(store):
    write_alias(store, said(function="co2:trend"))
    write_alias(store, said(function="co2:trend_of"))
    assert [one.function for one in read_aliases(store, "co2:trend")] == ["co2:trend"]


@pytest.mark.parametrize(
    ("pairs", "found"),
    [
        ([], []),
        ([(B, A)], []),
        ([(C, A)], [A]),
        ([(B, A), (C, B)], [B, A]),
        ([(C, A), (C, B)], [B, A]),
        ([(A, C), (C, A)], [A]),
        ([(C, B), (B, C), (B, D)], [B, D]),
    ],
    ids=["none", "another", "one", "chain", "newest first", "circle", "circle in a chain"],
)
def test_aliases_are_followed_to_the_end(pairs, found):
    assert list(older_codes(chain(*pairs), C)) == found


def test_each_code_comes_with_the_aliases_that_lead_to_it():
    first, second = aliases = chain((B, A), (C, B))
    assert older_codes(aliases, C) == {B: (second,), A: (second, first)}


def test_a_very_long_chain_is_cut_off():
    codes = [f"{number:032x}" for number in range(1000)]
    found = older_codes(chain(*pairwise(codes)), codes[0])
    assert 10 < len(found) < 100


@pytest.mark.parametrize(
    "changes",
    [
        {"version": 2},
        {"version": None},
        {"code": "../../x"},
        {"old": B},
        {"old": 5},
        {"function": ["co2:trend"]},
        {"function": "co2:other"},
        {"time": "soon"},
        {"time": float("nan")},
        {"time": 1e300},
        {"time": -1},
        {"time": True},
        {"symbols": "trend"},
        {"symbols": [1]},
        {"user": {}},
        {"diff": None},
    ],
    ids=lambda changes: "-".join(f"{name}={value}" for name, value in changes.items()),
)
def test_a_document_of_the_wrong_shape_is_not_followed(store, changes):
    put(store, alias_name("co2:trend", B, A), **changes)
    assert read_aliases(store) == ()


def test_a_document_at_another_place_than_its_own_is_not_followed(store):
    put(store, alias_name("co2:other", B, A))
    put(store, "alias/loose.json")
    assert read_aliases(store) == ()


@pytest.mark.parametrize("data", [b"", b"{", b"[1]", b"null", b"\xff\xfe", b"[" * 100_000])
def test_bytes_that_are_no_document_are_not_followed(store, data):
    store.write(alias_name("co2:trend", B, A), data)
    assert read_aliases(store) == ()


def test_overlong_texts_are_cut_off(store):
    write_alias(store, said(user="u" * 1_000, diff="d" * 300_000))
    (found,) = read_aliases(store)
    assert len(found.user) == 200
    assert len(found.diff) == 200_000


@pytest.mark.parametrize("alias", [said(code="x"), said(old="/../y"), said(code=A)])
def test_what_is_no_edit_is_not_written(store, alias):
    with pytest.raises(ValueError, match="no codes of a function's edit"):
        write_alias(store, alias)


def test_a_document_that_does_not_say_so_may_concern_objects(store):
    data = {"version": 1, **asdict(said())}
    del data["objects"]
    store.write(alias_name("co2:trend", B, A), json.dumps(data).encode())
    assert read_aliases(store)[0].objects


class CountingStore(MemoryStore):
    def __init__(self):
        super().__init__()
        self.lists = 0

    def list(self, prefix=""):
        self.lists += 1
        return super().list(prefix)


def test_a_store_is_asked_once_for_each_function():
    store = CountingStore()
    for _ in range(3):
        assert known_older(store, "co2:trend", B) == ()
    assert known_older(store, "co2:other", B) == ()
    assert store.lists == 2


def test_what_this_process_says_or_takes_back_counts_at_once():
    store = CountingStore()
    assert known_older(store, "co2:trend", B) == ()
    write_alias(store, said())
    assert known_older(store, "co2:trend", B) == (A,)
    remove_alias(store, said())
    assert known_older(store, "co2:trend", B) == ()


def test_another_object_for_the_same_store_hears_of_it(tmp_path):
    one, other = LocalStore(tmp_path), LocalStore(tmp_path)
    assert known_older(one, "co2:trend", B) == ()
    write_alias(other, said())
    assert known_older(one, "co2:trend", B) == (A,)


def test_what_another_process_takes_back_counts_from_the_next_process(store):
    write_alias(store, said())
    assert known_older(store, "co2:trend", B) == (A,)
    store.delete(alias_name("co2:trend", B, A))
    assert known_older(store, "co2:trend", B) == (A,)


def test_a_store_that_cannot_be_read_has_none():
    class Dead(CountingStore):
        def list(self, prefix=""):
            self.lists += 1
            raise StoreError("gone")

    store = Dead()
    assert known_older(store, "co2:trend", B) == ()
    assert known_older(store, "co2:trend", B) == ()
    assert store.lists == 1


def test_two_people_at_once_leave_one_document(store):
    again = LocalStore(store.path)
    assert [write_alias(one, said()) for one in (store, again)] == [True, False]
    assert read_aliases(store) == (replace(said()),)
