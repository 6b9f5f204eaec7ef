"""Which entries of network ACLs would let the answers through that get lost now and then."""

from collections.abc import Iterator
from itertools import product
from typing import Final

from buckler.engines.net import TCP, UDP, connect
from buckler.engines.net.gates import Gate, protocol_number
from buckler.engines.net.ranges import CLIENT_PORTS, inside, range_of, without
from buckler.engines.net.reachable import allowed, entry_ports
from buckler.model.functions import Function
from buckler.model.network import NaclEntry, NetworkAcl
from buckler.model.text import shown
from buckler.model.unknown import Unknown, known
from buckler.model.value import Value
from buckler.reach.analysis import Analysis
from buckler.reach.network import reach_of, sources_of
from buckler.reach.network_targets import standing, ways_out, world

_NUMBERS: Final = {"tcp": TCP, "udp": UDP}
_ANYBODY: Final = {4: "0.0.0.0/0", 6: "::/0"}
_LAST: Final = 32766
"""The highest number of an entry (Amazon VPC User Guide, "Network ACL rules")."""
_MOST: Final = 20
"""Entries that a network ACL may have in each direction, unless the quota was raised (Amazon VPC quotas)."""


class Opening(Value):
    """An entry that is missing."""

    acl: NetworkAcl
    subnet: str
    """Whose it is."""
    entry: NaclEntry


def openings(function: Function, analysis: Analysis) -> tuple[Opening, ...] | str:
    """Give the entries by which all answers come back that come back to some client ports today; or why there is no room for them.

    Raises `Undecided`.
    """
    there = world(analysis)
    found: dict[tuple[object, ...], Opening] = {}
    numbers: dict[tuple[object, bool], set[int]] = {}
    for gate, protocol, cidr in dict.fromkeys(_short(function, analysis)):
        acl = there.acl_of(gate.holder)
        if isinstance(acl, Unknown):
            return acl.why
        is_egress = gate.kind == "nacl-out"
        key = (acl.name, is_egress, protocol, cidr)
        if key in found:
            continue
        entries = [one for one in known(acl.entries) if one.is_egress == is_egress and one.rule_number <= _LAST]
        taken = numbers.setdefault((acl.name, is_egress), {one.rule_number for one in entries})
        number = _number(entries, gate, protocol, taken)
        if number is None or len(taken) >= _MOST:
            return f"the network ACL `{shown(acl.name)}` has no room for another entry"
        taken.add(number)
        first, last = CLIENT_PORTS[0]
        entry = NaclEntry(
            rule_number=number,
            is_egress=is_egress,
            protocol=str(protocol),
            is_allow=True,
            cidr=cidr,
            from_port=first,
            to_port=last,
        )
        found[key] = Opening(acl=acl, subnet=gate.holder, entry=entry)
    return tuple(found.values())


def _short(function: Function, analysis: Analysis) -> Iterator[tuple[Gate, int, str]]:
    """Give the network ACLs that let answers to some client ports pass and not to others, the protocol, and whom answers come from."""
    there = world(analysis)
    sources = sources_of(function, analysis) or ()
    broken = {
        told.target.id: [
            _NUMBERS[one.protocol] for one in told.protocols if one.verdict == "some-client-ports" and one.protocol in _NUMBERS
        ]
        for told in reach_of(function, analysis).reached
    }
    for asked in (*standing(analysis), *ways_out(sources, there)):
        for target, source, protocol in product(asked.to, sources, broken.get(asked.target.id, ())):
            way = connect(there, source, target, protocol).way
            for gate in way.back_gates if way is not None else ():
                said = allowed(there, gate, protocol, is_answer=True)
                if gate.kind.startswith("nacl") and said.sure and without(CLIENT_PORTS, said.sure):
                    # One address stands for all that lies outside.
                    is_anybody = gate.peer == target.address and target.interface is None
                    yield gate, protocol, _ANYBODY[gate.peer.version] if is_anybody else _cidr(gate)


def _number(entries: list[NaclEntry], gate: Gate, protocol: int, taken: set[int]) -> int | None:
    """Find a number before the first entry that keeps some of the answers out; after all where none does. None: there is none."""
    for one in sorted(entries, key=lambda each: each.rule_number):
        applies = protocol_number(shown(one.protocol)) in {-1, protocol} and inside(gate.peer, range_of(shown(one.cidr))) is not False
        if not one.is_allow and applies and without(CLIENT_PORTS, without(CLIENT_PORTS, entry_ports(one))):
            return next((number for number in range(one.rule_number - 1, 0, -1) if number not in taken), None)
    highest = max(taken, default=0)
    return highest + 10 if highest + 10 <= _LAST else next((number for number in range(_LAST, highest, -1) if number not in taken), None)


def _cidr(gate: Gate) -> str:
    text = str(gate.peer)
    return text if "/" in text else f"{text}/{32 if gate.peer.version == 4 else 128}"
