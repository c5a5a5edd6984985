"""What went wrong on S3, in one sentence that names the bucket and the way out.

Nothing that the SDK or the server says is repeated, but for short codes: key ids, signed addresses
and tokens may be in it.  For the same reason no error of theirs is the cause of one of ours.
"""

from __future__ import annotations

import re
from typing import Any

from jobtui_core.errors import StoreDeniedError, StoreError, StoreUnavailableError
from jobtui_core.stores.s3.places import Place, shown_endpoint

__all__ = ["failure", "is_missing", "is_of_credentials", "status_of"]

_NEEDED = {
    "read": "s3:GetObject, and s3:ListBucket to be told that an object is not there",
    "looked at": "s3:GetObject, and s3:ListBucket to be told that an object is not there",
    "written": "s3:PutObject and s3:AbortMultipartUpload",
    "deleted": "s3:DeleteObject",
    "listed": "s3:ListBucket",
}
"""Permissions, by what was to be done."""

_CHECK_KEYS = (
    "check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or the profile in ~/.aws/credentials"
)
_LOG_IN_AGAIN = (
    "get new ones ('aws sso login', 'aws login', or whatever gave the old ones) and run again"
)
_NO_CREDENTIALS = (
    "no credentials were found: set AWS_PROFILE, or AWS_ACCESS_KEY_ID and "
    "AWS_SECRET_ACCESS_KEY, or write them to ~/.aws/credentials"
)
_NO_LOGIN = f"the login that gives the credentials is missing or over: {_LOG_IN_AGAIN}"
_EXPIRED = f"the credentials have expired: {_LOG_IN_AGAIN}"
_NO_S3 = (
    "the server does not know such requests: check the option 'endpoint_url' or "
    "AWS_ENDPOINT_URL_S3, which is the address of an S3 server"
)
_REGION = "the bucket is in another region: name it by the option 'region' or AWS_DEFAULT_REGION"

_DENIED_CODES = {
    "InvalidAccessKeyId": f"the server does not know the access key: {_CHECK_KEYS}",
    "SignatureDoesNotMatch": f"the secret does not belong to the access key: {_CHECK_KEYS}",
    "AuthorizationHeaderMalformed": _REGION,
    "AuthorizationQueryParametersError": _REGION,
    "CredentialsNotSupported": f"the server takes no such credentials: {_CHECK_KEYS}",
    "InvalidSecurity": f"the server refuses the credentials: {_CHECK_KEYS}",
    "MissingSecurityHeader": f"the server refuses the credentials: {_CHECK_KEYS}",
    "NotSignedUp": "the account of the credentials is not signed up for S3",
    "AccountProblem": "there is a problem with the account of the credentials: ask its owner",
    "AllAccessDisabled": "all access to the bucket was disabled: ask its owner",
    "ExpiredToken": _EXPIRED,
    "ExpiredTokenException": _EXPIRED,
    "RequestExpired": _EXPIRED,
    "TokenRefreshRequired": _EXPIRED,
    "InvalidToken": "the session token is not valid: set AWS_SESSION_TOKEN that belongs to the key",
    "InvalidTokenId": "the session token is not valid: set AWS_SESSION_TOKEN that belongs to the "
    "key",
    "RequestTimeTooSkewed": "this machine's clock and the server's differ too much: set the clock "
    "right",
    "RequestInTheFuture": "this machine's clock and the server's differ too much: set the clock "
    "right",
    "NoSuchBucket": "there is no such bucket: make it, or check its name",
    "InvalidBucketName": "no bucket may have such a name",
    "BucketAlreadyExists": "the bucket belongs to somebody else: choose another name",
    "TooManyBuckets": "the account may not have more buckets: name one that is there",
    "PermanentRedirect": _REGION,
    "TemporaryRedirect": _REGION,
    "Redirect": _REGION,
    "IncorrectEndpoint": _REGION,
    "IllegalLocationConstraintException": _REGION,
    "InvalidRegionName": "there is no such region: check the option 'region' or AWS_DEFAULT_REGION",
    "MethodNotAllowed": _NO_S3,
    "KMS.AccessDeniedException": "the credentials may not use its encryption key: ask its owner "
    "for kms:GenerateDataKey and kms:Decrypt",
    "KMS.DisabledException": "its encryption key is disabled",
    "KMS.NotFoundException": "its encryption key is not there: check the option 'sse_kms_key_id'",
    "KMS.InvalidStateException": "its encryption key cannot be used now",
}
"""By the server's code: what no repetition helps against."""

_UNAVAILABLE_CODES = {
    "SlowDown": "the server is asked too much and says to slow down",
    "ServiceUnavailable": "the server is not available now",
    "InternalError": "the server has an internal error",
    "RequestTimeout": "the server waited too long for the request",
    "RequestTimeoutException": "the server waited too long for the request",
    "Throttling": "the server is asked too much and says to slow down",
    "ThrottlingException": "the server is asked too much and says to slow down",
    "ThrottledException": "the server is asked too much and says to slow down",
    "RequestThrottled": "the server is asked too much and says to slow down",
    "TooManyRequestsException": "the server is asked too much and says to slow down",
    "BandwidthLimitExceeded": "the server is asked too much and says to slow down",
    "OperationAborted": "another change of the bucket is under way",
    "PriorRequestNotComplete": "another change of the bucket is under way",
    "BadDigest": "what the server received is not what was sent",
    "XAmzContentSHA256Mismatch": "what the server received is not what was sent",
    "XAmzContentChecksumMismatch": "what the server received is not what was sent",
    "IncompleteBody": "what the server received is not what was sent",
}
"""By the server's code: what may be otherwise in a while."""

_OTHER_CODES = {
    "EntityTooLarge": "it is larger than the server takes",
    "InvalidObjectState": "it lies in an archive and must be restored first",
    "QuotaExceeded": "the bucket is full",
    "XMinioStorageFull": "the server's disks are full",
    "InsufficientStorage": "the server's disks are full",
}

_DENIED_CLASSES = {
    "NoCredentialsError": _NO_CREDENTIALS,
    "NoAuthTokenError": _NO_CREDENTIALS,
    "MetadataRetrievalError": _NO_CREDENTIALS,
    "PartialCredentialsError": "a part of the credentials is missing: a key needs its id and its "
    "secret",
    "CredentialRetrievalError": "the credentials could not be had from where the profile says they "
    "come from: check its credential_process or source",
    "RefreshWithMFAUnsupportedError": _EXPIRED,
    "TokenRetrievalError": _NO_LOGIN,
    "SSOError": _NO_LOGIN,
    "LoginError": _NO_LOGIN,
    "ProfileNotFound": "there is no such profile: check AWS_PROFILE or the option 'profile', and "
    "'aws configure list-profiles'",
    "ConfigParseError": "the SDK's configuration file cannot be read: check ~/.aws/config and "
    "~/.aws/credentials",
    "ConfigNotFound": "the SDK's configuration file is not there: check AWS_CONFIG_FILE",
    "NoRegionError": "no region is set: name it by the option 'region' or AWS_DEFAULT_REGION",
    "InvalidRegionError": "no region has such a name: check the option 'region' or "
    "AWS_DEFAULT_REGION",
    "MissingDependencyException": "the profile needs a package that is not installed: "
    "pip install 'botocore[crt]'",
    "ValueError": "the address of the server is none: check the option 'endpoint_url' or "
    "AWS_ENDPOINT_URL_S3",
    "ProxyConnectionError": "the proxy cannot be reached: check HTTPS_PROXY and NO_PROXY",
}
"""By the names of classes of botocore, or of those that they derive from."""

_UNAVAILABLE_CLASSES = {
    "ConnectTimeoutError": "{endpoint} cannot be reached in time",
    "ReadTimeoutError": "{endpoint} does not answer in time",
    "EndpointConnectionError": "{endpoint} cannot be reached",
    "ConnectionClosedError": "{endpoint} closed the connection without an answer",
    "ConnectionError": "{endpoint} cannot be reached",
    "ResponseStreamingError": "the connection to {endpoint} broke off",
    "IncompleteReadError": "the connection to {endpoint} broke off",
    "HTTPClientError": "the connection to {endpoint} broke off",
    "FlexibleChecksumError": "what {endpoint} sent does not fit its checksum",
    "ChecksumError": "what {endpoint} sent does not fit its checksum",
    "CapacityNotAvailableError": "{endpoint} is asked too much",
    "ResponseParserError": "{endpoint} gave an answer that is none of S3's: check the option "
    "'endpoint_url' or AWS_ENDPOINT_URL_S3",
    "WrongAnswerError": "{endpoint} gave an answer that is none of S3's: check the option "
    "'endpoint_url' or AWS_ENDPOINT_URL_S3",
    "TooMuchError": "{endpoint} sends more than any answer takes",
    "TooSlowError": "{endpoint} sends too little of an answer in too long a time",
    "OSError": "the connection to {endpoint} broke off",
    "HTTPException": "the connection to {endpoint} broke off",
    "HTTPError": "the connection to {endpoint} broke off",
}

_STALE_CODES = (
    "ExpiredToken", "ExpiredTokenException", "InvalidAccessKeyId", "InvalidToken",
    "InvalidTokenId", "RequestExpired", "SignatureDoesNotMatch", "TokenRefreshRequired",
)  # fmt: skip

_NO_SUCH_METHOD = (405, 501)
"""What web servers answer that know nothing of S3."""

_is_code = re.compile(r"[A-Za-z0-9_.]{1,60}").fullmatch


def failure(error: Exception, what: str, place: Place, endpoint: str | None) -> StoreError:
    """Say what an error of the SDK means.

    Parameters
    ----------
    error : Exception
        Of botocore, or what escapes from beneath it.
    what : str
        What the store cannot be: ``"read"``, ``"written"``, ``"listed"`` …
    place : Place
    endpoint : str or None
        Address of the server, if it is not Amazon's.

    Returns
    -------
    StoreError
        With ``code`` and ``status`` as the server gave them, if it did.  It is not raised from
        the error.
    """
    kind, reason, facts = _classified(error, what, place)
    reason = reason.replace("{endpoint}", shown_endpoint(endpoint))
    facts = {"url": place.url, "bucket": place.bucket, **facts}
    text = f"{place.url} cannot be {what}: {reason}"
    if f"bucket {place.bucket}" not in text and not place.url.startswith(f"s3://{place.bucket}"):
        text = f"bucket {place.bucket}: {text}"
    return kind(text, **facts)


def is_missing(error: StoreError) -> bool:
    """Tell whether it says that an object, or the whole bucket, is not there."""
    return error.facts.get("code") in ("NoSuchKey", "NoSuchBucket") or status_of(error) == 404


def is_of_credentials(error: StoreError) -> bool:
    """Tell whether other credentials may be there by now, where these came from."""
    # Without a code nothing was asked of the server, for lack of any.
    return isinstance(error, StoreDeniedError) and (
        "code" not in error.facts or error.facts["code"] in _STALE_CODES
    )


def status_of(error: StoreError) -> int:
    """Give the HTTP status of the answer; 0 if there was none."""
    status = error.facts.get("status", 0)
    return status if isinstance(status, int) else 0


def _classified(
    error: Exception, what: str, place: Place
) -> tuple[type[StoreError], str, dict[str, Any]]:
    answer = getattr(error, "response", None)
    if isinstance(answer, dict):
        return _of_answer(answer, what, place)
    names = [one.__name__ for one in type(error).__mro__]
    if names[0] == "SSLError" or "SSLError" in names:
        return _of_tls(error)
    for name in names:
        if name in _DENIED_CLASSES:
            return StoreDeniedError, _DENIED_CLASSES[name], {}
        if name in _UNAVAILABLE_CLASSES:
            return StoreUnavailableError, _UNAVAILABLE_CLASSES[name], {}
    if "BotoCoreError" in names and ("Config" in names[0] or "Invalid" in names[0]):
        reason = f"the SDK's configuration is wrong ({names[0]}): check ~/.aws/config and AWS_…"
        return StoreDeniedError, reason, {}
    return StoreError, f"the SDK failed with {names[0]}", {}


def _of_tls(error: Exception) -> tuple[type[StoreError], str, dict[str, Any]]:
    if "certificate" in str(error).lower():
        reason = (
            "the certificate of {endpoint} is not trusted: name the authority that signed it by "
            "AWS_CA_BUNDLE, or check the address"
        )
        return StoreDeniedError, reason, {}
    reason = "no safe connection to {endpoint} comes about: check whether its address is https"
    return StoreUnavailableError, reason, {}


def _of_answer(
    answer: dict[str, Any], what: str, place: Place
) -> tuple[type[StoreError], str, dict[str, Any]]:
    told = answer.get("Error") or {}
    code = str(told.get("Code") or "")
    code = code if _is_code(code) else ""
    status = (answer.get("ResponseMetadata") or {}).get("HTTPStatusCode")
    if not isinstance(status, int):
        status = int(code) if code.isdecimal() and len(code) == 3 else 0
    facts = {"code": code, "status": status}
    if code in _DENIED_CODES:
        return StoreDeniedError, _DENIED_CODES[code], facts
    if code in _UNAVAILABLE_CODES:
        return StoreUnavailableError, _UNAVAILABLE_CODES[code], facts
    if code in _OTHER_CODES:
        return StoreError, _OTHER_CODES[code], facts
    if status in (401, 403):
        needed = _NEEDED.get(what, "more than they have")
        reason = (
            f"the credentials lack the permission, or are wrong ({needed} in bucket "
            f"{place.bucket}): ask its owner, or use another profile"
        )
        return StoreDeniedError, reason, facts
    if code and not code.isdecimal():
        shown = code
    else:
        # Something before the server, or no S3 server at all.
        shown = f"HTTP {status} and no word of S3; if it goes on, check the option 'endpoint_url'"
    if status in (301, 302, 307, 308):
        return StoreDeniedError, _REGION, facts
    if status in _NO_SUCH_METHOD and (not code or code.isdecimal()):
        return StoreError, _NO_S3, facts
    if status == 429 or (status >= 500 and status != 501):
        return StoreUnavailableError, f"the server answers {shown}", facts
    return StoreError, f"the server answers {shown}", facts
