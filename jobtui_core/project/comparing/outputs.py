"""Which files the steps of runs wrote that do not hold the same.

A step may give nothing but a file.  What was in it is known by digest, and where a copy is kept in
the store, its text is too.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from jobtui_core.hashing import digest_bytes
from jobtui_core.project.comparing.inputs import MOST_FILES, Digests, tell_file
from jobtui_core.project.comparing.work import Work
from jobtui_core.project.evidence.stores import MALFORMED
from jobtui_core.tracing.contents import (
    LARGEST_TEXT,
    Content,
    is_private,
    line_count,
    text_of_file,
)
from jobtui_core.trees import split_manifest

if TYPE_CHECKING:
    from jobtui_core.tracing.traces import CallRecord

__all__ = ["compare_outputs"]


def compare_outputs(work: Work) -> None:
    """Compare what output files held when their steps had written them."""
    known = [_written(work, number) for number in range(len(work.sides))]
    for path in sorted({path for one in known for path in one}):
        found = [one.get(path) for one in known]
        digests: Digests = [() if one is None else (one[0],) for one in found]
        if len(set(digests)) == 1:
            work.found.equal("result")
            continue
        if not path.endswith("/") or not _compare_folders(work, path, found):
            _tell(work, path, found)


def _tell(work: Work, path: str, found: Sequence[tuple[str, CallRecord] | None]) -> None:
    digests: Digests = [() if one is None else (one[0],) for one in found]
    contents = [None if one is None else _content(work, path, *one) for one in found]
    tell_file(work, "result", path, digests, contents, "written in one of the runs only")


def _compare_folders(
    work: Work, folder: str, found: Sequence[tuple[str, CallRecord] | None]
) -> bool:
    """Compare the files of a folder, if all runs wrote it and it is known what was in it."""
    known = []
    for one in found:
        content = None if one is None else _content(work, folder, *one)
        if one is None or content is None or content.text is None:
            return False
        known.append((split_manifest(content.text), one[1]))
    paths = sorted({path for files, _ in known for path in files})
    changed = [path for path in paths if len({files.get(path) for files, _ in known}) > 1]
    for path in changed[:MOST_FILES]:
        states = [(files[path], call) if path in files else None for files, call in known]
        _tell(work, folder + path, states)
    if len(changed) > MOST_FILES:
        values = [None if one is None else f"#{one[0][:8]}" for one in found]
        words = f"{len(changed) - MOST_FILES:,} more files of it differ"
        work.found.add("result", folder, values, where=words)
    return bool(changed)


def _written(work: Work, number: int) -> dict[str, tuple[str, CallRecord]]:
    """Give the last content of each output file, and the call that it is of."""
    return {
        path: (digest, call)
        for call in work.calls(work.sides[number])
        for path, digest in call.outputs
    }


def _content(work: Work, path: str, digest: str, call: CallRecord) -> Content | None:
    """Give what is known of a content: from a note, if somebody read it, or from its copy."""
    noted = work.files.of(digest)
    if noted is not None and noted.text is not None:
        return noted
    data = None
    if len(digest) == 32 and digest.isalnum():
        with suppress(*MALFORMED):
            store = work.stores.at(call.store)
            data = store.read(f"blobs/{digest}", 0, LARGEST_TEXT + 1)
    if data is None or len(data) > LARGEST_TEXT or digest_bytes(data) != digest:
        return noted
    text = None if is_private(Path(path)) else text_of_file(data)
    return Content(size=len(data), lines=line_count(data), text=text)
