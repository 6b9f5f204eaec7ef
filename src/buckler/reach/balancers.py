"""Load balancers as targets: the ports on which one answers, and what is reached through it.

Sources: Elastic Load Balancing User Guides, "Listeners", "Client IP preservation" (targets of a network load balancer see the client's
address, and their security groups must let it in, or the load balancer's group), "Security groups for your Application Load Balancer".
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from buckler.engines.net import TCP, UDP, Interface, Kind, Target, World, at_port, connect
from buckler.engines.net.gates import Flow, Gate, Outcome, ask
from buckler.engines.net.ranges import Ports, Range, ranges_of, union
from buckler.model.network import BalancerGroup, BalancerListener, BalancerTarget, LoadBalancer
from buckler.model.text import shown
from buckler.model.unknown import Unknown
from buckler.reach.analysis import Analysis
from buckler.reach.listening import SENT_ORDER, Sent, forwarded
from buckler.reach.once import once

Listens: TypeAlias = dict[int, Ports]
"""Protocol -> ports on which a load balancer answers."""
HEAD: Final = "ELB "
"""What the description of a load balancer's interface begins with; the rest is the end of its ARN."""
_NAMED_AT_MOST: Final = 5
_PROTOCOLS: Final = {
    "HTTP": (TCP,),
    "HTTPS": (TCP,),
    "TCP": (TCP,),
    "TLS": (TCP,),
    "UDP": (UDP,),
    "QUIC": (UDP,),
    "TCP_UDP": (TCP, UDP),
    "TCP_QUIC": (TCP, UDP),
}


@once
def _by_end(analysis: Analysis) -> dict[str, LoadBalancer]:
    """Load balancers by the end of their ARN; a template does not tell it."""
    return {end: one for one in analysis.estate.load_balancers if (end := end_of(one))}


def end_of(balancer: LoadBalancer) -> str:
    """Give the end of an ARN: `app/orders/0123456789abcdef`; "" where AWS has not chosen it yet."""
    return shown(balancer.arn).partition(":loadbalancer/")[2]


def balancer_of(description: str, analysis: Analysis) -> LoadBalancer | None:
    """Find the load balancer that an interface belongs to."""
    return _by_end(analysis).get(description.removeprefix(HEAD)) if description.startswith(HEAD) else None


def listens(balancer: LoadBalancer) -> Listens | None:
    """Give the ports a load balancer answers on; None where they could not be read: it may be any."""
    if isinstance(balancer.listeners, Unknown):
        return None
    found: dict[int, list[tuple[int, int]]] = {TCP: [], UDP: []}
    for one in balancer.listeners:
        for protocol in _PROTOCOLS.get(one.protocol, (TCP, UDP)):
            found[protocol].append((one.port, one.port))
    return {protocol: union(ports) for protocol, ports in found.items()}


def said_behind(balancer: LoadBalancer, own: Sequence[Interface], sources: Sequence[Interface], there: World) -> str:
    """Say what is reached through a load balancer, whoever keeps the function itself from it. *own*: the balancer's interfaces."""
    unread = next((one for one in (balancer.listeners, balancer.groups) if isinstance(one, Unknown)), None)
    if unread is not None:
        return f"where it listens, and what stands behind it, is not wholly known: {unread.why} (needs {unread.need})"
    named: list[str] = []
    kept_out, passed_by = 0, 0
    leads = dict(_leads(balancer, own, sources, there))
    for group in () if isinstance(balancer.groups, Unknown) else balancer.groups:
        ways = leads.get(group.name)
        if ways is None:
            passed_by += 1
            continue
        if isinstance(group.targets, Unknown):
            named.append(f"what is in `{group.name}`{ways.how}, which is not known: {group.targets.why} (needs {group.targets.need})")
            continue
        for target in group.targets:
            said = _passes(group, target, own, sources, there, ways)
            if said == "":
                kept_out += 1
            else:
                named.append(said)
    by_rules = f"its rules keep {passed_by} of its target groups from there" if passed_by else ""
    if not named:
        if not kept_out:
            return f"it passes nothing on: {by_rules}" if by_rules else "nothing stands behind it"
        return "; ".join(filter(None, (f"it passes nothing on: {kept_out} of its targets keep it out", by_rules)))
    more = f", and {len(named) - _NAMED_AT_MOST} more" if len(named) > _NAMED_AT_MOST else ""
    rest = (f"{kept_out} keep it out" if kept_out else "", by_rules)
    return "; ".join(filter(None, (f"through it: {', '.join(named[:_NAMED_AT_MOST])}{more}", *rest)))


@dataclass(frozen=True, slots=True)
class _Leads:
    """How requests of a function get to a target group."""

    sent: Sent
    how: str
    """What a request has to be for it, in words; "": any will do."""


def _leads(balancer: LoadBalancer, own: Sequence[Interface], sources: Sequence[Interface], there: World) -> Iterator[tuple[str, _Leads]]:
    """Give the target groups that any listener sends requests of any of the sources to, each with the best of its ways."""
    ways: dict[str, list[_Leads]] = {}
    for listener in () if isinstance(balancer.listeners, Unknown) else balancer.listeners:
        for origin in _seen_from(listener, own, sources, there):
            told = forwarded(listener, origin)
            if isinstance(told, Unknown):
                for group in () if isinstance(balancer.groups, Unknown) else balancer.groups:
                    ways.setdefault(group.name, []).append(_Leads("unknown", ""))
                continue
            for one in told:
                ways.setdefault(one.group, []).append(_Leads(one.sent, one.how))
    yield from ((group, min(found, key=lambda one: (SENT_ORDER.index(one.sent), len(one.how), one.how))) for group, found in ways.items())


def _seen_from(listener: BalancerListener, own: Sequence[Interface], sources: Sequence[Interface], there: World) -> Iterator[Range]:
    """Give the addresses under which a listener sees the sources that reach it: a NAT gateway on the way hides theirs."""
    found: dict[Range, None] = {}
    for source in sources:
        for one in own:
            for address in one.addresses:
                for protocol in _PROTOCOLS.get(listener.protocol, (TCP, UDP)):
                    told = at_port(connect(there, source, Target(address, one), protocol), listener.port)
                    if told.kind != "no" and told.way is not None:
                        found[told.way.forward.origin] = None
    yield from found


def _passes(
    group: BalancerGroup, target: BalancerTarget, own: Sequence[Interface], sources: Sequence[Interface], there: World, ways: _Leads
) -> str:
    """Name a target that a load balancer gets to; "": it is kept out."""
    standing = next(iter(_standing(target.id, there)), None)
    perhaps = ", perhaps" if ways.sent != "always" else ""
    if standing is None:
        return f"{target.id.rpartition('loadbalancer/')[2] or target.id}:{target.port}{ways.how}{perhaps}"
    name = f"{standing.description or standing.id} ({standing.addresses[0]}:{target.port}){ways.how}"
    asked = [
        at_port(connect(there, one, Target(address, standing), TCP), target.port).kind for one in own for address in standing.addresses[:1]
    ]
    if group.keeps_client_ip is True:
        # The target's security groups see the client's address, and still know the load balancer's own group.
        groups = own[0].groups if own else ()
        gates = [
            Gate("sg-in", standing.id, origin, standing.groups, groups)
            for one in sources
            if standing.is_filtered and (origin := one.address(4)) is not None
        ]
        asked = [_KINDS[ask(there, gate, Flow(TCP, target.port)).outcome] for gate in gates] or ["always"]
    if all(kind == "no" for kind in asked):
        return ""
    unsure = isinstance(group.keeps_client_ip, Unknown) or any(kind in {"may", "unknown"} for kind in asked)
    return f"{name}, perhaps" if unsure or perhaps else name


_KINDS: Final[dict[Outcome, Kind]] = {Outcome.PASS: "always", Outcome.BLOCK: "no", Outcome.MAY: "may", Outcome.UNKNOWN: "unknown"}


def _standing(identity: str, there: World) -> Iterator[Interface]:
    """Find what stands at an address, or is a machine."""
    address = next(iter(ranges_of((identity,))), None)
    if address is not None:
        found = there.by_address.get(address)
        if found is not None:
            yield found
        return
    yield from (one for one in there.interfaces.values() if one.instance == identity and one.addresses)
