"""The app's own themes; every rule uses theme variables, so Textual's others work as well."""

from __future__ import annotations

from textual.theme import Theme

__all__ = ["DEFAULT_THEME", "THEMES"]

DEFAULT_THEME = "jobtui-dark"
"""Used unless the settings name another: ``[tool.jobtui.app] theme = "nord"``."""

THEMES = (
    Theme(
        name="jobtui-dark",
        primary="#7aa2c8",
        secondary="#5a6b7b",
        accent="#56b6c2",
        warning="#e0af68",
        error="#e06c75",
        success="#8fbc6f",
        foreground="#d8dee4",
        background="#14181d",
        surface="#1a1f25",
        panel="#232a32",
        dark=True,
    ),
    Theme(
        name="jobtui-light",
        primary="#2f6196",
        secondary="#8a97a3",
        accent="#0f7b8a",
        warning="#9a6700",
        error="#b3261e",
        success="#3b7a1f",
        foreground="#1f262d",
        background="#fafbfc",
        surface="#ffffff",
        panel="#e6eaee",
        dark=False,
    ),
)
"""Registered when the app starts."""
