"""Which functions stand behind a security group."""

from buckler.model.functions import Function
from buckler.model.network import SecurityGroup
from buckler.model.text import Text, shown
from buckler.model.unknown import Undecided, Unknown
from buckler.reach.absent import absent
from buckler.reach.analysis import Analysis
from buckler.reach.once import once
from buckler.reach.placement import placement_of


@once
def _members(analysis: Analysis) -> dict[Text, list[Function]]:
    index: dict[Text, list[Function]] = {}
    for function in analysis.estate.functions:
        try:
            vpc = placement_of(function, analysis)
        except Undecided:
            continue  # who asks about this very function learns that it is not known
        if vpc is None or isinstance(vpc.security_group_ids, Unknown):
            continue
        for group in dict.fromkeys(vpc.security_group_ids):
            found = analysis.security_groups.get(group)
            if found is not None:
                index.setdefault(found.arn, []).append(function)
    return index


def members_of(group: SecurityGroup, analysis: Analysis) -> list[Function]:
    """List the functions of a security group, in the estate's order."""
    return _members(analysis).get(group.arn, [])


def group_of(group: Text, function: Function, analysis: Analysis) -> SecurityGroup:
    """Give a security group that a function names."""
    found = analysis.security_groups.get(group)
    if found is None:
        analysis.require("security_groups", function.account, function.region)
        raise Undecided(absent(f"the security group `{shown(group)}`", function, "ec2:DescribeSecurityGroups"))
    return found
