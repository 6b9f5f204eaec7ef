"""Interfaces of VPC endpoints and NAT gateways: moto's have addresses outside of their subnet and the default group, and say nothing."""

import json
from typing import Any

from moto.ec2.models import ec2_backends
from moto.ec2.utils import random_private_ip

from buckler.demo.gaps.operations import Call, operation
from buckler.demo.gaps.store import Document


@operation("ec2", "CreateVpcEndpoint")
def create_endpoint(call: Call) -> Document:
    """Make an endpoint; of an interface endpoint, the interfaces that AWS makes in its subnets."""
    params, backend = call.params, _backend(call)
    kind = str(params.get("VpcEndpointType", "Gateway"))
    made: Any = backend.create_vpc_endpoint(
        vpc_id=str(params.get("VpcId", "")),
        service_name=str(params.get("ServiceName", "")),
        endpoint_type=kind,
        policy_document=params.get("PolicyDocument"),
        route_table_ids=call.many("RouteTableIds"),
        subnet_ids=call.many("SubnetIds"),
        client_token=params.get("ClientToken"),
        tags=_tags(params, "vpc-endpoint"),
        private_dns_enabled=bool(params.get("PrivateDnsEnabled", kind == "Interface")),
        security_group_ids=call.many("SecurityGroupIds"),
    )
    for one in made.network_interface_ids:
        interface = backend.enis[one]
        _stand(
            interface,
            f"VPC Endpoint Interface {made.id}",
            "vpc_endpoint",
            [backend.get_security_group_from_id(each) for each in call.many("SecurityGroupIds")],
        )
    return {
        "VpcEndpoint": {
            "VpcEndpointId": made.id,
            "VpcEndpointType": kind,
            "VpcId": made.vpc_id,
            "ServiceName": made.service_name,
            "State": made.state,
            "PolicyDocument": made.policy_document if isinstance(made.policy_document, str) else json.dumps(made.policy_document),
            "RouteTableIds": list(made.route_table_ids),
            "SubnetIds": list(made.subnet_ids or ()),
            "Groups": [{"GroupId": one["GroupId"], "GroupName": one["GroupName"]} for one in made.groups],
            "PrivateDnsEnabled": bool(made.private_dns_enabled),
            "NetworkInterfaceIds": list(made.network_interface_ids),
            "CreationTimestamp": made.creation_timestamp,
            "OwnerId": call.account,
            "Tags": tags_of(params, "vpc-endpoint"),
        }
    }


@operation("ec2", "CreateNatGateway")
def create_nat(call: Call) -> Document:
    """Make a NAT gateway whose interface has an address of its subnet, no security group, and says whose it is."""
    params, backend = call.params, _backend(call)
    made: Any = backend.create_nat_gateway(
        str(params.get("SubnetId", "")),
        params.get("AllocationId"),
        tags=_tags(params, "natgateway"),
        connectivity_type=str(params.get("ConnectivityType", "public")),
    )
    interface = made._eni  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] - moto has no other way to it
    _stand(interface, f"Interface for NAT Gateway {made.id}", "nat_gateway", [])
    made.private_ip = interface.private_ip_address
    return {
        "NatGateway": {
            "NatGatewayId": made.id,
            "SubnetId": made.subnet_id,
            "VpcId": made.vpc_id,
            "State": made.state,
            "ConnectivityType": made.connectivity_type,
            "CreateTime": made.create_time,
            "Tags": tags_of(params, "natgateway"),
        }
    }


def _backend(call: Call) -> Any:  # noqa: ANN401 - moto has no types
    return ec2_backends[call.account][call.region]


def _stand(interface: Any, says: str, kind: str, groups: list[Any]) -> None:  # noqa: ANN401 - moto has no types
    """Put an interface where AWS would."""
    address = random_private_ip(interface.subnet.cidr_block)
    interface.private_ip_address = address
    interface.private_ip_addresses = [{"Primary": True, "PrivateIpAddress": address}]
    interface._group_set = groups  # noqa: SLF001 - moto has no other way to it
    interface.description, interface.interface_type = says, kind
    interface.requester_managed, interface.status = True, "in-use"


def tags_of(params: Document, kind: str) -> list[Document]:
    """Give the tags of a request for one kind of thing."""
    return [tag for one in params.get("TagSpecifications", ()) if one.get("ResourceType") == kind for tag in one.get("Tags", ())]


def _tags(params: Document, kind: str) -> dict[str, str]:
    return {str(tag["Key"]): str(tag.get("Value", "")) for tag in tags_of(params, kind)}
