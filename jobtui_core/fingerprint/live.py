"""Fingerprints of live functions: their code as loaded, and the values it refers to."""

from __future__ import annotations

import sys
import threading
import weakref
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import lru_cache, partial
from types import FunctionType, MethodType
from typing import Any

from jobtui_core.fingerprint.gather import Parts
from jobtui_core.fingerprint.identities import identity
from jobtui_core.fingerprint.layers import layers_of
from jobtui_core.fingerprint.model import Fingerprint
from jobtui_core.fingerprint.snapshot import (
    in_library,
    loaded_generation,
    loaded_sources,
    reloads,
)
from jobtui_core.fingerprint.touched import bound_attributes
from jobtui_core.fingerprint.watched import Watch
from jobtui_core.hashing import combine, digest

__all__ = ["LoadedFingerprint", "loaded_fingerprint"]

_NO_CODE: Fingerprint = Fingerprint("", (), (), (), frozenset(), ())


@dataclass(frozen=True, slots=True)
class LoadedFingerprint:
    """The code of a live function and the values that count with it.

    Attributes
    ----------
    digest : str
        Of code and values.
    static : Fingerprint
        Of the code alone, from the text that was loaded: equal to that of the sources on disk
        while nobody edits them.
    matches_source : bool
        Whether the loaded code is that of the text; if not, ``digest`` says nothing of use.
    identity : str
        ``module:qualified name``.
    unfollowed : tuple of str
        What could not be followed, in the code and in its values.
    code : str
        Digest of the code and of what was settled when the function was first used.
    watch : Watch
        The values that are looked at again at each call.
    dispatches : bool
        Whether code that is loaded later may put more behind a name.
    quiet : frozenset of str
        Attributes that count as soon as any code that is loaded sets them.
    """

    digest: str
    static: Fingerprint
    matches_source: bool
    identity: str
    unfollowed: tuple[str, ...] = ()
    code: str = field(default="", repr=False)
    _counted: tuple[str, ...] | None = field(default=None, repr=False)
    """What was counted beside the code; ``None`` where the two cannot be told apart."""
    watch: Watch = field(default_factory=Watch, repr=False)
    _settled: int = field(default=-1, repr=False)
    """Which code was loaded when that was last asked."""
    dispatches: bool = field(default=False, repr=False)
    quiet: frozenset[str] = field(default=frozenset(), repr=False)
    _reloads: int = field(default=0, repr=False)
    """How often code had been loaded again."""

    def refresh(self) -> LoadedFingerprint:
        """Give the fingerprint as of now, where values may have changed."""
        watch = self.watch.now()
        if watch is self.watch:
            return self
        return replace(self, watch=watch, digest=watch.digest(self.code))

    @property
    def outdated(self) -> bool:
        """Whether code was loaded that may belong to the function, or may be in place of it."""
        if self._reloads != reloads():
            return True
        if not self.quiet and not self.dispatches:
            return False
        generation = loaded_generation()
        if self._settled == generation:
            return False
        if self.dispatches or not self.quiet.isdisjoint(_set_by(generation)):
            return True
        # No more than a note of what was asked: it must not cost each call anything.
        object.__setattr__(self, "_settled", generation)
        return False

    def stands(self) -> bool:
        """Tell whether it is known at once that `loaded_fingerprint` would give this again.

        ``False`` where that takes a look at values, or at the code that was loaded since.
        """
        # As `outdated` and `refresh`, in half of their time: nothing else may have changed.
        return (
            self._reloads == reloads()
            and not self.watch.values
            and (not (self.quiet or self.dispatches) or self._settled == loaded_generation())
        )

    def under(self, code: str) -> str | None:
        """Give the digest that this would have with other code, all values being as they are.

        Parameters
        ----------
        code : str
            Digest of a static fingerprint.

        Returns
        -------
        str or None
            ``None`` where code and values cannot be told apart.
        """
        if self._counted is None:
            return None
        return self.watch.now().digest(combine("loaded", code, *self._counted))


@lru_cache(maxsize=1)
def _set_by(generation: int) -> frozenset[str]:
    """Give the attributes that the code loaded by now may set."""
    return bound_attributes(loaded_sources().values())


_known: weakref.WeakKeyDictionary[Any, LoadedFingerprint] = weakref.WeakKeyDictionary()
_fixed: dict[int, tuple[Any, LoadedFingerprint]] = {}
_MOST_FIXED = 1000
_working = threading.local()


def loaded_fingerprint(func: Any) -> LoadedFingerprint:
    """Fingerprint a live function, as this process loaded it.

    Parameters
    ----------
    func : callable
        A function, method, partial, builtin, or one of these behind wrappers.

    Returns
    -------
    LoadedFingerprint
        Values that code of the project may change, or bind anew, count by what they are now;
        others by what they were when the function was first used.
    """
    if isinstance(func, MethodType):
        func = func.__func__
    try:
        known = _known.get(func)
    except TypeError:
        return _without_reference(func)
    if known is None or known.outdated:
        found, circular = _guarded(func)
        if not circular:
            with suppress(TypeError):
                if known is None:
                    # Of threads that come first at once, one may have run it already, and a list
                    # that it fills counts by what was in it before.
                    return _known.setdefault(func, found)
                _known[func] = found
        return found
    if known.watch.values:
        return _as_of_now(func, known)
    now = known.refresh()
    if now is not known:
        _known[func] = now
    return now


def _as_of_now(func: Any, known: LoadedFingerprint) -> LoadedFingerprint:
    """Look again at the values that a function refers to; it may be part of one of them."""
    active = _active()
    if any(func is item for item in active):
        return _circular(func)
    if not active:
        _working.circular = False
    active.append(func)
    try:
        now = known.refresh()
    finally:
        active.pop()
    if now is known:
        return known
    if known.watch.replaced(now.watch):
        # What the new one refers to is followed, too: a cell of a notebook was run again.
        _known.pop(func, None)
        return loaded_fingerprint(func)
    if not active:
        # Inside a value, what it comes to depends on where the walk began.
        _known[func] = now
    return now


def _without_reference(func: Any) -> LoadedFingerprint:
    """Fingerprint what takes no weak reference: ufuncs and their like, or objects of any kind."""
    held = _fixed.get(id(func))
    if held is not None and held[0] is func:
        return held[1]
    found = _load(func)
    if not isinstance(type(func).__call__, FunctionType) and len(_fixed) < _MOST_FIXED:
        # Made in C, by a library: it lives as long as the process and has no state of ours.
        _fixed[id(func)] = (func, found)
    return found


def _guarded(func: Any) -> tuple[LoadedFingerprint, bool]:
    """Work out a fingerprint; functions that capture each other end where they began."""
    active = _active()
    if any(func is item for item in active):
        return _circular(func), True
    if not active:
        _working.circular = False
    active.append(func)
    try:
        found = _load(func)
    finally:
        active.pop()
    # Inside a circle, what an inner function came to depends on where the walk began.
    return found, bool(active) and _working.circular


def _active() -> list[Any]:
    """Give the functions that this thread is about to fingerprint, the outermost first."""
    active: list[Any] = _working.__dict__.setdefault("active", [])
    return active


def _circular(func: Any) -> LoadedFingerprint:
    """Stand for a function inside of itself."""
    _working.circular = True
    name = identity(func)
    return LoadedFingerprint(combine("circular", name), _NO_CODE, True, name)


def _load(func: Any) -> LoadedFingerprint:
    parts, begun = Parts(loaded_fingerprint), reloads()
    generation = loaded_generation()
    static = _static(func, parts)
    code = combine("loaded", static.digest, *parts.digests)
    return LoadedFingerprint(
        code,
        static,
        parts.matches,
        identity(func),
        (*static.unfollowed, *dict.fromkeys(parts.unfollowed)),
        code,
        tuple(parts.digests),
        Watch(tuple(parts.watched)),
        generation,
        parts.dispatches,
        frozenset(parts.quiet),
        begun,
    ).refresh()


def _static(func: Any, parts: Parts) -> Fingerprint:
    if isinstance(func, partial):
        parts.digests.append("partial")
        parts.add("its bound arguments", (func.args, func.keywords))
        return _through(func.func, parts)
    layers = layers_of(func)
    for layer in layers[:-1]:
        parts.layer(layer)
    root = layers[-1]
    if not isinstance(root, FunctionType) or in_library(root.__code__):
        return _opaque(root, parts)
    return parts.from_source(root) or parts.from_code(root)


def _through(func: Any, parts: Parts) -> Fingerprint:
    """Add the fingerprint of a function that another callable stands for."""
    inner = loaded_fingerprint(func)
    parts.matches = parts.matches and inner.matches_source
    parts.digests.append(inner.code)
    parts.take_over(inner, "it")
    return inner.static


def _opaque(func: Any, parts: Parts) -> Fingerprint:
    """Fingerprint builtins, ufuncs, functions of libraries, classes and callable objects."""
    if isinstance(func, partial | MethodType):
        return _through(func, parts)
    name = identity(func).replace(":", ".")
    if isinstance(func, type):
        return replace(_NO_CODE, digest=digest(func), libraries=frozenset({name}))
    called = getattr(type(func), "__call__", None)  # noqa: B004  its kind matters
    if isinstance(called, FunctionType) and not isinstance(func, FunctionType):
        parts.add("the object called", func)
        return _through(called, parts)
    version = _library_version(name.partition(".")[0])
    return replace(_NO_CODE, digest=combine("library", name, version), libraries=frozenset({name}))


def _library_version(package: str) -> str:
    if package == "builtins" or package in sys.stdlib_module_names:
        return f"{sys.version_info[0]}.{sys.version_info[1]}"
    return str(getattr(sys.modules.get(package), "__version__", ""))
