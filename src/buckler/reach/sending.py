"""What AWS sees of a request that a function sends: from which function, and through which VPC endpoint.

Sources: AWS Lambda Developer Guide, "Working with Lambda execution environment credentials" (`lambda:SourceFunctionArn`); IAM User
Guide, "AWS global condition context keys" (`aws:SourceVpc`, `aws:SourceVpce`, `aws:SourceIp`); AWS PrivateLink Guide, "Gateway endpoints"
and "Private DNS".
"""

from collections.abc import Mapping
from typing import Final

from buckler.engines.iam import sample, settle_policy
from buckler.engines.net import TCP, Interface, World, connect
from buckler.model.functions import Function
from buckler.model.layers import Unread
from buckler.model.network import VpcEndpoint
from buckler.model.policy import Policy
from buckler.model.text import shown
from buckler.model.unknown import Undecided, Unknown, UnknownKind
from buckler.model.value import Value
from buckler.reach.analysis import Analysis
from buckler.reach.network import sources_of
from buckler.reach.network_targets import ways_out, world

# Where the endpoint of a service is not called as its actions begin. Source: AWS PrivateLink Guide, "AWS services that integrate".
CALLED: Final = {
    "ecr": "ecr.api",
    "kinesis": "kinesis-streams",
    "cloudwatch": "monitoring",
    "ses": "email",
}


class Sent(Value):
    """A function's request on its way."""

    context: tuple[tuple[str, tuple[str, ...]], ...]
    """Condition keys that follow; of a key without values AWS sends none."""
    endpoint: Policy | None = None
    """Policy of the endpoint it goes through; None: it goes through none, or through one that lets everything pass."""
    unread: tuple[Unread, ...] = ()
    through: str = ""
    """The endpoint, for people."""

    @property
    def values(self) -> Mapping[str, tuple[str, ...]]:
        """Give the keys as requests take them."""
        return dict(self.context)


def sent_by(function: Function, action: str, resource: str, analysis: Analysis) -> Sent:
    """Say how a request leaves a function. What nobody knows of the way is unread: a policy there may refuse it."""
    source = ("lambda:SourceFunctionArn", (sample(function.arn),))
    away = (source, ("aws:SourceVpc", ()), ("aws:SourceVpce", ()))
    region = (resource.split(":", 4)[3:4] or [""])[0]
    try:
        sources = sources_of(function, analysis)
        endpoint = endpoint_of(sources or (), action, world(analysis)) if region in {"", shown(function.region)} else None
    except Undecided as stop:
        return Sent(context=(source,), unread=(Unread(layer="endpoint", unknown=stop.unknown),))
    if endpoint is None:
        return Sent(context=away)
    # Addresses on the internet are seen of requests that come from there.
    context = (source, ("aws:SourceVpc", (shown(endpoint.vpc_id),)), ("aws:SourceVpce", (shown(endpoint.name),)), ("aws:SourceIp", ()))
    through = f"{shown(endpoint.name)} ({shown(endpoint.service)})"
    if isinstance(endpoint.policy, Unknown):
        return Sent(context=context, unread=(Unread(layer="endpoint", unknown=endpoint.policy),), through=through)
    policy = None if endpoint.policy is None else settle_policy(endpoint.policy, attached=True)
    return Sent(context=context, endpoint=policy, through=through)


def endpoint_of(sources: tuple[Interface, ...], action: str, there: World) -> VpcEndpoint | None:
    """Find the endpoint that requests of an action go through. Raises `Undecided` where the subnet that Lambda picks decides."""
    service = action.partition(":")[0].lower()
    name = CALLED.get(service, service)
    vpcs = {one.vpc for one in sources}
    held = [one for one in there.endpoints.values() if shown(one.vpc_id) in vpcs and shown(one.service).endswith(f".{name}")]
    if sources and "endpoints" in there.unread:
        raise Undecided(there.unread["endpoints"])
    routed = [one for one in held if shown(one.endpoint_type) == "Gateway"]
    if routed:
        taken = {_routed(source, there, {shown(one.name) for one in routed}) for source in sources}
        if len(taken) > 1:
            why = "some subnets of the function route the service to an endpoint, and Lambda picks the subnet"
            raise Undecided(Unknown(kind=UnknownKind.UNRESOLVED, why=why, need="the same routes in all of its subnets"))
        found = next(iter(taken), "")
        if found:
            return there.endpoints[found]
    # With private DNS the service's own name leads to the endpoint; without, only code that names the endpoint goes there.
    return next((one for one in held if shown(one.endpoint_type) == "Interface" and one.private_dns), None)


def _routed(source: Interface, there: World, names: set[str]) -> str:
    """Give the endpoint a subnet's routes lead to; "" for none."""
    for asked in ways_out((source,), there):
        if asked.target.kind == "endpoint" and asked.target.id in names:
            way = connect(there, source, asked.to[0], TCP).way
            if way is not None and way.unknown:
                raise Undecided(way.unknown[0])
            if way is not None and way.forward.endpoint:
                return way.forward.endpoint
    return ""
