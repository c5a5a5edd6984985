"""Copying between stores: what belongs together, whole or not at all, and going on afterwards."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from jobtui_core import JsonFile, Memory, make
from jobtui_core.aliases import read_aliases, write_alias
from jobtui_core.entry import read_info
from jobtui_core.records import Acceptance
from jobtui_core.stores import (
    CountingStore,
    Fault,
    FaultyStore,
    Listed,
    LocalStore,
    MemoryStore,
    SigningKey,
    quote,
)
from jobtui_core.upkeep import copying
from jobtui_core.upkeep.belonging import Wanted
from jobtui_core.upkeep.contents import is_entry
from jobtui_core.upkeep.copying import carry_out, plan_copy
from jobtui_core.upkeep.kinds import kind_of


def square(n):
    return n * n


def fill(n):
    return bytes([n]) * 1000


class RemoteStore(MemoryStore):
    """One that is asked as if each question cost a request."""

    @property
    def capabilities(self):
        return super().capabilities | {"remote"}


@pytest.fixture
def memory(tmp_path):
    return Memory(tmp_path / "cache", verbose=0)


@pytest.fixture
def here(memory):
    """A store with results of two functions."""
    for n in range(5):
        memory.cache(square)(n)
    for n in range(3):
        memory.cache(fill)(n)
    return memory.store


def copy(source, target, wanted=None, **options):
    plan = plan_copy(source, target, lambda stock: wanted or Wanted())
    return carry_out(plan, **options)


def contents(store):
    """Give what lies in a store, but for records of use, which stay where they are."""
    return {one.name: store.read(one.name) for one in store.list() if kind_of(one.name) != "use"}


def entries(store, function=""):
    return sorted(one.name for one in store.list() if is_entry(one.name) and function in one.name)


def folder_of(store, function):
    return entries(store, function)[0].partition("/")[0]


@pytest.mark.parametrize("make_target", [MemoryStore, RemoteStore])
def test_everything_is_copied_byte_for_byte_and_only_once(here, make_target):
    target = CountingStore(make_target())
    done = copy(here, target)
    assert contents(target) == contents(here)
    assert (done.whole, done.damaged, done.there) == (True, 0, 0)
    assert done.objects["entries"] == 8
    assert done.size == sum(map(len, contents(here).values()))
    target.reset()
    again = copy(here, target)
    assert sum(again.objects.values()) == 0
    assert again.there == sum(done.objects.values())
    assert set(target.calls) == {"pages"}


def test_a_copy_answers_calls_as_the_original_does(here, tmp_path):
    target = LocalStore(tmp_path / "other" / "jobtui")
    copy(here, target)
    other = Memory(tmp_path / "other", verbose=0)
    assert other.cache(square).check_call_in_cache(4)
    assert other.cache(square)(4) == 16


def test_results_of_functions_and_keys_are_chosen_with_their_sources(here):
    target = MemoryStore()
    copy(here, target, Wanted(folders=frozenset([folder_of(here, "square")])))
    assert entries(target) == entries(here, "square")
    (source,) = [name for name in contents(target) if name.startswith("code/")]
    assert source == f"code/{read_info(here, entries(target)[0]).code}.json"
    one = entries(here, "fill")[0]
    key = one.rpartition("/")[2][:8]
    copy(here, target, Wanted(keys=(key,)))
    assert entries(target) == sorted([*entries(here, "square"), one])


def test_kept_outputs_come_along_and_are_put_back_from_the_copy(tmp_path):
    @make(output=JsonFile("out/{n}.json"))
    def table(n):
        return {"n": n}

    @make(output=JsonFile("other/{n}.json"))
    def other(n):
        return {"other": n}

    table(1), other(2)
    here = LocalStore(tmp_path / ".jobtui" / "cache")
    target = MemoryStore()
    copy(here, target, Wanted(folders=frozenset([folder_of(here, "table")])))
    (blob,) = [name for name in contents(target) if name.startswith("blobs/")]
    assert target.read(blob) == (tmp_path / "out" / "1.json").read_bytes()
    here.delete(blob)
    copy(target, here)
    (tmp_path / "out" / "1.json").unlink()
    table(1)
    assert (tmp_path / "out" / "1.json").read_bytes() == target.read(blob)


def test_accepted_edits_travel_with_their_function_and_are_followed(here):
    function = read_info(here, entries(here, "square")[0]).function
    code = read_info(here, entries(here, "square")[0]).code
    write_alias(here, Acceptance(function=function, code="f" * 32, old=code, time=1.0))
    target = MemoryStore()
    copy(here, target, Wanted(folders=frozenset([folder_of(here, "fill")])))
    assert read_aliases(target) == ()
    copy(here, target, Wanted(folders=frozenset([folder_of(here, "square")])))
    assert [one.old for one in read_aliases(target, function)] == [code]


@pytest.mark.parametrize("size", [50, -1])
def test_a_torn_entry_stays_where_it_is(here, size):
    torn, *_ = entries(here, "fill")
    here.write(torn, here.read(torn)[:size])
    target = MemoryStore()
    done = copy(here, target)
    assert target.stat(torn) is None
    assert len(entries(target)) == 7
    (left,) = done.left_out
    assert left.name == torn
    assert left.reason == {50: "it does not begin like an entry"}.get(
        size, f"it has {len(here.read(torn))} bytes, and should have {len(here.read(torn)) + 1}"
    )
    assert done.whole
    assert done.damaged == 1


def test_no_byte_of_a_value_may_differ(here):
    name = entries(here, "fill")[0]
    data = bytearray(here.read(name))
    data[-1] ^= 1
    here.write(name, data)
    done = copy(here, MemoryStore())
    assert [left.name for left in done.left_out] == [name]


def test_what_answers_for_another_call_is_not_copied(here):
    one, two, *_ = entries(here, "square")
    (of_fill, *_) = entries(here, "fill")
    here.write(one, here.read(two))
    moved = of_fill.replace(folder_of(here, "fill"), folder_of(here, "square"))
    here.write(moved, here.read(of_fill))
    done = copy(here, target := MemoryStore())
    assert {left.name for left in done.left_out} == {one, moved}
    assert not {one, moved} & set(entries(target))


@pytest.mark.parametrize(
    "name",
    [
        "use/1-host-1-ab", "blobs/short", "blobs/" + "g" * 32, "code/x.json", "README",
        "alias/f/x.json", "f/ab/" + "c" * 32 + ".entry", "f/ab/ab.entry",
        "blobs/" + "a" * 32 + ".exe",
    ],
)  # fmt: skip
def test_what_nobody_wrote_by_the_rules_is_passed_over(here, name):
    here.write(name, b"anything")
    target = MemoryStore()
    done = copy(here, target)
    assert target.stat(name) is None
    assert done.damaged == 0


@pytest.mark.parametrize(
    ("name", "data"),
    [
        (f"blobs/{'a' * 32}", b"not of that digest"),
        (f"blobs/{'a' * 32}.mark", b"a mark is empty"),
        (f"code/{'a' * 32}.json", b"[" * 100_000),
        (f"code/{'a' * 32}.json", b"[1]"),
        (f"alias/f/{'a' * 32}-{'b' * 32}.json", b"{}"),
    ],
)
def test_what_is_not_what_its_name_says_is_left_out(here, name, data):
    here.write(name, data)
    target = MemoryStore()
    done = copy(here, target)
    assert [left.name for left in done.left_out] == [name]
    assert target.stat(name) is None
    assert len(entries(target)) == 8


def test_signed_results_stay_signed_and_unsigned_ones_stay_behind(tmp_path):
    key = SigningKey("one")
    signed = Memory(tmp_path / "cache", verbose=0, signing_key="one")
    signed.cache(square)(2)
    Memory(tmp_path / "cache", verbose=0).cache(fill)(2)
    here = LocalStore(signed.store.path)
    done = copy(here.with_key(key), target := MemoryStore().with_key(key))
    assert [left.reason for left in done.left_out] == ["it is not signed"]
    assert entries(target) == entries(here, "square")
    assert read_info(target, entries(target)[0]).function.endswith("square")
    # Whoever has no key copies what there is, byte for byte.
    copy(here, plain := MemoryStore())
    assert contents(plain) == contents(here)


@pytest.mark.parametrize("kind", ["unavailable", "lost"])
@pytest.mark.parametrize("first", [1, 2, 6, 9])
def test_an_interrupted_copy_leaves_whole_objects_and_goes_on(tmp_path, kind, first):
    @make(output=JsonFile("out/{n}.json"))
    def table(n):
        return {"n": n}

    for n in range(4):
        table(n)
    here = LocalStore(tmp_path / ".jobtui" / "cache")
    inside = MemoryStore()
    target = FaultyStore(inside, Fault(kind, "write_if_absent", first=first))
    done = copy(here, target)
    assert not done.whole
    assert "does not answer" in done.error.message
    for name in entries(inside):
        # No result without the files that it speaks of.
        digests = [one["digest"] for one in read_info(inside, name).outputs]
        assert all(inside.stat(f"blobs/{digest}") for digest in digests)
    arrived = contents(inside)
    target.fail()
    again = copy(here, target)
    assert again.whole
    assert again.there == len(arrived)
    assert contents(inside) == contents(here)


def test_a_copy_that_is_stopped_begins_nothing_more(here):
    target = MemoryStore()
    seen = []
    done = copy(here, target, progress=seen.append, stop=lambda: True)
    assert done.stopped
    assert not done.whole
    assert 0 < sum(done.objects.values()) == len(contents(target)) < len(contents(here))
    assert copy(here, target).whole
    assert contents(target) == contents(here)


def test_a_source_that_gives_out_is_said_and_one_bad_object_is_not_the_end(here):
    source = FaultyStore(here, Fault("denied", "read", names=entries(here)[3]))
    done = copy(source, target := MemoryStore())
    assert done.whole
    assert [left.name for left in done.left_out] == [entries(here)[3]]
    assert len(entries(target)) == 7
    source.fail(Fault("denied", "read"))
    done = copy(source, MemoryStore())
    assert "refuses" in done.error.message
    source.fail(Fault("unavailable", "read", first=4))
    done = copy(source, MemoryStore())
    assert "does not answer" in done.error.message


def test_torn_answers_never_become_objects(here):
    source = FaultyStore(here, Fault("torn", "read", keep=70))
    done = copy(source, target := MemoryStore())
    assert contents(target) == {}
    assert done.damaged == len(contents(here))


def test_what_is_deleted_meanwhile_is_no_error(here):
    plan = plan_copy(here, target := MemoryStore())
    gone = entries(here)[0]
    here.delete(gone)
    done = carry_out(plan)
    assert (done.gone, done.damaged, done.whole) == (1, 0, True)
    assert gone not in entries(target)


def test_two_copies_at_once_come_to_one_whole_copy(here):
    target = RemoteStore()
    plans = [plan_copy(here, target) for _ in range(2)]
    done = []
    threads = [threading.Thread(target=lambda p=plan: done.append(carry_out(p))) for plan in plans]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert contents(target) == contents(here)
    assert all(one.whole for one in done)
    number = len(contents(here))
    assert sum(sum(one.objects.values()) for one in done) == number
    assert sum(one.there for one in done) == number


def test_nothing_at_the_target_is_replaced_or_deleted(here):
    target = MemoryStore()
    name = entries(here)[0]
    target.write(name, b"somebody's")
    target.write("notes/mine", b"too")
    copy(here, target)
    assert target.read(name) == b"somebody's"
    assert target.read("notes/mine") == b"too"


@pytest.mark.parametrize("local", [True, False])
def test_large_objects_are_not_held_in_memory(memory, monkeypatch, local):
    monkeypatch.setattr(copying, "_LARGE", 1 << 16)
    memory.cache(np.arange)(50_000)
    source = CountingStore(memory.store if local else _moved(memory.store))
    largest = []
    read = MemoryStore.read
    monkeypatch.setattr(
        MemoryStore,
        "read",
        lambda self, *asked: largest.append(len(found := read(self, *asked) or b"")) or found,
    )
    target = MemoryStore("target")
    done = copy(source, target)
    assert done.damaged == 0
    monkeypatch.undo()
    assert contents(target) == contents(memory.store)
    assert max(largest, default=0) <= 1 << 16
    assert done.size > 400_000


class Boastful(MemoryStore):
    """One whose listing tells sizes that its objects do not have."""

    def __init__(self, name, size):
        super().__init__("boastful")
        self.name = name
        self.told = size
        self.asked = []

    def pages(self, prefix="", size=1000):
        yield [Listed(self.name, self.told, 1.0)]

    def read(self, name, start=0, length=None):
        self.asked.append((start, length))
        assert length is not None
        return b"x" * length


FILE = f"blobs/{'0' * 32}"
RECORD = f"runs/2026-01-02T03-04-05-abcd-{'0' * 16}.run"
LARGER = "it is larger than the store's listing says"


@pytest.mark.parametrize(
    ("name", "size", "reason", "asked"),
    [
        (FILE, 10, LARGER, [(0, 11)]),
        (FILE, 1 << 60, "its 1,152,921,504,606,846,976 bytes do not fit on the disk", []),
        # Some are listed without their size; there is one that none exceeds.
        (RECORD, 0, LARGER, [(0, 16_000_001)]),
    ],
)
def test_no_more_is_read_of_an_object_than_its_listing_and_the_disk_allow(
    name, size, reason, asked
):
    source = Boastful(name, size)
    result = copy(source, MemoryStore())
    assert [one.reason[: len(reason)] for one in result.left_out] == [reason]
    assert (result.damaged, source.asked) == (1, asked)


def _moved(store):
    other = MemoryStore("source")
    for name, data in contents(store).items():
        other.write(name, data)
    return other


def test_progress_tells_how_far_it_is(here):
    seen = []
    plan = plan_copy(here, MemoryStore())
    carry_out(plan, progress=seen.append)
    last = seen[-1]
    assert (last.objects, last.size) == (last.of_objects, last.of_size) == (plan.objects, plan.size)
    assert [one.objects for one in seen] == sorted(one.objects for one in seen)


def test_listing_takes_one_pass_of_each_side(here):
    source, target = CountingStore(here), CountingStore(MemoryStore())
    told = []
    plan_copy(source, target, seen=lambda what, count: told.append((what, count)))
    assert (source.calls.total(), target.calls.total()) == (1, 0) or (
        source.calls["pages"] == 1 and source.calls.total() == 1
    )
    assert told[0] == (f"listing {here.url}", len(list(here.list())))


def test_a_function_may_be_called_anything(memory):
    def odd(n):
        return n

    odd.__qualname__ = "ödd/../\x1b[31m" + "x" * 300
    memory.cache(odd)(1)
    (name,) = entries(memory.store)
    target = MemoryStore()
    function = f"{__name__}:{odd.__qualname__}"
    done = copy(memory.store, target, Wanted(folders=frozenset([quote(function)])))
    assert done.left_out == []
    assert entries(target) == [name]
