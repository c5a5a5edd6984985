"""What a verdict was built on, and what it cannot see: the answer to "why fresh"."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from jobtui_core.diffs.assigned import assigned, only_seeded
from jobtui_core.diffs.code import display, short
from jobtui_core.entry.describe import without_secrets
from jobtui_core.packages import import_names
from jobtui_core.records import Compared
from jobtui_core.slices.library import is_generator

if TYPE_CHECKING:
    from jobtui_core.fingerprint import Fingerprint
    from jobtui_core.project.judging.judge import Judged

__all__ = ["compared", "not_compared"]

_UNSEEN = (
    ("unseeded randomness", ("random.", "numpy.random.", "secrets.", "uuid.")),
    ("the clock", ("time.", "datetime.")),
    ("environment variables", ("os.environ", "os.getenv")),
    ("the network", ("socket.", "urllib.", "http.", "requests.", "httpx.")),
    ("other programs", ("subprocess.", "os.system", "os.popen")),
    ("files that its child processes read",
     ("multiprocessing.", "concurrent.futures.ProcessPool", "os.fork", "joblib.Parallel",
      "joblib.parallel", "loky.")),
    ("files that C libraries open",
     ("h5py.", "netCDF4.", "tables.", "xarray.", "zarr.", "polars.", "pyarrow.", "duckdb.",
      "sqlite3.", "pandas.read_parquet", "pandas.read_feather", "pandas.read_orc",
      "pandas.read_hdf", "pandas.HDFStore", "cv2.", "rasterio.", "fiona.", "osgeo.",
      "soundfile.", "torchaudio.", "SimpleITK.", "vtk.", "pyvista.")),
)  # fmt: skip
"""What is not compared, by the names that lead there."""

_HARMLESS = frozenset({"time.sleep"})
"""Names that begin like these and lead to nothing unseen."""

_LISTED = 12
"""Definitions named one by one in "why fresh"; the rest is counted."""


def compared(sites: Sequence[Judged], code: Fingerprint | None) -> tuple[Compared, ...]:
    """List what the verdict on a function rests on."""
    found: list[Compared] = []
    if code is not None:
        shown = code.symbols[:_LISTED]
        for symbol in shown:
            if symbol.kind == "constant":
                found.append(_constant(symbol.name, symbol.source))
            elif ":" not in symbol.name:
                version = symbol.source.removeprefix(symbol.name).strip()
                found.append(Compared(kind="package", subject=symbol.name, detail=version))
            elif symbol.kind != "import":
                found.append(
                    Compared(kind="code", subject=display(symbol.name), detail=symbol.kind)
                )
        if len(code.symbols) > len(shown):
            more = f"{len(code.symbols) - len(shown)} more definitions"
            found.append(Compared(kind="code", subject=more, count=len(code.symbols) - len(shown)))
    for judged in sites:
        found += _of_site(judged)
    return tuple(dict.fromkeys(found))


@lru_cache(maxsize=1024)
def _constant(name: str, source: str) -> Compared:
    text = assigned(name, source) or source
    value = short(without_secrets(display(name), text))
    return Compared(kind="constant", subject=display(name), detail=value)


def _of_site(judged: Judged) -> Iterable[Compared]:
    site = judged.site
    for name, value in sorted(site.parameters.items()):
        yield Compared(
            kind="parameter", subject=name, detail=short(without_secrets(name, repr(value)))
        )
    for name, written in site.arguments.items():
        yield Compared(kind="argument", subject=name, detail=short(str(written.get("text", ""))))
    for name in dict.fromkeys(judged.takes.values()):
        yield Compared(kind="upstream", subject=name)
    if judged.record is not None:
        for path, _ in judged.record.declared:
            yield Compared(kind="input", subject=path)
        for path, _ in judged.record.met:
            yield Compared(kind="input", subject=path, detail="opened, not declared")
        for path, _ in judged.record.outputs:
            yield Compared(kind="output", subject=path)


def not_compared(code: Fingerprint | None) -> tuple[str, ...]:
    """Say what a verdict cannot see of a function."""
    if code is None:
        return ()
    found = [f"could not follow: {sentence}" for sentence in code.unfollowed]
    # The standard library has no versions of its own.
    outside = {name.partition(".")[0] for name in code.libraries} - sys.stdlib_module_names
    for symbol in code.symbols:
        if ":" not in symbol.name:
            outside -= import_names(symbol.name)
    if outside:
        found.append(f"versions of {', '.join(sorted(outside))}")
    sources = [symbol.source for symbol in code.symbols]
    for words, prefixes in _UNSEEN:
        used = sorted(
            name
            for name in code.libraries
            if f"{name}.".startswith(prefixes)
            and name not in _HARMLESS
            and not (is_generator(name) and only_seeded(name, sources))
        )
        if used:
            found.append(f"{words} ({', '.join(used[:3])})")
    return tuple(found)
