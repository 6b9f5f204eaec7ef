"""What an error of AWS means, decided once.

Only the code of an error is ever told, never its message: messages may quote the caller's values.
"""

import enum
from dataclasses import dataclass
from typing import cast

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConfigParseError,
    CredentialRetrievalError,
    EndpointConnectionError,
    HTTPClientError,
    IncompleteReadError,
    InvalidConfigError,
    LoginError,
    MetadataRetrievalError,
    NoAuthTokenError,
    NoCredentialsError,
    PartialCredentialsError,
    RefreshWithMFAUnsupportedError,
    SSOError,
    TokenRetrievalError,
    UnknownCredentialError,
)
from botocore.exceptions import (
    ConnectionError as SendError,
)
from botocore.parsers import ResponseParserError
from urllib3.exceptions import HTTPError, NameResolutionError

from buckler.model.unknown import Unknown, UnknownKind
from buckler.sources.live.answers import Answer, inner
from buckler.sources.live.calls import Call


class Meaning(enum.Enum):
    """What follows from an error."""

    NONE = "AWS says there is none"
    DENIED = "a permission is missing"
    THROTTLED = "ask again later, slower"
    TRANSIENT = "ask again later"
    BROKEN = "asking again does not help"
    UNSUPPORTED = "the operation or region does not exist there"
    EXPIRED = "the credentials are no longer valid"
    UNUSABLE = "there are no credentials that could be tried"
    UNRECOGNISED = "the credentials are not valid, or the region is not enabled for the account"


_DENIED = {
    "AccessDenied",
    "AccessDeniedException",
    "AuthorizationError",
    "AuthorizationErrorException",
    "Forbidden",
    "ForbiddenException",
    "NotAuthorized",
    "UnauthorizedAccess",
    "UnauthorizedException",
    "UnauthorizedOperation",
}
_THROTTLED = {
    "BandwidthLimitExceeded",
    "EC2ThrottledException",
    "LimitExceededException",
    "PriorRequestNotComplete",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "SlowDown",
    "ThrottledException",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
}
_UNSUPPORTED = {
    "InvalidAction",
    "NotImplemented",
    "OptInRequired",
    "SubscriptionRequiredException",
    "UnknownOperation",
    "UnknownOperationException",
    "UnsupportedOperation",
    "UnsupportedOperationException",
}
_EXPIRED = {"ExpiredToken", "ExpiredTokenException", "RequestExpired"}
# AWS answers these also for a region that is not enabled for the account.
_UNRECOGNISED = {
    "AuthFailure",
    "IncompleteSignature",
    "IncompleteSignatureException",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "MissingAuthenticationToken",
    "MissingAuthenticationTokenException",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
}
# Raised before anything is sent: the configuration names no credentials, or a login that has ended.
_NO_CREDENTIALS = (
    ConfigParseError,
    CredentialRetrievalError,
    InvalidConfigError,
    LoginError,
    MetadataRetrievalError,
    NoAuthTokenError,
    NoCredentialsError,
    PartialCredentialsError,
    RefreshWithMFAUnsupportedError,
    SSOError,
    TokenRetrievalError,
    UnknownCredentialError,
)

ERRORS = (ClientError, BotoCoreError, HTTPError, OSError, ResponseParserError, ValueError, LookupError, TypeError, AttributeError)
"""Everything a call of botocore raises when AWS, the network or the credentials are at fault.

The last four come from its parsers, which are not prepared for every broken answer.
"""

_KINDS = {
    Meaning.DENIED: UnknownKind.DENIED,
    Meaning.THROTTLED: UnknownKind.THROTTLED,
    Meaning.UNSUPPORTED: UnknownKind.UNSUPPORTED,
}


@dataclass(frozen=True, slots=True)
class Failure:
    """An error, read."""

    meaning: Meaning
    phrase: str
    """`AccessDenied`, `HTTP 503`, `ReadTimeoutError`: safe to show."""

    @property
    def is_worth_a_retry(self) -> bool:
        """Whether the same call may get an answer later."""
        return self.meaning in {Meaning.THROTTLED, Meaning.TRANSIENT}

    def unknown(self, call: Call) -> Unknown:
        """Make the fact that nobody knows."""
        kind = _KINDS.get(self.meaning, UnknownKind.FAILED)
        need = {
            UnknownKind.DENIED: call.action,
            UnknownKind.UNSUPPORTED: f"an endpoint that answers {call.action}",
        }.get(kind, f"an answer to {call.action}: scan again")
        return Unknown(kind=kind, why=f"{self.phrase} on {call.action}", need=need)


def read(error: Exception, call: Call) -> Failure:
    """Say what *error* means for *call*."""
    match error:
        case ClientError():
            return _answered(error, call)
        case EndpointConnectionError() if _is_name_unknown(error):
            return Failure(Meaning.UNSUPPORTED, "no such endpoint")
        case BotoCoreError() if isinstance(error, _NO_CREDENTIALS):
            return Failure(Meaning.UNUSABLE, type(error).__name__)
        case SendError() | HTTPClientError() | IncompleteReadError() | HTTPError() | OSError():
            return Failure(Meaning.TRANSIENT, type(error).__name__)
        case BotoCoreError():
            return Failure(Meaning.BROKEN, type(error).__name__)
        case _:
            return Failure(Meaning.TRANSIENT, "unreadable answer")


def _answered(error: ClientError, call: Call) -> Failure:
    response: Answer = error.response
    code = str(inner(response, "Error").get("Code", "")).rpartition("#")[2].partition(":")[0]
    message = str(inner(response, "Error").get("Message", ""))
    status = int(inner(response, "ResponseMetadata").get("HTTPStatusCode", 0))
    named = bool(code) and code.isidentifier()  # query services write "AuthFailure.Sub" too
    shown = code if named or (code.replace(".", "").isalnum() and not code.isdigit()) else f"HTTP {status}"
    family = code.partition(".")[0]
    if code in call.none or family in call.none:
        return Failure(Meaning.NONE, shown)
    if family in _EXPIRED:
        return Failure(Meaning.EXPIRED, shown)
    if family in _UNRECOGNISED:
        return Failure(Meaning.UNRECOGNISED, shown)
    if family in _THROTTLED or status == 429:
        return Failure(Meaning.THROTTLED, shown)
    if family in _UNSUPPORTED or status == 501:
        return Failure(Meaning.UNSUPPORTED, shown)
    if family in _DENIED or (status == 403 and not named):
        organisation = "service control policy" in message or "resource control policy" in message
        return Failure(Meaning.DENIED, "AccessDenied (by a policy of the organisation)" if organisation else "AccessDenied")
    if status in {404, 405} and not named:
        # A service answers with its own codes; a bare 404 comes from something that does not know the operation's path.
        return Failure(Meaning.UNSUPPORTED, shown)
    if status >= 500 or status < 300:
        return Failure(Meaning.TRANSIENT, shown)
    return Failure(Meaning.BROKEN, shown)


def _is_name_unknown(error: EndpointConnectionError) -> bool:
    cause: object = cast("dict[str, object]", error.kwargs).get("error")
    seen: list[object] = []
    while isinstance(cause, BaseException) and cause not in seen:
        if isinstance(cause, NameResolutionError):
            return True
        seen.append(cause)
        cause = cause.__cause__ or cause.__context__
    return False
