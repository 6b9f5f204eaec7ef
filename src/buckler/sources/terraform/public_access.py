"""VPC Block Public Access."""

from buckler.model.network import PublicAccessBlock, PublicAccessExclusion
from buckler.model.text import Text
from buckler.model.unknown import Unknown, UnknownKind
from buckler.sources.terraform.common import common
from buckler.sources.terraform.draft import Draft
from buckler.sources.terraform.node import APPLY, Node

_OPTIONS = "aws_vpc_block_public_access_options"
_EXCLUSION = "aws_vpc_block_public_access_exclusion"


def read_public_access(draft: Draft) -> None:
    """Read what is set for each account and region: one setting, or exclusions from one that is not in the plan."""
    plan, identity = draft.view.plan, draft.view.identity
    excluded: dict[tuple[Text, Text], list[PublicAccessExclusion]] = {}
    strangers: dict[tuple[Text, Text], Node] = {}
    for node in draft.sound("public_access_blocks", plan.of(_EXCLUSION)):
        place = identity.of(node.resource)
        excluded.setdefault(place, []).append(_exclusion(node))
        strangers.setdefault(place, node)
    told = {identity.of(resource) for resource in plan.of(_OPTIONS)}
    draft.each("public_access_blocks", plan.of(_OPTIONS), lambda node: _options(node, excluded.get(identity.of(node.resource), [])))
    for place, node in strangers.items():
        if place not in told:
            why = Unknown(kind=UnknownKind.UNRESOLVED, why="whether Block Public Access is on is not in this plan", need=APPLY)
            draft.add("public_access_blocks", PublicAccessBlock(**common(node), mode=why, exclusions=tuple(excluded[place])))


def _options(node: Node, excluded: list[PublicAccessExclusion]) -> PublicAccessBlock:
    mode = node.text("internet_gateway_block_mode")
    return PublicAccessBlock(
        **common(node),
        mode=mode if isinstance(mode, str) else node.child("internet_gateway_block_mode").why(),
        exclusions=tuple(excluded),
    )


def _exclusion(node: Node) -> PublicAccessExclusion:
    named = node.text("subnet_id", to="id") or node.text("vpc_id", to="id")
    mode = node.text("internet_gateway_exclusion_mode")
    return PublicAccessExclusion(
        resource=named if named is not None else node.child("subnet_id").hole(),
        mode=mode if isinstance(mode, str) else node.child("internet_gateway_exclusion_mode").why(),
    )
