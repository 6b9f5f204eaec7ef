"""Concurrency: the limits of a region, and what is reserved for a function."""

from dataclasses import dataclass

from buckler.model.estate import Missing
from buckler.model.functions import Concurrency, Function
from buckler.model.policy import Statement
from buckler.model.unknown import Unknown
from buckler.sources.live.api import Reader, not_asked
from buckler.sources.live.calls import Collector
from buckler.sources.live.failures import Failure, Meaning
from buckler.sources.live.limits import CONTROL_PLANE

COLLECTOR = Collector("concurrency")
GET_SETTINGS = COLLECTOR.call("lambda", "GetAccountSettings", "concurrency limits of the account", result="AccountLimit", **CONTROL_PLANE)
GET_RESERVED = COLLECTOR.call(
    "lambda", "GetFunctionConcurrency", "concurrency reserved for functions that can be called from outside", **CONTROL_PLANE
)


@dataclass(frozen=True)
class Limits:
    concurrency: tuple[Concurrency, ...]
    missing: tuple[Missing, ...]


def collect(reader: Reader) -> Limits:
    """Read the limits of a region."""
    answer = reader.read(GET_SETTINGS)
    if isinstance(answer, Unknown):
        return Limits((), (reader.missing("concurrency", answer),))
    arn = reader.arn("lambda", "account-settings")
    limit = answer["AccountLimit"]
    return Limits(
        (
            Concurrency(
                arn=arn,
                name=reader.account,
                account=reader.account,
                region=reader.region,
                origin=reader.origin(GET_SETTINGS, arn),
                limit=limit.get("ConcurrentExecutions", _untold()),
                unreserved=limit.get("UnreservedConcurrentExecutions", _untold()),
            ),
        ),
        (),
    )


def _untold() -> Unknown:
    return Failure(Meaning.BROKEN, "an answer without limits").unknown(GET_SETTINGS)


def reserved(reader: Reader, function: Function, limits: Concurrency | None, *, deep: bool) -> int | Unknown | None:
    """Read what is reserved for *function*, where it matters and the account's limits do not already tell."""
    if is_open(function):
        # Asked even when the account has nothing reserved: a function stopped with a reservation of 0 does not show there.
        return _ask(reader, function)
    if limits is not None and limits.limit == limits.unreserved and not isinstance(limits.limit, Unknown):
        return None
    if deep or has_service_callers(function):
        return _ask(reader, function)
    return not_asked("asked only for functions that something outside the account can call")


def _ask(reader: Reader, function: Function) -> int | Unknown | None:
    answer = reader.read(GET_RESERVED, FunctionName=function.arn)
    return answer if isinstance(answer, Unknown) else answer.get("ReservedConcurrentExecutions")


def is_open(function: Function) -> bool:
    """Say whether anyone seems to be let in, by a URL without authentication or a policy for `*`; also when that could not be read."""
    urls = not isinstance(function.urls, tuple) or any(url.auth_type != "AWS_IAM" for url in function.urls)
    return urls or any(any(principal.value == "*" for principal in statement.principals or ()) for statement in _statements(function))


def has_service_callers(function: Function) -> bool:
    """Say whether another AWS service may invoke the function."""
    return any(principal.kind == "Service" for statement in _statements(function) for principal in statement.principals or ())


def _statements(function: Function) -> list[Statement]:
    if isinstance(function.policies, Unknown):
        return []
    policies = [entry.policy for entry in function.policies if entry.policy is not None and not isinstance(entry.policy, Unknown)]
    return [statement for policy in policies for statement in policy.statements]
