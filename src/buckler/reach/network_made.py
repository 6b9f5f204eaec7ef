"""What is not there yet, on the estate: VPC endpoints for what goes over the internet, and a security group for a function alone.

Sources: AWS PrivateLink Guide, "Gateway endpoints", "Create an interface endpoint" (one subnet in a zone; private DNS holds for the whole
VPC); Amazon VPC User Guide, "Default security groups" and "Security group rules"; AWS Lambda Developer Guide, "Giving Lambda functions
access to resources in an Amazon VPC". Read 2026-11-27.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Final, TypedDict

from msgspec.structs import replace

from buckler.engines.net import TCP, Interface, World
from buckler.engines.net.ranges import common, has
from buckler.model.closing import MadeEndpoint, MadeGroup, OwnGroup, Proposal, bare
from buckler.model.estate import Estate
from buckler.model.functions import Function, VpcConfig
from buckler.model.network import Route, RouteTable, SecurityGroup, SecurityGroupRule, VpcEndpoint
from buckler.model.origin import ApiOrigin, Origin
from buckler.model.policy import parse_policy
from buckler.model.reachability import NetReach
from buckler.model.text import Text, shown
from buckler.model.unknown import Undecided, Unknown, UnknownKind, known
from buckler.reach.analysis import Analysis
from buckler.reach.groups import group_of
from buckler.reach.network import sources_of
from buckler.reach.network_open import open_of
from buckler.reach.network_targets import world

_HTTPS: Final = 443


class _Identity(TypedDict):
    arn: str
    name: str
    account: Text
    region: Text
    origin: Origin


def _named(kind: str, name: str, account: Text, region: Text) -> _Identity:
    arn = f"arn:aws:ec2:{shown(region)}:{shown(account)}:{kind}/{name}"
    return {"arn": arn, "name": name, "account": account, "region": region, "origin": ApiOrigin(call="planned", arn=arn)}


def _group(made: MadeGroup) -> SecurityGroup:
    return SecurityGroup(
        **_named("security-group", made.id, made.account, made.region),
        group_name=made.name,
        vpc_id=made.vpc,
        rules=(*made.outbound, *made.inbound),
    )


# --- endpoints -------------------------------------------------------------------------------------------------------------


def endpoints_for(
    proposals: Iterable[Proposal], function: Function, analysis: Analysis, *, with_interfaces: bool
) -> tuple[tuple[MadeEndpoint, ...], tuple[str, ...]]:
    """Design the endpoints that are proposed: (endpoints, why some are not made). *with_interfaces*: those that are billed, too."""
    sources = sources_of(function, analysis) or ()
    made: list[MadeEndpoint] = []
    left: list[str] = []
    for one in proposals:
        if one.endpoint_type == "Gateway":
            found = _gateway(one, function, sources, analysis)
        elif with_interfaces:
            found = _interface(one, function, sources, analysis)
        else:
            continue
        if isinstance(found, str):
            left.append(f"no endpoint for {one.service}: {found}")
        else:
            made.append(found)
    return tuple(made), tuple(left)


def _gateway(proposal: Proposal, function: Function, sources: Sequence[Interface], analysis: Analysis) -> MadeEndpoint | str:
    there = world(analysis)
    listed = next(
        (one for one in analysis.estate.prefix_lists if one.list_name == proposal.service and one.region == function.region), None
    )
    if listed is None:
        return "the prefix list of the service was not read (needs ec2:DescribePrefixLists)"
    tables = [there.table_of(source.subnet) for source in sources]
    unread = next((one for one in tables if isinstance(one, Unknown)), None)
    if unread is not None:
        raise Undecided(unread)
    return MadeEndpoint(
        id=f"vpce-new-{proposal.service.rpartition('.')[2]}",
        service=proposal.service,
        endpoint_type="Gateway",
        vpc=sources[0].vpc,
        account=function.account,
        region=function.region,
        why=proposal.why,
        route_tables=tuple(sorted({shown(one.name) for one in tables if isinstance(one, RouteTable)})),
        prefix_list=shown(listed.name),
    )


def _interface(proposal: Proposal, function: Function, sources: Sequence[Interface], analysis: Analysis) -> MadeEndpoint | str:
    there = world(analysis)
    vpc = sources[0].vpc
    if vpc not in there.vpcs or there.vpcs[vpc].dns_support is not True:
        return f"whether {vpc} resolves private names is not known, or it does not (enableDnsSupport)"
    zones: dict[str, str] = {}
    for source in sources:
        zones.setdefault(shown(known(there.subnets[source.subnet].availability_zone)), source.subnet)
    called = proposal.service.split(".", 3)[-1]
    blocks = known(there.vpcs[vpc].cidrs)
    # Private DNS leads whoever asks for the service here, so that all of the VPC must be let in.
    admitted = tuple(SecurityGroupRule(is_egress=False, protocol="tcp", from_port=_HTTPS, to_port=_HTTPS, cidrs=(one,)) for one in blocks)
    group = MadeGroup(
        id=f"sg-new-{called}",
        name=f"buckler-endpoint-{called}-{vpc}",
        vpc=vpc,
        account=function.account,
        region=function.region,
        what=f"endpoint of {proposal.service}",
        has_ipv6=_has_ipv6(vpc, there),
        inbound=admitted,
    )
    return MadeEndpoint(
        id=f"vpce-new-{called}",
        service=proposal.service,
        endpoint_type="Interface",
        vpc=vpc,
        account=function.account,
        region=function.region,
        why=proposal.why,
        subnets=tuple(sorted(zones.values())),
        group=group,
    )


def _has_ipv6(vpc: str, there: World) -> bool:
    return any(one.version == 6 for one in there.ranges.get(vpc, ()))


def policy_for(account: Text) -> dict[str, object]:
    """Give the policy of a new endpoint: only what has the account's own credentials passes."""
    condition = {"StringEquals": {"aws:PrincipalAccount": shown(account)}}
    statement = {"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*", "Condition": condition}
    return {"Version": "2012-10-17", "Statement": [statement]}


def with_endpoints(made: Sequence[MadeEndpoint]) -> Callable[[Estate], Estate]:
    """Give the change of an estate: the endpoints are there, with their routes and groups."""

    def change(estate: Estate) -> Estate:
        there = {one.name for one in estate.endpoints}
        new = [one for one in made if one.id not in there]
        routes = {
            table: [Route(destination=one.prefix_list, target=one.id) for one in new if table in one.route_tables]
            for one in new
            for table in one.route_tables
        }

        def routed(table: RouteTable) -> RouteTable:
            more = routes.get(shown(table.name), [])
            return table if not more or isinstance(table.routes, Unknown) else replace(table, routes=(*table.routes, *more))

        return replace(
            estate,
            endpoints=(*estate.endpoints, *map(_endpoint, new)),
            route_tables=tuple(map(routed, estate.route_tables)),
            security_groups=(*estate.security_groups, *(_group(one.group) for one in new if one.group is not None)),
        )

    return change


def _endpoint(made: MadeEndpoint) -> VpcEndpoint:
    named = _named("vpc-endpoint", made.id, made.account, made.region)
    return VpcEndpoint(
        **named,
        vpc_id=made.vpc,
        service=made.service,
        endpoint_type=made.endpoint_type,
        policy=parse_policy(policy_for(made.account), named["origin"]),
        route_table_ids=made.route_tables,
        subnet_ids=made.subnets,
        security_group_ids=(made.group.id,) if made.group is not None else (),
        private_dns=made.endpoint_type == "Interface",
    )


def stranded_by(made: Sequence[MadeEndpoint], before: Analysis, after: Analysis) -> str:
    """Say who is led to a new interface endpoint and does not get through, and may have reached the service over the internet.

    Which addresses the service has there, nobody knows: whoever reaches any is asked about. By a gateway endpoint the addresses stay what
    they are, so that every rule and entry says of them what it said before.
    """
    for one in (each for each in made if each.endpoint_type == "Interface"):
        was, now = (open_of(partial(_stands_in, one.vpc), each) for each in (before, after))
        for (source, target, protocol), ports in was.items():
            is_used = target == "the internet (IPv4)" and protocol == TCP and has(ports, _HTTPS)
            if is_used and not has(now.get((source, f"VPC endpoint {one.service}", TCP), ()), _HTTPS):
                return f"`{source}` would be led to the endpoint for {one.service}, and not get through to it"
    return ""


def _stands_in(vpc: str, source: Interface) -> bool:
    return source.vpc == vpc


# --- a group of its own ----------------------------------------------------------------------------------------------------


def own_group(function: Function, analysis: Analysis) -> OwnGroup:
    """Design a security group for a function alone, with all that the groups it leaves let out, and in elsewhere. Raises `Undecided`."""
    sources = sources_of(function, analysis)
    if not sources or not isinstance(function.vpc, VpcConfig):
        why = "its network is its capacity provider's, which others share" if sources else "the function is in no VPC of the account"
        raise Undecided(Unknown(kind=UnknownKind.UNSUPPORTED, why=why, need="a VPC of its own configuration"))
    left = tuple(shown(one) for one in known(function.vpc.security_group_ids)) or sources[0].groups
    name = shown(function.name)
    rules: dict[tuple[object, ...], SecurityGroupRule] = {}
    for one in left:
        for rule in known(group_of(one, function, analysis).rules):
            if rule.is_egress:
                rules.setdefault(bare(rule), rule)
    group = MadeGroup(
        id=f"sg-new-{name}",
        name=f"buckler-{name}"[:255],
        vpc=sources[0].vpc,
        account=function.account,
        region=function.region,
        what=f"function {name} alone",
        has_ipv6=_has_ipv6(sources[0].vpc, world(analysis)),
        outbound=tuple(rules.values()),
    )
    return OwnGroup(group=group, instead=left, admits=tuple(_admits(group.id, left, analysis)))


def _admits(new: str, left: Sequence[str], analysis: Analysis) -> Iterator[tuple[Text, SecurityGroupRule]]:
    """Give what must be let in elsewhere as it is from the groups that are left, since rules name these."""
    for group in analysis.estate.security_groups:
        for rule in () if isinstance(group.rules, Unknown) else group.rules:
            if not rule.is_egress and {shown(one) for one in rule.groups} & set(left):
                yield group.name, replace(rule, cidrs=(), groups=(new,), prefix_lists=(), descriptions=())


def with_own_group(own: OwnGroup, function: Text) -> Callable[[Estate], Estate]:
    """Give the change of an estate: the group is there, the function (by its ARN) has it, and what it uses lets it in."""
    admits: dict[Text, list[SecurityGroupRule]] = {}
    for name, rule in own.admits:
        admits.setdefault(name, []).append(rule)

    def change(estate: Estate) -> Estate:
        if any(one.name == own.group.id for one in estate.security_groups):
            return estate

        def admitting(group: SecurityGroup) -> SecurityGroup:
            more = admits.get(group.name, [])
            return group if not more or isinstance(group.rules, Unknown) else replace(group, rules=(*group.rules, *more))

        def moved(one: Function) -> Function:
            if one.arn != function or not isinstance(one.vpc, VpcConfig):
                return one
            return replace(one, vpc=replace(one.vpc, security_group_ids=(own.group.id,)))

        return replace(
            estate,
            functions=tuple(map(moved, estate.functions)),
            security_groups=(*map(admitting, estate.security_groups), _group(own.group)),
        )

    return change


def needed(own: OwnGroup, used: Iterable[NetReach]) -> OwnGroup:
    """Leave out of what is let in elsewhere all that the function does not use."""
    ports: dict[str, list[tuple[int, int]]] = {}
    for told in used:
        for group in told.target.groups:
            ports.setdefault(group, []).extend(pair for one in told.protocols for pair in one.ports)
    return replace(own, admits=tuple((name, rule) for name, rule in own.admits if _is_used(rule, ports.get(shown(name), []))))


def _is_used(rule: SecurityGroupRule, ports: Sequence[tuple[int, int]]) -> bool:
    if not isinstance(rule.from_port, int) or not isinstance(rule.to_port, int):
        return bool(ports)
    return bool(common(((rule.from_port, rule.to_port),), tuple(ports)))
