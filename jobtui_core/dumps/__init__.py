"""``dump`` and ``load``: any object in one file, in joblib's own format.

What `dump` writes, ``joblib.load`` reads, and the other way round, compressed or not.  Entries of
the cache do not use it: it is here for files that people name and hand on themselves.
"""

from __future__ import annotations

from jobtui_core.dumps.compressors import CompressorWrapper, register_compressor
from jobtui_core.dumps.reading import load
from jobtui_core.dumps.writing import dump

__all__ = ["CompressorWrapper", "dump", "load", "register_compressor"]
