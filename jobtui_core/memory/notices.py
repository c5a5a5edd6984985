"""Warnings, each said once, at the line of the user's code that led to it."""

from __future__ import annotations

import warnings
from collections.abc import Hashable

from jobtui_core.callers import level_of_user
from jobtui_core.errors import CacheWarning, StoreError, text_of
from jobtui_core.stores import Store

__all__ = ["JobLibCollisionWarning", "forget_notices", "warn_of_store", "warn_once"]


class JobLibCollisionWarning(UserWarning):
    """For programs that filter joblib's; never given, as functions of one name do not collide."""


_said: dict[Hashable, object] = {}


def warn_once(subject: Hashable, text: str) -> None:
    """Say a sentence, unless it was said about the same subject in this process before.

    Parameters
    ----------
    subject : hashable
        What it is about, such as ``("unhashable", identity, argument)``.
    text : str
        One sentence that names the thing and what follows from it.
    """
    saying = object()
    # Of threads that come at once, one says it.
    if _said.setdefault(subject, saying) is not saying:
        return
    warnings.warn(text, CacheWarning, stacklevel=level_of_user())


def warn_of_store(what: str, store: Store, error: Exception) -> None:
    """Say once what a store cannot do, and that calls are computed.

    Parameters
    ----------
    what : {"read", "written"}
    store : Store
    error : Exception
        An error of ours says by itself which store it is about; those of other people's may not.
    """
    text = text_of(error)
    if not isinstance(error, StoreError) or " cannot be " not in text:
        text = f"{store.url} cannot be {what}: {text}"
    warn_once((what, store.url), f"{text}; what it would answer is computed anew")


def forget_notices() -> None:
    """Say everything anew, as a fresh process would; for tests."""
    _said.clear()
