"""What is open between everybody that stands in networks, and what is lost when that changes."""

from collections.abc import Callable, Mapping
from typing import TypeAlias

from buckler.engines.net import TCP, UDP, Interface
from buckler.engines.net.gates import protocol_name
from buckler.engines.net.ranges import Ports, union, without
from buckler.model.reachability import LostPair
from buckler.model.text import shown
from buckler.model.unknown import Undecided
from buckler.reach.analysis import Analysis
from buckler.reach.network import heard, rows_over, sources_of
from buckler.reach.network_targets import OWN_KINDS, Asked, standing, ways_out, world

Open: TypeAlias = dict[tuple[str, str, int], Ports]
"""(source, target, protocol) -> ports that are open."""


def everything(_: Asked) -> bool:
    """Leave no target out."""
    return True


def open_of(sources: Callable[[Interface], bool], analysis: Analysis, targets: Callable[[Asked], bool] = everything) -> Open:
    """Work out what the sources concerned reach, those that share their interfaces once."""
    there = world(analysis)
    there_are = [one for one in standing(analysis) if targets(one)]
    answers = rows_over(there, (to for one in there_are for to in one.to))
    found: Open = {}
    for labels, interfaces in _senders(sources, analysis).values():
        ask = answers.of(interfaces)
        outside = [one for one in ways_out(interfaces, there) if one.target.kind != "resolver" and targets(one)]
        for asked in (*there_are, *outside):
            if asked.target.kind == "group" and set(asked.target.groups) == set(interfaces[0].groups):
                continue
            for protocol in (TCP, UDP):
                told = [heard(ask(source, to, protocol), asked) for source in interfaces for to in asked.to]
                ports = union(port for one in told if one.kind != "no" for port in one.ports)
                for label in labels if ports else ():
                    # What stands somewhere needs no network to itself.
                    if label != asked.target.name:
                        found[label, asked.target.name, protocol] = ports
    return found


def _senders(sources: Callable[[Interface], bool], analysis: Analysis) -> dict[tuple[object, ...], tuple[list[str], tuple[Interface, ...]]]:
    """Give functions, and whatever else stands in the networks, by what they send from."""
    found: dict[tuple[object, ...], tuple[list[str], tuple[Interface, ...]]] = {}

    def add(label: str, interfaces: tuple[Interface, ...]) -> None:
        if interfaces and any(map(sources, interfaces)):
            key = tuple((one.subnet, one.groups, one.addresses) for one in interfaces)
            labels = found.setdefault(key, ([], interfaces))[0]
            if label not in labels:
                labels.append(label)

    for function in analysis.estate.functions:
        try:
            add(shown(function.name), sources_of(function, analysis) or ())
        except Undecided:
            continue
    for asked in standing(analysis):
        for to in asked.to:
            if to.interface is not None and to.interface.kind not in OWN_KINDS and asked.target.kind == "interface":
                add(asked.target.name, (to.interface,))
    return found


def lost_of(was: Open, now: Open, meant: Mapping[tuple[str, str, int], Ports] | None = None) -> tuple[LostPair, ...]:
    """Name the connections that are open before and not after, but for those that are *meant* to be closed."""
    lost: list[LostPair] = []
    for key, ports in was.items():
        gone = without(without(ports, now.get(key, ())), (meant or {}).get(key, ()))
        if gone:
            lost.append(LostPair(source=key[0], target=key[1], protocol=protocol_name(key[2]), ports=gone))
    return tuple(sorted(lost, key=lambda one: (one.source, one.target, one.protocol)))
