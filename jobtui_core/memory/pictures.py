"""Figures that a call drew, kept beside its result, so that a hit has them too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from jobtui_core.errors import StoreError, text_of
from jobtui_core.memory.outputs import keep
from jobtui_core.tracing.files import quiet

if TYPE_CHECKING:
    from jobtui_core.memory.request import Outcome
    from jobtui_core.stores import Store
    from jobtui_core.tracing import CallHandle

__all__ = ["keep_pictures"]


def keep_pictures(store: Store, handle: CallHandle, outcome: Outcome) -> int:
    """Put the pictures of a call's figures into its store, before the entry that names them.

    Parameters
    ----------
    store : Store
    handle : CallHandle
        ``handle.kept`` has ``figures``, and ``pictures`` with the files by their digests.  What
        cannot be put there is taken out.
    outcome : Outcome
        Told of what goes wrong.

    Returns
    -------
    int
        Bytes of them all.
    """
    size = 0
    try:
        with quiet():
            for digest, path in handle.kept.pop("pictures").items():
                keep(store, digest, path)
                size += path.stat().st_size
    except (StoreError, OSError) as error:
        del handle.kept["figures"]
        outcome.notes.append(f"its figures are not kept with its result: {text_of(error)}")
    return size
