"""The SDK's clients: made on first use, one for all stores that are reached alike."""

from __future__ import annotations

import logging
import os
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from hashlib import blake2b
from typing import Any, Protocol
from weakref import WeakSet

from jobtui_core.farewell import at_last
from jobtui_core.stores.s3.answers import WrongAnswerError, bound
from jobtui_core.stores.s3.settings import Settings

__all__ = ["counted", "forget_clients", "held_by", "shared_client"]

_SLOW_ANSWER = 30.0
"""Seconds to wait for what a server does with much data: putting parts together, copying."""

_MOST_CLIENTS = 16

_MOST_REQUESTS = 8
"""HTTP requests for one: to ask in which region a bucket lies takes three.  A server that sends
the SDK to and fro would be asked a hundred times."""


class Holder(Protocol):
    """Whoever keeps clients that it was given."""

    def let_go(self) -> None:
        """Keep them no longer; another one may be asked for."""


_clients: dict[bytes, Any] = {}
"""By all that they were made from.  To make one takes as long as fifty requests."""

_holders: WeakSet[Holder] = WeakSet()

_TELLING = ("botocore.auth", "botocore.endpoint", "botocore.parsers")
"""Loggers of the SDK that write down whole requests and answers, with keys and tokens."""

_counting = threading.Lock()
_here = threading.local()
"""The counter of the store that asks, in each thread."""


def _after_fork() -> None:
    global _counting
    _counting = threading.Lock()
    # Connections must not be shared with the parent.
    _clients.clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


def _release() -> None:
    """Let go of all clients: as it ends, Python goes through all objects, most of them theirs."""
    _clients.clear()
    for holder in list(_holders):
        holder.let_go()


at_last("release", _release)


def shared_client(settings: Settings, session: Any, slow: bool) -> Any:
    """Give a client, which others may have, too; not by two threads at once.

    Parameters
    ----------
    settings : Settings
    session : boto3.session.Session or None
        Where credentials come from; ``None`` for a new one with the settings' profile.
    slow : bool
        One that waits longer for an answer.
    """
    if session is not None:
        return _build(settings, session.client, slow)
    key = _digest(settings, slow)
    found = _clients.get(key)
    if found is None:
        # What boto3 is made of: boto3 itself adds nothing here but a sixth to the time until
        # the first answer.
        from botocore.session import Session

        if len(_clients) >= _MOST_CLIENTS:
            _clients.clear()
        made = Session(profile=settings.profile)
        found = _clients[key] = _build(settings, made.create_client, slow)
    return found


def held_by(holder: Holder) -> None:
    """Take note of somebody who keeps clients."""
    _holders.add(holder)


def forget_clients(clients: Iterable[Any]) -> None:
    """Give these to nobody else: the credentials that they found are no good."""
    for client in list(clients):
        for key in [key for key, value in _clients.items() if value is client]:
            del _clients[key]


def _digest(settings: Settings, slow: bool) -> bytes:
    # Where credentials, endpoints and proxies come from; only a digest of it is kept.
    told = sorted(
        item
        for item in os.environ.items()
        if item[0].startswith(("AWS_", "BOTO")) or item[0] == "HOME" or "PROXY" in item[0].upper()
    )
    text = repr((settings, slow, told))
    return blake2b(text.encode("utf-8", "surrogateescape"), digest_size=16).digest()


def _build(settings: Settings, create: Callable[..., Any], slow: bool) -> Any:
    from botocore.config import Config

    wait = settings.read_timeout
    config = Config(
        connect_timeout=settings.connect_timeout,
        read_timeout=max(wait, _SLOW_ANSWER) if slow else wait,
        retries={"total_max_attempts": 1, "mode": "standard"},
        max_pool_connections=max(10, 2 * settings.concurrency),
    )
    client = create(
        "s3", region_name=settings.region, endpoint_url=settings.endpoint_url, config=config
    )
    client.meta.events.register("before-send.s3", _count)
    bound(client)
    for name in _TELLING:
        logging.getLogger(name).addFilter(_of_others)
    return client


def _of_others(record: logging.LogRecord) -> bool:
    """Keep requests of stores out of the log of a script that logs everything."""
    return getattr(_here, "counter", None) is None


def _count(event_name: str, **_: Any) -> None:
    counter = getattr(_here, "counter", None)
    if counter is not None:
        _here.sent += 1
        if _here.sent > _MOST_REQUESTS:
            raise WrongAnswerError
        # The SDK names the operation at the end.
        with _counting:
            counter[event_name.rpartition(".")[2]] += 1


@contextmanager
def counted(counter: Counter[str]) -> Iterator[None]:
    """Count the HTTP requests that this thread makes meanwhile, by S3's names for them.

    There is one, or a few where the SDK is sent elsewhere: more are refused.
    """
    before = getattr(_here, "counter", None)
    _here.counter = counter
    _here.sent = 0
    try:
        yield
    finally:
        _here.counter = before
