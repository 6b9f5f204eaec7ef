"""Who reaches one target: what senders have in common is worked out once, and what is left is looked up for each.

The same answers as `connect`, which is asked wherever anything is in doubt. Senders of a subnet share the way and, but for rules about a
part of the subnet, the network ACLs; what lets them out depends on their groups alone, what lets them in on address and groups.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from buckler.engines.net.gates import TCP, UDP, Gate, Via, rules_of
from buckler.engines.net.ranges import ALL_PORTS, CLIENT_PORTS, NO_PORTS, Ports, Range, common, inside, ranges_of, union
from buckler.engines.net.reachable import Allowed, Connection, Kind, allowed, connect, rule_ports
from buckler.engines.net.trace import Target, is_resolver
from buckler.engines.net.ways import Later, Legs, legs_of_subnet
from buckler.engines.net.world import Interface, World
from buckler.model.text import shown
from buckler.model.unknown import Unknown


class _Inbound(NamedTuple):
    """A rule that lets in at the target."""

    ports: Ports
    blocks: tuple[Range, ...]
    groups: tuple[str, ...]


class _Door(NamedTuple):
    """What lets senders of a subnet in at the target."""

    always: Ports
    """To all of them."""
    parts: tuple[tuple[Range, Ports], ...]
    """To a part of them."""
    groups: dict[str, Ports]
    """To members of groups."""
    known: dict[tuple[str, ...], Ports]
    """To members of several, as far as that was asked; only where there are no parts."""


@dataclass(frozen=True, slots=True)
class _Place:
    """What senders of a subnet share."""

    legs: Legs
    lists: Ports
    """What network ACLs let pass on the way there."""
    clients: Ports
    """And on the way back."""
    door: _Door | None
    """None: nothing filters there."""


class Column:
    """What any interface reaches of one target by one protocol."""

    def __init__(self, world: World, target: Target, protocol: int) -> None:
        self._world, self._target, self._protocol = world, target, protocol
        self._version = target.address.version
        self._is_plain = protocol in {TCP, UDP} and target.interface is not None and target.address.is_one and not target.service
        self._places: dict[tuple[str, bool], _Place | None] = {}
        self._doors: dict[tuple[Range, Via, bool], _Door | None] = {}
        self._inbound: tuple[_Inbound | None, ...] | None = None
        self._of_group: dict[tuple[str, Via, str], Ports | None] = {}
        self._of_set: dict[tuple[tuple[str, ...], Via, str], Ports | None] = {}
        self._known: dict[tuple[Ports, Ports, Ports, Ports], tuple[Kind, Ports, Ports]] = {}

    def connection(self, source: Interface) -> Connection:
        """Give the answer of `connect`."""
        origin = source.address(self._version) if self._is_plain else None
        place = self._place(source, origin) if origin is not None else None
        if place is None or origin is None:
            return connect(self._world, source, self._target, self._protocol)
        out = self._out(source, place.legs) if source.is_filtered else ALL_PORTS
        into = ALL_PORTS if place.door is None else _through(place.door, origin, source.groups)
        if out is None or into is None:
            return connect(self._world, source, self._target, self._protocol)
        key = (out, into, place.lists, place.clients)
        if key not in self._known:
            self._known[key] = _told(common(common(out, place.lists), into), place.clients)
        kind, ports, clients = self._known[key]
        return Connection(
            source, self._target, self._protocol, kind, ports, clients, Later(self._world, source, self._target, place.legs, origin)
        )

    # --- what a subnet shares ---------------------------------------------------------------------------------------------

    def _place(self, source: Interface, origin: Range) -> _Place | None:
        key = (source.subnet, source.has_public_ip)
        if key not in self._places:
            self._places[key] = self._shared(source)
        place = self._places[key]
        if place is None:
            return None
        whole = place.legs.whole
        return place if whole.first <= origin.first and origin.last <= whole.last and origin.version == whole.version else None

    def _shared(self, source: Interface) -> _Place | None:
        """Work out what all of a subnet have alike; None where something is in doubt, or differs between them."""
        if is_resolver(self._world, source, self._target.address):
            return None
        legs = legs_of_subnet(self._world, source, self._target, self._version)
        if legs is None:
            return None
        lists, back = self._pass(legs.forward.gates), self._pass(legs.back.gates)
        references = legs.forward.passes_references
        if lists is None or back is None or isinstance(references, Unknown):
            return None
        peer, door = self._target.interface, None
        if peer is not None and peer.is_filtered:
            key = (legs.whole, legs.forward.via, references)
            if key not in self._doors:
                self._doors[key] = self._door(peer, legs, takes_groups=legs.forward.via != "transit" or references)
            door = self._doors[key]
            if door is None:
                return None
        return _Place(legs, lists, common(back, CLIENT_PORTS), door)

    def _pass(self, gates: Sequence[Gate]) -> Ports | None:
        """Say what gates let pass of all addresses; None where that differs, or is not known."""
        ports = ALL_PORTS
        for gate in gates:
            said = allowed(self._world, gate, self._protocol)
            if gate.is_optional or not _is_sure(said):
                return None
            ports = common(ports, said.sure)
        return ports

    def _door(self, peer: Interface, legs: Legs, *, takes_groups: bool) -> _Door | None:
        """Sort the inbound rules of the target by whom they are for; None where one could not be read."""
        if self._inbound is None:
            self._inbound = tuple(self._read_inbound(peer, legs))
        always: list[tuple[int, int]] = []
        parts: list[tuple[Range, Ports]] = []
        groups: dict[str, list[tuple[int, int]]] = {}
        for rule in self._inbound:
            if rule is None:
                return None
            for block in rule.blocks:
                covers = inside(legs.whole, block)
                if covers is True:
                    always += rule.ports
                elif covers is None:
                    parts.append((block, rule.ports))
            for name in rule.groups if takes_groups else ():
                groups.setdefault(name, []).extend(rule.ports)
        return _Door(union(always), tuple(parts), {name: union(found) for name, found in groups.items()}, {})

    def _read_inbound(self, peer: Interface, legs: Legs) -> Iterator[_Inbound | None]:
        for _, rule in rules_of(self._world, Gate("sg-in", peer.id, legs.whole, peer.groups)):
            if isinstance(rule, Unknown):
                yield None
                return
            ports = rule_ports(rule, self._protocol)
            lists = [self._world.prefix_lists.get(shown(one)) for one in rule.prefix_lists]
            if isinstance(ports, Unknown):
                yield None
                return
            if not ports:
                continue
            if None in lists or not all(isinstance(one, str) for one in rule.cidrs):
                yield None
                return
            held = (one for found in lists for one in found or ())
            yield _Inbound(ports, (*ranges_of(shown(one) for one in rule.cidrs), *held), tuple(map(shown, rule.groups)))

    # --- what groups let out ----------------------------------------------------------------------------------------------

    def _out(self, source: Interface, legs: Legs) -> Ports | None:
        """Say what the groups of a sender let out to the target; None where that is not known."""
        via, listed = legs.forward.via, legs.forward.listed
        key = (source.groups, via, listed)
        if key not in self._of_set:
            each = [self._out_of(group, via, listed) for group in source.groups]
            sure = [one for one in each if one is not None]
            self._of_set[key] = union(port for one in sure for port in one) if len(sure) == len(each) else None
        return self._of_set[key]

    def _out_of(self, group: str, via: Via, listed: str) -> Ports | None:
        key = (group, via, listed)
        if key not in self._of_group:
            peer = self._target.interface
            theirs = peer.groups if peer is not None else None
            gate = Gate("sg-out", group, self._target.address, (group,), theirs, via, lists=(listed,))
            said = allowed(self._world, gate, self._protocol)
            self._of_group[key] = said.sure if _is_sure(said) else None
        return self._of_group[key]


def _told(ports: Ports, clients: Ports) -> tuple[Kind, Ports, Ports]:
    if not ports or not clients:
        return "no", NO_PORTS, NO_PORTS
    return "always" if clients == CLIENT_PORTS else "some-client-ports", ports, clients


def _is_sure(said: Allowed) -> bool:
    return not said.unknown and said.sure == said.perhaps


def _through(door: _Door, origin: Range, groups: tuple[str, ...]) -> Ports | None:
    """Say on which ports a door lets a sender in; None where that differs between the addresses it may have."""
    if not door.parts:
        found = door.known.get(groups)
        if found is None:
            more = [door.groups[name] for name in groups if name in door.groups]
            found = door.known[groups] = union(port for ports in (door.always, *more) for port in ports) if more else door.always
        return found
    more = [door.groups[name] for name in groups if name in door.groups]
    for block, ports in door.parts:
        covers = inside(origin, block)
        if covers is None:
            return None
        if covers:
            more.append(ports)
    if not more:
        return door.always
    return union(port for ports in (door.always, *more) for port in ports)
