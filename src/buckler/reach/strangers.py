"""Requests of people who should not get in, as AWS would see them; the probes that exposure questions are asked with.

A condition limits somebody only as far as that person cannot satisfy it. So the probes bring what a stranger brings: an address of the
internet, TLS, another account, another organisation. What a stranger may choose or guess (a user agent, a tag of their own) is left open:
where it matters, the answer is undecided.
"""

from collections.abc import Iterable

from buckler.model.finding import ContextEntry, Request

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


def through_url(principal: str, auth: str, resource: str, today: str) -> tuple[Request, Request]:
    """What a call of a function URL must be allowed since October 2025: `InvokeFunctionUrl`, and `InvokeFunction` by way of the URL."""
    context = {**_base(principal, today), "lambda:FunctionUrlAuthType": (auth,), "lambda:InvokedViaFunctionUrl": ("true",)}
    return (
        probe(principal, "lambda:InvokeFunctionUrl", resource, context),
        probe(principal, "lambda:InvokeFunction", resource, context),
    )


def direct(principal: str, action: str, resource: str, today: str, more: Iterable[tuple[str, tuple[str, ...]]] = ()) -> Request:
    """A signed call of the Lambda API by somebody outside."""
    context = {**_base(principal, today), "lambda:InvokedViaFunctionUrl": ("false",), "lambda:FunctionUrlAuthType": ()}
    return probe(principal, action, resource, {**context, **dict(more)})


def by_service(service: str, action: str, resource: str, today: str, source_arn: str | None) -> Request:
    """A call of a service on behalf of somebody else's resource: what a confused deputy is made to send."""
    arn = source_arn or f"arn:aws:{service.split('.', 1)[0]}:us-east-1:{STRANGE_ACCOUNT}:stranger"
    is_url = action == "lambda:InvokeFunctionUrl"
    return probe(
        service,
        action,
        resource,
        {
            "aws:SourceArn": (arn,),
            "aws:SourceAccount": (STRANGE_ACCOUNT,),
            "aws:SourceOrgID": (STRANGE_ORGANIZATION,),
            "aws:SourceOrgPaths": (f"{STRANGE_ORGANIZATION}/r-9999/ou-9999-99999999/",),
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


def _base(principal: str, today: str) -> dict[str, tuple[str, ...]]:
    base = {**_FROM_INTERNET, "aws:CurrentTime": (today,)}
    if principal != "*":
        base["aws:PrincipalOrgID"] = (STRANGE_ORGANIZATION,)
        base["aws:PrincipalOrgPaths"] = (f"{STRANGE_ORGANIZATION}/r-9999/ou-9999-99999999/",)
    return base
