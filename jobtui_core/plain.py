"""Untrusted text made harmless, and numbers made readable.

Names, logs, previews and diffs come from files that anybody may have written.  They are shown as
they are, but nothing in them may move the cursor, change a colour, reorder the line or break the
encoding of the terminal: such characters are shown by a visible stand-in.  The same words and
numbers stand in reports.
"""

from __future__ import annotations

import re

__all__ = [
    "age",
    "clock_time",
    "count",
    "duration",
    "log_line",
    "plain",
    "plain_lines",
    "short",
    "size",
    "time_left",
]

# C0, DEL, C1, everything Unicode calls a format character in the ranges that matter (zero width,
# bidirectional, tags), line and paragraph separators, and surrogates from undecodable file names.
_SUSPECT = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u0600-\u0605\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    "\ufeff\ufff9-\ufffb\U000e0000-\U000e007f\ud800-\udfff]"
)
_COLOURS = re.compile(r"\x1b\[[0-9;:]*m")
_TAB = 4


def _stand_in(match: re.Match[str]) -> str:
    char = match.group()
    point = ord(char)
    if char == "\t":
        return " " * _TAB
    if point < 0x20:
        return chr(0x2400 + point)
    if point == 0x7F:
        return "\u2421"
    if point <= 0xFF:
        return f"\\x{point:02x}"
    return f"\\u{point:04x}" if point <= 0xFFFF else f"\\U{point:08x}"


def plain(text: str) -> str:
    """Give text that stays on one line and does nothing to a terminal.

    Control and format characters become visible (``␛`` for escape, ``\\u202e`` for an override
    of the direction), a tab four spaces; everything else stays.
    """
    if text.isascii() and text.isprintable():
        return text
    return _SUSPECT.sub(_stand_in, text)


def plain_lines(text: str) -> list[str]:
    """Split text at its newlines and make every line `plain`."""
    return [plain(line) for line in text.replace("\r\n", "\n").split("\n")]


def log_line(line: str) -> str:
    """Make a line of a program's output `plain`, as a terminal would have left it.

    What a carriage return overwrote (progress bars) is left out, and so are colours, which most
    programs only add to what they say; all other escape sequences become visible.
    """
    if "\x1b" in line:
        line = _COLOURS.sub("", line)
    if "\r" in line:
        line = line.rstrip("\r").rpartition("\r")[2]
    return plain(line)


def short(text: str, width: int) -> str:
    """Cut text to ``width`` characters, with an ellipsis where something is missing."""
    if len(text) <= width:
        return text
    return text[: max(width - 1, 0)] + "…"


def duration(seconds: float | None) -> str:
    """Write a duration in at most seven characters; ``None``, and no duration, is empty."""
    if seconds is None or not seconds < 1e12:
        return ""
    if seconds < 0.0005:
        return "0 ms"
    if seconds < 0.9995:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    if seconds < 99.5:
        return f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} min" if not rest or minutes > 9 else f"{minutes}m{rest:02d}s"
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return f"{hours}h{minutes:02d}m"
    return f"{hours // 24} d"


def time_left(spent: float | None, fraction: float) -> float | None:
    """Guess how many seconds something will take that has come so far; ``None`` is too early."""
    if spent is None or not 0.01 <= fraction <= 1.0:
        return None
    return spent * (1.0 - fraction) / fraction


_AGES = (
    (3600.0, 60.0, "min"),
    (172800.0, 3600.0, "h"),
    (8640000.0, 86400.0, "d"),
)


def age(seconds: float | None) -> str:
    """Write how long ago something was in at most seven characters; ``None`` is empty."""
    if seconds is None:
        return ""
    if seconds < 60.0:
        # Ages are written anew only now and then: a number of seconds would be wrong.
        return "now"
    for limit, unit, word in _AGES:
        if seconds < limit:
            return f"{seconds // unit:.0f} {word}"
    return f"{seconds / 31557600.0:.1f} y" if seconds > 31557600.0 else f"{seconds // 86400:.0f} d"


def clock_time(moment: float | None) -> str:
    """Write a moment as local date and time, to the second; ``None``, and no moment, is empty."""
    if moment is None:
        return ""
    from datetime import datetime

    try:
        return datetime.fromtimestamp(moment).astimezone().strftime("%Y-%m-%d %H:%M:%S")
    except (OverflowError, OSError, ValueError):
        # Whoever writes an entry or a listing can write any number into it.
        return ""


def count(number: int, noun: str, plural: str = "") -> str:
    """Write a number with its noun: ``1 file``, ``2 files``."""
    return f"{number} {noun if number == 1 else plural or noun + 's'}"


def size(number: int) -> str:
    """Write a number of bytes in at most seven characters."""
    if number < 1000:
        return f"{number} B"
    scaled, units = number / 1000, ["TB", "GB", "MB", "kB"]
    while scaled >= 999.5 and len(units) > 1:
        scaled /= 1000
        units.pop()
    return f"{scaled:.1f} {units[-1]}" if scaled < 9.95 else f"{scaled:.0f} {units[-1]}"
