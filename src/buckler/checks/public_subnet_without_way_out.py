"""public-subnet-without-way-out: the function stands in a subnet that leads to the internet, and has no public address to get there."""

from collections.abc import Iterator

from buckler.checks._check import check, seen
from buckler.engines.net import Packet, Target, trace
from buckler.model.finding import Finding
from buckler.model.functions import Function
from buckler.model.severity import Severity
from buckler.model.unknown import Undecided
from buckler.reach.analysis import Analysis
from buckler.reach.network import sources_of
from buckler.reach.network_out import SOMEWHERE
from buckler.reach.network_targets import world
from buckler.reach.placement import placement_of


@check(Severity.LOW, area="network", maps=("nist:SC-5", "nist:SC-7"))
def public_subnet_without_way_out(fn: Function, analysis: Analysis) -> Iterator[Finding]:
    """Flag a function in a subnet whose default route is an internet gateway, where its security groups let it out.

    Why: the interface Lambda makes has no public address, and an internet gateway carries nothing else: every call to the internet, and to
    AWS services without an endpoint, waits until the function times out. It looks like a network that is open, and is one that is broken.

    Not flagged: subnets behind a NAT gateway; functions whose security groups let nothing out anyway; Managed Instances, whose machines may
    have public addresses.

    Fix: move the function to private subnets whose default route is a NAT gateway in a public one, or make VPC endpoints for the services
    it calls and close the way out.

    Source: AWS Lambda Developer Guide, "Enable internet access for VPC-connected Lambda functions".
    """
    vpc = placement_of(fn, analysis)
    if vpc is None or fn.capacity_provider is not None:
        return
    there = world(analysis)
    doubt: Undecided | None = None
    for source in sources_of(fn, analysis) or ():
        found = trace(there, Packet(source, Target(SOMEWHERE), port=443))
        if [stop.kind for stop in found.stops] == ["no-public-address"] and len(found.blockers) == 1:
            yield public_subnet_without_way_out.finding(
                fn,
                f"`{source.subnet}` leads to {found.stops[0].at}, which carries nothing from an interface without a public address",
                seen(vpc.origin, f"{source.subnet}: {found.routes[0]}"),
            )
            return
        if found.answer == "unknown":
            doubt = doubt or Undecided(found.unknown[0])
    if doubt is not None:
        raise doubt
