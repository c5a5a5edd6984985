"""The command line: ``jobtui``, and ``python -m jobtui``."""

from jobtui.cli.main import main

__all__ = ["main"]
