"""Writing an entry: the value, what is known of its call, and a picture of it, in one object."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from typing import Any

from jobtui_core.codecs import Encoded, Frame, encode, encode_plain, pack
from jobtui_core.entry.describe import REDACTED, clean, is_secret
from jobtui_core.entry.info import COMPACT, EntryMeta
from jobtui_core.entry.layout import Packed, build
from jobtui_core.errors import CodecError, UnhashableError
from jobtui_core.hashing import XXH3, Algorithm, algorithm_of, digest_bytes, digester
from jobtui_core.stores import Store, quote

__all__ = ["entry_name", "result_digest", "write_entry"]

_LOG = 64 << 10
"""Characters kept of what a call printed."""

_quote = lru_cache(maxsize=4096)(quote)


def entry_name(identity: str, key: str) -> str:
    """Give the name of an entry in its store: ``<quoted identity>/<2 digits>/<key>.entry``."""
    return f"{_quote(identity)}/{key[:2]}/{key}.entry"


def write_entry(
    store: Store,
    name: str,
    value: Any,
    meta: EntryMeta,
    *,
    result: str | None = None,
    allow_pickle: bool = True,
    level: int = 0,
) -> str:
    """Write the result of a call.

    Parameters
    ----------
    store : Store
    name : str
        From `entry_name`.
    value : object
        The result.
    meta : EntryMeta
    result : str, optional
        The digest of ``value`` by the default algorithm, where it is known.
    allow_pickle : bool
        Whether codecs may be used whose reading runs code.
    level : int
        Of zstd, by which frames are packed that become smaller by it; 0 packs none.

    Returns
    -------
    str
        Content digest of the result.  A result that cannot be hashed has that of its bytes.

    Raises
    ------
    CodecError
        If no codec takes the value.
    StoreError
        If the store does not.
    """
    if meta.hash:
        algorithm = algorithm_of(meta.hash)
        encoded = encode(value, allow_pickle=allow_pickle)
        result = _known_digest(value, algorithm) or _of_bytes(encoded, algorithm)
    else:
        known = _known_digest(value) if result is None else result
        encoded = encode(value, allow_pickle=allow_pickle, known=known)
        result = known or _of_bytes(encoded)
    header = _to_json(_header(value, meta)).encode()
    pieces = build(
        key=meta.key,
        result=result,
        started=meta.started,
        duration=meta.duration,
        codec=encoded.codec,
        frames=_packed(encoded, level) if level else encoded.frames,
        compact=_compact(meta),
        header=header,
        key_of_signature=store.signing_key,
    )
    store.write(name, pieces)
    meta.size = sum(len(piece) for piece in pieces)
    return result


def _packed(encoded: Encoded, level: int) -> list[Frame | Packed]:
    found: list[Frame | Packed] = []
    for number, frame in enumerate(encoded.frames):
        width = encoded.widths[number] if number < len(encoded.widths) else 0
        packed = pack(frame, level, width)
        size = memoryview(frame).nbytes
        found.append(frame if packed is None else Packed(packed[0], size, packed[1]))
    return found


def result_digest(value: Any, algorithm: Algorithm = XXH3) -> str:
    """Give the content digest that an entry with this result would have.

    Parameters
    ----------
    value : object
    algorithm : Algorithm

    Raises
    ------
    CodecError
        If the value can be neither hashed nor stored.
    """
    return _known_digest(value, algorithm) or _of_bytes(encode(value), algorithm)


def _of_bytes(encoded: Encoded, algorithm: Algorithm = XXH3) -> str:
    return digest_bytes(*(memoryview(frame) for frame in encoded.frames), algorithm=algorithm)


def _known_digest(value: Any, algorithm: Algorithm = XXH3) -> str | None:
    try:
        return digester(algorithm)(value)
    except UnhashableError:
        return None


def _to_json(facts: dict[str, Any]) -> str:
    return str(_encoder().encode(facts))


@cache
def _encoder() -> Any:
    # A hit needs none of it, and making one takes as long as what it encodes.
    import json

    return json.JSONEncoder(separators=(",", ":"), default=_unknown)


def _header(value: Any, meta: EntryMeta) -> dict[str, Any]:
    from jobtui_core.entry.previews import preview, preview_to_json

    known = {
        # First, so that whoever deletes what nothing names need not read headers without any.
        "figures": [dict(one) for one in meta.figures],
        "function": meta.function,
        "code": meta.code,
        "arguments": {name: _argument(name, facts) for name, facts in meta.arguments.items()},
        "run": meta.run,
        "call": meta.call,
        "host": meta.host,
        "user": meta.user,
        "versions": dict(meta.versions),
        "log": meta.log if len(meta.log) <= _LOG else "…" + meta.log[-_LOG:],
        "preview": preview_to_json(preview(value, meta.duration)),
    }
    return {name: fact for name, fact in known.items() if fact}


def _argument(name: str, facts: Mapping[str, str]) -> dict[str, str]:
    kept = {kind: clean(text, 1000) for kind, text in facts.items()}
    shown = kept.get("preview", "")
    # Whoever made the text should have left it out; it must not reach the disk in any case.
    if is_secret(name) and shown[:1] in ("'", '"', "b", "{", "[", "(", "<"):
        kept["preview"] = REDACTED
    return kept


def _compact(meta: EntryMeta) -> bytes:
    facts = {name: _lists(getattr(meta, name)) for name in COMPACT if getattr(meta, name)}
    if meta.hash:
        facts["hash"] = [meta.hash]
    if not facts:
        return b""
    data = encode_plain(facts)
    if data is None:
        raise CodecError("inputs, files met, outputs and inner calls must be plain data")
    return data


def _lists(items: Sequence[Any]) -> list[Any]:
    return [_copy(item) for item in items]


def _copy(item: Any) -> Any:
    # Copied, because plain data refuses a container that is met twice.
    if isinstance(item, Mapping):
        return {str(name): _copy(part) for name, part in item.items()}
    return [_copy(part) for part in item] if isinstance(item, list | tuple) else item


def _unknown(value: Any) -> str:
    return f"<{type(value).__name__}>"
