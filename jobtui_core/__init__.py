"""Cache the slow functions of plain scripts, and know which results are still good.

A script imports everything from here::

    from jobtui_core import Memory, NumpyFile, default_param, make

Names are resolved on first use, so that importing the package costs next to nothing and none of
numpy, boto3, rich or textual.
"""

from __future__ import annotations

from jobtui_core._version import __version__

# Not ``typing``'s: it takes longer to load than all that is done here.
TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from jobtui_core.dumps import dump, load, register_compressor
    from jobtui_core.entry.registered import register_preview
    from jobtui_core.errors import CacheWarning, JobtuiError
    from jobtui_core.hashing import (
        hash,  # noqa: A004 - joblib has it under this name
        register_hasher,
    )
    from jobtui_core.memory import (
        CallExplanation,
        MemoizedFunction,
        MemorizedFunc,
        MemorizedResult,
        Memory,
        NotMemorizedFunc,
        StoredCall,
        expires_after,
        memoize,
    )
    from jobtui_core.pictures import Plot, Series
    from jobtui_core.scripts import Bunch, PrintTime, default_param, progress, run_script
    from jobtui_core.steps import (
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
        Step,
        TextFile,
        make,
        output_path,
    )
    from jobtui_core.stores import flush, register_s3_store_backend, register_store_backend

__all__ = [
    "Bunch",
    "CacheWarning",
    "CallExplanation",
    "CsvFile",
    "FigureFile",
    "JobtuiError",
    "JsonFile",
    "MemMappedNiftiFile",
    "MemoizedFunction",
    "MemorizedFunc",
    "MemorizedResult",
    "Memory",
    "NiftiFile",
    "NotMemorizedFunc",
    "NumpyFile",
    "ParquetFile",
    "PathOutput",
    "Persister",
    "PickleFile",
    "Plot",
    "PrintTime",
    "Series",
    "Step",
    "StoredCall",
    "TextFile",
    "__version__",
    "default_param",
    "dump",
    "expires_after",
    "flush",
    "hash",
    "load",
    "make",
    "memoize",
    "output_path",
    "progress",
    "register_compressor",
    "register_hasher",
    "register_preview",
    "register_s3_store_backend",
    "register_store_backend",
    "run_script",
]

_HOMES = {
    "Bunch": "scripts",
    "CacheWarning": "errors",
    "CallExplanation": "memory",
    "CsvFile": "steps",
    "FigureFile": "steps",
    "JobtuiError": "errors",
    "JsonFile": "steps",
    "MemMappedNiftiFile": "steps",
    "MemoizedFunction": "memory",
    "MemorizedFunc": "memory",
    "MemorizedResult": "memory",
    "Memory": "memory",
    "NiftiFile": "steps",
    "NotMemorizedFunc": "memory",
    "NumpyFile": "steps",
    "ParquetFile": "steps",
    "PathOutput": "steps",
    "Persister": "steps",
    "PickleFile": "steps",
    "Plot": "pictures",
    "PrintTime": "scripts",
    "Series": "pictures",
    "Step": "steps",
    "StoredCall": "memory",
    "TextFile": "steps",
    "default_param": "scripts",
    "dump": "dumps",
    "expires_after": "memory",
    "flush": "stores",
    "hash": "hashing",
    "load": "dumps",
    "make": "steps",
    "memoize": "memory",
    "output_path": "steps",
    "progress": "scripts",
    "register_compressor": "dumps",
    "register_hasher": "hashing",
    "register_preview": "entry.registered",
    "register_s3_store_backend": "stores",
    "register_store_backend": "stores",
    "run_script": "scripts",
}


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
