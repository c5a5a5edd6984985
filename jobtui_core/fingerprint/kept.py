"""Sources behind fingerprints, kept in a store so that a later edit can be shown as a diff."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from typing import Any

from jobtui_core.fingerprint.model import Fingerprint
from jobtui_core.stores import Store

__all__ = ["keep_sources", "kept_symbols"]

_LARGEST = 16_000_000
"""Bytes of a document that is read."""

_is_digest = re.compile("[0-9a-f]{32}").fullmatch


def _name(digest: str) -> str:
    return f"code/{digest}.json"


def keep_sources(store: Store, code: Fingerprint) -> None:
    """Keep the definitions behind a fingerprint, unless the store has them.

    Raises
    ------
    StoreError
        If the store cannot be written.
    """
    name = _name(code.digest)
    # Over a network to ask takes as long as to write, which is done once a process.
    if not code.symbols or ("remote" not in store.capabilities and store.stat(name) is not None):
        return
    symbols = [asdict(symbol) for symbol in code.symbols]
    data = {"symbols": symbols, "steps": list(code.steps)}
    store.write_if_absent(name, json.dumps(data, separators=(",", ":")).encode())


def kept_symbols(store: Store, digest: str) -> Any:
    """Give the definitions that a store keeps for a fingerprint: untrusted, or ``None``.

    Raises
    ------
    StoreError
        If the store cannot be read.
    """
    if _is_digest(digest) is None:
        return None
    if "remote" in store.capabilities:
        data = store.read(_name(digest), 0, _LARGEST + 1)
    else:
        # Room for so much would be made before it turned out how much there is.
        listed = store.stat(_name(digest))
        data = None if listed is None or listed.size > _LARGEST else store.read(_name(digest))
    if data is None or len(data) > _LARGEST:
        return None
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return found.get("symbols") if isinstance(found, dict) else None
