"""What lies in stores, as JSON takes it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from jobtui_core.project.catalogue.catalogue import Catalogue
from jobtui_core.project.catalogue.rows import Detail, FunctionSum
from jobtui_core.project.catalogue.sizing import StoreSizes

__all__ = ["details_to_json", "sizes_to_json"]


def details_to_json(catalogue: Catalogue, details: Iterable[Detail]) -> dict[str, Any]:
    """Give a store with some of its results."""
    return {
        "kind": catalogue.kind,
        "place": catalogue.place,
        "read_only": catalogue.read_only,
        "results": [_detail(one) for one in details],
    }


def _detail(detail: Detail) -> dict[str, Any]:
    row, facts, preview = detail.row, detail.facts, detail.preview
    return {
        "function": row.function,
        "key": row.key,
        "arguments": facts.arguments,
        "started": facts.started,
        "duration": facts.duration,
        "size": row.size,
        "written": row.written,
        "user": facts.user,
        "host": facts.host,
        "run": detail.run,
        "versions": detail.versions,
        "files": list(detail.files),
        "outputs": list(detail.outputs),
        "problem": facts.problem,
        "result": None
        if preview is None
        else {
            "type": preview.type,
            "shape": list(preview.shape),
            "dtype": preview.dtype,
            "text": preview.text,
        },
    }


def sizes_to_json(catalogue: Catalogue, sizes: StoreSizes) -> dict[str, Any]:
    """Give a store with what takes the room in it."""
    return {
        "kind": catalogue.kind,
        "place": catalogue.place,
        "results": sizes.entries,
        "objects": sizes.objects,
        "size": sizes.size,
        "functions": [_function(one, sizes.size) for one in sizes.functions],
        "others": [
            {"what": one.what, "objects": one.objects, "size": one.size} for one in sizes.others
        ],
    }


def _function(one: FunctionSum, size: int) -> dict[str, Any]:
    return {
        "function": one.function,
        "results": one.entries,
        "size": one.size,
        "share": one.size / size if size else 0.0,
        "newest": one.newest,
    }
