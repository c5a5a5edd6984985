"""Files that a step's result is saved to, for other programs to read."""

from jobtui_core.steps.persisters.arrays import NumpyFile
from jobtui_core.steps.persisters.base import Persister
from jobtui_core.steps.persisters.frames import CsvFile, ParquetFile
from jobtui_core.steps.persisters.plain import JsonFile, PickleFile, TextFile

__all__ = [
    "CsvFile",
    "JsonFile",
    "NumpyFile",
    "ParquetFile",
    "Persister",
    "PickleFile",
    "TextFile",
]
