"""A folder of scripts: what is fresh, what ran, and running what is not.

The app, the command line and scripts call the same functions::

    from jobtui_core.project import open_project, start

Names are resolved on first use: whoever only reads loads nothing that only running needs.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jobtui_core.project.folder import Project, open_project
    from jobtui_core.project.ordering import ScriptOrder, order_scripts

__all__ = [
    "Project",
    "ScriptOrder",
    "open_project",
    "order_scripts",
]

# No module here may have the name of a function of this list: importing the module would put it
# in the function's place.
_HOMES = {
    "Project": "folder",
    "ScriptOrder": "ordering",
    "open_project": "folder",
    "order_scripts": "ordering",
}


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
