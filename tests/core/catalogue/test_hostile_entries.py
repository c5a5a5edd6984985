"""Whatever lies in a store under an entry's name is a row, and shows nothing but clean text."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from jobtui_core.entry import entry_name
from jobtui_core.entry.layout import build
from jobtui_core.project import entry_filter, select, sort_rows
from jobtui_core.project.catalogue.rows import Detail
from jobtui_core.project.catalogue.sorting import COLUMNS
from jobtui_core.records import Preview
from jobtui_core.stores import MemoryStore
from tests.core.catalogue.stock import key_of, opened, put

VALUES: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)
NAMES = ["function", "arguments", "preview", "host", "user", "run", "versions", "code", "log"]
HEADERS = st.dictionaries(st.sampled_from(NAMES), VALUES)
NUMBERS = st.floats(width=64)


def texts(detail: Detail) -> list[str]:
    facts = detail.facts
    found = [detail.row.function, detail.row.key, detail.run, detail.code, detail.codec]
    found += [facts.host, facts.user, facts.what, facts.problem, *detail.files, *detail.outputs]
    for mapping in (facts.arguments, detail.versions):
        found += [*mapping, *mapping.values()]
    return found + ([] if detail.preview is None else texts_of(detail.preview))


def texts_of(preview: Preview) -> list[str]:
    found = [preview.type, preview.text, preview.dtype, *preview.columns]
    found += [cell for row in preview.rows for cell in row]
    for name, item in preview.items:
        found += [name, *texts_of(item)]
    return found


def look_through(store: MemoryStore) -> None:
    """Do all that a screen does with a store of one entry."""
    catalogue = opened(store)
    list(catalogue.pages())
    (row,) = catalogue.rows
    detail = catalogue.detail(row)
    assert all(text.isprintable() for text in texts(detail))
    assert detail.facts.problem or detail.codec
    for column in COLUMNS:
        assert sort_rows([row], column, catalogue.known) == [row]
    select([row], entry_filter("alpha>3 took:>1s x"), catalogue.known)


@given(HEADERS, NUMBERS, NUMBERS)
def test_a_header_may_hold_anything(
    header: dict[str, Any], started: float, duration: float
) -> None:
    store = MemoryStore("header")
    pieces = build(
        key=key_of(1), result="00" * 16, started=started, duration=duration, codec="plain",
        frames=[b"N"], compact=b"", header=json.dumps(header).encode("utf-8", "surrogatepass"),
    )  # fmt: skip
    store.write(entry_name("co2:fit", key_of(1)), b"".join(pieces))
    look_through(store)


@given(st.data())
def test_an_entry_may_be_damaged_anywhere(data: st.DataObject) -> None:
    store = MemoryStore("damaged anywhere")
    name = put(store, 1, {"a": [1.5, "x"]})
    whole = bytearray(store.read(name) or b"")
    for _ in range(data.draw(st.integers(1, 3))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    store.write(name, bytes(whole[: data.draw(st.integers(0, len(whole)))]))
    look_through(store)
