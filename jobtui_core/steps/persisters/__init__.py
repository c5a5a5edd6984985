"""Files that a step's result is saved to, for other programs to read."""

from jobtui_core.steps.persisters.arrays import NumpyFile
from jobtui_core.steps.persisters.base import Persister
from jobtui_core.steps.persisters.figures import FigureFile
from jobtui_core.steps.persisters.frames import CsvFile, ParquetFile
from jobtui_core.steps.persisters.paths import PathOutput
from jobtui_core.steps.persisters.plain import JsonFile, PickleFile, TextFile
from jobtui_core.steps.persisters.volumes import MemMappedNiftiFile, NiftiFile

__all__ = [
    "CsvFile",
    "FigureFile",
    "JsonFile",
    "MemMappedNiftiFile",
    "NiftiFile",
    "NumpyFile",
    "ParquetFile",
    "PathOutput",
    "Persister",
    "PickleFile",
    "TextFile",
]
