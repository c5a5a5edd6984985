"""The way to a server: what is asked of the SDK, how often, and how long is waited for it.

How often something is tried is decided here, not in the SDK: its own attempts know of no time that
all of them may take together, and say nothing of those that were made.
"""

from __future__ import annotations

import os
import threading
import time
from collections import Counter
from collections.abc import Callable
from random import Random
from typing import Any, TypeVar

from jobtui_core.errors import StoreError, StoreUnavailableError
from jobtui_core.stores.s3.answers import WrongAnswerError
from jobtui_core.stores.s3.clients import counted, forget_clients, held_by, shared_client
from jobtui_core.stores.s3.errors import failure, is_of_credentials
from jobtui_core.stores.s3.places import Place
from jobtui_core.stores.s3.settings import Settings

__all__ = ["Connection"]

R = TypeVar("R")

_jitter = Random()  # noqa: S311  no secret; and not the generator that scripts draw from

_FIRST_PAUSE = 0.2
_LONGEST_PAUSE = 2.0

_building = threading.Lock()


def _after_fork() -> None:
    global _building
    _building = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


class Connection:
    """Clients for one store, and the requests that were made by it.

    Parameters
    ----------
    place : Place
    settings : Settings
    session : boto3.session.Session, optional
        Where credentials come from; by default a new one, with the settings' profile.
    """

    def __init__(self, place: Place, settings: Settings, session: Any = None) -> None:
        self.place = place
        self.settings = settings
        self.requests: Counter[str] = Counter()
        self.session = session
        # A client's connections must not be shared with a child.
        self._clients: tuple[int, dict[bool, Any]] = (0, {})
        # The environment may name one: the client knows it.
        self._address = settings.endpoint_url or ""
        held_by(self)

    @property
    def endpoint(self) -> str | None:
        """The server's address, as far as it is known to be none of Amazon's."""
        return None if ".amazonaws.com" in self._address else self._address or None

    def client(self, slow: bool = False) -> Any:
        """Give the SDK's client of this process.

        Parameters
        ----------
        slow : bool
            One that waits longer for an answer.
        """
        pid = os.getpid()
        if self._clients[0] != pid:
            self._clients = (pid, {})
        clients = self._clients[1]
        found = clients.get(slow)
        if found is None:
            with _building:
                found = clients[slow] = shared_client(self.settings, self.session, slow)
            self._address = str(found.meta.endpoint_url)
        return found

    def let_go(self) -> None:
        """Keep no client; the next request takes another one."""
        self._clients = (0, {})

    def _begin_anew(self) -> None:
        """Look for credentials again before the next request: these were refused."""
        with _building:
            forget_clients(self._clients[1].values())
        self.let_go()

    def ask(
        self,
        what: str,
        call: Callable[[Any], R],
        *,
        slow: bool = False,
    ) -> R:
        """Make a request, again where that may help, within the time that one call may take.

        Parameters
        ----------
        what : str
            What the store cannot be if it fails: ``"read"``, ``"written"`` …
        call : callable
            Makes the request with the client it is given, and reads the whole answer.
        slow : bool
            Wait longer for an answer.

        Raises
        ------
        StoreError
            Nothing else that the SDK raises comes out.
        """
        begun = time.monotonic()
        attempt = 0
        while True:
            problem, answer = self._attempt(what, call, slow)
            if problem is None:
                return answer  # type: ignore[return-value]  # an answer, if there is no problem
            pause = self._pause(problem, attempt, time.monotonic() - begun)
            if pause is None:
                break
            time.sleep(pause)
            attempt += 1
        # Outside of any handler: the SDK's error shall not hang on it.
        raise problem

    def once(self, what: str, call: Callable[[Any], R]) -> R:
        """Do the same a single time."""
        problem, answer = self._attempt(what, call, slow=False)
        if problem is not None:
            raise problem
        return answer  # type: ignore[return-value]  # as above

    def _attempt(
        self, what: str, call: Callable[[Any], R], slow: bool
    ) -> tuple[StoreError | None, R | None]:
        client = None
        try:
            with counted(self.requests):
                client = self.client(slow)
                return None, call(client)
        except StoreError as error:
            return error, None
        except Exception as error:  # noqa: BLE001  whatever the SDK and what lies beneath it raise
            # Numbers and times in answers are read by the SDK, which lets go of what that raises;
            # and what an answer lacks is missed where it is read.
            wrong = client is not None and isinstance(error, ValueError | KeyError)
            seen = WrongAnswerError() if wrong else error
            problem = failure(seen, what, self.place, self.endpoint)
            if is_of_credentials(problem):
                self._begin_anew()
            return problem, None

    def _pause(self, problem: StoreError, attempt: int, elapsed: float) -> float | None:
        """Give the seconds after which to try again; ``None`` if that is of no use, or too late."""
        if not isinstance(problem, StoreUnavailableError) or attempt >= self.settings.retries:
            return None
        longest = min(_FIRST_PAUSE * 2**attempt, _LONGEST_PAUSE)
        pause = _jitter.uniform(longest / 2, longest)
        # One that timed out may time out again.
        timeout = max(self.settings.connect_timeout, self.settings.read_timeout)
        return pause if elapsed + pause + timeout <= self.settings.max_wait else None
