"""What of a network is written anew in a template, for which finding: a check a function, as `_properties` has them."""

import re
from collections.abc import Callable, Iterator
from typing import Final

from buckler.engines.net.gates import protocol_number
from buckler.fixes._fix import Advice
from buckler.fixes._named import written_text
from buckler.fixes._needed import NETWORK as NETWORK_ACTIONS
from buckler.fixes._option import LOST_BY_NETWORK, WHICH_NETWORK
from buckler.fixes._roles import VERSION
from buckler.fixes._written import Choice, Properties, Written
from buckler.fixes.closing import lost_by, summary_of
from buckler.fixes.network_path_intermittent import BY_HAND, opened_by
from buckler.fixes.network_path_intermittent import said_of as answers_said
from buckler.fixes.public_subnet_without_way_out import NO_WAY, instead, said_of
from buckler.fixes.single_availability_zone import LOST_BY_ZONE, NO_TWIN, twin_of
from buckler.fixes.vpc_endpoint_policy_open import lost_by_account, only_of
from buckler.model.closing import GroupClose, NetClose
from buckler.model.functions import VpcConfig
from buckler.model.network import SecurityGroupRule
from buckler.model.origin import FileOrigin
from buckler.model.text import shown
from buckler.model.unknown import Undecided, Unknown
from buckler.reach.analysis import Analysis
from buckler.reach.groups import members_of
from buckler.reach.network_answers import openings
from buckler.reach.network_close import close
from buckler.reach.network_rules import described, peer_of
from buckler.sources.cfn.editing import Setting

_GROUP: Final = "AWS::EC2::SecurityGroup"
_EGRESS: Final = "AWS::EC2::SecurityGroupEgress"
_PEERS: Final = ("CidrIp", "CidrIpv6", "DestinationSecurityGroupId", "DestinationPrefixListId")
_NOTHING: Final[Setting] = {
    # CloudFormation: "When you add a rule ... the default rule is removed"; an empty list leaves it.
    "Description": "nothing; without a rule EC2 lets everything out",
    "IpProtocol": "-1",
    "CidrIp": "127.0.0.1/32",
}


def closing_of(group: str, analysis: Analysis) -> tuple[NetClose, GroupClose] | Advice | None:
    """Work out the rules that a group needs, by its address in the text; advice where it must not be closed. None: no function is in it."""
    subject = next((one for one in analysis.estate.security_groups if one.address == group), None)
    try:
        members = members_of(subject, analysis) if subject is not None else ()
        if subject is None or not members:
            return None
        closing = close(members[0], analysis, shown(subject.name))
    except Undecided as undecided:
        return Advice("leave the group the outbound rules that are used", f"what it needs to know is not known: {undecided.unknown.why}")
    mine = next((one for one in closing.groups if one.group == subject.name), None)
    if closing.refused or mine is None:
        return Advice(summary_of(closing), closing.refused)
    return closing, mine


def group_of_function(address: str, analysis: Analysis) -> str:
    """Give the address of the one security group of a function; empty where it has none, or several."""
    function = next((one for one in analysis.estate.functions if one.address == address), None)
    vpc = function.vpc if function is not None else None
    groups = vpc.security_group_ids if isinstance(vpc, VpcConfig) and not isinstance(vpc.security_group_ids, Unknown) else ()
    found = analysis.security_groups.get(groups[0]) if len(groups) == 1 else None
    return found.address if found is not None else ""


def _egress(case: Written) -> Iterator[Choice]:
    """Close the group that is found open."""
    yield from _closed(case, case.finding.subject.id)


def _of_function(case: Written) -> Iterator[Choice]:
    """Close the group of a function that reaches too much."""
    group = group_of_function(case.finding.subject.id, case.analysis)
    if group:
        yield from _closed(case, group)


def _closed(case: Written, name: str) -> Iterator[Choice]:
    """Write the rules that are used in the place of those of the group, and take out those that are resources."""
    found = closing_of(name, case.analysis)
    if isinstance(found, Advice):
        yield found
    if found is None or isinstance(found, Advice) or case.editor.scalar("Resources", name, "Type") != _GROUP:
        return
    closing, mine = found
    inside: list[Setting] = []
    beside: list[tuple[tuple[str, ...], Setting]] = []
    for rule in mine.after:
        written, peer = _rule(rule, case)
        if peer and _is_round(case, name, peer):
            # In the properties of both groups it would be a circle, which CloudFormation refuses.
            rule_name = f"{name}To{peer}{'To'.join(map(str, dict.fromkeys(ports_of(rule)))) or 'All'}"
            group: dict[str, Setting] = {"GroupId": {"Fn::GetAtt": [name, "GroupId"]}}
            beside.append((("Resources", rule_name), {"Type": _EGRESS, "Properties": {**group, **written}}))
        else:
            inside.append(written)
    yield Properties(
        summary_of(closing),
        tuple(beside),
        lost_by(closing),
        anew=((("Resources", name, "Properties", "SecurityGroupEgress"), inside or [_NOTHING]),),
        removals=tuple(_separate(case, name)),
    )


def _is_round(case: Written, group: str, peer: str) -> bool:
    """Say whether a group that would be named leads back, by groups that its text names, to the group itself."""
    kinds = {name: case.editor.scalar("Resources", name, "Type") for name in case.editor.keys("Resources")}
    groups = {name for name, kind in kinds.items() if kind == _GROUP}
    waiting, seen = [peer], set[str]()
    while waiting:
        name = waiting.pop()
        if name == group:
            return True
        if name not in seen:
            seen.add(name)
            waiting += groups & set(re.findall(r"[A-Za-z0-9]+", case.editor.raw("Resources", name)))
    return False


def _separate(case: Written, group: str) -> Iterator[tuple[str, ...]]:
    name = re.compile(rf"(?<![A-Za-z0-9]){re.escape(group)}(?![A-Za-z0-9])")
    for resource in case.editor.keys("Resources"):
        if case.editor.scalar("Resources", resource, "Type") == _EGRESS and name.search(
            case.editor.raw("Resources", resource, "Properties", "GroupId")
        ):
            yield "Resources", resource


def _rule(rule: SecurityGroupRule, case: Written) -> tuple[dict[str, Setting], str]:
    """Write a rule: (its properties, the group of the template that it names)."""
    member, peer = peer_of(rule, _PEERS)
    written: dict[str, Setting] = {"Description": described(rule), "IpProtocol": shown(rule.protocol)}
    written |= dict(zip(("FromPort", "ToPort"), ports_of(rule), strict=False))
    group = shown(peer).removeprefix("${").removesuffix("}")
    if case.editor.scalar("Resources", group, "Type") != _GROUP:
        return written | {member: written_text(peer)}, ""
    # `Ref` of a group is its id in a VPC, and its name outside of one.
    written[member] = {"Fn::GetAtt": [group, "GroupId"]}
    return written, group


def ports_of(rule: SecurityGroupRule) -> tuple[int, ...]:
    """Give the first and the last port; () for all."""
    if protocol_number(shown(rule.protocol)) == -1 or not isinstance(rule.from_port, int):
        return ()
    return rule.from_port, rule.to_port if isinstance(rule.to_port, int) else rule.from_port


def _endpoint(case: Written) -> Iterator[Choice]:
    endpoint = next((one for one in case.analysis.estate.endpoints if shown(one.name) == case.finding.key), None)
    if endpoint is None or case.editor.scalar("Resources", endpoint.address, "Type") != "AWS::EC2::VPCEndpoint":
        return
    yield Properties(
        f"let only the own account use `{endpoint.address}`, and only for resources of its own",
        (),
        lost_by_account(endpoint.address),
        anew=((("Resources", endpoint.address, "Properties", "PolicyDocument"), only_of({"Ref": "AWS::AccountId"})),),
    )


def _zone(case: Written) -> Iterator[Choice]:
    function = next((one for one in case.analysis.estate.functions if one.address == case.finding.subject.id), None)
    vpc = function.vpc if function is not None else None
    twin = twin_of(vpc, case.analysis) if isinstance(vpc, VpcConfig) else None
    if not isinstance(vpc, VpcConfig) or twin is None or not isinstance(vpc.origin, FileOrigin):
        yield NO_TWIN
        return
    name: Setting = {"Ref": twin.address} if case.editor.has("Resources", twin.address) else written_text(twin.name)
    yield Properties(
        f"add `{twin.address}`, which has the same routes and network ACL in another zone",
        (),
        LOST_BY_ZONE,
        appended=(((*vpc.origin.path.split("."), "SubnetIds"), name),),
    )


def _answers(case: Written) -> Iterator[Choice]:
    """Add entries to network ACLs that the template makes."""
    function = next((one for one in case.analysis.estate.functions if one.address == case.finding.subject.id), None)
    try:
        found = openings(function, case.analysis) if function is not None else ()
    except Undecided as undecided:
        found = f"what it needs to know is not known: {undecided.unknown.why}"
    if isinstance(found, str):
        yield Advice(BY_HAND, found)
        return
    settings: list[tuple[tuple[str, ...], Setting]] = []
    for one in found:
        acl, entry = one.acl.address, one.entry
        name = f"{acl}{'Out' if entry.is_egress else 'In'}{entry.rule_number}"
        if case.editor.scalar("Resources", acl, "Type") != "AWS::EC2::NetworkAcl" or case.editor.has("Resources", name):
            return
        properties: dict[str, Setting] = {
            "NetworkAclId": {"Ref": acl},
            "RuleNumber": entry.rule_number,
            "Protocol": int(shown(entry.protocol)),
            "RuleAction": "allow",
            "Egress": entry.is_egress,
            "Ipv6CidrBlock" if ":" in shown(entry.cidr) else "CidrBlock": shown(entry.cidr),
            "PortRange": {"From": entry.from_port or 0, "To": entry.to_port or 0},
        }
        settings.append((("Resources", name), {"Type": "AWS::EC2::NetworkAclEntry", "Properties": properties}))
    if settings:
        yield Properties(answers_said(found), tuple(settings), opened_by(found))


def _private(case: Written) -> Iterator[Choice]:
    """Name the subnets that lead out in place of those that do not."""
    function = next((one for one in case.analysis.estate.functions if one.address == case.finding.subject.id), None)
    vpc = function.vpc if function is not None else None
    try:
        subnets = instead(function, case.analysis) if function is not None else ()
    except Undecided as undecided:
        yield Advice(NO_WAY.summary, f"what it needs to know is not known: {undecided.unknown.why}")
        return
    if not subnets or not isinstance(vpc, VpcConfig) or not isinstance(vpc.origin, FileOrigin):
        yield NO_WAY
        return
    names: Setting = [{"Ref": one.address} if case.editor.has("Resources", one.address) else written_text(one.name) for one in subnets]
    where = (*vpc.origin.path.split("."), "SubnetIds")
    yield Properties(said_of(subnets), (), LOST_BY_ZONE, anew=((where, names),))


def _vpc(case: Written) -> Iterator[Choice]:
    """Attach a function to the user's network; a role that the template makes is let make the interfaces, as SAM lets its own."""
    wishes = case.wishes
    if not wishes.subnets or not wishes.security_groups:
        yield WHICH_NETWORK
        return
    network: Setting = {
        "SubnetIds": [_of_template(case, one) for one in wishes.subnets],
        "SecurityGroupIds": [_of_template(case, one) for one in wishes.security_groups],
    }
    settings: list[tuple[tuple[str, ...], Setting]] = [(case.place("VpcConfig"), network)]
    lost: list[str] = [*LOST_BY_NETWORK]
    function = next((one for one in case.analysis.estate.functions if one.address == case.finding.subject.id), None)
    role = case.analysis.roles.get(function.role) if function is not None and not isinstance(function.role, Unknown) else None
    name = f"{case.finding.subject.id}Network"
    if role is not None and case.editor.scalar("Resources", role.address, "Type") == "AWS::IAM::Role":
        document: Setting = {"Version": VERSION, "Statement": [{"Effect": "Allow", "Action": list(NETWORK_ACTIONS), "Resource": "*"}]}
        policy: Setting = {"PolicyName": name, "PolicyDocument": document, "Roles": [{"Ref": role.address}]}
        settings.append((("Resources", name), {"Type": "AWS::IAM::Policy", "Properties": policy}))
    elif role is None:
        lost.append("its deployment, until its role may make network interfaces: AWSLambdaVPCAccessExecutionRole")
    elsewhere = tuple(one for one in (*wishes.subnets, *wishes.security_groups) if not case.editor.has("Resources", one))
    yield Properties("attach it to the subnets you name (--subnet, --security-group)", tuple(settings), tuple(lost), opens=elsewhere)


def _of_template(case: Written, name: str) -> Setting:
    """Refer to what the template makes; what AWS gave an id to is named by that."""
    kind = case.editor.scalar("Resources", name, "Type")
    return {"Fn::GetAtt": [name, "GroupId"]} if kind == _GROUP else {"Ref": name} if kind is not None else name


NETWORK: Final[dict[str, Callable[[Written], Iterator[Choice]]]] = {
    "database-reached-undeclared": _of_function,
    "function-reaches-other-network": _of_function,
    "internal-service-reached-undeclared": _of_function,
    "internet-egress-open": _of_function,
    "network-path-intermittent": _answers,
    "public-subnet-without-way-out": _private,
    "security-group-open-egress": _egress,
    "single-availability-zone": _zone,
    "vpc-endpoint-policy-open": _endpoint,
    "vpc-missing": _vpc,
}
"""By check."""
