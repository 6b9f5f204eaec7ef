"""API Gateway routes and load balancer rules: which of them anyone may call."""

import re
from functools import lru_cache

import msgspec

from buckler.engines.iam import Answer, decide, settle_policy
from buckler.model.functions import Trigger
from buckler.model.origin import FileOrigin
from buckler.model.policy import Policy, Statement
from buckler.model.text import Hole, Partial, Text, shown
from buckler.model.unknown import Undecided, Unknown, known
from buckler.reach.absent import absent, first_hole
from buckler.reach.analysis import Analysis
from buckler.reach.once import once
from buckler.reach.strangers import probe

_GATEWAY = {"rest", "http", "websocket"}
_PUBLIC_KINDS = {*_GATEWAY, "alb"}

# `arn:aws:execute-api:region:account:api/stage/METHOD/path`, or short `execute-api:/stage/METHOD/path`.
_RESOURCE = re.compile(r"(?:arn:[^:]*:execute-api:[^:]*:[^:]*:[^/]*|execute-api:)/(?P<stage>[^/]*)(?P<rest>/.*)?")


def is_open(trigger: Trigger, analysis: Analysis) -> bool:
    """Say whether anyone on the internet can call a route. Raises `Undecided` when it depends on something unread.

    An API key is no authentication: AWS says not to use API keys for it. Lattice services are reached inside VPCs, and a CloudFront
    function runs for what CloudFront serves anyway; neither is judged here.
    """
    if trigger.kind not in _PUBLIC_KINDS or trigger.is_private is True:
        return False
    if _has_authorizer(trigger, analysis):
        return False
    if trigger.resource_policy is not None:
        policy = known(trigger.resource_policy)
        if not _admits(policy, trigger, f"{analysis.today.isoformat()}T12:00:00Z"):
            return False
    return not known(trigger.is_private)


def _has_authorizer(trigger: Trigger, analysis: Analysis) -> bool:
    if trigger.kind == "websocket" and trigger.route != "$connect":
        # Only `$connect` can have an authorizer; messages ride on the connection it let in.
        connect = connect_route(trigger, analysis)
        if connect is not None:
            return _is_authorized(connect.authorizer)
        if trigger.authorizer is None and not isinstance(trigger.origin, FileOrigin):
            # Live, only routes that call functions are listed; a file's messages are given the authorizer of `$connect` where it is read.
            raise Undecided(absent("the route `$connect` of the API", trigger, "apigateway:GET"))
    return _is_authorized(trigger.authorizer)


def _is_authorized(authorizer: Text | Unknown | None) -> bool:
    if authorizer is None or authorizer == "NONE":
        return False
    if isinstance(authorizer, Unknown):
        raise Undecided(authorizer)
    if isinstance(authorizer, Partial) and any(isinstance(part, Hole) and part.need for part in authorizer.parts):
        # A parameter may be `NONE`; the name of an authorizer in the same file may not.
        raise Undecided(first_hole(authorizer))
    return True


def connect_route(trigger: Trigger, analysis: Analysis) -> Trigger | None:
    """Give the route by which one enters the WebSocket API of a route."""
    return _connect_routes(analysis).get(_api_of(trigger))


@once
def _connect_routes(analysis: Analysis) -> dict[str, Trigger]:
    """The `$connect` routes by API."""
    return {_api_of(one): one for one in analysis.estate.triggers if one.kind == "websocket" and one.route == "$connect"}


def _api_of(trigger: Trigger) -> str:
    return f"{shown(trigger.account)}/{shown(trigger.region)}/{shown(trigger.arn).split('/*/', 1)[0]}"


def _admits(policy: Policy, trigger: Trigger, now: str) -> bool:
    """Say whether the resource policy of a REST API lets nobody in particular call this route.

    AWS: without an authorizer the policy alone decides, and "explicit allow is required"; any stage counts.
    """
    method, path = _method_and_path(shown(trigger.route))
    request = probe(
        "*",
        "execute-api:Invoke",
        f"execute-api:/stage/{method}{path}",
        {
            "aws:SourceIp": ("198.51.100.7",),
            "aws:SourceVpc": (),
            "aws:SourceVpce": (),
            "aws:VpcSourceIp": (),
            "aws:SecureTransport": ("true",),
            "aws:CurrentTime": (now,),
        },
    )
    decision = decide(request, (_shortened(settle_policy(policy)),))
    if policy.unresolved and decision.answer is not Answer.DENY:
        # A statement nobody could read may be the Allow, or the Deny.
        raise Undecided(policy.unresolved[0])
    if decision.answer is Answer.UNKNOWN:
        raise Undecided(decision.doubt)
    return decision.answer is Answer.ALLOW


def _method_and_path(route: str) -> tuple[str, str]:
    method, _, path = route.partition(" ")
    if not path:
        return "GET", "/x"
    # A path variable matches any one segment.
    return ("GET" if method in {"ANY", "*"} else method), re.sub(r"\{[^}]*\}", "x", path) or "/"


@lru_cache(maxsize=4096)
def _shortened(policy: Policy) -> Policy:
    """Rewrite the resources of an API's policy so that API and stage no longer matter: the policy hangs on the API it names."""
    return msgspec.structs.replace(policy, statements=tuple(_short(statement) for statement in policy.statements))


def _short(statement: Statement) -> Statement:
    return msgspec.structs.replace(
        statement,
        resources=None if statement.resources is None else tuple(_short_text(text) for text in statement.resources),
        not_resources=None if statement.not_resources is None else tuple(_short_text(text) for text in statement.not_resources),
    )


def _short_text(text: Text) -> Text:
    match = _RESOURCE.fullmatch(shown(text))
    if match is None:
        # `*`, an ARN that ends in a wildcard before the first slash, or one with a hole there: the whole API.
        return "*"
    return f"execute-api:/*{match['rest']}" if match["rest"] else "*"
