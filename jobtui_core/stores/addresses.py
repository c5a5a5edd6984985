"""What a store's URL may say, and what belongs elsewhere.

URLs lie in records, in error messages and on screens.  So none of them holds credentials; these
come from the environment, from the files of the provider's tools, or by a profile's name.
"""

from __future__ import annotations

import re
from urllib.parse import parse_qsl, unquote, urlsplit

from jobtui_core.errors import StoreError
from jobtui_core.storesettings import is_secret_option

__all__ = ["folder_of", "is_below", "scheme_of", "without_credentials"]

_scheme = re.compile(r"([A-Za-z][A-Za-z0-9_+.-]+):(?=//|/)").match


def scheme_of(location: str) -> str | None:
    """Give the scheme of a URL in lower case; ``None`` for a folder."""
    match = _scheme(location)
    return match[1].lower() if match else None


def folder_of(location: str) -> str | None:
    """Give the folder that a path, or a ``file:`` URL, names; ``None`` for any other URL.

    Raises
    ------
    StoreError
        If a ``file:`` URL names another machine, or what looks like a URL has one slash only, which
        is what ``pathlib.Path`` makes of one, or has something before it, as fsspec's chains do.  A
        folder of such a name would be made without a word.  What may be a secret is not repeated.
    """
    scheme = scheme_of(location)
    if scheme == "file":
        parts = urlsplit(location)
        if parts.netloc not in ("", "localhost"):
            shown = _shown(location)
            raise StoreError(f"{shown}: a file: URL names a path on this machine", url=shown)
        return unquote(parts.path)
    if scheme is None:
        if "://" in location and not location.startswith(("/", ".", "~")):
            shown = _shown(location)
            raise StoreError(
                f"{shown!r} is neither a folder nor a URL of one store: such a URL begins with a "
                "scheme and ://, as s3://bucket/prefix does",
                place=shown,
            )
        return location
    if "://" not in location:
        shown = _shown(location)
        raise StoreError(
            f"{shown!r} is neither a URL, which is a str that begins with {scheme}://, nor a "
            f"folder, which would be ./{shown}",
            place=shown,
        )
    return None


def _shown(location: str) -> str:
    """Give what of a misspelled URL may be repeated: nothing of what may be a user or a query."""
    return re.sub(r"(?<=[:/])[^:/][^@]*@", "…@", location).partition("?")[0]


def without_credentials(url: str) -> str:
    """Give a URL back if it may be shown and written down.

    Raises
    ------
    StoreError
        If there are credentials in it.  The error does not repeat them.
    """
    try:
        parts = urlsplit(url)
        user, password = parts.username, parts.password
        words = [name for name, _ in parse_qsl(parts.query, keep_blank_values=True)]
    except ValueError as error:
        scheme = scheme_of(url)
        raise StoreError(f"this {scheme}: URL cannot be read", scheme=scheme) from error
    # On S3 there are no users in URLs: what stands there is a key.
    held = password is not None or (user is not None and parts.scheme.lower() in ("s3", "s3a"))
    if held or any(map(is_secret_option, words)):
        raise StoreError(
            f"the {parts.scheme}: URL of a store holds credentials, which would be shown and "
            "recorded; leave them out: they are taken from the environment, from the files of "
            "the provider's tools, or by the option 'profile'",
            scheme=parts.scheme,
        )
    return url


def is_below(url: str, prefix: str) -> bool:
    """Tell whether a URL is another one, or lies below it; not whether it begins like it."""
    url, prefix = _spelled(url), _spelled(prefix)
    # A scheme alone is the beginning of all its URLs.
    return url == prefix or url.startswith(prefix if prefix.endswith("://") else f"{prefix}/")


def _spelled(url: str) -> str:
    scheme, _, rest = url.partition("://")
    return f"{scheme.lower()}://{rest.rstrip('/')}"
