"""Entries in a store that has a signing key."""

from __future__ import annotations

import pickle
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from jobtui_core.aliases import read_aliases, write_alias
from jobtui_core.entry import CacheWarning, layout, read_info, read_value, write_entry
from jobtui_core.errors import EntryCorruptError, StoreError
from jobtui_core.records import Acceptance
from jobtui_core.stores import SIGNING_KEY, LocalStore, MemoryStore, SigningKey, Store
from tests.core.entry.test_entries import KEY, NAME, SAMPLES, meta
from tests.core.entry.test_packed import table_row

SECRET = "correct horse battery staple"
LARGE = np.arange(1 << 18)


@pytest.fixture(params=["local", "memory"])
def plain(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    return LocalStore(tmp_path / "cache") if request.param == "local" else MemoryStore()


@pytest.fixture
def signed(plain: Store) -> Store:
    return plain.with_key(SECRET)


def put(store: Store, value: Any, **options: Any) -> bytes:
    write_entry(store, NAME, value, meta(log="hello"), **options)
    data = store.read(NAME)
    assert data is not None
    return data


def expect_undecoded(store: Store, match: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> Any:
        raise AssertionError("it was decoded")

    monkeypatch.setattr("jobtui_core.entry.reading.decode", refuse)
    monkeypatch.setattr("jobtui_core.entry.layout.unpack", refuse)
    for mode in (None, "r"):
        with pytest.warns(CacheWarning, match=match):
            assert read_value(store, NAME, KEY, mode) is None  # type: ignore[arg-type]


@pytest.mark.parametrize("mode", [None, "r"])
@pytest.mark.parametrize("value", SAMPLES, ids=lambda value: type(value).__name__)
def test_signed_entry_comes_back(signed: Store, value: Any, mode: Any) -> None:
    for level in (0, 3):
        put(signed, value, level=level)
        found = read_value(signed, NAME, KEY, mode)
        assert found is not None
        assert type(found[0]) is type(value)
        info = read_info(signed, NAME)
        assert info is not None
        assert info.log == "hello"


def test_signed_entry_is_read_where_no_key_is_asked_for(plain: Store, signed: Store) -> None:
    put(signed, {"a": 1})
    found = read_value(plain, NAME, KEY)
    assert found is not None
    assert found[0] == {"a": 1}


@pytest.mark.parametrize("value", [{"a": 1}, LARGE, pickle.PickleBuffer], ids=["s", "l", "p"])
def test_unsigned_entry_is_a_miss_and_never_decoded(
    plain: Store, signed: Store, value: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(plain, value)
    expect_undecoded(signed, "it is not signed", monkeypatch)
    with pytest.raises(EntryCorruptError, match="it is not signed"):
        read_info(signed, NAME)


def test_entry_signed_with_another_key_is_a_miss(
    plain: Store, signed: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(plain.with_key("another"), LARGE)
    expect_undecoded(signed, "not signed with the key", monkeypatch)
    with pytest.raises(EntryCorruptError, match="not signed with the key"):
        read_info(signed, NAME)


def test_every_byte_is_signed(signed: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    data = put(signed, np.arange(30))
    places = range(len(data))
    for place in places:
        broken = bytearray(data)
        broken[place] ^= 0x10
        signed.write(NAME, bytes(broken))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", CacheWarning)
            assert read_value(signed, NAME, KEY) is None, place


@pytest.mark.parametrize("value", [{"a": 1}, LARGE], ids=["small", "large"])
def test_value_exchanged_under_a_right_checksum_is_a_miss(
    signed: Store, value: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Checksums are for accidents: whoever changes an entry can change them too."""
    data = bytearray(put(signed, value))
    frame = layout.parse(bytes(data)).frames[-1]
    data[frame.offset + 5] ^= 1
    part = bytes(data[frame.offset : frame.offset + frame.length])
    number = len(layout.parse(bytes(data)).frames) - 1
    forged = table_row(bytes(data), number, checksum=layout._sum(part))
    assert layout.parse(forged)
    signed.write(NAME, forged)
    expect_undecoded(signed, "not signed with the key", monkeypatch)
    # The table as it was signed, and another value behind it.
    signed.write(NAME, bytes(data))
    expect_undecoded(signed, "not the one that was signed", monkeypatch)


def test_signature_cut_off_is_a_miss(signed: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    data = put(signed, {"a": 1})
    unmarked = data[:9] + b"\0" + data[10:]
    for broken in (unmarked, table_row(unmarked, 0), data[:-1], data + b"\0"):
        signed.write(NAME, broken)
        expect_undecoded(signed, "is not used", monkeypatch)


def test_with_a_key_nothing_is_mapped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = LocalStore(tmp_path).with_key(SECRET)
    put(store, LARGE)

    def refuse(*_: Any, **__: Any) -> Any:
        raise AssertionError("it was mapped")

    monkeypatch.setattr("jobtui_core.entry.reading.map_file", refuse)
    for mode in (None, "r", "c"):
        found = read_value(store, NAME, KEY, mode)  # type: ignore[arg-type]
        assert found is not None
        assert found[0].flags.writeable == (mode != "r")
        assert (found[0] == LARGE).all()


def test_environment_has_a_key_for_every_store(
    plain: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(plain, 1)
    monkeypatch.setenv(SIGNING_KEY, SECRET)
    store = LocalStore(tmp_path / "new")
    data = put(store, 1)
    assert layout.parse(data).signature
    monkeypatch.setenv(SIGNING_KEY, "another")
    with pytest.warns(CacheWarning, match="not signed with the key"):
        assert read_value(LocalStore(tmp_path / "new"), NAME, KEY) is None


class TestSecrecy:
    def test_key_is_in_no_text_and_no_pickle(self) -> None:
        key = SigningKey(SECRET)
        store = MemoryStore("x").with_key(key)
        for text in (repr(key), str(key), repr(store), f"{key!r:}", str(key.__reduce__())):
            assert SECRET not in text
        data = pickle.dumps(key)
        assert SECRET.encode() not in data
        assert key._secret not in data

    def test_wrong_keys_are_refused_without_being_shown(self) -> None:
        for wrong in (5, ["se" + "cret"], None):
            with pytest.raises(TypeError) as caught:
                SigningKey(wrong)  # type: ignore[arg-type]
            assert "secret" not in str(caught.value)
        with pytest.raises(ValueError, match="empty"):
            SigningKey("")

    def test_pickled_key_is_the_same_one_in_this_process(self) -> None:
        key = SigningKey(SECRET)
        assert pickle.loads(pickle.dumps(key)) is key

    def test_pickled_key_is_the_environments_elsewhere(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        data = pickle.dumps(SigningKey(SECRET))
        monkeypatch.setattr("jobtui_core.stores.signing._given", {})
        monkeypatch.setenv(SIGNING_KEY, SECRET)
        assert pickle.loads(data).sign(b"x", [b"y"]) == SigningKey(SECRET).sign(b"x", [b"y"])

    def test_without_the_key_nothing_is_read_and_nothing_written(
        self, signed: Store, plain: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        put(signed, 1)
        data = pickle.dumps(signed.signing_key)
        monkeypatch.setattr("jobtui_core.stores.signing._given", {})
        store = plain.with_key(pickle.loads(data))
        with pytest.raises(StoreError, match=SIGNING_KEY):
            read_value(store, NAME, KEY)
        with pytest.raises(StoreError, match=SIGNING_KEY):
            write_entry(store, NAME, 2, meta())

    def test_signatures_are_compared_in_constant_time(
        self, signed: Store, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        put(signed, 1)
        compared = []
        for module in ("jobtui_core.stores.signing", "jobtui_core.entry.signature"):
            compare = __import__(module, fromlist=["compare_digest"]).compare_digest

            def counted(one: Any, other: Any, compare: Any = compare) -> bool:
                compared.append(len(bytes(one)))
                return bool(compare(one, other))

            monkeypatch.setattr(f"{module}.compare_digest", counted)
        assert read_value(signed, NAME, KEY) is not None
        assert compared == [32, 32]


class TestAliases:
    ALIAS = Acceptance(function="co2:trend", code="a" * 32, old="b" * 32, time=5.0, user="me")

    def test_signed_alias_is_followed(self, signed: Store, plain: Store) -> None:
        write_alias(signed, self.ALIAS)
        assert read_aliases(signed) == (self.ALIAS,)
        assert read_aliases(plain) == (self.ALIAS,)
        assert read_aliases(plain.with_key("another")) == ()

    def test_unsigned_alias_is_not(self, signed: Store, plain: Store) -> None:
        write_alias(plain, self.ALIAS)
        assert read_aliases(signed) == ()

    def test_changed_alias_is_not(self, signed: Store) -> None:
        write_alias(signed, self.ALIAS)
        (item,) = signed.list("alias/")
        data = signed.read(item.name) or b""
        for broken in (data.replace(b'"me"', b'"you"'), data.replace(b"}", b',"more":1}')):
            assert broken != data
            signed.write(item.name, broken)
            assert read_aliases(signed) == ()

    @pytest.mark.parametrize("signature", [None, 5, "", "00" * 32, "zz" * 32, ["a"]])
    def test_made_up_signature_is_none(self, signed: Store, plain: Store, signature: Any) -> None:
        import json

        write_alias(signed, self.ALIAS)
        (item,) = signed.list("alias/")
        said = json.loads(signed.read(item.name) or b"")
        signed.write(item.name, json.dumps({**said, "signature": signature}).encode())
        assert read_aliases(signed) == ()

    def test_signature_of_one_thing_is_none_of_another(self) -> None:
        key = SigningKey(SECRET)
        assert key.sign(b"jobtui alias", [b"x"]) != key.sign(b"jobtui entry", [b"x"])
