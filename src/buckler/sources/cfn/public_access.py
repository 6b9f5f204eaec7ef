"""VPC Block Public Access."""

from __future__ import annotations

from collections.abc import Iterator

from buckler.model.network import PublicAccessBlock, PublicAccessExclusion
from buckler.sources.cfn.http import known_or_hole
from buckler.sources.cfn.template import Template
from buckler.sources.cfn.values import unknown

_OPTIONS = "AWS::EC2::VPCBlockPublicAccessOptions"
_EXCLUSION = "AWS::EC2::VPCBlockPublicAccessExclusion"


def public_access_blocks(template: Template) -> tuple[PublicAccessBlock, ...]:
    """Give what the template sets for its account and region: nothing, one setting, or exclusions from one that is not in it."""
    excluded = tuple(_exclusions(template))
    for options in template.of_type(_OPTIONS):
        mode = options.text("InternetGatewayBlockMode") or unknown(f"`{options.id}` has no mode")
        return (PublicAccessBlock(**options.common(), mode=mode, exclusions=excluded),)
    for exclusion in template.of_type(_EXCLUSION):
        mode = unknown("whether Block Public Access is on is not in this template", "a live scan")
        return (PublicAccessBlock(**exclusion.common(), mode=mode, exclusions=excluded),)
    return ()


def _exclusions(template: Template) -> Iterator[PublicAccessExclusion]:
    for resource in template.of_type(_EXCLUSION):
        key = "SubnetId" if resource.has("SubnetId") else "VpcId"
        mode = resource.text("InternetGatewayExclusionMode") or unknown(f"`{resource.id}` has no mode")
        yield PublicAccessExclusion(resource=known_or_hole(resource.text(key), f"{resource.id}.{key}"), mode=mode)
