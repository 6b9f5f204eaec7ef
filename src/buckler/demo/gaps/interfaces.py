"""The network interfaces Lambda keeps in a customer's VPC: one for each subnet and set of security groups, shared by functions."""

import uuid
from collections.abc import Iterable
from typing import Any

from moto.ec2.models import ec2_backends

from buckler.demo.gaps.operations import Call


def keep(call: Call, function: str, subnets: Iterable[str], groups: Iterable[str]) -> None:
    """Make the interfaces that are not there yet, named after the function that needed them first, as AWS does.

    Deleting functions leaves them: AWS takes its time over it too.
    """
    ec2: Any = ec2_backends[call.account][call.region]
    for subnet in subnets:
        place = (subnet, frozenset(groups))
        if place in call.home.interfaces:
            continue
        made = ec2.create_network_interface(
            ec2.get_subnet(subnet), None, group_ids=sorted(place[1]), description=f"AWS Lambda VPC ENI-{function}-{uuid.uuid4()}"
        )
        made.interface_type, made.requester_managed, made.status = "lambda", True, "in-use"
        call.home.interfaces.add(place)
