"""What a run was told, without what the names of things make a secret.

Words on a command line and values of parameters are written down in several places, and some of
these are shared.  What is left out stands as ``<hidden>``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jobtui_core.entry.describe import REDACTED, is_secret, redacted_words, without_secrets
from jobtui_core.hashing import combine

__all__ = [
    "concealed",
    "concealed_analysis",
    "redacted_parameters",
    "redacted_value",
    "redacted_words",
]


def redacted_value(name: str, value: Any) -> Any:
    """Give the value of a parameter, unless its name makes it a secret."""
    if is_secret(name) and value is not None and not isinstance(value, bool | int | float):
        return REDACTED
    return without_secrets("", value) if isinstance(value, str) else value


def redacted_parameters(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Give values of parameters, by name, without secrets."""
    return {name: redacted_value(name, value) for name, value in parameters.items()}


def concealed(name: str, value: Any) -> Any:
    """Give a parameter's value so that only its equals look the same, if it is a secret.

    A verdict has to tell that a secret is another one; which one it was is nobody's concern.
    """
    if redacted_value(name, value) != REDACTED:
        return value
    return f"{REDACTED[:-1]} {combine('concealed', repr(value))[:8]}{REDACTED[-1]}"


def concealed_analysis(data: Mapping[str, Any]) -> dict[str, Any]:
    """Give an analysis, as plain data, for a store: without the values of secret parameters."""
    return {
        **data,
        "parameters": [
            {
                **one,
                **{part: concealed(one["name"], one[part]) for part in ("default", "value")},
                "choices": [concealed(one["name"], choice) for choice in one["choices"]],
            }
            for one in data["parameters"]
        ],
        "sites": [
            {**site, "parameters": {n: concealed(n, v) for n, v in site["parameters"].items()}}
            for site in data["sites"]
        ],
    }
