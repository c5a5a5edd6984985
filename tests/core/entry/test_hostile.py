"""Looking at what lies in a store runs nothing, believes nothing and steers no terminal."""

from __future__ import annotations

import json
import marshal
import pickle
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from jobtui_core.entry import CacheWarning, entry_name, read_info, read_value
from jobtui_core.entry.layout import build
from jobtui_core.errors import EntryCorruptError, StoreError
from jobtui_core.stores import LocalStore, MemoryStore
from tests.core.entry.test_entries import KEY, NAME

RAN: list[str] = []


class Payload:
    """What runs when it is unpickled."""

    def __reduce__(self) -> tuple[Any, ...]:
        return RAN.append, ("unpickled",)


def forged(**parts: Any) -> bytes:
    known = {"key": KEY, "result": "00" * 16, "started": 0.0, "duration": 0.0, "codec": "plain",
             "frames": [b"N"], "compact": b"", "header": b"{}"}  # fmt: skip
    return b"".join(build(**{**known, **parts}))


@pytest.fixture(autouse=True)
def nothing_ran() -> Any:
    RAN.clear()
    yield
    assert RAN == []


@pytest.fixture
def store(tmp_path: Path) -> LocalStore:
    return LocalStore(tmp_path / "cache")


@pytest.fixture
def no_unpickler(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make whatever unpickles raise."""

    def refuse(*_: Any, **__: Any) -> Any:
        raise AssertionError("something was unpickled")

    def unless_importing(*args: Any) -> Any:
        # Modules of the standard library are loaded that way, when they are first needed.
        if sys._getframe(1).f_code.co_filename.startswith("<frozen importlib"):
            return loads(*args)
        return refuse()

    loads = marshal.loads
    for name in ("pickle.load", "pickle.loads", "pickle.Unpickler", "pickle._Unpickler",
                 "_pickle.load", "_pickle.loads", "marshal.load"):  # fmt: skip
        monkeypatch.setattr(name, refuse)
    monkeypatch.setattr("marshal.loads", unless_importing)
    monkeypatch.setattr("jobtui_core.codecs.pickles._Unpickler", refuse)
    monkeypatch.setattr("jobtui_core.codecs.codec.decode_pickle", refuse)


@pytest.mark.parametrize("codec", ["pickle", "cloudpickle"])
@pytest.mark.usefixtures("no_unpickler")
def test_listing_headers_and_previews_never_unpickle(store: LocalStore, codec: str) -> None:
    payload = pickle.dumps(Payload())
    said = {"function": "co2:trend", "preview": {"kind": "text", "type": "x", "text": "y"}}
    store.write(NAME, forged(codec=codec, frames=[payload], header=json.dumps(said).encode()))
    assert [item.name for item in store.list()] == [NAME]
    info = read_info(store, NAME)
    assert info is not None
    assert info.codec == codec
    for name in type(info).__dict__:
        getattr(info, name)
    assert info.preview is not None


@pytest.mark.parametrize("codec", ["pickle", "cloudpickle"])
def test_payload_is_not_run_where_pickle_is_refused(store: LocalStore, codec: str) -> None:
    store.write(NAME, forged(codec=codec, frames=[pickle.dumps(Payload())]))
    with pytest.warns(CacheWarning, match="not allowed"):
        assert read_value(store, NAME, KEY, allow_pickle=False) is None


@pytest.mark.parametrize("codec", ["plain", "array", "nested", "frame"])
def test_payload_in_another_codec_is_not_run(store: LocalStore, codec: str) -> None:
    payload = pickle.dumps(Payload())
    for frames in ([payload], [payload, payload], [b"x" + payload, payload]):
        store.write(NAME, forged(codec=codec, frames=frames))
        with pytest.warns(CacheWarning, match="is not used"):
            assert read_value(store, NAME, KEY) is None


def test_payload_of_another_call_is_not_run(store: LocalStore) -> None:
    other = "ab" * 16
    data = forged(key=other, codec="pickle", frames=[pickle.dumps(Payload())])
    store.write(NAME, data)
    with pytest.warns(CacheWarning, match="another call"):
        assert read_value(store, NAME, KEY) is None


def test_object_arrays_are_not_made_of_addresses(store: LocalStore) -> None:
    from jobtui_core.codecs import encode_plain

    for spec in ("|O", ("sub", "|O", (2,)), ("struct", ("a",), ("|O",), (0,), 8, False)):
        head = encode_plain(("C", spec, (1,)))
        store.write(NAME, forged(codec="array", frames=[head, bytes(8)]))
        with pytest.warns(CacheWarning, match="is not used"):
            assert read_value(store, NAME, KEY) is None


@pytest.mark.parametrize(
    "shape", [(1 << 62, 1 << 62), (-1,), (2.0,), ("8",), (1 << 40,), ((8,),), 8, None]
)
def test_impossible_shapes_make_no_room(store: LocalStore, shape: Any) -> None:
    from jobtui_core.codecs import encode_plain

    for dtype in ("<i8", "|V0", "<U99999999"):
        head = encode_plain(("C", dtype, shape))
        for mode in (None, "r"):
            store.write(NAME, forged(codec="array", frames=[head, bytes(8)]))
            try:
                with pytest.warns(CacheWarning, match="is not used"):
                    found = read_value(store, NAME, KEY, mode)  # type: ignore[arg-type]
            except pytest.fail.Exception:
                # An array of nothing may have any shape.
                found = read_value(store, NAME, KEY, mode)  # type: ignore[arg-type]
                assert found is not None
                assert found[0].nbytes == 0
            else:
                assert found is None


def test_header_beyond_all_bounds_is_not_read(
    store: LocalStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jobtui_core.entry.reading.LARGEST_HEADER", 1 << 16)
    store.write(NAME, forged(header=b'{"log": "' + b"x" * (1 << 17) + b'"}'))
    with pytest.raises(EntryCorruptError, match="too large"):
        read_info(store, NAME)
    # Whoever wants the result never needed it.
    found = read_value(store, NAME, KEY)
    assert found is not None


def test_header_said_to_be_longer_than_the_file_makes_no_room() -> None:
    class Watched(MemoryStore):
        asked = 0

        def read(self, name: str, start: int = 0, length: int | None = None) -> bytes | None:
            self.asked = max(self.asked, length or 0)
            return super().read(name, start, length)

    store = Watched()
    data = bytearray(forged())
    for place in (12, 16, 20):
        broken = bytearray(data)
        broken[place : place + 4] = b"\xff\xff\xff\x02"
        store.write(NAME, bytes(broken))
        with pytest.raises(EntryCorruptError):
            read_info(store, NAME)
    assert store.asked < 1 << 20


NAMES = ["../../etc/passwd", "/etc/passwd", "..", ".hidden", "a/../../b", "a//b", "a\0b", "a\nb",
         "C:\\x", "~root", "x\x1b[2J", "\u202e", ""]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_names_never_lead_out_of_a_store(store: LocalStore, name: str) -> None:
    for part in (name, f"f/{name}", f"{name}/f"):
        if part in ("~root", "f/~root", "~root/f"):
            # A plain name: nothing expands it.
            assert store.path in store.local_path(part).parents
            continue
        with pytest.raises(StoreError):
            store.local_path(part)
    quoted = store.local_path(entry_name(name, KEY))
    assert store.path in quoted.parents
    assert ".." not in quoted.parts


def test_files_that_no_store_wrote_are_not_listed(store: LocalStore, tmp_path: Path) -> None:
    store.write(NAME, forged())
    (store.path / "x\x1b[2J").write_text("")
    (store.path / ".hidden").write_text("")
    (store.path / "link").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "outside").write_text("")
    assert [item.name for item in store.list()] == [NAME]


TEXTS = ["\x1b[2J", "\x1b]0;title\x07", "\x9b31m", "\u202eabc", "a\rb", "a\x00b", "\ud800",
         "[bold red]markup[/]", "x" * 100_000]  # fmt: skip


@pytest.mark.parametrize("text", TEXTS, ids=range(len(TEXTS)))
def test_no_text_of_a_header_steers_a_terminal(store: LocalStore, text: str) -> None:
    shown = {"kind": "sequence", "type": text, "text": text, "dtype": text, "columns": [text],
             "rows": [[text]],
             "items": [[text, {"kind": "text", "type": text, "text": text}]]}  # fmt: skip
    said = {"function": text, "code": text, "host": text, "user": text, "run": text, "call": text,
            "versions": {text: text}, "arguments": {text: {"preview": text, text: text}},
            "preview": shown}  # fmt: skip
    store.write(NAME, forged(header=json.dumps(said).encode()))
    info = read_info(store, NAME)
    assert info is not None
    found = [info.function, info.code, info.host, info.user, info.run, info.call]
    found += [*info.versions, *info.versions.values(), *info.arguments]
    found += [part for facts in info.arguments.values() for part in facts.values()]
    found.append(json.dumps(_texts(info.preview), ensure_ascii=False))
    for part in found:
        assert part.isprintable()
        assert len(part) < 60_000


def _texts(value: Any) -> Any:
    if isinstance(value, str | int | float | None):
        return value
    if isinstance(value, list | tuple):
        return [_texts(part) for part in value]
    return [_texts(getattr(value, name, None)) for name in getattr(value, "__slots__", ())]


@pytest.mark.parametrize(
    "value", [1e999, -1, "x", None, [], {}, True, 10**400, [10**400, "x", -1]], ids=range(9)
)
def test_facts_of_a_wrong_kind_are_left_out(store: LocalStore, value: Any) -> None:
    names = ["function", "code", "arguments", "run", "versions", "log", "preview", "host"]
    inner = ["kind", "type", "text", "shape", "dtype", "minimum", "line", "histogram", "columns",
             "rows", "items", "missing"]  # fmt: skip
    for said in (dict.fromkeys(names, value), {"preview": dict.fromkeys(inner, value)}):
        store.write(NAME, forged(header=json.dumps(said).encode()))
        info = read_info(store, NAME)
        assert info is not None
        for name in type(info).__dict__:
            getattr(info, name)
        if info.preview is not None:
            numbers = (*info.preview.shape, *info.preview.histogram, info.preview.missing)
            assert all(0 <= number < 1 << 63 for number in numbers)


def test_frames_without_number_are_bounded_by_the_file(store: LocalStore) -> None:
    """A table of many empty frames costs what its bytes cost."""
    store.write(NAME, forged(codec="nested", frames=[b"l\0\0\0\0"] + [b""] * 20_000))
    found = read_value(store, NAME, KEY)
    assert found is not None
    assert found[0] == []
    assert np.array(found[0]).size == 0
