"""How the key of a call is made, and with which algorithm."""

from __future__ import annotations

from types import FunctionType
from typing import Any

from jobtui_core import tracing
from jobtui_core.errors import UnhashableError
from jobtui_core.hashing import XXH3, Algorithm, algorithm_of, digester
from jobtui_core.memory.request import Files, Request, call_key
from jobtui_core.named import digest_named

__all__ = ["Keys"]


class Keys:
    """The keys of one function's calls.

    Parameters
    ----------
    hash : {"xxh3_128", "blake2b"}
        What digests of arguments, of inputs and of results are made with.

    Attributes
    ----------
    digest : callable
        `jobtui_core.hashing.digest` by that algorithm.
    usual : bool
        Whether it is the default one.

    Raises
    ------
    ValueError
        If there is no such algorithm.
    """

    def __init__(self, hash: str) -> None:  # noqa: A002  the option's name
        self.algorithm: Algorithm = algorithm_of(hash)
        self.digest = digester(self.algorithm)
        self.usual = self.algorithm is XXH3

    def of(self, request: Request, code: str) -> str:
        """Give the key that a call has under some code, its arguments being digested.

        Parameters
        ----------
        request : Request
        code : str
            Digest of the code and of the values that it refers to.
        """
        names, identity = request.target.binder.counted_names, request.code.identity
        if self.usual:
            return call_key(identity, code, names, request.digests, request.inputs)
        root = tracing.project_root()
        inputs = tuple(
            (name, digest_named(name, root, self.algorithm)) for name, _ in request.inputs
        )
        files = (*inputs, *self._values(request))
        return call_key(identity, code, names, request.digests, files, self.algorithm)

    def _values(self, request: Request) -> Files:
        """Digest the globals that count by content, which may be somebody else's data, too."""
        found = []
        for one in request.code.watch.values:
            value: Any = one.value
            if one.own or one.code or isinstance(value, FunctionType):
                continue
            try:
                found.append((f"value {one.label}", self.digest(value)))
            except UnhashableError:
                # It counts by its type alone, whatever the algorithm.
                continue
        return tuple(sorted(found))
