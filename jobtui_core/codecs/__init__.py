"""Codecs: how a value becomes bytes, and comes back as the same value."""

from jobtui_core.codecs.codec import CODECS, Codec, Encoded, Frame, decode, encode
from jobtui_core.codecs.memory import Mapped, Memory
from jobtui_core.codecs.packing import DEFAULT_LEVEL, Compress, level_of, pack, unpack
from jobtui_core.codecs.plain import decode_plain, encode_plain

__all__ = [
    "CODECS",
    "DEFAULT_LEVEL",
    "Codec",
    "Compress",
    "Encoded",
    "Frame",
    "Mapped",
    "Memory",
    "decode",
    "decode_plain",
    "encode",
    "encode_plain",
    "level_of",
    "pack",
    "unpack",
]
