"""single-availability-zone: all subnets of the function stand in one Availability Zone."""

from collections.abc import Iterator
from itertools import combinations

from buckler.checks._check import check, seen
from buckler.model.finding import Finding
from buckler.model.functions import Function
from buckler.model.severity import Severity
from buckler.model.text import same, shown
from buckler.model.unknown import Undecided, Unknown, known
from buckler.reach.absent import absent, first_hole
from buckler.reach.analysis import Analysis
from buckler.reach.placement import placement_of


@check(Severity.LOW, area="network", maps=("fsbp:Lambda.5", "nist:CP-10", "nist:SC-36", "nist:SI-13(5)"))
def single_availability_zone(fn: Function, analysis: Analysis) -> Iterator[Finding]:
    """Flag a VPC function whose subnets, or those of its capacity provider, are all in one Availability Zone.

    Why: when that zone fails, or its subnet runs out of addresses, the function stops, and with it what it protects or reports.

    Not flagged: functions outside a VPC (AWS spreads those), and two subnets in different zones.

    Fix: add a subnet of a second Availability Zone to `VpcConfig.SubnetIds` of the function or capacity provider. The new subnet needs the
    same routes and endpoints.

    Source: Security Hub control Lambda.5; AWS Lambda Developer Guide, "Giving Lambda functions access to resources in an Amazon VPC".
    """
    vpc = placement_of(fn, analysis)
    if vpc is None:
        return
    ids = list(dict.fromkeys(known(vpc.subnet_ids)))
    if not ids:
        return  # AWS's way to say that the function left its VPC
    if len(ids) == 1 and isinstance(ids[0], str) and ids[0].startswith("subnet-"):
        # A subnet lies in one zone whatever it is; a single hole, or a stand-in like `SUBNET_IDS`, may be a whole list.
        yield single_availability_zone.finding(
            fn, f"the only subnet is `{ids[0]}`", seen(vpc.origin, "one subnet, so one Availability Zone")
        )
        return
    subnets = [subnet for one in ids if (subnet := analysis.subnets.get(one)) is not None]
    zones = tuple(dict.fromkeys(subnet.availability_zone for subnet in subnets if not isinstance(subnet.availability_zone, Unknown)))
    answers = [same(zone, other) for zone, other in combinations(zones, 2)]
    # Two zones are two, whatever could not be read of a third.
    if False in answers:
        return
    for one in ids:
        if one not in analysis.subnets:
            analysis.require("subnets", fn.account, fn.region)
            raise Undecided(absent(f"the subnet `{shown(one)}`", fn, "ec2:DescribeSubnets"))
    for subnet in subnets:
        known(subnet.availability_zone)
    if None in answers:
        raise Undecided(first_hole(*zones))
    yield single_availability_zone.finding(
        fn,
        f"all {len(ids)} subnets are in `{shown(zones[0])}`" if len(ids) > 1 else f"the only subnet is `{shown(ids[0])}`",
        seen(vpc.origin, "all subnets are in one Availability Zone"),
        *(seen(subnet.origin, f"in {shown(zones[0])}") for subnet in subnets),
    )
