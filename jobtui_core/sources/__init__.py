"""The project's source text: which module a name means, and where its names are bound.

Fingerprints and slices read the same sources through this package, both while a script runs
(the text as it was loaded) and without running anything (the text on disk).
"""

from jobtui_core.sources.search import import_path
from jobtui_core.sources.tree import Binding, SourceModule, SourceTree

__all__ = ["Binding", "SourceModule", "SourceTree", "import_path"]
