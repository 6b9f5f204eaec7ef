"""Subnets of a function's own, as a CloudFormation template or as a Terraform configuration."""

import json
import re
from collections.abc import Iterator
from typing import Final, Literal, TypeAlias

from buckler.engines.net.gates import protocol_number
from buckler.model.closing import SubnetDesign
from buckler.model.network import NaclEntry, Route, SecurityGroupRule
from buckler.model.text import shown
from buckler.reach.network_made import policy_for
from buckler.reach.network_rules import template_rules_of, template_value, terraform_rule, terraform_value

Language: TypeAlias = Literal["cfn", "terraform"]
_POLICY: Final = "lets the account's own principals pass, and nobody else"
_TARGETS: Final = (
    ("nat-", "NatGatewayId", "nat_gateway_id"),
    ("tgw-", "TransitGatewayId", "transit_gateway_id"),
    ("pcx-", "VpcPeeringConnectionId", "vpc_peering_connection_id"),
    ("eni-", "NetworkInterfaceId", "network_interface_id"),
    ("eigw-", "EgressOnlyInternetGatewayId", "egress_only_gateway_id"),
    ("vpce-", "VpcEndpointId", "vpc_endpoint_id"),
)


def design_text(made: SubnetDesign, language: Language) -> str:
    """Write the design, with what it is for, and what it does not settle, in comments."""
    lines = [*_head(made), *(_template(made) if language == "cfn" else _terraform(made))]
    return "\n".join(line.rstrip() for line in lines) + "\n"


def _head(made: SubnetDesign) -> Iterator[str]:
    name = shown(made.function.name)
    yield f"# Subnets for {name} alone: what it is configured to use is reached from here, and nothing else."
    if made.worth:
        yield f"# Worth it: whoever owns {name} has {made.worth}."
    sizes = ", ".join(one.cidr for one in made.subnets)
    yield f"# {sizes}: 11 addresses each, of which the function's interface takes one, and another for each 65,000 connections."
    for note in made.notes:
        yield f"# Not settled: {note}."


def _label(made: SubnetDesign) -> str:
    return "".join(word.capitalize() for word in re.findall(r"[A-Za-z0-9]+", shown(made.function.name)))


def _snake(made: SubnetDesign) -> str:
    return "_".join(word.lower() for word in re.findall(r"[A-Za-z0-9]+", shown(made.function.name))) or "function"


def _word(service: str) -> str:
    return service.rpartition(".")[2]


# --- CloudFormation --------------------------------------------------------------------------------------------------------


def _template(made: SubnetDesign) -> Iterator[str]:
    label = _label(made)
    yield "Resources:"
    for name, kind, properties in _resources(made, label):
        yield f"  {name}:"
        yield f"    Type: {kind}"
        yield "    Properties:"
        yield from (f"      {line}" for line in properties)
    yield "Outputs:"
    yield "  SubnetIds:"
    yield "    Description: for VpcConfig.SubnetIds of the function"
    yield f'    Value: !Join [",", [{", ".join(f"!Ref {label}Subnet{number}" for number, _ in enumerate(made.subnets, 1))}]]'
    yield "  SecurityGroupId:"
    yield "    Description: for VpcConfig.SecurityGroupIds of the function, in place of the others"
    yield f"    Value: !Ref {label}Group"


def _resources(made: SubnetDesign, label: str) -> Iterator[tuple[str, str, list[str]]]:
    vpc = f"VpcId: {template_value(made.vpc)}"
    described = json.dumps(f"what {shown(made.function.name)} is configured to use")
    yield f"{label}Group", "AWS::EC2::SecurityGroup", [f"GroupDescription: {described}", vpc, *template_rules_of(made.rules)]
    for group, rule in made.admits:
        name = f"{label}Into{re.sub(r'[^A-Za-z0-9]', '', shown(group)).capitalize()}On{rule.from_port}"
        yield name, "AWS::EC2::SecurityGroupIngress", _admitted(template_value(group), rule, f"!Ref {label}Group", made)
    yield f"{label}Acl", "AWS::EC2::NetworkAcl", [vpc]
    for entry in made.entries:
        way = "Out" if entry.is_egress else "In"
        yield f"{label}{way}{entry.rule_number}", "AWS::EC2::NetworkAclEntry", _template_entry(f"!Ref {label}Acl", entry)
    for number, one in enumerate(made.subnets, 1):
        zone = [f"AvailabilityZone: {template_value(one.zone)}"] if one.zone else []
        tag = f"Tags: [{{Key: Name, Value: {json.dumps(f'{shown(made.function.name)}-{number}')}}}]"
        yield f"{label}Subnet{number}", "AWS::EC2::Subnet", [vpc, f"CidrBlock: {one.cidr}", *zone, "MapPublicIpOnLaunch: false", tag]
        yield f"{label}Routes{number}", "AWS::EC2::RouteTable", [vpc]
        for at, route in enumerate(one.routes, 1):
            yield f"{label}Route{number}{at}", "AWS::EC2::Route", _template_route(f"!Ref {label}Routes{number}", route)
        both = [f"SubnetId: !Ref {label}Subnet{number}"]
        yield f"{label}Routed{number}", "AWS::EC2::SubnetRouteTableAssociation", [*both, f"RouteTableId: !Ref {label}Routes{number}"]
        yield f"{label}Filtered{number}", "AWS::EC2::SubnetNetworkAclAssociation", [*both, f"NetworkAclId: !Ref {label}Acl"]
    tables = ", ".join(f"!Ref {label}Routes{number}" for number, _ in enumerate(made.subnets, 1))
    for endpoint in made.endpoints:
        yield (
            f"{label}{_word(shown(endpoint.service)).capitalize()}",
            "AWS::EC2::VPCEndpoint",
            [
                vpc,
                f"ServiceName: {template_value(endpoint.service)}",
                "VpcEndpointType: Gateway",
                f"RouteTableIds: [{tables}]",
                f"PolicyDocument: # {_POLICY}",
                '  Version: "2012-10-17"',
                "  Statement:",
                "    - Effect: Allow",
                '      Principal: "*"',
                '      Action: "*"',
                '      Resource: "*"',
                "      Condition: {StringEquals: {aws:PrincipalAccount: !Ref AWS::AccountId}}",
            ],
        )


def _admitted(group: str, rule: SecurityGroupRule, source: str, made: SubnetDesign) -> list[str]:
    return [
        f"GroupId: {group}",
        f"Description: {json.dumps(shown(made.function.name))}",
        f"IpProtocol: {json.dumps(shown(rule.protocol))}",
        f"FromPort: {rule.from_port}",
        f"ToPort: {rule.to_port}",
        f"SourceSecurityGroupId: {source}",
    ]


def _template_entry(acl: str, entry: NaclEntry) -> list[str]:
    return [
        f"NetworkAclId: {acl}",
        f"RuleNumber: {entry.rule_number}",
        f"Egress: {str(entry.is_egress).lower()}",
        "RuleAction: allow",
        f"Protocol: {protocol_number(shown(entry.protocol))}",
        f"CidrBlock: {shown(entry.cidr)}",
        f"PortRange: {{From: {entry.from_port}, To: {entry.to_port}}}",
    ]


def _template_route(table: str, route: Route) -> list[str]:
    destination = shown(route.destination)
    member = "DestinationPrefixListId" if destination.startswith("pl-") else "DestinationCidrBlock"
    return [f"RouteTableId: {table}", f"{member}: {destination}", f"{_target(route)[0]}: {template_value(route.target)}"]


def _target(route: Route) -> tuple[str, str]:
    target = shown(route.target)
    return next(((member, argument) for head, member, argument in _TARGETS if target.startswith(head)), ("GatewayId", "gateway_id"))


# --- Terraform -------------------------------------------------------------------------------------------------------------


def _terraform(made: SubnetDesign) -> Iterator[str]:
    name = _snake(made)
    vpc = terraform_value(made.vpc)
    group = f"${{aws_security_group.{name}.id}}"
    yield from _block(
        "aws_security_group", name, vpc_id=vpc, description=json.dumps(f"what {shown(made.function.name)} is configured to use")
    )
    for rule in made.rules:
        yield from terraform_rule(group, rule)
    for target, rule in made.admits:
        label = f"{name}_to_{re.sub(r'[^A-Za-z0-9]', '_', shown(target)).strip('_')}_{rule.from_port}"
        yield from _block(
            "aws_vpc_security_group_ingress_rule",
            label,
            security_group_id=terraform_value(target),
            description=json.dumps(shown(made.function.name)),
            ip_protocol=json.dumps(shown(rule.protocol)),
            from_port=str(rule.from_port),
            to_port=str(rule.to_port),
            referenced_security_group_id=f"aws_security_group.{name}.id",
        )
    for number, one in enumerate(made.subnets, 1):
        zone = {"availability_zone": terraform_value(one.zone)} if one.zone else {}
        yield from _block("aws_subnet", f"{name}_{number}", vpc_id=vpc, cidr_block=json.dumps(one.cidr), **zone)
        yield from _block("aws_route_table", f"{name}_{number}", vpc_id=vpc)
        for at, route in enumerate(one.routes, 1):
            destination = shown(route.destination)
            member = "destination_prefix_list_id" if destination.startswith("pl-") else "destination_cidr_block"
            more = {member: json.dumps(destination), _target(route)[1]: terraform_value(route.target)}
            yield from _block("aws_route", f"{name}_{number}_{at}", route_table_id=f"aws_route_table.{name}_{number}.id", **more)
        both = {"subnet_id": f"aws_subnet.{name}_{number}.id", "route_table_id": f"aws_route_table.{name}_{number}.id"}
        yield from _block("aws_route_table_association", f"{name}_{number}", **both)
    subnets = ", ".join(f"aws_subnet.{name}_{number}.id" for number, _ in enumerate(made.subnets, 1))
    yield from _block("aws_network_acl", name, vpc_id=vpc, subnet_ids=f"[{subnets}]")
    for entry in made.entries:
        yield from _block(
            "aws_network_acl_rule",
            f"{name}_{'out' if entry.is_egress else 'in'}_{entry.rule_number}",
            network_acl_id=f"aws_network_acl.{name}.id",
            rule_number=str(entry.rule_number),
            egress=str(entry.is_egress).lower(),
            rule_action='"allow"',
            protocol=json.dumps(shown(entry.protocol)),
            cidr_block=json.dumps(shown(entry.cidr)),
            from_port=str(entry.from_port),
            to_port=str(entry.to_port),
        )
    tables = ", ".join(f"aws_route_table.{name}_{number}.id" for number, _ in enumerate(made.subnets, 1))
    for endpoint in made.endpoints:
        yield f"# {_POLICY}"
        yield from _block(
            "aws_vpc_endpoint",
            f"{name}_{_word(shown(endpoint.service))}",
            vpc_id=vpc,
            service_name=terraform_value(endpoint.service),
            vpc_endpoint_type='"Gateway"',
            route_table_ids=f"[{tables}]",
            policy=_policy(made),
        )
    yield f"# For vpc_config of the function: subnet_ids = [{subnets}]"
    yield f"#                                 security_group_ids = [aws_security_group.{name}.id]"


def _policy(made: SubnetDesign) -> str:
    return f"jsonencode({json.dumps(policy_for(made.function.account))})"


def _block(kind: str, label: str, **arguments: str) -> Iterator[str]:
    yield f'resource "{kind}" "{label}" {{'
    width = max(map(len, arguments))
    for name, value in arguments.items():
        yield f"  {name:<{width}} = {value}"
    yield "}"
    yield ""
