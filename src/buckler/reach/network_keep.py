"""Which rules keep a use: from what a function is configured to connect to, to peers and ports that its security group may name.

Nothing is opened: a use that is not reached today is not kept. What cannot be told apart stays: all databases that are reached, where the
name of one does not say which.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from msgspec.structs import replace

from buckler.engines.net import TCP, UDP, Interface, Target, World, connect
from buckler.engines.net.gates import protocol_number
from buckler.engines.net.ranges import ALL_PORTS, Ports, Range, common, inside, is_private, range_of, ranges_of, union, without
from buckler.engines.net.reachable import rule_ports
from buckler.model.closing import Kept, NetUse, Proposal, Uses
from buckler.model.functions import Function
from buckler.model.network import SecurityGroupRule
from buckler.model.reachability import NetReach
from buckler.model.text import shown
from buckler.model.unknown import Undecided, Unknown, known
from buckler.reach.analysis import Analysis
from buckler.reach.groups import group_of
from buckler.reach.network import reach_of, sources_of
from buckler.reach.network_targets import world
from buckler.reach.network_uses import SECRETS
from buckler.reach.sending import CALLED, endpoint_of

_HOSTS: Final = (
    (".rds.amazonaws.com", "rds", ()),
    (".cache.amazonaws.com", "elasticache", ()),
    (".memorydb.{region}.amazonaws.com", "memorydb", ()),
    (".docdb.amazonaws.com", "docdb", ()),
    (".neptune.amazonaws.com", "neptune", ()),
    (".redshift.amazonaws.com", "redshift", ()),
    (".redshift-serverless.amazonaws.com", "redshift", ()),
    (".kafka.{region}.amazonaws.com", "msk", ()),
    (".mq.{region}.amazonaws.com", "mq", ()),
    (".mq.{region}.on.aws", "mq", ()),
    (".efs.{region}.amazonaws.com", "efs", ((2049, 2049),)),
    (".es.amazonaws.com", "opensearch", ((443, 443),)),
    (".aos.{region}.on.aws", "opensearch", ((443, 443),)),
    (".elb.amazonaws.com", "load balancer", ()),
    (".elb.{region}.amazonaws.com", "load balancer", ()),
    (".vpce.amazonaws.com", "endpoint", ()),
)
"""What host names of things in a VPC end with, what kind of thing they are, and the port it has where a customer cannot choose another."""
_ALIKE: Final = {"rds": {"rds", "rds-proxy", "docdb", "neptune"}, "docdb": {"rds", "docdb"}, "neptune": {"rds", "neptune"}}
"""Kinds whose interfaces AWS describes alike: DocumentDB and Neptune stand on RDS."""
_USUAL: Final[dict[str, Ports]] = {
    "rds": ((1433, 1433), (1521, 1521), (3306, 3306), (5432, 5432)),
    "elasticache": ((6379, 6380), (11211, 11211)),
    "docdb": ((27017, 27017),),
    "neptune": ((8182, 8182),),
    "redshift": ((5439, 5439),),
    "msk": ((9092, 9098), (9192, 9198)),
    "mq": ((5671, 5671), (8883, 8883), (61614, 61614), (61617, 61617)),
    "load balancer": ((80, 80), (443, 443)),
}
"""Ports of what may have several, where nothing tells which it is. Source: each service's guide, read 2026-11-27."""
_NOTHING: Final = "it is not reached today, and nothing is kept for it"
_HERE: Final = ("internal", "intern", "intra", "local", "localdomain", "lan", "corp", "private", "home")
_HTTPS: Final[Ports] = ((443, 443),)
_GATEWAYS: Final = {"s3", "dynamodb"}
_DNS: Final = 53


@dataclass
class Site:
    """A function where it stands, and what it reaches today."""

    function: Function
    analysis: Analysis
    sources: tuple[Interface, ...]
    there: World
    reached: tuple[NetReach, ...]
    by_reference: bool
    """Name security groups where that can be; else addresses."""

    @property
    def vpcs(self) -> set[str]:
        return {one.vpc for one in self.sources}


def site_of(function: Function, analysis: Analysis, *, by_reference: bool) -> Site:
    """Look where a function stands. *by_reference*: name security groups where that can be, else addresses."""
    sources = sources_of(function, analysis) or ()
    report = reach_of(function, analysis)
    return Site(function, analysis, sources, world(analysis), report.reached, by_reference)


def kept_by(site: Site, uses: Uses, proposals: dict[str, Proposal]) -> Iterator[Kept]:
    """Say of each use by which rules it stays; and what the site's own name servers need."""
    for use in uses.uses:
        kept = _KINDS[use.kind](site, use, proposals)
        if use.is_guess and not kept.rules:
            kept = _KINDS[use.kind](site, replace(use, ports=(), is_guess=False), proposals)
        yield kept
    for rule in _names_rules(site):
        use = NetUse(kind="address", to="", protocol=shown(rule.protocol), ports=((_DNS, _DNS),), why="a rule of today names port 53")
        yield Kept(function=shown(site.function.name), use=use, rules=(rule,), targets=("name servers",))


def _names_rules(site: Site) -> Iterator[SecurityGroupRule]:
    """Keep rules for port 53 alone: somebody has name servers of their own."""
    for rule in _today(site):
        if (rule.from_port, rule.to_port) == (_DNS, _DNS) and protocol_number(shown(rule.protocol)) in {TCP, UDP}:
            yield rule


def _today(site: Site) -> Iterator[SecurityGroupRule]:
    """Give the outbound rules of a function's groups, each for one peer."""
    for name in site.sources[0].groups if site.sources else ():
        for rule in known((site.there.groups.get(name) or group_of(name, site.function, site.analysis)).rules):
            if rule.is_egress:
                yield from singles(rule)


def singles(rule: SecurityGroupRule) -> Iterator[SecurityGroupRule]:
    """Split a rule into what EC2 keeps: one for each peer, with its own description."""
    written = dict(rule.descriptions)
    for name in ("cidrs", "groups", "prefix_lists"):
        for peer in getattr(rule, name):
            text = written.get(shown(peer))
            bare_rule = replace(rule, cidrs=(), groups=(), prefix_lists=(), descriptions=((shown(peer), text),) if text else ())
            yield replace(bare_rule, **{name: (peer,)})


def order(rule: SecurityGroupRule) -> tuple[str, int, int, str]:
    """Order rules as people read them."""
    peers = [*map(shown, rule.cidrs), *map(shown, rule.groups), *map(shown, rule.prefix_lists)]
    first, last = (port if isinstance(port, int) else -1 for port in (rule.from_port, rule.to_port))
    return shown(rule.protocol), first, last, ",".join(peers)


def _rule(protocol: str, ports: tuple[int, int], **peer: str) -> SecurityGroupRule:
    ((name, value),) = peer.items()
    return SecurityGroupRule(
        is_egress=True,
        protocol=protocol,
        from_port=ports[0],
        to_port=ports[1],
        **{name: (value,)},  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - the name of a field of peers
    )


def _made(site: Site, use: NetUse, found: Iterable[tuple[str, Iterable[SecurityGroupRule]]], note: str = "") -> Kept:
    rules: dict[SecurityGroupRule, None] = {}
    targets: dict[str, None] = {}
    for name, each in found:
        targets[name] = None
        rules.update(dict.fromkeys(each))
    if not rules and not note:
        note = _NOTHING
    return Kept(function=shown(site.function.name), use=use, rules=tuple(rules), targets=tuple(targets), note=note)


def _ports_of(told: NetReach, protocol: str) -> Ports:
    return next((one.ports for one in told.protocols if one.protocol == protocol), ())


def _to_target(site: Site, told: NetReach, protocol: str, wanted: Ports) -> Iterator[SecurityGroupRule]:
    """Write rules for something that stands in a network: its security group where references hold, else where it is reached."""
    ports = common(_ports_of(told, protocol), wanted)
    number = protocol_number(protocol) or TCP
    today = [rule for rule in _today(site) if _is_about(rule, told, number, ports)]
    if today and not without(ports, union(pair for rule in today for pair in _sure_ports(rule, number))):
        yield from today  # somebody wrote them for just this
        return
    group = _reference(site, told)
    if group:
        yield from (_rule(protocol, pair, groups=group) for pair in ports)
        return
    for one in told.target.addresses or ((told.target.id,) if told.target.kind == "on-premises" else ()):
        at = range_of(one)
        answers = [connect(site.there, source, Target(at, site.there.by_address.get(at)), number) for source in site.sources]
        reached = union(pair for each in answers if each.kind != "no" for pair in each.ports)
        # A range of a template stands for whatever address AWS will give.
        for pair in common(ports, reached if at.is_one else ports):
            yield _rule(protocol, pair, cidrs=_cidr(one))


def _sure_ports(rule: SecurityGroupRule, protocol: int) -> Ports:
    ports = rule_ports(rule, protocol)
    return () if isinstance(ports, Unknown) else ports


def _is_about(rule: SecurityGroupRule, told: NetReach, protocol: int, ports: Ports) -> bool:
    """Say whether a rule leads to nothing but a target, on nothing but these ports."""
    mine = _sure_ports(rule, protocol)
    if not mine or without(mine, ports) or protocol_number(shown(rule.protocol)) != protocol:
        return False
    if rule.groups:
        return {shown(one) for one in rule.groups} <= set(told.target.groups)
    addresses = [range_of(one) for one in told.target.addresses]
    blocks = list(ranges_of(map(shown, rule.cidrs)))
    return bool(blocks) and all(any(inside(block, one) is True for one in addresses) for block in blocks)


def _cidr(text: str) -> str:
    one = range_of(text)
    return f"{one}/{32 if one.version == 4 else 128}" if one.is_one else str(one)


def _reference(site: Site, told: NetReach) -> str:
    """Give the group by which a target may be named: the one that the fewest others have. Empty where no reference holds."""
    target = told.target
    if not target.groups or (not site.by_reference and target.addresses and all(range_of(one).is_one for one in target.addresses)):
        return ""
    through = [node for node in told.nodes if node in site.there.transit]
    near, far = (next((site.there.vpcs[vpc] for vpc in vpcs if vpc in site.there.vpcs), None) for vpcs in (site.vpcs, {target.vpc}))
    # Outbound references do not cross transit gateways, and none crosses regions.
    if through or (near is not None and far is not None and near.region != far.region):
        return ""

    def crowd(group: str) -> tuple[int, str]:
        return sum(group in one.groups for one in site.there.interfaces.values()), group

    return min(target.groups, key=crowd)


def _standing(site: Site, protocol: str, wanted: Ports, kinds: set[str] | None = None) -> Iterator[NetReach]:
    """List what stands in networks, or on premises, and is reached on some of the ports; on 443 an endpoint carries what is its own."""
    for told in site.reached:
        if told.target.kind not in {"interface", "group", "on-premises"} or not common(_ports_of(told, protocol), wanted):
            continue
        is_other = told.target.service != "endpoint" or not common(wanted, _HTTPS)
        if (told.target.service in kinds) if kinds is not None else is_other:
            yield told


def _outside(site: Site, protocol: str, wanted: Ports) -> Iterator[SecurityGroupRule]:
    """Narrow the rules of today that lead to the internet to some ports: what they do not allow is not opened."""
    open_to = {
        4 if told.target.id == "internet" else 6
        for told in site.reached
        if told.target.kind == "internet" and common(_ports_of(told, protocol), wanted)
    }
    number = protocol_number(protocol)
    for rule in _today(site):
        ports = rule_ports(rule, number if number is not None else TCP)
        if isinstance(ports, Unknown):
            continue
        is_public = any(one.version in open_to and not is_private(one) for one in ranges_of(shown(each) for each in rule.cidrs))
        is_list = bool(rule.prefix_lists) and any(
            one.version in open_to for each in rule.prefix_lists for one in _listed(site, shown(each))
        )
        if not is_public and not is_list:
            continue
        for pair in common(ports, wanted):
            same = (rule.from_port, rule.to_port) == pair and rule.protocol == protocol
            yield rule if same else replace(rule, protocol=protocol, from_port=pair[0], to_port=pair[1], descriptions=())


def _listed(site: Site, name: str) -> tuple[Range, ...]:
    return site.there.prefix_lists.get(name, ())


def _whatever(
    site: Site, protocol: str, wanted: Ports, *, with_internet: bool = True, kinds: set[str] | None = None
) -> Iterator[tuple[str, list[SecurityGroupRule]]]:
    for told in _standing(site, protocol, wanted, kinds):
        yield told.target.name, list(_to_target(site, told, protocol, wanted))
    outside = list(_outside(site, protocol, wanted)) if with_internet else []
    if outside:
        yield "the internet", outside


# --- kinds of uses ---------------------------------------------------------------------------------------------------------


def _address(site: Site, use: NetUse, _: dict[str, Proposal]) -> Kept:
    address = range_of(use.to)
    ports = use.ports or ALL_PORTS
    for told in site.reached:
        if use.to in told.target.addresses and told.target.kind in {"interface", "group"}:
            return _made(site, use, [(told.target.name, _to_target(site, told, use.protocol, ports))], _untold(use, told.target.name))
    number = protocol_number(use.protocol) or TCP
    answers = [connect(site.there, source, Target(address), number) for source in site.sources]
    reached = union(port for one in answers if one.kind != "no" for port in one.ports)
    found = [_rule(use.protocol, pair, cidrs=_cidr(use.to)) for pair in common(reached, ports)]
    return _made(site, use, [(f"`{use.to}`", found)] if found else [], _untold(use, f"`{use.to}`") if found else "")


def _host(site: Site, use: NetUse, _: dict[str, Proposal]) -> Kept:
    known_as = _kind_of_host(use.to, shown(site.function.region))
    if known_as is not None:
        kind, ports = known_as
        return _of_kind(site, replace(use, ports=use.ports or ports), kind, use.to)
    is_here = "." not in use.to or use.to.rpartition(".")[2] in _HERE
    wanted = use.ports or (ALL_PORTS if is_here else _HTTPS)
    found = list(_whatever(site, use.protocol, wanted, with_internet=not is_here))
    if not found:
        return _made(site, use, found)
    assumed = "" if use.ports or is_here else "its port is not told: 443 is assumed; "
    return _made(site, use, found, f"{assumed}its address is not known here: everything that is reached on that port stays")


def _kind_of_host(host: str, region: str) -> tuple[str, Ports] | None:
    for ending, kind, ports in _HOSTS:
        here = ending.replace("{region}", region)
        if host.endswith((here, f"{here}.cn")):
            return kind, ports
    return None


def _thing(site: Site, use: NetUse, _: dict[str, Proposal]) -> Kept:
    return _of_kind(site, use, use.to, "")


def _of_kind(site: Site, use: NetUse, kind: str, host: str) -> Kept:
    """Keep what stands in the network and is of a kind; of several, those that the name fits."""
    wanted = use.ports or ALL_PORTS
    candidates = list(_standing(site, use.protocol, wanted, _ALIKE.get(kind, {kind})))
    if not candidates and site.there.unread.get("interfaces"):
        # A template tells no interfaces: of what stands behind its groups nobody knows the kind.
        candidates = [one for one in _standing(site, use.protocol, wanted) if one.target.kind == "group"]
    named = [one for one in candidates if host and _fits(host, one)] or candidates
    if not named:
        # It may be public, or stand behind an interface that says nothing of itself.
        return _made(site, use, _whatever(site, use.protocol, use.ports or _USUAL.get(kind, ()), with_internet=kind != "efs"))
    notes = [f"which of {len(named)} it is cannot be told: all stay"] if len(named) > 1 and host else []
    notes += [_untold(use, named[0].target.name)] if not use.ports else []
    return _made(site, use, [(one.target.name, _to_target(site, one, use.protocol, wanted)) for one in named], "; ".join(notes))


def _fits(host: str, told: NetReach) -> bool:
    """Say whether a description names what the host's first labels do: `ELB app/shop/1a2b` and `internal-shop-123.eu-west-1.elb...`."""
    labels = host.split(".")
    words = set(told.target.name.replace("/", " ").replace("(", " ").replace(")", " ").split()) | {told.target.id}
    stems = {labels[0], labels[0].removeprefix("vpc-").rpartition("-")[0], labels[0].removeprefix("internal-").rpartition("-")[0]}
    stems |= {"-".join(label.split("-")[:2]) for label in labels if label.startswith(("vpce-", "fs-"))}
    return bool({one for one in stems if one} & words) or any(word.startswith(f"{labels[0]}-") for word in words)


def _untold(use: NetUse, name: str) -> str:
    return "" if use.ports else f"its port is not told: those that {name} takes stay"


def _service(site: Site, use: NetUse, proposals: dict[str, Proposal]) -> Kept:
    service, _, elsewhere = use.to.partition(" ")
    if service == "*":
        found = [each for told in site.reached if (each := _by_endpoint(site, told)) is not None]
        return _made(site, use, [*found, *_over_internet(site)])
    own = None if elsewhere else _own_endpoint(site, service)
    if own is not None:
        by = [each for told in site.reached if _carries(told, own) and (each := _by_endpoint(site, told)) is not None]
        return _made(site, use, by, "" if by else f"its endpoint `{own}` is not reached today, and nothing is kept for it")
    named = [name for name, one in site.there.endpoints.items() if not elsewhere and _is_of(service, shown(one.service))]
    by = [each for told in site.reached for name in named if _carries(told, name) and (each := _by_endpoint(site, told)) is not None]
    outside = list(_over_internet(site))
    if outside and not named and not elsewhere:
        called = f"com.amazonaws.{shown(site.function.region)}.{CALLED.get(service, service)}"
        proposals.setdefault(
            called, Proposal(service=called, endpoint_type="Gateway" if service in _GATEWAYS else "Interface", why=use.told)
        )
    return _made(site, use, [*by, *outside])


def _own_endpoint(site: Site, service: str) -> str | None:
    """Give the endpoint that all requests to a service go through; None where there is none, or not from every subnet."""
    try:
        found = endpoint_of(site.sources, f"{service}:X", site.there)
    except Undecided:
        return None
    return shown(found.name) if found is not None else None


def _is_of(service: str, endpoint: str) -> bool:
    """Say whether an endpoint may be one of a service's: `sagemaker` calls `com.amazonaws.eu-west-1.sagemaker.runtime` too."""
    parts = endpoint.split(".")[3:]
    return any(part == service or part.startswith(f"{service}-") for part in parts) or CALLED.get(service) == ".".join(parts)


def _over_internet(site: Site) -> Iterator[tuple[str, list[SecurityGroupRule]]]:
    outside = list(_outside(site, "tcp", _HTTPS))
    if outside:
        yield "the internet", outside


def _carries(told: NetReach, endpoint: str) -> bool:
    return told.target.service == "endpoint" and (told.target.id == endpoint or endpoint in told.target.name)


def _by_endpoint(site: Site, told: NetReach) -> tuple[str, list[SecurityGroupRule]] | None:
    """Write rules for an endpoint: the list of a gateway endpoint's service, or the group of an interface endpoint."""
    if told.target.service != "endpoint" or not common(_ports_of(told, "tcp"), _HTTPS):
        return None
    if told.target.kind == "interface":
        return told.target.name, list(_to_target(site, told, "tcp", _HTTPS))
    name = list_of(told.target.id, site.sources, site.there)
    if name is not None:
        return told.target.name, [_rule("tcp", _HTTPS[0], prefix_lists=name)]
    # No list is named where routes are templates': the rules of today, narrowed.
    return told.target.name, [
        replace(rule, protocol="tcp", from_port=443, to_port=443, descriptions=())
        for rule in _today(site)
        if not rule.groups and common(ports if not isinstance(ports := rule_ports(rule, TCP), Unknown) else (), _HTTPS)
    ]


def list_of(endpoint: str, sources: Iterable[Interface], there: World) -> str | None:
    """Give the prefix list by which routes lead to a gateway endpoint, as a rule may name it: of a template nothing does."""
    for source in sources:
        table = there.table_of(source.subnet)
        for route in () if isinstance(table, Unknown) or isinstance(table.routes, Unknown) else table.routes:
            name = shown(route.destination)
            if shown(route.target) == endpoint and (name.startswith("pl-") or name.endswith(".prefix_list_id}")):
                return name
    return None


def _unread(site: Site, use: NetUse, _: dict[str, Proposal]) -> Kept:
    """Keep whatever a value may name that nobody may read: on its scheme's port anything, else all that stands in networks."""
    if use.to == SECRETS:
        # What is opened by a secret: databases, caches and brokers, which ask for a password.
        guarded = [one for one in _standing(site, use.protocol, ALL_PORTS) if one.target.asks_iam is False or one.target.kind == "group"]
        found = [(one.target.name, list(_to_target(site, one, use.protocol, ALL_PORTS))) for one in guarded]
        return _made(site, use, found, "which of them it opens is not read: all that ask for a password stay" if found else _NOTHING)
    if use.ports:
        found = list(_whatever(site, use.protocol, use.ports))
    else:
        found = [*_whatever(site, use.protocol, ALL_PORTS, with_internet=False), *_over_internet(site)]
    return _made(site, use, found, "its value is not read: everything it may name on these ports stays" if found else "")


_KINDS: Final[dict[str, Callable[[Site, NetUse, dict[str, Proposal]], Kept]]] = {
    "address": _address,
    "host": _host,
    "service": _service,
    "thing": _thing,
    "unread": _unread,
}
