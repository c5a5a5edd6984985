"""The version, apart from everything else so that builds and records read it without importing."""

__version__ = "0.1.0"
