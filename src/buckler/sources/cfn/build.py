"""A template to an estate: every collection a template can tell, and a word on those it cannot."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from buckler.model.estate import Estate, Missing, Note, Scope, Suppression
from buckler.model.secret import Judge
from buckler.sources.cfn.balancers import load_balancers
from buckler.sources.cfn.capacity_providers import capacity_provider, operator_of
from buckler.sources.cfn.data_services import data_services
from buckler.sources.cfn.dns_firewall import dns_firewall
from buckler.sources.cfn.event_sources import event_source
from buckler.sources.cfn.firewall import network_acls, security_groups
from buckler.sources.cfn.function_names import FunctionNames
from buckler.sources.cfn.functions import function
from buckler.sources.cfn.http_api import http_triggers
from buckler.sources.cfn.iam import Identities
from buckler.sources.cfn.layers import code_signing_config, layer_versions, signing_profile
from buckler.sources.cfn.load_balancer import load_balancer_triggers
from buckler.sources.cfn.network import endpoint, firewall_endpoint, gateways, peering, route_tables, subnet, vpc
from buckler.sources.cfn.permissions import Permissions
from buckler.sources.cfn.public_access import public_access_blocks
from buckler.sources.cfn.qualifiers import Qualifiers
from buckler.sources.cfn.resource import Resource
from buckler.sources.cfn.rest_api import rest_triggers
from buckler.sources.cfn.stores import kms_key, parameter, secret
from buckler.sources.cfn.stores_data import stores
from buckler.sources.cfn.template import Template
from buckler.sources.cfn.transit import transit_gateways
from buckler.sources.cfn.watch import detector, log_group, trail
from buckler.sources.outside import WITHOUT_REGION, outside

T = TypeVar("T")


def build(template: Template, *, judge: Judge, suppressions: tuple[Suppression, ...]) -> Estate:
    """Make the estate of one template."""
    _note_stacks(template)
    names = FunctionNames(template)
    identities = Identities(template)
    qualifiers = Qualifiers(template, names)
    permissions = Permissions(template, names)
    functions = tuple(
        function(
            resource,
            judge=judge,
            role=identities.role_arn(resource.text("Role")),
            qualifiers=qualifiers,
            permissions=permissions,
        )
        for resource in template.of_type("AWS::Lambda::Function")
    )
    return Estate(
        scopes=(
            Scope(
                kind="template",
                name=template.source.shown,
                account=template.account,
                region=template.region,
                origin=template.source.origin(-1),
            ),
        ),
        functions=functions,
        layers=layer_versions(template, functions),
        event_sources=_each(template, lambda one: event_source(one, names, judge), "AWS::Lambda::EventSourceMapping"),
        triggers=tuple(
            dict.fromkeys(
                (
                    *rest_triggers(template, names),
                    *http_triggers(template, names),
                    *load_balancer_triggers(template, names),
                )
            )
        ),
        code_signing_configs=_each(template, code_signing_config, "AWS::Lambda::CodeSigningConfig"),
        signing_profiles=_each(template, signing_profile, "AWS::Signer::SigningProfile"),
        capacity_providers=_each(
            template,
            lambda one: capacity_provider(one, operator=identities.role_arn(operator_of(one))),
            "AWS::Lambda::CapacityProvider",
        ),
        trails=_each(template, trail, "AWS::CloudTrail::Trail"),
        log_groups=_each(template, log_group, "AWS::Logs::LogGroup"),
        detectors=_each(template, detector, "AWS::GuardDuty::Detector"),
        keys=_each(template, kms_key, "AWS::KMS::Key", "AWS::KMS::ReplicaKey"),
        secrets=_each(template, secret, "AWS::SecretsManager::Secret"),
        parameters=_each(template, parameter, "AWS::SSM::Parameter"),
        stores=stores(template, names),
        vpcs=_each(template, vpc, "AWS::EC2::VPC"),
        subnets=_each(template, subnet, "AWS::EC2::Subnet"),
        security_groups=security_groups(template),
        route_tables=route_tables(template),
        network_acls=network_acls(template),
        endpoints=(
            *_each(template, endpoint, "AWS::EC2::VPCEndpoint"),
            *_each(template, firewall_endpoint, "AWS::NetworkFirewall::Firewall"),
        ),
        gateways=gateways(template),
        peerings=_each(template, peering, "AWS::EC2::VPCPeeringConnection"),
        load_balancers=tuple(load_balancers(template)),
        data_services=tuple(data_services(template)),
        dns_firewalls=_each(template, dns_firewall, "AWS::Route53Resolver::FirewallRuleGroupAssociation"),
        public_access_blocks=public_access_blocks(template),
        transit_gateways=transit_gateways(template),
        roles=identities.roles,
        users=identities.users,
        groups=identities.groups,
        missing=_missing(template),
        notes=tuple(_unique(template.notes)),
        suppressions=suppressions,
    )


def _each(template: Template, make: Callable[[Resource], T], *types: str) -> tuple[T, ...]:
    return tuple(make(resource) for resource in template.of_type(*types))


def _note_stacks(template: Template) -> None:
    for resource in template.of_type("AWS::CloudFormation::Stack"):
        template.note(f"the nested stack `{resource.id}` is not followed: name its template as a target of its own", resource.origin())


def _missing(template: Template) -> tuple[Missing, ...]:
    gaps = (
        Missing(
            collection=collection, account=template.account, region="" if collection in WITHOUT_REGION else template.region, unknown=why
        )
        for collection, why in dict.fromkeys(template.gaps)
    )
    return (*outside("a template", [(template.account, template.region)]), *gaps)


def _unique(notes: list[Note]) -> list[Note]:
    return list(dict.fromkeys(notes))
