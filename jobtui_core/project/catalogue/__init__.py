"""What lies in stores, for whoever looks through them: listed in pages, told of by ranged reads."""

from __future__ import annotations
