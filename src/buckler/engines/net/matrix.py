"""Everybody and everything at once: what each of many interfaces reaches of many targets; all ports, routes and answers included.

Ports are cut into atoms, at the ends of every rule; targets stand in the order of their addresses, so that those in a CIDR are
neighbours, and a set of them is one integer. A rule is asked once about all targets; a security group, a network ACL and a subnet's
routes once for all who share them. What is out of the ordinary (several gateways on the way, addresses nobody knows yet) is asked pair by
pair of `connect`.

Most lists by atoms say the same for many atoms in a row: those hold the same integer, so that memory grows with what differs, and what two
of them have in common is worked out once per run.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import Final, NamedTuple

from buckler.engines.net.gates import ANY, entries_of, protocol_number
from buckler.engines.net.ranges import ALL_PORTS, CLIENT_PORTS, NO_PORTS, Ports, Range, common, inside, ranges_of, union, without
from buckler.engines.net.reachable import Connection, connect, entry_ports, rule_ports
from buckler.engines.net.trace import Target, way_of
from buckler.engines.net.world import Interface, World
from buckler.model.network import NetworkAcl, SecurityGroupRule
from buckler.model.text import shown
from buckler.model.unknown import Unknown

_FIRST_CLIENT: Final = CLIENT_PORTS[0][0]


class _Nest:
    """Ranges, asked which of them an address lies in: by the few sizes they have."""

    def __init__(self, ranges: Iterable[Range]) -> None:
        self._all = tuple(dict.fromkeys(ranges))
        sizes: dict[int, dict[int, set[int]]] = {4: {}, 6: {}}
        for one in self._all:
            sizes[one.version].setdefault(one.last - one.first, set()).add(one.first)
        self._sizes = {version: tuple(found.items()) for version, found in sizes.items()}

    def of(self, address: Range) -> tuple[tuple[Range, ...], tuple[Range, ...]]:
        """Give the ranges that have all of the address, and those that have a part."""
        if not address.is_one:
            told = [(one, inside(address, one)) for one in self._all]
            return tuple(one for one, lies in told if lies is True), tuple(one for one, lies in told if lies is None)
        version, at = address.version, address.first
        return tuple([Range(version, first, first + size) for size, firsts in self._sizes[version] if (first := at & ~size) in firsts]), ()


@dataclass(frozen=True)
class Row:
    """What one interface reaches of all targets, as bits in the order of `Matrix.targets`."""

    sure: tuple[int, ...]
    """For each atom of ports, the targets of which it is open."""
    answered: int
    """Targets whose answers come back to every client port."""
    partly: int
    """Targets whose answers come back to some client ports, and not to all."""
    asked: dict[int, Connection]
    """Targets that were asked about one by one."""

    @cached_property
    def reached(self) -> int:
        """Give the targets of which some port is open and answered, as bits; those asked one by one are not among them."""
        return _or(self.sure) & (self.answered | self.partly)


class _Entry(NamedTuple):
    """An entry of a network ACL, as far as it is about the protocol."""

    cidr: Range
    ports: Ports
    is_allow: bool


@dataclass
class _Group:
    """The outbound rules of a security group over all targets."""

    named: list[int]
    """By addresses."""
    referenced: list[int]
    """By reference: where the target's own address is seen."""
    is_known: bool = True


@dataclass
class _Inbound:
    """What inbound rules open to a source for its address alone."""

    open: list[int]
    doubtful: int = 0
    """Targets of which a part of the address decides."""


@dataclass
class _Border:
    """What network ACLs of the targets' subnets let pass from a source, and back to it."""

    there: list[int]
    back: list[int]
    doubtful: int = 0
    """Targets of which a part of the address decides, or something unread."""


@dataclass
class _Routes:
    """Ways from a subnet: targets in it, targets that only the ordinary gates stand before, and the others."""

    same: int = 0
    plain: int = 0
    sees: int = 0
    """Targets that see the source's own address, as a reference wants it."""
    odd: int = 0


class _Run(NamedTuple):
    """Atoms in a row of which a set of groups says the same."""

    first: int
    last: int
    """Not of them any more."""
    named: int
    referenced: int
    called: int


@dataclass
class _Place:
    """What is the same for all interfaces of a subnet, whatever groups they have."""

    usable: int
    odd: int
    sees: int
    passing: list[int]
    """What routes and network ACLs let pass, by atom."""
    open: list[int]
    """Of it what inbound rules open by address, or what nothing filters."""
    every: int
    """Whose answers come back to every client port."""
    some: int
    """Whose answers come back to some."""


@dataclass
class Matrix:
    """Prepared for one protocol (TCP or UDP) and one list of targets."""

    world: World
    targets: tuple[Target, ...]
    protocol: int
    atoms: list[tuple[int, int]] = field(init=False)
    _groups: dict[str, _Group] = field(default_factory=dict[str, _Group])
    _sets: dict[tuple[str, ...], _Group] = field(default_factory=dict[tuple[str, ...], _Group])
    _opened: dict[tuple[Range, ...], _Inbound] = field(default_factory=dict[tuple[Range, ...], _Inbound])
    _borders: dict[tuple[Range, ...], _Border] = field(default_factory=dict[tuple[Range, ...], _Border])
    _runs: dict[tuple[str, ...], list[_Run]] = field(default_factory=dict[tuple[str, ...], list[_Run]])
    _places: dict[tuple[object, ...], _Place] = field(default_factory=dict[tuple[object, ...], _Place])
    _routes: dict[tuple[str, bool, tuple[int, ...]], _Routes] = field(default_factory=dict[tuple[str, bool, tuple[int, ...]], _Routes])
    _acls: dict[tuple[str, bool], list[int] | None] = field(default_factory=dict[tuple[str, bool], list[int] | None])
    _crossed: dict[str, tuple[list[int] | None, list[int] | None]] = field(
        default_factory=dict[str, tuple[list[int] | None, list[int] | None]]
    )
    """What the ACL of a subnet lets out and in, by subnet."""
    _read: dict[tuple[str, bool], tuple[_Entry, ...] | None] = field(default_factory=dict[tuple[str, bool], tuple[_Entry, ...] | None])
    _references: dict[str, list[tuple[range, int]]] = field(default_factory=dict[str, list[tuple[range, int]]])
    _by_cidr: dict[Range, list[tuple[range, int]]] = field(default_factory=dict[Range, list[tuple[range, int]]])

    def __post_init__(self) -> None:
        whole = sorted((one for one in self.targets if one.address.is_one), key=lambda one: one.address)
        self.targets = (*whole, *(one for one in self.targets if not one.address.is_one))
        self._addresses = [one.address for one in whole]
        self._everything = (1 << len(whole)) - 1
        self._fringe = ((1 << len(self.targets)) - 1) ^ self._everything
        self._members: dict[str, int] = {}
        self._unfiltered = 0
        for bit, one in enumerate(whole):
            interface = one.interface
            for group in interface.groups if interface is not None else ():
                self._members[group] = self._members.get(group, 0) | 1 << bit
            if interface is None or not interface.is_filtered:
                self._unfiltered |= 1 << bit
        self.atoms = self._cut()
        self._starts = [first for first, _ in self.atoms]
        self._clients = range(self._starts.index(_FIRST_CLIENT), len(self.atoms))
        self._subnet_of = self._by_subnet(whole)
        self._families = {version: self._within(Range(version, 0, (1 << bits) - 1)) for version, bits in ((4, 32), (6, 128))}
        self._inbound()
        self._rule_ranges = _Nest(self._by_cidr)
        self._acl_ranges = _Nest(self._acl_cidrs())

    def _by_subnet(self, whole: Sequence[Target]) -> dict[str, int]:
        found: dict[str, int] = {}
        for bit, one in enumerate(whole):
            name = one.interface.subnet if one.interface is not None else ""
            found[name] = found.get(name, 0) | 1 << bit
        return found

    def _cut(self) -> list[tuple[int, int]]:
        ends = {0, _FIRST_CLIENT, 65536}
        for name, group in self.world.groups.items():
            for rule in () if isinstance(group.rules, Unknown) else group.rules:
                if not rule.is_egress and name not in self._members:
                    continue
                ports = rule_ports(rule, self.protocol)
                ends.update(_ends(() if isinstance(ports, Unknown) else ports))
        for acl in {id(one): one for one in (*self.world.acls.values(), *self.world.default_acls.values())}.values():
            for is_egress in (True, False):
                for entry in self._entries(acl, is_egress=is_egress) or ():
                    ends.update(_ends(entry.ports))
        cuts = sorted(ends)
        return [(first, last - 1) for first, last in pairwise(cuts)]

    def _entries(self, acl: NetworkAcl | Unknown, *, is_egress: bool) -> tuple[_Entry, ...] | None:
        """Give the entries of an ACL that are about the protocol, in their order; None where what one says is not known."""
        if isinstance(acl, Unknown):
            return None
        key = (shown(acl.name), is_egress)
        if key not in self._read:
            self._read[key] = self._read_entries(acl, is_egress=is_egress)
        return self._read[key]

    def _read_entries(self, acl: NetworkAcl, *, is_egress: bool) -> tuple[_Entry, ...] | None:
        entries = entries_of(acl, is_egress=is_egress)
        if isinstance(entries, Unknown):
            return None
        found: list[_Entry] = []
        for entry in entries:
            number = protocol_number(shown(entry.protocol))
            cidr = next(ranges_of((entry.cidr,)), None) if isinstance(entry.cidr, str) else None
            if number is None or cidr is None:
                return None
            if number in {ANY, self.protocol}:
                found.append(_Entry(cidr, entry_ports(entry), entry.is_allow))
        return tuple(found)

    def _acl_cidrs(self) -> Iterator[Range]:
        for subnet in filter(None, self._subnet_of):
            for is_egress in (True, False):
                yield from (entry.cidr for entry in self._entries(self.world.acl_of(subnet), is_egress=is_egress) or ())

    def _range(self, ports: Ports) -> range:
        """Give the atoms of one range of ports."""
        first, last = ports[0]
        return range(bisect_left(self._starts, first), bisect_right(self._starts, last))

    def _within(self, cidr: Range) -> int:
        """Give the targets whose address lies in a range."""
        first = bisect_left(self._addresses, Range(cidr.version, cidr.first, 0))
        last = bisect_left(self._addresses, Range(cidr.version, cidr.last + 1, 0))
        return ((1 << last - first) - 1) << first if last > first else 0

    # --- what is asked once ------------------------------------------------------------------------------------------------

    def _inbound(self) -> None:
        """Put the inbound rules of all groups together: by what they are about, which targets they open."""
        self._doubtful = 0
        for name, members in self._members.items():
            group = self.world.groups.get(name)
            if group is None or isinstance(group.rules, Unknown):
                self._doubtful |= members
                continue
            for rule in group.rules:
                if not rule.is_egress:
                    self._inbound_rule(rule, members)

    def _inbound_rule(self, rule: SecurityGroupRule, members: int) -> None:
        ports = rule_ports(rule, self.protocol)
        if isinstance(ports, Unknown):
            self._doubtful |= members
            return
        if not ports:
            return
        atoms = self._range(ports)
        for reference in rule.groups:
            self._references.setdefault(shown(reference), []).append((atoms, members))
        for cidr in self._ranges(rule):
            if cidr is None:
                self._doubtful |= members
            else:
                self._by_cidr.setdefault(cidr, []).append((atoms, members))

    def _ranges(self, rule: SecurityGroupRule) -> Iterator[Range | None]:
        """Give the ranges of a rule; None for one that is not known."""
        for cidr in rule.cidrs:
            yield from ranges_of((cidr,)) if isinstance(cidr, str) else (None,)
        for name in rule.prefix_lists:
            held = self.world.prefix_lists.get(shown(name))
            yield from held if held is not None else (None,)

    def _group(self, name: str) -> _Group:
        found = self._groups.get(name)
        if found is None:
            found = self._groups[name] = self._outbound(name)
        return found

    def _outbound(self, name: str) -> _Group:
        made = _Group([0] * len(self.atoms), [0] * len(self.atoms))
        group = self.world.groups.get(name)
        if group is None or isinstance(group.rules, Unknown):
            made.is_known = False
            return made
        for rule in group.rules:
            ports = rule_ports(rule, self.protocol) if rule.is_egress else ()
            if isinstance(ports, Unknown):
                made.is_known = False
                continue
            if not ports:
                continue
            atoms = self._range(ports)
            for cidr in self._ranges(rule):
                if cidr is None:
                    made.is_known = False
                else:
                    _add(made.named, atoms, self._within(cidr))
            for reference in rule.groups:
                _add(made.referenced, atoms, self._members.get(shown(reference), 0))
        return made

    def _set(self, groups: tuple[str, ...]) -> _Group:
        found = self._sets.get(groups)
        if found is None:
            parts = [self._group(name) for name in groups] or [_Group([0] * len(self.atoms), [0] * len(self.atoms))]
            named, referenced = parts[0].named, parts[0].referenced
            for part in parts[1:]:
                named, referenced = _joined(named, part.named), _joined(referenced, part.referenced)
            found = self._sets[groups] = _Group(named, referenced, all(part.is_known for part in parts))
        return found

    def _acl(self, subnet: str, *, is_egress: bool) -> list[int] | None:
        """Give what the ACL of a source's subnet lets pass to (or from) each target, by atom; None where it could not be read."""
        acl = self.world.acl_of(subnet)
        if isinstance(acl, Unknown):
            return None
        key = (shown(acl.name), is_egress)
        if key not in self._acls:
            self._acls[key] = self._first_match(acl, is_egress=is_egress)
        return self._acls[key]

    def _first_match(self, acl: NetworkAcl, *, is_egress: bool) -> list[int] | None:
        entries = self._entries(acl, is_egress=is_egress)
        if entries is None:
            return None
        open_ones, left = [0] * len(self.atoms), [self._everything] * len(self.atoms)
        for entry in entries:
            mask, atoms = self._within(entry.cidr), self._range(entry.ports)
            before = after = hit = 0
            seen = opened = -1
            for atom in atoms:
                if left[atom] is not before or atom == atoms[0]:
                    before = left[atom]
                    hit = before & mask
                    after, seen = before ^ hit, -1
                left[atom] = after
                if entry.is_allow:
                    if open_ones[atom] is not seen:
                        seen = open_ones[atom]
                        opened = seen | hit
                    open_ones[atom] = opened
        return open_ones

    def _inbound_of(self, origin: Range) -> _Inbound:
        """Give what is open to an address: once for all addresses in the same ranges of the rules."""
        within, partly = self._rule_ranges.of(origin)
        key = (*within, Range(0, 0, 0), *partly)
        found = self._opened.get(key)
        if found is None:
            found = self._opened[key] = _Inbound([0] * len(self.atoms))
            for cidr in within:
                for atoms, members in self._by_cidr[cidr]:
                    _add(found.open, atoms, members)
            for cidr in partly:
                found.doubtful |= _or(members for _, members in self._by_cidr[cidr])
        return found

    def _border_of(self, origin: Range) -> _Border:
        """Give what the targets' network ACLs say of an address: once for all addresses in the same ranges of their entries."""
        within, partly = self._acl_ranges.of(origin)
        key = (*within, Range(0, 0, 0), *partly)
        found = self._borders.get(key)
        if found is None:
            found = self._borders[key] = self._cross(origin)
        return found

    def _cross(self, origin: Range) -> _Border:
        border = _Border([0] * len(self.atoms), [0] * len(self.atoms))
        for subnet, members in self._subnet_of.items():
            for is_egress, masks in ((False, border.there), (True, border.back)):
                told = self._for_one(self.world.acl_of(subnet), origin, is_egress=is_egress)
                if told is None:
                    border.doubtful |= members
                    continue
                for ports in told:
                    _add(masks, self._range((ports,)), members)
        border.there, border.back = _alike(border.there), _alike(border.back)
        return border

    def _for_one(self, acl: NetworkAcl | Unknown, peer: Range, *, is_egress: bool) -> Ports | None:
        """Give what an ACL lets pass for one other end; None where a part of its addresses, or something unread, decides."""
        entries = self._entries(acl, is_egress=is_egress)
        if entries is None:
            return None
        passing, left = NO_PORTS, ALL_PORTS
        for entry in entries:
            lies = inside(peer, entry.cidr)
            told = common(left, entry.ports) if lies is not False else NO_PORTS
            if not told:
                continue
            if lies is None:
                return None
            left = without(left, told)
            if entry.is_allow:
                passing = union((*passing, *told))
        return passing

    def _ways(self, source: Interface) -> _Routes:
        key = (source.subnet, source.has_public_ip, tuple(one.version for one in source.addresses))
        found = self._routes.get(key)
        if found is None:
            found = self._routes[key] = _Routes()
            for subnet, members in self._subnet_of.items():
                self._way(source, subnet, members, found)
        return found

    def _way(self, source: Interface, subnet: str, members: int, found: _Routes) -> None:
        """Ask for the way to a subnet once, for all that stand in it; where a route has a part of it, for each."""
        for version in (4, 6):
            mine = self._families[version] & members
            if not mine:
                continue
            origin = source.address(version)
            whole = next((one for one in self.world.ranges.get(subnet, ()) if one.version == version), None)
            if origin is None:
                continue
            if whole is None:
                found.odd |= mine
                continue
            first = self.targets[(mine & -mine).bit_length() - 1]
            way = way_of(self.world, source, Target(whole, first.interface))
            if way is None or way.unknown or way.perhaps or way.forward.translated or way.is_resolver:
                found.odd |= mine
            elif way.stops:
                continue
            elif subnet == source.subnet:
                found.same |= mine
                found.sees |= mine
            elif [gate.kind for gate in way.forward.gates] == ["nacl-out", "nacl-in"] and len(way.back_gates) == 2:
                found.plain |= mine
                found.sees |= mine if way.forward.via in {"local", "peering"} and way.forward.groups is not None else 0
                if way.forward.via == "transit":
                    found.plain ^= mine
                    found.odd |= mine
            else:
                found.odd |= mine

    # --- rows --------------------------------------------------------------------------------------------------------------

    def row(self, source: Interface) -> Row:
        """Work out what one interface reaches."""
        out, place = self._set(source.groups), self._place(source)
        if not out.is_known or place is None:
            return self._one_by_one(source, (1 << len(self.targets)) - 1)
        sure: list[int] = []
        for run in self._runs_of(source.groups, out):
            named = run.named | (run.referenced & place.sees)
            reachable = place.open[run.first : run.last]
            if run.called & place.sees:
                called = run.called & place.sees
                reachable = [one | (way & called) for one, way in zip(reachable, place.passing[run.first : run.last], strict=True)]
            if not named & place.usable:
                sure += [0] * (run.last - run.first)
            elif named & place.usable == place.usable:
                sure += reachable
            else:
                sure += _masked(reachable, named)
        return Row(tuple(sure), place.every, place.some, self._one_by_one(source, (place.odd & self._everything) | self._fringe).asked)

    def _place(self, source: Interface) -> _Place | None:
        """Give what is the same for all interfaces there; None where an ACL of the subnet could not be read."""
        passed = self._crossed.get(source.subnet)
        if passed is None:
            ways = (self._acl(source.subnet, is_egress=is_egress) for is_egress in (True, False))
            passed = self._crossed[source.subnet] = next(ways), next(ways)
        ahead, back = passed
        if ahead is None or back is None:
            return None
        told = [(one.version, self._inbound_of(one), self._border_of(one)) for one in source.addresses]
        key = (
            source.subnet,
            source.has_public_ip,
            *((version, id(inbound), id(border)) for version, inbound, border in told),
        )
        found = self._places.get(key)
        if found is None:
            found = self._places[key] = self._placed(source, told, ahead, back)
        return found

    def _placed(self, source: Interface, told: list[tuple[int, _Inbound, _Border]], ahead: list[int], back: list[int]) -> _Place:
        routes = self._ways(source)
        odd = routes.odd | self._doubtful | self._resolver(source)
        mine, nothing = 0, [0] * len(self.atoms)
        opened, passing, answering = nothing, nothing, nothing
        for version, inbound, border in told:
            family = self._families[version]
            odd |= (inbound.doubtful | border.doubtful) & family
            mine |= family
            opened = _joined(opened, _masked(inbound.open, family))
            passing = _joined(passing, _masked(border.there, family))
            answering = _joined(answering, _masked(border.back, family))
        usable = (routes.same | routes.plain) & mine & ~odd
        ways = _alike([usable & (routes.same | (out & into)) for out, into in zip(ahead, passing, strict=True)])
        every, some = usable, 0
        for atom in self._clients:
            answered = routes.same | (back[atom] & answering[atom])
            every &= answered
            some |= answered
        return _Place(
            usable,
            odd,
            routes.sees,
            ways,
            _alike([way & (one | self._unfiltered) for way, one in zip(ways, opened, strict=True)]),
            every,
            some & usable & ~every,
        )

    def _runs_of(self, groups: tuple[str, ...], out: _Group) -> list[_Run]:
        """Give what a set of groups says, run by run: what goes out by address and by reference, and who calls one of them by name."""
        found = self._runs.get(groups)
        if found is None:
            called = [0] * len(self.atoms)
            for group in groups:
                for atoms, members in self._references.get(group, ()):
                    _add(called, atoms, members)
            found = self._runs[groups] = []
            first = 0
            for atom in range(1, len(self.atoms) + 1):
                told = (out.named[first], out.referenced[first], called[first])
                if atom == len(self.atoms) or (out.named[atom], out.referenced[atom], called[atom]) != told:
                    found.append(_Run(first, atom, *told))
                    first = atom
        return found

    def _resolver(self, source: Interface) -> int:
        own = next((one for one in self.world.ranges.get(source.vpc, ()) if one.version == 4), None)
        return self._within(Range(4, own.first + 2, own.first + 2)) if own is not None else 0

    def _one_by_one(self, source: Interface, which: int) -> Row:
        asked = {bit: connect(self.world, source, self.targets[bit], self.protocol) for bit in _bits(which)}
        return Row((0,) * len(self.atoms), 0, 0, asked)

    def connection(self, source: Interface, row: Row, bit: int) -> Connection:
        """Give the answer of `connect` for a target, asking it only where something is reached."""
        if bit in row.asked:
            return row.asked[bit]
        if row.reached >> bit & 1:
            return connect(self.world, source, self.targets[bit], self.protocol)
        return Connection(source, self.targets[bit], self.protocol, "no", NO_PORTS, NO_PORTS, None)

    def ports(self, row: Row, bit: int) -> Ports:
        """Give the ports that are open of a target."""
        if bit in row.asked:
            return row.asked[bit].ports
        mask = 1 << bit
        if not (row.answered | row.partly) & mask:
            return ()
        return union(self.atoms[atom] for atom, open_ones in enumerate(row.sure) if open_ones & mask)


def _ends(ports: Ports) -> Iterator[int]:
    for first, last in ports:
        yield first
        yield last + 1


def _add(by_atom: list[int], atoms: range, mask: int) -> None:
    """Add targets to some atoms; those that held one integer hold one again."""
    old = new = -1
    for atom in atoms:
        now = by_atom[atom]
        if now is not old:
            old, new = now, now | mask if now else mask
        by_atom[atom] = new


def _joined(one: list[int], other: list[int]) -> list[int]:
    """Put two lists together, atom by atom; what is the same for atoms in a row is one integer."""
    if not any(other):
        return one
    if not any(one):
        return other
    found: list[int] = []
    left = right = both = -1
    for mine, theirs in zip(one, other, strict=True):
        if mine is not left or theirs is not right:
            left, right = mine, theirs
            both = mine | theirs if mine and theirs else mine or theirs
        found.append(both)
    return found


def _masked(by_atom: list[int], mask: int) -> list[int]:
    """Keep some targets of each atom."""
    found: list[int] = []
    old = kept = -1
    for now in by_atom:
        if now is not old:
            old, kept = now, now & mask
        found.append(kept)
    return found


def _alike(by_atom: list[int]) -> list[int]:
    """Give one integer to all atoms in a row that say the same."""
    found: list[int] = []
    last = -1
    for now in by_atom:
        if now != last:
            last = now
        found.append(last)
    return found


def _or(masks: Iterable[int]) -> int:
    found = 0
    last = 0
    for mask in masks:
        if mask is not last:
            found |= mask
            last = mask
    return found


def _bits(mask: int) -> Iterator[int]:
    while mask:
        low = mask & -mask
        yield low.bit_length() - 1
        mask ^= low
