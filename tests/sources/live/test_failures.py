"""What errors mean, and how patient we are."""

import pytest
from botocore.exceptions import (
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    NoCredentialsError,
    ParamValidationError,
    ReadTimeoutError,
    SSOTokenLoadError,
)
from botocore.parsers import ResponseParserError
from urllib3.exceptions import NameResolutionError, NewConnectionError

from buckler.model.unknown import UnknownKind
from buckler.sources.live import permissions
from buckler.sources.live.calls import CALLS
from buckler.sources.live.failures import Meaning, read
from buckler.sources.live.pace import Breaker, Pace

permissions()
GET_POLICY = CALLS["lambda", "GetPolicy"]


def answered(code, status, message=""):
    response = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(response, "GetPolicy")


def unresolved():
    return EndpointConnectionError(endpoint_url="https://x.invalid", error=NameResolutionError("x.invalid", None, OSError()))


def refused():
    return EndpointConnectionError(endpoint_url="https://x.invalid", error=NewConnectionError(None, "refused"))


def name(value):
    if isinstance(value, ClientError):
        return value.response["Error"]["Code"].partition(":")[0]
    return value.name if isinstance(value, Meaning) else type(value).__name__


@pytest.mark.parametrize(
    ("error", "meaning"),
    [
        (answered("ResourceNotFoundException", 404), Meaning.NONE),
        (answered("AccessDeniedException", 403), Meaning.DENIED),
        (answered("AccessDenied", 403), Meaning.DENIED),
        (answered("UnauthorizedOperation", 403), Meaning.DENIED),
        (answered("TooManyRequestsException", 429), Meaning.THROTTLED),
        (answered("Throttling", 400), Meaning.THROTTLED),
        (answered("RequestLimitExceeded", 503), Meaning.THROTTLED),
        (answered("429", 429), Meaning.THROTTLED),
        (answered("ServiceException", 500), Meaning.TRANSIENT),
        (answered("503", 503), Meaning.TRANSIENT),
        (answered("404", 404), Meaning.UNSUPPORTED),
        (answered("UnknownOperationException", 403), Meaning.UNSUPPORTED),
        (answered("InvalidAction", 400), Meaning.UNSUPPORTED),
        (answered("OptInRequired", 403), Meaning.UNSUPPORTED),
        (answered("NotImplemented", 501), Meaning.UNSUPPORTED),
        (answered("InvalidParameterValueException", 400), Meaning.BROKEN),
        (answered("ExpiredToken", 403), Meaning.EXPIRED),
        (answered("ExpiredTokenException", 400), Meaning.EXPIRED),
        (answered("UnrecognizedClientException", 403), Meaning.UNRECOGNISED),
        (answered("InvalidClientTokenId", 403), Meaning.UNRECOGNISED),
        (answered("com.amazonaws#AccessDeniedException:http://x", 400), Meaning.DENIED),
        (NoCredentialsError(), Meaning.UNUSABLE),
        (SSOTokenLoadError(error_msg="x"), Meaning.UNUSABLE),
        (unresolved(), Meaning.UNSUPPORTED),
        (refused(), Meaning.TRANSIENT),
        (ReadTimeoutError(endpoint_url="https://x.invalid"), Meaning.TRANSIENT),
        (ConnectTimeoutError(endpoint_url="https://x.invalid"), Meaning.TRANSIENT),
        (ResponseParserError("x"), Meaning.TRANSIENT),
        (ValueError("x"), Meaning.TRANSIENT),
        (ParamValidationError(report="x"), Meaning.BROKEN),
    ],
    ids=name,
)
def test_meaning(error, meaning):
    assert read(error, GET_POLICY).meaning is meaning


def test_a_missing_thing_is_an_answer_only_where_declared():
    error = answered("ResourceNotFoundException", 404)
    assert read(error, CALLS["lambda", "ListAliases"]).meaning is Meaning.BROKEN


def test_the_unknown_names_what_is_needed():
    unknown = read(answered("AccessDeniedException", 403), GET_POLICY).unknown(GET_POLICY)
    assert (unknown.kind, unknown.why, unknown.need) == (UnknownKind.DENIED, "AccessDenied on lambda:GetPolicy", "lambda:GetPolicy")


def test_a_refusal_by_the_organisation_is_told_apart():
    error = answered("AccessDeniedException", 403, "not authorized with an explicit deny in a service control policy: arn:secret")
    assert read(error, GET_POLICY).phrase == "AccessDenied (by a policy of the organisation)"


@pytest.mark.parametrize("code", ["AccessDeniedException", "ServiceException", "Weird"])
def test_the_message_of_an_error_is_never_told(code):
    unknown = read(answered(code, 400, "your password hunter2"), GET_POLICY).unknown(GET_POLICY)
    assert "hunter2" not in unknown.why + unknown.need


class Clock:
    """Stands still until it is told to go on."""

    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


def test_pace_binds_only_after_a_throttle():
    clock = Clock()
    pace = Pace(documented=10, clock=clock)
    assert [pace.delay() for _ in range(5)] == [0.0] * 5
    pace.throttled()
    assert pace.rate == 10
    assert [pace.delay() for _ in range(3)] == pytest.approx([0.0, 0.1, 0.2])
    clock.now += 0.25
    assert pace.delay() == pytest.approx(0.05), "the slots lie where they lay"


def test_throttles_of_calls_already_on_their_way_count_once():
    clock = Clock()
    pace = Pace(documented=10, clock=clock)
    for _ in range(16):
        pace.throttled()
    assert pace.rate == 10
    clock.now += 1.5
    for _ in range(16):
        pace.throttled()
    assert pace.rate == pytest.approx(7)


def test_pace_recovers():
    pace = Pace(documented=10)
    pace.throttled()
    for _ in range(100):
        pace.answered()
    assert pace.rate == 40


def test_the_breaker_opens_after_long_trouble_and_closes_at_the_first_answer():
    failure = read(answered("Throttling", 400), GET_POLICY)
    clock = Clock()
    breaker = Breaker(patience_s=30, clock=clock)
    breaker.failed(failure)
    clock.now += 29
    assert breaker.attempts() is True, "not yet"
    clock.now += 2
    assert breaker.attempts() is False, "one probe"
    assert breaker.attempts() is None, "and no more for a while"
    clock.now += 2
    assert breaker.attempts() is False, "then another"
    assert breaker.last is failure
    breaker.answered()
    assert breaker.attempts() is True
