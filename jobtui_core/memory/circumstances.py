"""What is written beside a result about the call that made it."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any

from jobtui_core import tracing
from jobtui_core.entry import EntryMeta, describe_argument
from jobtui_core.entry.describe import REDACTED, array_range
from jobtui_core.memory.request import Files, Outcome, Request
from jobtui_core.tracing.environment import user_name

__all__ = ["argument_texts", "entry_meta"]


def entry_meta(
    request: Request, outcome: Outcome, handle: tracing.CallHandle, met: Files, run: str
) -> EntryMeta:
    """Gather what an entry says about its call."""
    import platform

    assert request.key is not None
    texts = argument_texts(request)
    digests = request.argument_digests
    return EntryMeta(
        key=request.key,
        function=request.code.identity,
        code=request.code.static.digest,
        # Ignored arguments may be large or secret: nothing is kept of them.
        arguments={
            name: {"preview": texts.get(name, ""), "digest": digest}
            for name, digest in digests.items()
        },
        inputs=request.inputs,
        met=met,
        outputs=outcome.outputs,
        inner=handle.inner,
        accepted=list(dict.fromkeys(handle.accepted)),
        started=handle.started,
        duration=outcome.duration,
        run=run,
        call=handle.id,
        versions=_versions(request.code.static.libraries),
        host=platform.node(),
        user=user_name(),
        log=str(handle.kept.get("log", "")),
        figures=handle.kept.get("figures", ()),
    )


def argument_texts(request: Request) -> dict[str, str]:
    """Give the arguments that count as bounded text, by name."""
    binder = request.target.binder
    found = {}
    for index in binder.counted:
        name, value = binder.names[index], request.values[index]
        text = describe_argument(name, value)
        found[name] = text if text == REDACTED else text + array_range(value)
    return found


def _versions(libraries: Iterable[str]) -> dict[str, str]:
    """Give the versions of Python and of the loaded libraries that a function uses."""
    import platform

    found = {"python": platform.python_version()}
    for name in {library.partition(".")[0] for library in libraries}:
        version: Any = getattr(sys.modules.get(name), "__version__", None)
        if isinstance(version, str):
            found[name] = version
    return found
