"""Codecs: how a value becomes bytes, and comes back as the same value."""

from jobtui_core.codecs.arrays import map_array
from jobtui_core.codecs.codec import CODECS, Codec, Encoded, Frame, decode, encode
from jobtui_core.codecs.plain import decode_plain, encode_plain

__all__ = [
    "CODECS",
    "Codec",
    "Encoded",
    "Frame",
    "decode",
    "decode_plain",
    "encode",
    "encode_plain",
    "map_array",
]
