"""Putting the records of runs into the shared stores that these used.

A script does it as it ends.  For one that was killed, whoever runs something next in the same
project does: the supervisor, or the next script.  Nothing that goes wrong in here reaches anybody
but as a warning in the run's own record.
"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import replace
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

from jobtui_core.errors import JobtuiError, StoreDeniedError
from jobtui_core.records import CallState, RunState
from jobtui_core.root import STATE_FOLDER, load_config
from jobtui_core.stores import UnchangedStore, open_store
from jobtui_core.tracing import protocol
from jobtui_core.tracing.documents import documents_of
from jobtui_core.tracing.read import read_run
from jobtui_core.tracing.sharing.places import is_shared, may_open
from jobtui_core.tracing.sharing.records import (
    name_elsewhere,
    origin_of,
    record_name,
    run_lines,
    to_bytes,
)
from jobtui_core.tracing.sharing.told import Told
from jobtui_core.tracing.sharing.used import used_store

if TYPE_CHECKING:
    from jobtui_core.root import Config
    from jobtui_core.stores import Store
    from jobtui_core.tracing.ending import Ending
    from jobtui_core.tracing.traces import RunTrace

__all__ = ["MARK", "share_run", "share_unshared"]

MARK = "shared"
"""File in a run's folder that says that nothing is left to be shared of it."""

_LOOKED_AT = 50
"""Newest runs among which those are looked for that nobody has shared."""

_AT_ONCE = 5
"""Runs of others that one process reads at most."""

_LARGEST_DOCUMENT = 64_000_000

_WRONG = (OSError, ValueError, TypeError, JobtuiError)
"""What reading a run, or writing to a store, may raise."""


def share_run(root: Path, folder: Path, ending: Ending | None = None) -> bool:
    """Put the record of a run into each shared store that has results of it.

    Parameters
    ----------
    root : Path
        The project's.
    folder : Path
        The run's, under ``.jobtui/runs``.
    ending : Ending, optional
        How it ends, where its record does not say so yet.

    Returns
    -------
    bool
        Whether that is done, be it that there was nothing to do; ``False`` if the run goes on,
        or a store cannot be written.
    """
    if protocol.RUNS in os.environ:
        # A check: no run of the project's.
        return False
    config = load_config(root)
    if not config.share_runs:
        return True
    trace = read_run(folder)
    if ending is not None and trace.info.state.active:
        trace = _ended(trace, ending)
    if trace.info.state.active:
        return False
    done = True
    for name in dict.fromkeys(call.store for call in trace.calls if call.result is not None):
        store = _store(root, name, config)
        if store is None or isinstance(store, UnchangedStore) or not is_shared(store, root):
            continue
        try:
            _share(root, trace, name, store, config)
        except _WRONG:
            done = False
    if done:
        with suppress(OSError):
            (folder / MARK).touch()
    return done


def share_unshared(root: Path) -> None:
    """Share the newest runs that ended without anybody doing so."""
    runs = root / STATE_FOLDER / "runs"
    with suppress(*_WRONG):
        with os.scandir(runs) as entries:
            names = sorted(e.name for e in entries if e.is_dir(follow_symlinks=False))
        left = [
            name
            for name in reversed(names[-_LOOKED_AT:])
            if not os.path.lexists(runs / name / MARK)
        ]
        for name in left[:_AT_ONCE]:
            with suppress(*_WRONG):
                share_run(root, runs / name)


def _ended(trace: RunTrace, ending: Ending) -> RunTrace:
    """Give a trace as it will be once its end is written."""
    state = RunState(ending.state)
    info = replace(
        trace.info, state=state, code=ending.code, ended=max(trace.info.last_heard or 0.0, 0.0)
    )
    finished = state is RunState.DONE and trace.only_stop is None
    return replace(trace, info=info, finished=finished)


def _store(root: Path, name: str | None, config: Config) -> Store | None:
    """Give a store by its name in a record of this machine's, if it may be opened."""
    used = used_store(name)
    if used is not None:
        return used
    if name is None:
        name = os.environ.get(protocol.STORE) or config.store
    elif not may_open(name, config.stores):
        return None
    try:
        return open_store(name, root, spool=root / STATE_FOLDER / "spool")
    except JobtuiError:
        return None


def _share(root: Path, trace: RunTrace, name: str | None, store: Store, config: Config) -> None:
    told = Told(root, store)
    facts = _facts(trace)
    computed = {call.code for call in trace.calls if call.state is CallState.COMPUTED}
    if facts in told and not computed:
        return
    codes = {one.digest for one in trace.analyses}
    codes |= {call.code for call in trace.calls if call.code}
    # What was computed now may be new to the store, whatever it was told before.
    again = computed | {one.digest for one in trace.analyses if computed}
    missing = [code for code in codes if code and (code in again or code not in told)]
    target = store if computed else _at_once(store)
    key = store.signing_key
    record = record_name(trace.info.id, origin_of(root))
    lines = run_lines(
        trace, project=name is None, store_name=lambda other: name_elsewhere(other, name)
    )
    try:
        _copy_documents(root, missing, None if name is None else _store(root, None, config), target)
        target.write(record, to_bytes(lines, record, key))
    except StoreDeniedError:
        if computed:
            raise
        # Somebody who may only read, which is all that this run did: no reason to say anything,
        # nor to try again.
    else:
        told.add([code for code in codes if code])
    told.add([facts])


def _at_once(store: Store) -> Store:
    """Give a store as it is without a spool: to be told that it refuses, and leave it at that."""
    if "remote" not in store.capabilities:
        return store
    # Not at import: most shared stores are folders.
    from jobtui_core.stores.spool import SpooledStore
    from jobtui_core.stores.tiered import TieredStore

    if isinstance(store, TieredStore):
        store = store.inner
    return store.inner if isinstance(store, SpooledStore) else store


def _facts(trace: RunTrace) -> str:
    """Give a digest of what a run shows, whenever and however often it does so."""
    facts = [
        repr((one.function, one.site, one.analysis, one.key, one.result, one.entry, one.inputs,
              one.met, one.outputs, one.notes, one.accepted, one.store, one.error is not None))
        for one in trace.calls
    ]  # fmt: skip
    facts += [f"{one.script} {one.digest}" for one in trace.analyses]
    facts += [f"{one.path} {one.digest} {one.file} {one.line}" for one in trace.files_read]
    facts += [f"{one.path} {one.file} {one.line}" for one in trace.files_written]
    facts += [f"{one.function} {one.site} {one.analysis}" for one in trace.counted]
    facts += [trace.info.state, repr(trace.only_stop)]
    text = "\n".join(sorted(facts))
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def _copy_documents(root: Path, digests: list[str], source: Store | None, target: Store) -> None:
    """Copy analyses and sources, so that whoever reads the record needs no other store."""
    for digest in digests:
        if not digest.isalnum():
            continue
        name = f"code/{digest}.json"
        data = documents_of(root).text(digest)
        if data is None and source is not None and source.url != target.url:
            data = source.read(name, 0, _LARGEST_DOCUMENT)
        if data is not None:
            # By its content's name: whoever wrote it before wrote the same.
            target.write(name, data)
