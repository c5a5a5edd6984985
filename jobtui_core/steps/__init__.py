"""Steps: functions with files that go in and files that come out, run only when needed."""

from jobtui_core.memory.rooms import output_path
from jobtui_core.steps.decorator import make
from jobtui_core.steps.persisters import (
    CsvFile,
    FigureFile,
    JsonFile,
    MemMappedNiftiFile,
    NiftiFile,
    NumpyFile,
    ParquetFile,
    PathOutput,
    Persister,
    PickleFile,
    TextFile,
)
from jobtui_core.steps.step import Step

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
    "Step",
    "TextFile",
    "make",
    "output_path",
]
