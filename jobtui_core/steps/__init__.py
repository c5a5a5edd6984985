"""Steps: functions with files that go in and files that come out, run only when needed."""

from jobtui_core.steps.decorator import make
from jobtui_core.steps.persisters import JsonFile, NumpyFile, Persister, PickleFile
from jobtui_core.steps.step import Step

__all__ = ["JsonFile", "NumpyFile", "Persister", "PickleFile", "Step", "make"]
