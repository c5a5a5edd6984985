"""The tables of a project's settings that tell how its stores are opened.

    [stores."s3://lab-bucket"]
    endpoint_url = "https://s3.example.org"
    profile = "lab"

Settings are committed, shared and shown: what is a secret does not belong there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jobtui_core.errors import ConfigurationError

__all__ = ["has_password", "is_secret_option", "store_tables"]

_secret = re.compile(
    r"passw|passphrase|secret|token|credential|signature|connection_?string"
    r"|(?:api|access|account|private|customer|sas)_?key"
    r"|^(?:keys?|sas|sig|auth)$",
    re.IGNORECASE,
).search
_names_something = re.compile(
    r"(?:file|filename|path|folder|arn|profile|url)$", re.IGNORECASE
).search

has_password = re.compile(r"://[^/@\s]*:[^/@\s]*@").search
"""Find a password in a text with a URL."""

_is_prefix = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://.*", re.DOTALL).fullmatch


def is_secret_option(name: str) -> bool:
    """Tell whether an option is one that passwords, tokens or keys are given by."""
    name = name.replace("-", "_")
    return _secret(name) is not None and _names_something(name) is None


def store_tables(value: Any, source: Path) -> Mapping[str, Mapping[str, Any]]:
    """Give the options of stores by the beginnings of URLs, as the settings have them.

    Raises
    ------
    ConfigurationError
        If they are no such tables, or hold a secret, which the error names and does not repeat.
    """
    if not isinstance(value, dict):
        _refuse(source, 'stores must be tables such as [stores."s3://bucket"]')
    for prefix, options in value.items():
        if has_password(prefix) or "?" in prefix:
            # It is not repeated: there may be a password in it.
            _refuse(source, "a table of stores has a URL with more than a place in it")
        if not isinstance(options, dict) or _is_prefix(prefix) is None:
            where = f"[stores.{_quoted(prefix)}]"
            _refuse(source, f'{where} must be a table named by a URL, as [stores."s3://bucket"]')
        _check(options, prefix, source)
    return {prefix: dict(options) for prefix, options in value.items()}


def _check(options: Mapping[str, Any], prefix: str, source: Path) -> None:
    for name, value in options.items():
        if is_secret_option(name) or (isinstance(value, str) and has_password(value)):
            _refuse(
                source,
                f"[stores.{_quoted(prefix)}] must not hold {name!r}: settings are shared and "
                "shown.  Secrets belong into the environment (as AWS_SECRET_ACCESS_KEY does), or "
                "into ~/.aws/credentials under a name that the option 'profile' tells",
            )
        if isinstance(value, dict):
            _check(value, prefix, source)
        elif not isinstance(value, str | int | float | bool | list):
            _refuse(source, f"[stores.{_quoted(prefix)}] {name} cannot be {value!r:.80}")


def _quoted(text: str) -> str:
    return '"' + text[:80] + '"'


def _refuse(source: Path, text: str) -> None:
    raise ConfigurationError(f"{source}: {text}", path=str(source))
