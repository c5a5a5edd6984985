"""What went wrong behind a URL: it does not answer, it refuses, it is not there, or anything else.

Each driver has exceptions of its own, and is not imported to know them: they are told by their
place among Python's, by the status codes that they carry, and by their names.  What they say is not
repeated, since signed addresses and tokens may be in it, and for the same reason none of them is
the cause of an error of ours.
"""

from __future__ import annotations

import errno
import os
import re
from typing import Any, Literal

from jobtui_core.errors import StoreDeniedError, StoreError, StoreUnavailableError

__all__ = ["Kind", "failure", "kind_of"]

Kind = Literal["missing", "denied", "unavailable", "other"]

_NO_ANSWER = {
    errno.ECONNABORTED,
    errno.ECONNREFUSED,
    errno.ECONNRESET,
    errno.EHOSTDOWN,
    errno.EHOSTUNREACH,
    errno.ENETDOWN,
    errno.ENETUNREACH,
    errno.ENOTCONN,
    errno.EPIPE,
    errno.ESHUTDOWN,
    errno.ETIMEDOUT,
}
_REFUSED = {errno.EACCES, errno.EPERM, errno.EROFS}

_denied = re.compile(
    r"Auth|Credential|PermissionDenied|Forbidden|Unauthori[sz]ed|BadHostKey|AccessDenied"
    r"|RefreshError|PasswordRequired|LogonFailure|UnsupportedOperation"
).search
_unavailable = re.compile(
    r"Timeout|TimedOut|Connect|Disconnect|SSHException|NoValidConnections|ServiceRequest"
    r"|ServiceResponse|IncompleteRead|IncompletePayload|PayloadError|TransportError|ResponseError"
    r"|Throttl|SlowDown|ServerError|ServiceUnavailable|ChannelException|RetryError"
).search
_missing = re.compile(r"NotFound|NoSuchKey|NoSuchFile").search

_FTP_DENIED = ("530", "532", "533", "534", "535", "553")


def kind_of(error: BaseException) -> Kind:
    """Tell what kind of failure an exception of a driver is."""
    if isinstance(error, FileNotFoundError) and isinstance(error.__cause__, Exception):
        # fsspec's HTTP says so of whatever goes wrong.
        cause = kind_of(error.__cause__)
        return cause if cause in ("denied", "unavailable") else "missing"
    if isinstance(error, FileNotFoundError | IsADirectoryError | NotADirectoryError):
        return "missing"
    if isinstance(error, PermissionError | NotImplementedError):
        return "denied"
    if isinstance(error, TimeoutError | ConnectionError | EOFError):
        return "unavailable"
    if isinstance(error, OSError) and error.errno is not None:
        if error.errno in _REFUSED:
            return "denied"
        if error.errno in _NO_ANSWER:
            return "unavailable"
    return _by_status(error) or _by_name(error)


def _by_status(error: BaseException) -> Kind | None:
    for told in _statuses(error):
        text = str(told)
        status = int(text) if text.isdecimal() and len(text) == 3 else 0
        if status < 400:
            continue
        if status in (404, 410):
            return "missing"
        if status in (401, 403, 405, 407, 451, 501):
            return "denied"
        return "unavailable" if status >= 500 or status in (408, 425, 429) else None
    return None


def _statuses(error: BaseException) -> list[Any]:
    # What was set, not what is computed: some drivers warn of their own properties.
    told = vars(error)
    response = vars(told["response"]) if hasattr(told.get("response"), "__dict__") else {}
    names = ("status", "status_code", "code")
    return [source[name] for source in (told, response) for name in names if name in source]


def _by_name(error: BaseException) -> Kind:
    names = [kind.__name__ for kind in type(error).__mro__ if kind.__module__ != "builtins"]
    if names and type(error).__module__ == "ftplib":
        if names[0] in ("error_temp", "error_proto", "error_reply"):
            return "unavailable"
        return "denied" if str(error)[:3] in _FTP_DENIED else "other"
    if names and names[0] == "SSHException" and "authentication" in str(error).lower():
        # Nothing to log in with: no password, no key, no agent.
        return "denied"
    for name in names:
        if _missing(name):
            return "missing"
        if _denied(name):
            return "denied"
        # Names of hosts that nobody knows are ``socket.gaierror``.
        if _unavailable(name) or name in ("gaierror", "herror"):
            return "unavailable"
    if isinstance(error, OSError) and "closed" in str(error).lower():
        return "unavailable"
    return "other"


def failure(what: str, url: str, error: BaseException) -> StoreError:
    """Give the error that is raised in place of a driver's.

    Parameters
    ----------
    what : str
        What was to be done: ``read``, ``written`` …
    url : str
        Of the object, without credentials.
    error : BaseException
    """
    if isinstance(error, StoreError):
        return error
    facts = {"url": url, "kind": type(error).__name__}
    if isinstance(error, ImportError):
        name = f" ({error.name})" if error.name else ""
        return StoreError(f"{url} cannot be {what}: a package is not installed{name}", **facts)
    kind = kind_of(error)
    reason = _reason(error)
    if kind == "denied":
        if isinstance(error, NotImplementedError):
            reason = "this kind of file system does not offer it"
        return StoreDeniedError(f"{url} cannot be {what}: {reason}", **facts)
    if kind == "unavailable":
        return StoreUnavailableError(f"{url} does not answer, to be {what}: {reason}", **facts)
    return StoreError(f"{url} cannot be {what}: {reason}", **facts)


def _reason(error: BaseException) -> str:
    if isinstance(error, OSError) and type(error.errno) is int and error.errno > 0:
        words = os.strerror(error.errno)
        if not words.startswith("Unknown"):
            return words
    status = next((str(one) for one in _statuses(error) if str(one).isdigit()), None)
    if type(error).__module__ == "ftplib":
        status = str(error)[:3] if str(error)[:3].isdigit() else None
    name = type(error).__name__
    return f"{name} ({status})" if status else name
