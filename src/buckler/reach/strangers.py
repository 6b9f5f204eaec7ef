"""Requests of people who should not get in, as AWS would see them; the probes that exposure questions are asked with.

A condition limits somebody only as far as that person cannot satisfy it. So the probes bring what a stranger brings: an address of the
internet, TLS, another account, another organisation. What a stranger may choose or guess (a user agent, a tag of their own) is left open:
where it matters, the answer is undecided.
"""

from collections.abc import Iterable, Iterator
from typing import TypeAlias

from buckler.engines.iam.match import glob
from buckler.model.finding import ContextEntry, Request
from buckler.model.policy import Policy
from buckler.model.text import Text

Further: TypeAlias = tuple[tuple[str, tuple[str, ...]], ...]
"""More of a request's context: (key, values), without values when AWS does not send the key."""

STRANGE_ACCOUNT = "999999999999"
"""Stands for any account that is not ours."""
STRANGE_ORGANIZATION = "o-9999999999"
STRANGE_USER = f"arn:aws:iam::{STRANGE_ACCOUNT}:user/stranger"

_FROM_INTERNET: dict[str, tuple[str, ...]] = {
    # An address of TEST-NET-2 (RFC 5737): nobody's, so only ranges that hold everybody's hold it.
    "aws:SourceIp": ("198.51.100.7",),
    "aws:SecureTransport": ("true",),
    "aws:SourceVpc": (),
    "aws:SourceVpce": (),
    "aws:VpcSourceIp": (),
    "aws:CalledVia": (),
    "aws:CalledViaFirst": (),
    "aws:CalledViaLast": (),
    "lambda:EventSourceToken": ("a-stranger",),
    "lambda:SourceFunctionArn": (),
}


def probe(principal: str, action: str, resource: str, context: dict[str, tuple[str, ...]]) -> Request:
    """Write a request, its context in the order given."""
    return Request(
        principal=principal,
        action=action,
        resource=resource,
        context=tuple(ContextEntry(key=key, values=values) for key, values in context.items()),
    )


def through_url(principal: str, auth: str, resource: str, today: str, more: Further = ()) -> tuple[Request, Request]:
    """What a call of a function URL must be allowed since October 2025: `InvokeFunctionUrl`, and `InvokeFunction` by way of the URL."""
    context = {**_base(principal, today), "lambda:FunctionUrlAuthType": (auth,), "lambda:InvokedViaFunctionUrl": ("true",), **dict(more)}
    return (
        probe(principal, "lambda:InvokeFunctionUrl", resource, context),
        probe(principal, "lambda:InvokeFunction", resource, context),
    )


def direct(principal: str, action: str, resource: str, today: str, more: Iterable[tuple[str, tuple[str, ...]]] = ()) -> Request:
    """A signed call of the Lambda API by somebody outside."""
    context = {**_base(principal, today), "lambda:InvokedViaFunctionUrl": ("false",), "lambda:FunctionUrlAuthType": ()}
    return probe(principal, action, resource, {**context, **dict(more)})


def by_service(service: str, action: str, resource: str, today: str, source_arn: str | None, *, organized: bool = True) -> Request:
    """A call of a service on behalf of somebody else's resource: what a confused deputy is made to send.

    An account need not be in an organisation: then nothing is sent of one.
    """
    arn = source_arn or f"arn:aws:{service.split('.', 1)[0]}:us-east-1:{STRANGE_ACCOUNT}:stranger"
    is_url = action == "lambda:InvokeFunctionUrl"
    return probe(
        service,
        action,
        resource,
        {
            "aws:SourceArn": (arn,),
            "aws:SourceAccount": (STRANGE_ACCOUNT,),
            "aws:SourceOrgID": (STRANGE_ORGANIZATION,) if organized else (),
            "aws:SourceOrgPaths": (f"{STRANGE_ORGANIZATION}/r-9999/ou-9999-99999999/",) if organized else (),
            "aws:CurrentTime": (today,),
            "aws:SecureTransport": ("true",),
            "lambda:EventSourceToken": ("a-stranger",),
            "lambda:InvokedViaFunctionUrl": ("true" if is_url else "false",),
            "lambda:FunctionUrlAuthType": ("AWS_IAM",) if is_url else (),
            "aws:SourceIp": (),
            "aws:SourceVpc": (),
            "aws:SourceVpce": (),
        },
    )


def strangers(policy: Policy) -> Iterator[tuple[str, Further]]:
    """Give who somebody outside may be, as far as a policy tells them apart: (principal, what else they bring).

    Anyone can have an account in no organisation, and a role by any name: whichever gets in is a stranger who does.
    """
    conditions = [condition for statement in policy.statements for condition in statement.conditions]
    roles = [value for one in conditions if one.key.lower() == "aws:principalarn" for value in one.values]
    principals = dict.fromkeys([STRANGE_USER, *filter(None, map(of_a_stranger, roles))])
    without: list[Further] = [()]
    if any(one.key.lower() in {"aws:principalorgid", "aws:principalorgpaths"} for one in conditions):
        without.append((("aws:PrincipalOrgID", ()), ("aws:PrincipalOrgPaths", ())))
    for principal in principals:
        for further in without:
            yield principal, further


def of_a_stranger(pattern: Text) -> str | None:
    """Make an ARN in somebody else's account that fits a pattern; None when its account is fixed or not known."""
    if not isinstance(pattern, str):
        return None
    pieces = pattern.split(":", 5)
    if pattern == "*" or len(pieces) < 6 or not set(pieces[4]) & set("*?") or not glob(pieces[4], STRANGE_ACCOUNT):
        return None
    return ":".join([*(plain(piece) for piece in pieces[:4]), STRANGE_ACCOUNT, plain(pieces[5])])


def plain(piece: str) -> str:
    """Write a pattern as one of the strings it matches."""
    return piece.replace("*", "x").replace("?", "x")


def _base(principal: str, today: str) -> dict[str, tuple[str, ...]]:
    base = {**_FROM_INTERNET, "aws:CurrentTime": (today,)}
    if principal != "*":
        base["aws:PrincipalOrgID"] = (STRANGE_ORGANIZATION,)
        base["aws:PrincipalOrgPaths"] = (f"{STRANGE_ORGANIZATION}/r-9999/ou-9999-99999999/",)
    return base
