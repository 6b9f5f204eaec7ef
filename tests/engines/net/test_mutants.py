"""Deliberate faults in the engine: the written cases must notice every one."""

from importlib import import_module

import pytest
from tests.engines.net.test_cases import CASES, ask, ports_of

from buckler.engines.net import gates, public_access, ranges, reachable, walk, world
from buckler.engines.net.gates import Gate
from buckler.engines.net.ranges import ALL_PORTS, NO_PORTS
from buckler.engines.net.reachable import Allowed, at_port, connect, overall
from buckler.model.unknown import Unknown

# The package gives the function of this name.
trace = import_module("buckler.engines.net.trace")


def return_acl_skipped(patch):
    original = trace._back

    def back(*arguments):
        leg = original(*arguments)
        leg.gates = []
        return leg

    patch.setattr(trace, "_back", back)


def way_back_not_looked_at(patch):
    original = trace._back

    def back(*arguments):
        leg = original(*arguments)
        leg.stops, leg.unknown = [], []
        return leg

    patch.setattr(trace, "_back", back)


def acl_within_a_subnet(patch):
    original = walk.one_way

    def one_way(there, subnet, leg, to, **options):
        found = original(there, subnet, leg, to, **options)
        if found.end == "subnet" and not found.nodes:
            found.gates += [Gate("nacl-out", subnet, peer=to), Gate("nacl-in", subnet, peer=leg.origin)]
        return found

    patch.setattr(trace, "one_way", one_way)


def last_match_wins(patch):
    original = gates.entries_of

    def entries(acl, *, is_egress):
        found = original(acl, is_egress=is_egress)
        return found if isinstance(found, Unknown) else tuple(reversed(found))

    patch.setattr(reachable, "entries_of", entries)


def entries_as_listed(patch):
    original = gates.entries_of

    def entries(acl, *, is_egress):
        found = original(acl, is_egress=is_egress)
        return found if isinstance(found, Unknown) else tuple(one for one in acl.entries if one.is_egress == is_egress)

    patch.setattr(reachable, "entries_of", entries)


def group_instead_of_address(patch):
    original = gates._references

    def references(gate, group):
        return original(gate._replace(peer_groups=gate.peer_groups or ("fn",), via="local"), group)

    patch.setattr(gates, "_references", references)


def outbound_references_over_transit(patch):
    original = gates._references
    patch.setattr(gates, "_references", lambda gate, group: original(gate._replace(via="local"), group))


def nat_reaches_by_itself(patch):
    def translate(there, vpc, name, subnet, leg, to, **_):
        leg.nodes += [vpc, name]
        leg.end = "internet"

    patch.setattr(walk, "_translate", translate)


def nat_without_its_acls(patch):
    original = walk._translate

    def translate(there, vpc, name, subnet, leg, to, **options):
        before = len(leg.gates)
        original(there, vpc, name, subnet, leg, to, **options)
        del leg.gates[before:]

    patch.setattr(walk, "_translate", translate)


def public_subnet_is_enough(patch):
    original = walk._internet
    patch.setattr(
        walk, "_internet", lambda there, vpc, subnet, name, leg, to, **_: original(there, vpc, subnet, name, leg, to, public=True)
    )


def gateway_attached_anywhere(patch):
    def internet(there, vpc, _, name, leg, to, *, public):
        leg.end = "internet" if public or to.version == 6 else ""
        if not leg.end:
            leg.stop("no-public-address", name, "")

    patch.setattr(walk, "_internet", internet)


def least_specific_route(patch):
    original = walk.choose

    def choose(there, table, vpc, leg, to, service=""):
        routes = (
            sorted(
                (one for one in table.routes if isinstance(one.destination, str) and "/" in one.destination),
                key=lambda one: int(one.destination.rpartition("/")[2]),
            )
            if not isinstance(table.routes, Unknown)
            else ()
        )
        for route in routes:
            if ranges.inside(to, ranges.range_of(route.destination)) is True:
                return route
        return original(there, table, vpc, leg, to, service)

    patch.setattr(walk, "choose", choose)


def blackholes_work(patch):
    original = walk.choose

    def choose(*arguments):
        route = original(*arguments)
        if route is None or route.state != "blackhole":
            return route
        from msgspec.structs import replace as with_fields

        return with_fields(route, state="active", target=route.target if str(route.target).startswith(("pcx", "att")) else "pcx-1")

    patch.setattr(walk, "choose", choose)


def peering_whatever_its_state(patch):
    original = walk._peering

    def peering(there, vpc, name, leg, to):
        from msgspec.structs import replace as with_fields

        if name in there.peerings:
            there.peerings[name] = with_fields(there.peerings[name], status="active")
        original(there, vpc, name, leg, to)

    patch.setattr(walk, "_peering", peering)


def peering_is_transitive(patch):
    def peering(there, vpc, name, leg, to):
        held = there.peerings.get(name)
        if held is None:
            return leg.unknown.append(there.gone("peerings", name))
        other = held.accepter_vpc if held.requester_vpc == vpc else held.requester_vpc
        first = there.vpc_subnets[other][0]
        if held.status != "active":
            return leg.stop("not-active", name, "")
        leg.nodes += [vpc, other]
        if any(ranges.inside(to, one) is True for one in there.ranges[other]):
            return walk._arrive(there, other, leg, to)
        return walk._leave(there, other, first, leg, to, public=False, service="", hops=1)

    patch.setattr(walk, "_peering", peering)


def outbound_rules_skipped(patch):
    _skip(patch, "sg-out")


def inbound_rules_skipped(patch):
    _skip(patch, "sg-in")


def acl_in_skipped(patch):
    _skip(patch, "nacl-in")


def acl_out_skipped(patch):
    _skip(patch, "nacl-out")


def _skip(patch, kind):
    original = reachable.allowed

    def allowed(there, gate, protocol, **options):
        return Allowed(ALL_PORTS, ALL_PORTS) if gate.kind == kind else original(there, gate, protocol, **options)

    patch.setattr(reachable, "allowed", allowed)


def every_port_is_a_client_port(patch):
    patch.setattr(reachable, "CLIENT_PORTS", ALL_PORTS)


def some_client_port_is_enough(patch):
    original = reachable.connect

    def connected(*arguments):
        told = original(*arguments)
        return told._replace(kind="always") if told.kind == "some-client-ports" else told

    patch.setattr("tests.engines.net.test_mutants.connect", connected)


def unread_list_is_empty(patch):
    original = gates.peer_matches

    def matches(there, gate, rule):
        found = original(there, gate, rule)
        return False if isinstance(found, Unknown) and rule.prefix_lists else found

    patch.setattr(reachable, "peer_matches", matches)


def unread_is_no(patch):
    original = reachable.connect

    def connected(*arguments):
        told = original(*arguments)
        return told._replace(kind="no", ports=NO_PORTS) if told.kind == "unknown" else told

    patch.setattr("tests.engines.net.test_mutants.connect", connected)


def implicit_allow(patch):
    original = reachable._of_acl

    def of_acl(there, gate, protocol):
        told = original(there, gate, protocol)
        return told if told.unknown or told.sure else Allowed(ALL_PORTS, ALL_PORTS)

    patch.setattr(reachable, "_of_acl", of_acl)


def protocol_ignored(patch):
    original = reachable.rule_ports
    patch.setattr(reachable, "rule_ports", lambda rule, protocol: original(rule, gates.protocol_number(str(rule.protocol)) or protocol))


def one_address_stands_for_a_subnet(patch):
    original = ranges.inside
    for module in (gates, walk):
        patch.setattr(module, "inside", lambda one, other: original(one, other) is not False)


def ipv6_without_asking(patch):
    original = world.World.of_placement

    def placement(there, name, vpc):
        from msgspec.structs import replace as with_fields

        return original(there, name, with_fields(vpc, ipv6=True))

    patch.setattr(world.World, "of_placement", placement)


def any_zone_of_a_transit_gateway(patch):
    original = walk._transit

    def transit(there, vpc, name, subnet, leg, to, **options):
        before = there.subnets[subnet]
        from msgspec.structs import replace as with_fields

        held = there.transit.get(name)
        stands = next((one.subnet_ids[0] for one in held.attachments if one.resource_id == vpc), subnet) if held is not None else subnet
        there.subnets[subnet] = with_fields(before, availability_zone=there.subnets[stands].availability_zone)
        original(there, vpc, name, subnet, leg, to, **options)
        there.subnets[subnet] = before

    patch.setattr(walk, "_transit", transit)


def first_subnet_only(patch):
    patch.setattr("tests.engines.net.test_mutants.overall", lambda told: told[0].kind)


def resolver_is_filtered(patch):
    patch.setattr(trace, "is_resolver", lambda *_: False)


def addresses_without_interface(patch):
    original = trace.one_way

    def one_way(*arguments, **options):
        leg = original(*arguments, **options)
        leg.end = (
            "endpoint" if leg.end == "subnet" and not leg.stops and arguments[3].is_one and str(arguments[3]).endswith(".77") else leg.end
        )
        return leg

    patch.setattr(trace, "one_way", one_way)


def endpoint_for_every_service(patch):
    original = walk._destinations

    def destinations(there, route, vpc, leg, service, to):
        return (to,) if service and str(route.destination).startswith("pl-") else original(there, route, vpc, leg, service, to)

    patch.setattr(walk, "_destinations", destinations)


def _barred(patch, change):
    original = walk.barred
    patch.setattr(walk, "barred", lambda there, subnet, *, is_outbound: change(original, there, subnet, is_outbound=is_outbound))


def public_access_is_never_blocked(patch):
    _barred(patch, lambda *_, **__: None)


def unread_block_is_off(patch):
    def change(original, *arguments, **options):
        told = original(*arguments, **options)
        return None if isinstance(told, Unknown) else told

    _barred(patch, change)


def unread_block_is_on(patch):
    def change(original, *arguments, **options):
        told = original(*arguments, **options)
        return told.why if isinstance(told, Unknown) else told

    _barred(patch, change)


def ingress_blocks_nat_too(patch):
    _barred(patch, lambda original, there, subnet, **_: original(there, subnet, is_outbound=False))


def ingress_lets_everything_out(patch):
    _barred(patch, lambda original, there, subnet, **_: original(there, subnet, is_outbound=True))


def the_functions_own_subnet_is_excluded(patch):
    _barred(patch, lambda original, there, subnet, **options: original(there, "app" if subnet == "pub" else subnet, **options))


def any_exclusion_is_enough(patch):
    patch.setattr(public_access, "_excludes", lambda *_: True)


def egress_exclusions_always_count(patch):
    original = public_access._excludes
    patch.setattr(public_access, "_excludes", lambda there, exclusion, subnet, _: original(there, exclusion, subnet, "block-bidirectional"))


def egress_exclusions_never_count(patch):
    original = public_access._excludes
    patch.setattr(public_access, "_excludes", lambda there, exclusion, subnet, _: original(there, exclusion, subnet, "block-ingress"))


def exclusions_of_subnets_only(patch):
    original = public_access._excludes
    patch.setattr(
        public_access, "_excludes", lambda there, one, subnet, mode: one.resource == subnet and original(there, one, subnet, mode)
    )


def firewalls_let_everything_pass(patch):
    def endpoint(there, vpc, name, leg):
        leg.end = "internet" if there.endpoints[name].endpoint_type != "Gateway" else "endpoint"

    patch.setattr(walk, "_endpoint", endpoint)


def references_cross_regions(patch):
    original = walk._peering

    def peering(there, vpc, name, leg, to):
        before = leg.groups
        original(there, vpc, name, leg, to)
        leg.groups = before

    patch.setattr(walk, "_peering", peering)


def outbound_references_cross_regions(patch):
    original = trace.between

    def between(there, source, target, forward, back):
        way = original(there, source, target, forward, back)
        theirs = target.interface.groups if target.interface is not None and forward.end == "subnet" else None
        changed = tuple(one._replace(peer_groups=theirs) if one.kind == "sg-out" else one for one in way.gates)
        return way._replace(gates=changed)

    patch.setattr(trace, "between", between)
    patch.setattr(import_module("buckler.engines.net.ways"), "between", between)


def appliance_mode_is_always_on(patch):
    patch.setattr(walk, "_zone", lambda subnet: "")


def appliance_mode_is_always_off(patch):
    original = walk._from_transit
    from msgspec.structs import replace as with_fields

    def leave(there, attachment, leg, to, **options):
        return original(there, with_fields(attachment, appliance_mode=False), leg, to, **options)

    patch.setattr(walk, "_from_transit", leave)


def lattice_is_no_way_out(patch):
    original = walk._leave

    def leave(there, vpc, subnet, leg, to, **options):
        original(there, vpc, subnet, leg, to, **options)
        if any("Lattice" in one.why for one in leg.unknown):
            leg.unknown = []
            leg.stop("no-route", subnet, "no route")

    patch.setattr(walk, "_leave", leave)


def direct_connect_is_not_the_customers(patch):
    original = walk._through

    def through(there, gateway, came, leg, to, **options):
        original(there, gateway, came, leg, to, **options)
        if leg.end == "on-premises":
            leg.end = ""
            leg.stop("not-active", "tgw", "no VPC")

    patch.setattr(walk, "_through", through)


MUTANTS = [
    return_acl_skipped, way_back_not_looked_at, acl_within_a_subnet, last_match_wins, entries_as_listed, group_instead_of_address,
    outbound_references_over_transit, nat_reaches_by_itself, nat_without_its_acls, public_subnet_is_enough, gateway_attached_anywhere,
    least_specific_route, blackholes_work, peering_whatever_its_state, peering_is_transitive, outbound_rules_skipped, inbound_rules_skipped,
    acl_in_skipped, acl_out_skipped, every_port_is_a_client_port, some_client_port_is_enough, unread_list_is_empty, unread_is_no,
    implicit_allow, protocol_ignored, one_address_stands_for_a_subnet, ipv6_without_asking, any_zone_of_a_transit_gateway,
    first_subnet_only, resolver_is_filtered, addresses_without_interface, endpoint_for_every_service,
    public_access_is_never_blocked, unread_block_is_off, unread_block_is_on, ingress_blocks_nat_too, ingress_lets_everything_out,
    the_functions_own_subnet_is_excluded, any_exclusion_is_enough, egress_exclusions_always_count, egress_exclusions_never_count,
    exclusions_of_subnets_only, firewalls_let_everything_pass,
    references_cross_regions, outbound_references_cross_regions, appliance_mode_is_always_on, appliance_mode_is_always_off,
    lattice_is_no_way_out, direct_connect_is_not_the_customers,
]  # fmt: skip


def wrong():
    """Name the cases that come out otherwise than written."""
    found = []
    for case in CASES:
        changes, question, expected = case.values
        there, sources, target, protocol, port = ask(changes, question)
        kind, _, rest = expected.partition(" ")
        if not isinstance(sources, tuple):
            continue
        told = [connect(there, source, target, protocol) for source in sources]
        ports, _, clients = rest.partition(" ")
        reached = [one for one in told if one.kind != "no"]
        if (
            overall([at_port(one, port) for one in told]) != kind
            or (kind != "unknown" and ports and any(one.ports != ports_of(ports) for one in reached))
            or (clients and any(one.clients != ports_of(clients) for one in reached))
        ):
            found.append(case.id)
    return found


def test_the_engine_itself_is_right():
    assert wrong() == []


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.__name__)
def test_a_fault_is_noticed(mutant, monkeypatch):
    mutant(monkeypatch)
    assert wrong()


def test_there_are_enough():
    assert len({mutant.__name__ for mutant in MUTANTS}) >= 15
