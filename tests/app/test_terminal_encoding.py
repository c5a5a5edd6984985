"""When the app keeps to ASCII."""

from __future__ import annotations

import io

import pytest

from jobtui.glyphs import needs_ascii


def stream(encoding: str) -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(), encoding=encoding)


@pytest.mark.parametrize("encoding", ["ascii", "iso8859-1", "cp1252"])
def test_a_stream_without_utf8_gets_ascii(encoding):
    assert needs_ascii(stream(encoding), {"LANG": "en_GB.UTF-8"})


@pytest.mark.parametrize(
    "environment",
    [
        {},
        {"LANG": "en_GB.UTF-8"},
        {"LANG": "en_GB.utf8@euro"},
        {"LANG": "en_GB"},
        {"LANG": "C.UTF-8"},
        {"LANG": "C", "LC_CTYPE": "en_GB.UTF-8"},
        {"LANG": "C", "LC_ALL": "C.UTF-8"},
        {"LC_CTYPE": "C.UTF-8"},  # what Python adds where nothing was set
        {"LANG": "", "LC_ALL": ""},
    ],
)
def test_all_signs_are_drawn_where_nobody_asked_for_less(environment):
    assert not needs_ascii(stream("utf-8"), environment)


@pytest.mark.parametrize(
    "environment",
    [
        {"LANG": "C"},
        {"LANG": "C", "LC_CTYPE": "C.UTF-8"},  # the same after Python has changed it
        {"LANG": "en_GB.UTF-8", "LC_ALL": "C"},
        {"LANG": "en_GB.UTF-8", "LC_CTYPE": "POSIX"},
        {"LANG": "de_DE.ISO-8859-1"},
        {"LANG": "de_DE.ISO-8859-15@euro"},
    ],
)
def test_a_locale_without_utf8_gets_ascii_although_python_writes_utf8(environment):
    assert needs_ascii(stream("utf-8"), environment)
