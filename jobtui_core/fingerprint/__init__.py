"""Which code of the project a function's result depends on, and a digest of it."""

from jobtui_core.fingerprint.definitions import find_definition
from jobtui_core.fingerprint.hooks import class_fingerprint, function_fingerprint
from jobtui_core.fingerprint.identities import identity
from jobtui_core.fingerprint.live import LoadedFingerprint, loaded_fingerprint
from jobtui_core.fingerprint.model import (
    Fingerprint,
    OwnDecorator,
    Resolved,
    Symbol,
    ValueRef,
)
from jobtui_core.fingerprint.names import resolve
from jobtui_core.fingerprint.snapshot import loaded_sources, snapshot_loaded, tell_of_changes
from jobtui_core.fingerprint.static import (
    carry_over,
    known_fingerprints,
    restore_fingerprints,
    source_fingerprint,
)
from jobtui_core.hashing import set_class_fingerprinter, set_function_fingerprinter

__all__ = [
    "Fingerprint",
    "LoadedFingerprint",
    "OwnDecorator",
    "Resolved",
    "Symbol",
    "ValueRef",
    "carry_over",
    "find_definition",
    "identity",
    "known_fingerprints",
    "loaded_fingerprint",
    "loaded_sources",
    "resolve",
    "restore_fingerprints",
    "snapshot_loaded",
    "source_fingerprint",
    "tell_of_changes",
]

# Values that hold functions or instances of project classes count with their code.
set_class_fingerprinter(class_fingerprint)
set_function_fingerprinter(function_fingerprint)
