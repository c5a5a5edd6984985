"""Which code of the project a function's result depends on, and a digest of it."""

from jobtui_core.fingerprint.definitions import find_definition
from jobtui_core.fingerprint.model import (
    Fingerprint,
    OwnDecorator,
    Resolved,
    Symbol,
    ValueRef,
)
from jobtui_core.fingerprint.names import resolve
from jobtui_core.fingerprint.static import source_fingerprint

__all__ = [
    "Fingerprint",
    "OwnDecorator",
    "Resolved",
    "Symbol",
    "ValueRef",
    "find_definition",
    "resolve",
    "source_fingerprint",
]
