"""Capacity providers: the machines of functions on Managed Instances."""

from buckler.model.functions import CapacityProvider, VpcConfig
from buckler.model.text import Text
from buckler.model.unknown import Unknown
from buckler.sources.common import DEFAULT_GROUP
from buckler.sources.terraform.common import absent, common
from buckler.sources.terraform.draft import Draft
from buckler.sources.terraform.node import Node


def read_capacity_providers(draft: Draft) -> None:
    draft.each("capacity_providers", draft.view.plan.of("aws_lambda_capacity_provider"), _provider)


def _provider(node: Node) -> CapacityProvider:
    requirements = node.block("instance_requirements", computed=True)
    architectures: tuple[Text, ...] | Unknown = ()
    if requirements is not None:
        architectures = requirements if isinstance(requirements, Unknown) else requirements.texts("architectures")
    return CapacityProvider(
        **common(node, "name"),
        state=None,
        vpc=_vpc(node),
        operator_role=_operator(node),
        kms_key=node.text("kms_key_arn", to="arn") or None,
        architectures=architectures,
    )


def _operator(node: Node) -> Text | Unknown:
    block = node.block("permissions_config")
    if block is None:
        return absent(node, "the operator role")
    if isinstance(block, Unknown):
        return block
    return block.text("capacity_provider_operator_role_arn", to="arn") or absent(node, "the operator role")


def _vpc(node: Node) -> VpcConfig | Unknown:
    block = node.block("vpc_config")
    if block is None:
        return absent(node, "the VPC configuration")
    if isinstance(block, Unknown):
        return block
    groups = block.texts("security_group_ids", to="id")
    return VpcConfig(subnet_ids=block.texts("subnet_ids", to="id"), security_group_ids=groups or DEFAULT_GROUP, origin=block.origin())
