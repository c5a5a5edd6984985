"""Entries in stores, and views of them, for the tests of this folder."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jobtui_core.entry import EntryMeta, describe_argument, entry_name, write_entry
from jobtui_core.project import Catalogue
from jobtui_core.project.catalogue.views import OwnView
from jobtui_core.stores import Store

STARTED = 1_700_000_000.0


def key_of(number: int) -> str:
    return hashlib.md5(b"%d" % number).hexdigest()


def put(
    store: Store, number: int, value: Any = None, function: str = "co2:fit", **said: Any
) -> str:
    """Write the entry of a call; give its name."""
    arguments: Mapping[str, Any] = said.pop("arguments", {"n": number})
    name = entry_name(function, key_of(number))
    meta = EntryMeta(
        key=key_of(number),
        function=function,
        arguments={
            one: {"preview": describe_argument(one, text)} for one, text in arguments.items()
        },
        started=STARTED + number,
        duration=float(number),
        host="node7",
        user="anna",
        **said,
    )
    write_entry(store, name, number if value is None else value, meta)
    return name


def fill(store: Store, count: int, function: str = "co2:fit") -> None:
    """Write many objects that a listing takes for entries."""
    for number in range(count):
        store.write(entry_name(function, key_of(number)), b"x" * 10)


def opened(store: Store, index: Path | None = None) -> Catalogue:
    """Open a store for looking."""
    return Catalogue(OwnView(store), index)
