"""Digests of values, files and facts: what keys and checks are made of.

A value's digest says what it is and what it holds, by exact type, and nothing about where it
lies, how often a part is shared or in which order a set or dict was filled.  It is equal in
every process.
"""

from jobtui_core.hashing.algorithms import XXH3, Algorithm, algorithm_of
from jobtui_core.hashing.files import digest_file
from jobtui_core.hashing.handed_out import remember_digest
from jobtui_core.hashing.names import canonical_module, is_library_module, main_name
from jobtui_core.hashing.objects import (
    register_hasher,
    set_class_fingerprinter,
    set_function_fingerprinter,
)
from jobtui_core.hashing.primitives import ALGORITHM, combine, combining, digest_bytes
from jobtui_core.hashing.remembered import (
    known_url_digests,
    recall_digests,
    remember_digests,
    remember_urls,
)
from jobtui_core.hashing.values import digest, digester, hash  # noqa: A004  # joblib's name

__all__ = [
    "ALGORITHM",
    "XXH3",
    "Algorithm",
    "algorithm_of",
    "canonical_module",
    "combine",
    "combining",
    "digest",
    "digest_bytes",
    "digest_file",
    "digester",
    "hash",
    "is_library_module",
    "known_url_digests",
    "main_name",
    "recall_digests",
    "register_hasher",
    "remember_digest",
    "remember_digests",
    "remember_urls",
    "set_class_fingerprinter",
    "set_function_fingerprinter",
]
