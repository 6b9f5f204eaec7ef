"""`AWS::Lambda::CapacityProvider`: the machines of functions on Managed Instances."""

from __future__ import annotations

from buckler.model.functions import CapacityProvider, VpcConfig
from buckler.model.text import Text
from buckler.model.unknown import Unknown
from buckler.sources.cfn.resource import Resource
from buckler.sources.cfn.tree import Map
from buckler.sources.cfn.values import to_text, to_texts, unknown
from buckler.sources.common import DEFAULT_GROUP


def operator_of(resource: Resource) -> Text | Unknown | None:
    """Read the reference to the role that starts and stops the machines."""
    config = resource.get("PermissionsConfig")
    return to_text(config.get("CapacityProviderOperatorRoleArn") if isinstance(config, Map) else config)


def capacity_provider(resource: Resource, *, operator: Text | Unknown) -> CapacityProvider:
    """Make a `CapacityProvider`. *operator* is its role's ARN as that role's own entity writes it."""
    requirements = resource.get("InstanceRequirements")
    architectures = to_texts(requirements.get("Architectures")) if isinstance(requirements, Map) else to_texts(requirements)
    return CapacityProvider(
        **resource.common(),
        state=None,
        vpc=_vpc(resource),
        operator_role=operator,
        kms_key=resource.text("KmsKeyArn") or None,
        architectures=architectures or (),
    )


def _vpc(resource: Resource) -> VpcConfig | Unknown:
    value = resource.get("VpcConfig")
    if isinstance(value, Unknown):
        return value
    subnets = to_texts(value.get("SubnetIds")) if isinstance(value, Map) else None
    if not isinstance(value, Map) or not subnets:
        return unknown("the subnets of the capacity provider are not resolved")
    groups = to_texts(value.get("SecurityGroupIds")) or DEFAULT_GROUP
    return VpcConfig(subnet_ids=subnets, security_group_ids=groups, origin=resource.origin("VpcConfig"))
