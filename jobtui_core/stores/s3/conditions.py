"""Writing only where nothing is: whether a server can do that by itself, and what if not.

Amazon's can.  Others ignore the condition and write over what is there, so each is found out once
a bucket and process, with objects that are written anyhow.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from jobtui_core.errors import StoreError, StoreUnavailableError
from jobtui_core.stores.s3.connection import Connection
from jobtui_core.stores.s3.errors import status_of
from jobtui_core.stores.s3.pieces import Pieces
from jobtui_core.stores.s3.uploads import NOT_KNOWN, OWNER, is_ours, is_unknown, put

__all__ = ["is_exclusive", "write_new"]

_LARGEST_TRIED = 1 << 20
"""Bytes up to which an object is sent a second time, to see whether that is refused."""

_LOST, _CONFLICT = 412, 409

_CONFLICTS = 5

_found_out: dict[tuple[str | None, str], bool] = {}
"""Whether the servers of this process keep conditions, by endpoint and bucket."""


def is_exclusive(connection: Connection) -> bool | None:
    """Tell whether of many that write where nothing is, one wins; ``None`` if it is not known."""
    endpoint = connection.endpoint
    return True if endpoint is None else _found_out.get((endpoint, connection.place.bucket))


def write_new(
    connection: Connection,
    where: dict[str, Any],
    pieces: Pieces,
    how: dict[str, Any],
    exists: Callable[[], bool],
) -> bool:
    """Write an object by one request unless one is there; tell whether that happened.

    Parameters
    ----------
    connection : Connection
    where, how : dict
        What names the object in a request, and what else is said of it.
    pieces : Pieces
    exists : callable
        Asks whether there is one.
    """
    # The client knows the endpoint that the environment names.
    connection.ask("written", lambda client: client)
    known = is_exclusive(connection)
    if known is not True and exists():
        return False
    if known is False:
        put(connection, where, pieces, how)
        return True
    token = os.urandom(16).hex()
    marked = {**how, "Metadata": {OWNER: token}}
    won = _put_new(connection, where, pieces, marked)
    if won is None:
        _learn(connection, False)
        put(connection, where, pieces, how)
        return True
    if not won:
        _learn(connection, True)
        # An attempt before may have done it, and its answer been lost.
        return is_ours(connection, where, token)
    if known is None and pieces.size <= _LARGEST_TRIED:
        _learn(connection, _put_new(connection, where, pieces, marked) is False)
    return True


def _learn(connection: Connection, exclusive: bool) -> None:
    _found_out[connection.endpoint, connection.place.bucket] = exclusive


def _put_new(
    connection: Connection, where: dict[str, Any], pieces: Pieces, how: dict[str, Any]
) -> bool | None:
    """Write with a condition; ``None`` if the server does not know such a thing."""
    for _ in range(_CONFLICTS):
        try:
            put(connection, where, pieces, {**how, "IfNoneMatch": "*"})
        except StoreError as error:
            if status_of(error) == _LOST:
                return False
            if status_of(error) in NOT_KNOWN and is_unknown(error):
                return None
            if status_of(error) != _CONFLICT:
                raise
            # Another one writes or deletes it just now.
        else:
            return True
    raise StoreUnavailableError(
        f"{connection.place.url} cannot be written: others write the same object all the time",
        url=connection.place.url,
    )
