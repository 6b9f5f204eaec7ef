"""Security groups and VPC endpoints as edits: made under a mark of buckler's own, found by it, and deleted when it is undone."""

import hashlib
import json
from collections.abc import Iterator
from typing import Any, Final

from buckler.model.closing import MadeEndpoint, MadeGroup
from buckler.model.fix import ApiEdit, Ask, Lookup
from buckler.model.text import shown
from buckler.reach.network_made import policy_for

_TAG: Final = "buckler"
_EVERYTHING: Final = ({"CidrIp": "0.0.0.0/0"}, {"CidrIpv6": "::/0"})


def named(group: MadeGroup) -> dict[str, Lookup]:
    """Give the lookup of a group that is not there yet, under its placeholder."""
    where = [{"Name": "group-name", "Values": [group.name]}, {"Name": "vpc-id", "Values": [group.vpc]}]
    read = Ask(service="ec2", operation="DescribeSecurityGroups", parameters={"Filters": where})
    return {group.id: Lookup(read=read, pick=("SecurityGroups", f"Description={_words(group)}", "GroupId"))}


def _words(group: MadeGroup) -> str:
    """Give the description of a group: by it buckler knows its own."""
    return f"{group.what}, made by buckler"


def make_group(group: MadeGroup) -> Iterator[ApiEdit]:
    """Make a group, and take from it the rules that EC2 writes into each new one."""
    ((_, lookup),) = named(group).items()
    yield ApiEdit(
        account=shown(group.account),
        region=shown(group.region),
        arn=f"arn:aws:ec2:{shown(group.region)}:{shown(group.account)}:security-group/{group.name}",
        what=f"security group `{group.name}`",
        read=lookup.read,
        pick=("SecurityGroups", f"VpcId={group.vpc}", "GroupName,Description"),
        after={"GroupName": group.name, "Description": _words(group)},
        do=Ask(
            service="ec2",
            operation="CreateSecurityGroup",
            parameters={"GroupName": group.name, "Description": _words(group), "VpcId": group.vpc},
        ),
        undo=Ask(service="ec2", operation="DeleteSecurityGroup", parameters={"GroupId": f"{{{group.id}}}"}),
        lookups=named(group),
    )
    for peer in _EVERYTHING if group.has_ipv6 else _EVERYTHING[:1]:
        ((member, value),) = peer.items()
        members = "IpRanges" if member == "CidrIp" else "Ipv6Ranges"
        asked: dict[str, Any] = {"GroupId": f"{{{group.id}}}", "IpPermissions": [{"IpProtocol": "-1", members: [peer]}]}
        yield ApiEdit(
            account=shown(group.account),
            region=shown(group.region),
            arn=f"arn:aws:ec2:{shown(group.region)}:{shown(group.account)}:security-group/{group.name}",
            what=f"rule `out all traffic to {value}` of `{group.name}`, which EC2 writes into every new group",
            read=Ask(service="ec2", operation="DescribeSecurityGroups", parameters={"GroupIds": [f"{{{group.id}}}"]}),
            pick=("SecurityGroups", f"GroupId={{{group.id}}}", "IpPermissionsEgress", "IpProtocol=-1", members, f"{member}={value}"),
            before=peer,
            do=Ask(service="ec2", operation="RevokeSecurityGroupEgress", parameters=asked),
            undo=Ask(service="ec2", operation="AuthorizeSecurityGroupEgress", parameters=asked),
            lookups=named(group),
        )


def make_endpoint(made: MadeEndpoint) -> ApiEdit:
    """Make an endpoint, and wait until it carries requests: what it takes the place of is closed right after."""
    mark = hashlib.sha256(f"{made.vpc} {made.service}".encode()).hexdigest()[:12]
    arn = f"arn:aws:ec2:{shown(made.region)}:{shown(made.account)}:vpc-endpoint/{made.service}"
    states = ["pendingAcceptance", "pending", "available"]
    filters = {"vpc-id": made.vpc, "service-name": made.service, f"tag:{_TAG}": mark, "vpc-endpoint-state": states}
    listed = [{"Name": name, "Values": value if isinstance(value, list) else [value]} for name, value in filters.items()]
    read = Ask(service="ec2", operation="DescribeVpcEndpoints", parameters={"Filters": listed})
    where: dict[str, Any] = {"RouteTableIds": list(made.route_tables)}
    if made.group is not None:
        where = {"SubnetIds": list(made.subnets), "SecurityGroupIds": [f"{{{made.group.id}}}"], "PrivateDnsEnabled": True}
    parameters = {
        "VpcEndpointType": made.endpoint_type,
        "VpcId": made.vpc,
        "ServiceName": made.service,
        "PolicyDocument": json.dumps(policy_for(made.account)),
        "TagSpecifications": [{"ResourceType": "vpc-endpoint", "Tags": [{"Key": _TAG, "Value": mark}]}],
        **where,
    }
    lookups = {made.id: Lookup(read=read, pick=("VpcEndpoints", f"ServiceName={made.service}", "VpcEndpointId"))}
    return ApiEdit(
        account=shown(made.account),
        region=shown(made.region),
        arn=arn,
        what=f"{made.endpoint_type.lower()} endpoint for {made.service}",
        read=read,
        pick=("VpcEndpoints", f"ServiceName={made.service}", "VpcEndpointType,VpcId"),
        after={"VpcEndpointType": made.endpoint_type, "VpcId": made.vpc},
        do=Ask(service="ec2", operation="CreateVpcEndpoint", parameters=parameters),
        undo=Ask(service="ec2", operation="DeleteVpcEndpoints", parameters={"VpcEndpointIds": [f"{{{made.id}}}"]}),
        settled=read,
        busy=("VpcEndpoints", "State=pending"),
        lookups=lookups | (named(made.group) if made.group is not None else {}),
    )
