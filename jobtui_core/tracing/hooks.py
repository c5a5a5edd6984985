"""Functions of libraries that say what a script is told, and how far it is: listened to.

``logging``, ``warnings``, ``tqdm`` and ``rich.progress`` offer no way to look on that would not
change what they do: a handler on the root logger makes ``basicConfig`` do nothing, and an imported
``tqdm`` takes tens of milliseconds.  So one function of each is wrapped, in the moment in which the
script itself imports the library, and passes everything on.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from types import FunctionType, ModuleType
from typing import Any, Literal, Protocol

from jobtui_core.tracing import files

__all__ = ["BarListener", "MessageListener", "begin", "look_again"]


class MessageListener(Protocol):
    """Is told what a script is told, and has it shown."""

    def logging(self, record: Any) -> Any:
        """Hear of a record that has passed the logger's level and filters; give a note of that."""

    def logged(self, record: Any, noting: Any) -> None:
        """Take a record that the handlers have shown, and the note of when they were about to."""

    def warned(self, message: Any, show: Callable[[], Any]) -> Any:
        """Take a warning that is about to be shown."""


class BarListener(Protocol):
    """Is told of progress bars."""

    def adopt(self, bars: Any) -> None:
        """Hear of those that are there already."""

    def advanced(self, kind: Literal["tqdm", "rich"], bar: Any, *, ended: bool) -> None:
        """Hear of one that was drawn, moved on, or is about to be closed."""


_WRAPPED = "_jobtui_wrapped"


class _Listeners:
    """Who is told; one a process."""

    messages: MessageListener | None = None
    bars: BarListener | None = None


_told = _Listeners()


def begin(messages: MessageListener | None, bars: BarListener | None) -> None:
    """Tell these, and no others, from now on."""
    _told.messages, _told.bars = messages, bars
    for name in _LIBRARIES:
        if name in sys.modules:
            _wrap(name)
    files.watch.imports = _imported


def look_again() -> None:
    """Wrap what was unwrapped: ``warnings.catch_warnings`` puts back what it found."""
    warnings = sys.modules.get("warnings")
    if warnings is not None and not hasattr(getattr(warnings, "_showwarnmsg_impl", None), _WRAPPED):
        _wrap("warnings")


def _imported(name: str) -> None:
    """Wrap a library that the script is about to import.

    The import is made here, a moment before: the script then finds the module.
    """
    if name in _LIBRARIES and name not in sys.modules:
        # What is wrong with it is the script's business, whose own import follows.
        with suppress(Exception):
            importlib.import_module(name)
            _wrap(name)


def _wrap(name: str) -> None:
    # Another version of a library may have none of what is looked for.
    with suppress(Exception):
        _LIBRARIES[name](sys.modules[name])


def _replace(owner: Any, name: str, make: Callable[[Any], Callable[..., Any]]) -> None:
    genuine = vars(owner)[name]
    if hasattr(genuine, _WRAPPED):
        return
    made = wraps(genuine)(make(genuine))
    setattr(made, _WRAPPED, True)
    setattr(owner, name, made)


def _wrap_logging(module: ModuleType) -> None:
    # What it uses comes from its closure: of a record that cannot be formatted logging shows the
    # call stack from the first frame on that is not of its own files, which this one is to be.
    told = _told

    def make(genuine: Any) -> Callable[..., Any]:
        def callHandlers(self: Any, record: Any) -> Any:  # noqa: N802  # as logging calls it
            messages = told.messages
            if messages is None:
                return genuine(self, record)
            noting = messages.logging(record)
            try:
                return genuine(self, record)
            finally:
                messages.logged(record, noting)

        code = genuine.__code__
        ours = callHandlers.__code__.replace(
            co_filename=code.co_filename, co_firstlineno=code.co_firstlineno
        )
        return FunctionType(ours, globals(), None, None, callHandlers.__closure__)

    _replace(module.Logger, "callHandlers", make)


def _wrap_warnings(module: ModuleType) -> None:
    shows = vars(module)["_showwarnmsg_impl"]
    if getattr(shows, "__module__", "") not in ("warnings", "_py_warnings"):
        # ``catch_warnings(record=True)``: they are caught, and not shown.
        return

    def make(genuine: Any) -> Callable[..., Any]:
        def show(message: Any) -> Any:
            if _told.messages is None:
                return genuine(message)
            return _told.messages.warned(message, lambda: genuine(message))

        return show

    _replace(module, "_showwarnmsg_impl", make)


def _tells(
    kind: Literal["tqdm", "rich"], *, ended: bool = False
) -> Callable[[Any], Callable[..., Any]]:
    def make(genuine: Any) -> Callable[..., Any]:
        def method(self: Any, *args: Any, **kwargs: Any) -> Any:
            if ended and _told.bars is not None:
                # Afterwards the bar has forgotten how far it was.
                _told.bars.advanced(kind, self, ended=True)
            result = genuine(self, *args, **kwargs)
            if not ended and _told.bars is not None:
                _told.bars.advanced(kind, self, ended=False)
            return result

        return method

    return make


def _wrap_tqdm(module: ModuleType) -> None:
    if _told.bars is not None:
        _told.bars.adopt(module.tqdm._instances)
    # All kinds of bars are made of this class; those that are not shown are never refreshed.
    _replace(module.tqdm, "refresh", _tells("tqdm"))
    _replace(module.tqdm, "close", _tells("tqdm", ended=True))


def _wrap_rich(module: ModuleType) -> None:
    for name in ("add_task", "update", "advance"):
        _replace(module.Progress, name, _tells("rich"))
    _replace(module.Progress, "stop", _tells("rich", ended=True))


_LIBRARIES: dict[str, Callable[[ModuleType], None]] = {
    "logging": _wrap_logging,
    "warnings": _wrap_warnings,
    "tqdm.std": _wrap_tqdm,
    "rich.progress": _wrap_rich,
}
