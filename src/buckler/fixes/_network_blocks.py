"""What of a network is written anew in a Terraform configuration, for which finding: a check a function, as `_arguments` has them."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Final

from buckler.fixes._argued import Argued, Argument, is_many
from buckler.fixes._fix import Advice
from buckler.fixes._json import encoded, inline_policy
from buckler.fixes._needed import NETWORK as NETWORK_ACTIONS
from buckler.fixes._network_texts import closing_of, group_of_function, ports_of
from buckler.fixes._option import LOST_BY_NETWORK, WHICH_NETWORK, Option
from buckler.fixes.closing import lost_by, summary_of
from buckler.fixes.single_availability_zone import LOST_BY_ZONE, NO_TWIN, twin_of
from buckler.fixes.vpc_endpoint_policy_open import lost_by_account, only_of
from buckler.model.closing import GroupClose
from buckler.model.functions import VpcConfig
from buckler.model.network import SecurityGroupRule
from buckler.model.text import Text, shown
from buckler.reach.network_rules import described, peer_of, terraform_rule, terraform_value
from buckler.sources.cfn.editing import CannotEditError, Placed
from buckler.sources.terraform.hcl.editing import Raw, Spot

_GROUP: Final = "aws_security_group"
_NAMED: Final = re.compile(rf"(?<![\w.]){_GROUP}\.([\w-]+)")
_PEERS: Final = ("cidr_blocks", "ipv6_cidr_blocks", "security_groups", "prefix_list_ids")


def _egress(case: Argued) -> Iterator[Argument]:
    """Close the group that is found open."""
    yield from _closing(case, case.finding.subject.id)


def _of_function(case: Argued) -> Iterator[Argument]:
    """Close the group of a function that reaches too much."""
    group = group_of_function(case.finding.subject.id, case.analysis)
    if group:
        yield from _closing(case, group)


def _closing(case: Argued, group: str) -> Iterator[Argument]:
    """Write the rules that are used in the place of those of the group: as blocks in it where it has some, else as resources beside it."""
    found = closing_of(group, case.analysis)
    if isinstance(found, Advice):
        yield found
    spot = case.configuration.resource(group, case.file)
    if found is None or isinstance(found, Advice) or spot is None or spot.block.labels[:1] != (_GROUP,):
        return
    closing, mine = found
    yield Option(summary_of(closing), lambda: _closed(case, spot, mine), lost_by(closing))


def _closed(case: Argued, spot: Spot, mine: GroupClose) -> tuple[Placed, ...]:
    if is_many(spot):
        raise CannotEditError("its block makes several groups by `count` or `for_each`")
    body = spot.block.body
    if "egress" in body.arguments or any(one.kind == "dynamic" and one.labels == ("egress",) for one in body.blocks):
        raise CannotEditError("its `egress` is not written as blocks")
    edit, blocks = case.configuration, [Spot(spot.document, one) for one in body.of("egress")]
    gone = list(_beside(case, spot))
    beside = tuple(map(edit.remove, gone))
    # Terraform: rules in the group and rules beside it undo each other.
    if not blocks and (beside or not body.of("ingress")):
        written = [list(terraform_rule(mine.group, rule)) for rule in mine.after]
        return (*beside, *(edit.append(spot.document.shown, lines, instead=gone) for lines in written))
    if any(_is_round(case, spot, peer_of(rule, _PEERS)[1]) for rule in mine.after):
        raise CannotEditError(
            "the groups would name each other in their blocks, which Terraform takes for a circle: make their rules resources"
        )
    # Without any block Terraform would leave the rules that are there.
    lines = [line for rule in mine.after for line in _block(rule)] or ["egress = []"]
    if not blocks:
        return (*beside, *edit.add_lines(spot, lines))
    return (*beside, edit.instead(blocks[0], lines), *map(edit.remove, blocks[1:]))


def _beside(case: Argued, spot: Spot) -> Iterator[Spot]:
    """Give the resources that are outbound rules of a group."""
    group = f"aws_security_group.{spot.block.labels[1]}."
    for one in case.configuration.blocks("resource", case.file):
        kind, arguments = one.block.labels[0], one.block.body.arguments
        named, way = arguments.get("security_group_id"), arguments.get("type")
        is_egress = kind == "aws_vpc_security_group_egress_rule" or (
            kind == "aws_security_group_rule" and way is not None and case.configuration.text(one, way) == '"egress"'
        )
        if is_egress and named is not None and case.configuration.text(one, named).startswith(group):
            yield one


def _is_round(case: Argued, spot: Spot, peer: Text) -> bool:
    """Say whether the block of a group that would be named leads back, by groups that its text names, to the group itself."""
    groups = {one.block.labels[1]: one for one in case.configuration.blocks("resource", case.file) if one.block.labels[0] == _GROUP}
    waiting, seen = _NAMED.findall(shown(peer)), set[str]()
    while waiting:
        name = waiting.pop()
        if name == spot.block.labels[1]:
            return True
        if name in groups and name not in seen:
            seen.add(name)
            span = groups[name].block.span
            waiting += _NAMED.findall(groups[name].document.source[span.start : span.end].decode("utf-8", "replace"))
    return False


def _block(rule: SecurityGroupRule) -> Iterator[str]:
    member, peer = peer_of(rule, _PEERS)
    first, last = ports_of(rule) or (0, 0)
    arguments = {
        "description": json.dumps(described(rule)),
        "from_port": str(first),
        "to_port": str(last),
        "protocol": json.dumps(shown(rule.protocol)),
        member: f"[{terraform_value(peer)}]",
    }
    width = max(map(len, arguments))
    yield "egress {"
    yield from (f"  {name:<{width}} = {value}" for name, value in arguments.items())
    yield "}"


def _endpoint(case: Argued) -> Iterator[Argument]:
    endpoint = next((one for one in case.analysis.estate.endpoints if shown(one.name) == case.finding.key), None)
    spot = case.configuration.resource(endpoint.address, case.file) if endpoint is not None else None
    if endpoint is None or spot is None or spot.block.labels[:1] != ("aws_vpc_endpoint",):
        return
    account, data = case.own_account()

    def make() -> tuple[Placed, ...]:
        lines = encoded(only_of(Raw(account)), "  ")
        newline = "\r\n" if "\r\n" in case.configuration.texts[spot.document.shown] else "\n"
        written = case.configuration.anew(_policy_of(case, spot), "policy", Raw(newline.join(lines)))
        return (*written, *(case.configuration.append(spot.document.shown, one) for one in data))

    name = endpoint.address
    yield Option(f"let only the own account use `{name}`, and only for resources of its own", make, lost_by_account(name))


def _policy_of(case: Argued, spot: Spot) -> Spot:
    """Give the block that holds the policy of an endpoint: a resource of its own, or the endpoint."""
    for one in case.configuration.blocks("resource", case.file):
        named = one.block.body.arguments.get("vpc_endpoint_id")
        about = case.configuration.text(one, named) if named is not None else ""
        if one.block.labels[0] == "aws_vpc_endpoint_policy" and about.startswith(f"aws_vpc_endpoint.{spot.block.labels[1]}."):
            return one
    return spot


def _zone(case: Argued) -> Iterator[Argument]:
    function = next((one for one in case.analysis.estate.functions if one.address == case.finding.subject.id), None)
    spot = case.resource()
    vpc = function.vpc if function is not None else None
    twin = twin_of(vpc, case.analysis) if isinstance(vpc, VpcConfig) else None
    blocks = spot.block.body.of("vpc_config") if spot is not None else ()
    if spot is None or twin is None or len(blocks) != 1:
        yield NO_TWIN
        return
    name = Raw(f"{twin.address}.id")
    yield Option(
        f"add `{twin.address}`, which has the same routes and network ACL in another zone",
        lambda: case.configuration.add_item(Spot(spot.document, blocks[0]), "subnet_ids", name),
        LOST_BY_ZONE,
    )


def _vpc(case: Argued) -> Iterator[Argument]:
    """Attach a function to the user's network; a role that the module makes is let make the interfaces."""
    wishes, spot = case.wishes, case.resource()
    if not wishes.subnets or not wishes.security_groups:
        yield WHICH_NETWORK
        return
    if spot is None:
        return
    lists = {"subnet_ids": wishes.subnets, "security_group_ids": wishes.security_groups}
    lines = [f"  {name:<18} = [{', '.join(map(_of_module, values))}]" for name, values in lists.items()]
    role, name = case.role(), spot.block.labels[1]
    allow = {"Effect": "Allow", "Action": list(NETWORK_ACTIONS), "Resource": "*"}

    def make() -> tuple[Placed, ...]:
        placed = case.configuration.add_lines(spot, ["", "vpc_config {", *lines, "}"])
        if role is None:
            return placed
        policy = inline_policy(f"{name}_network", role, f"{name}-network", [allow])
        return (*placed, case.configuration.append(spot.document.shown, policy))

    alone = () if role is not None else ("its deployment, until its role may make network interfaces: AWSLambdaVPCAccessExecutionRole",)
    elsewhere = tuple(one for one in (*wishes.subnets, *wishes.security_groups) if not one.startswith("aws_"))
    yield Option("attach it to the subnets you name (--subnet, --security-group)", make, (*LOST_BY_NETWORK, *alone), opens=elsewhere)


def _of_module(name: str) -> str:
    """Refer to what the module makes: `aws_subnet.a`; what AWS gave an id to is named by that."""
    return f"{name}.id" if name.startswith("aws_") else json.dumps(name)


NETWORK: Final[dict[str, Callable[[Argued], Iterator[Argument]]]] = {
    "database-reached-undeclared": _of_function,
    "function-reaches-other-network": _of_function,
    "internal-service-reached-undeclared": _of_function,
    "internet-egress-open": _of_function,
    "security-group-open-egress": _egress,
    "single-availability-zone": _zone,
    "vpc-endpoint-policy-open": _endpoint,
    "vpc-missing": _vpc,
}
"""By check."""
