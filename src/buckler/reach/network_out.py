"""Subnets from which a function gets to the internet."""

from dataclasses import replace

from buckler.engines.net import Packet, Target, trace
from buckler.engines.net.ranges import range_of
from buckler.model.functions import Function
from buckler.model.network import Subnet
from buckler.model.text import shown
from buckler.reach.analysis import Analysis
from buckler.reach.network import sources_of
from buckler.reach.network_targets import world

SOMEWHERE = range_of("198.51.100.7")
"""An address on the internet: one of those reserved for examples."""


def subnets_with_way_out(function: Function, analysis: Analysis) -> tuple[Subnet, ...]:
    """Give the subnets of a function's VPC from which its packets get to the internet, and answers back, by name. Raises `Undecided`."""
    there = world(analysis)
    source = next(iter(sources_of(function, analysis) or ()), None)
    if source is None:
        return ()
    found: list[Subnet] = []
    for subnet in sorted(analysis.estate.subnets, key=lambda one: shown(one.name)):
        name = shown(subnet.name)
        if there.vpc_of(name) != source.vpc or not there.ranges.get(name):
            continue
        tried = replace(source, subnet=name, addresses=there.ranges[name])
        if trace(there, Packet(tried, Target(SOMEWHERE), port=443)).answer == "yes":
            found.append(subnet)
    return tuple(found)
