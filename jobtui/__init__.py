"""The terminal application: screens, widgets, commands and the command line of jobtui."""

from jobtui_core._version import __version__

__all__ = ["__version__"]
