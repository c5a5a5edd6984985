"""Parameters of scripts: what a script declares, read without running it, and values for them.

What somebody types, a file, the app and a calling script give are converted in one place, so that
a value is accepted everywhere or nowhere, and refused in the same words.
"""

from jobtui_core.parameters.conversion import convert
from jobtui_core.parameters.declared import Declared, declared_in, merged, spellings
from jobtui_core.parameters.items import split_items
from jobtui_core.parameters.kinds import type_name
from jobtui_core.parameters.plain import as_plain

__all__ = [
    "Declared",
    "as_plain",
    "convert",
    "declared_in",
    "merged",
    "spellings",
    "split_items",
    "type_name",
]
