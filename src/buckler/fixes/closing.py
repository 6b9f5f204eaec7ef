"""Outbound rules of security groups as edits: each rule added or taken away alone, and put back as it was written.

What EC2 calls a rule is one peer under a protocol and ports; `DescribeSecurityGroups` lists those of a protocol and ports together.
"""

import hashlib
from collections.abc import Iterator, Sequence
from typing import Any, Final

from msgspec.structs import replace

from buckler.engines.net.gates import describe_rule, protocol_number
from buckler.fixes._estates import all_of
from buckler.fixes._fix import Advice, Mend
from buckler.fixes._settings import setting
from buckler.fixes.making import make_endpoint, make_group, named
from buckler.fixes.plan import managed
from buckler.fixes.prove import Judge, appeared
from buckler.model.closing import NetClose, OwnGroup
from buckler.model.fix import ApiEdit, Ask, Fix, Lookup, Proof
from buckler.model.functions import Function
from buckler.model.network import SecurityGroup, SecurityGroupRule
from buckler.model.origin import FileOrigin
from buckler.model.reachability import ports_text
from buckler.model.severity import Severity
from buckler.model.text import Text, shown
from buckler.model.unknown import known
from buckler.reach.analysis import Analysis
from buckler.reach.network_close import close
from buckler.reach.network_plan import base_of, change_of, close_with, costs_of

_MEMBERS: Final = {
    "cidrs": ("IpRanges", "CidrIp"),
    "groups": ("UserIdGroupPairs", "GroupId"),
    "prefix_lists": ("PrefixListIds", "PrefixListId"),
}
"""Peers of a rule -> (list in an answer of EC2, member of its entries)."""
_LISTED: Final = 6
_MOST_MOVED: Final = 5
"""Functions of one group that each get their own."""
CLOSE: Final = "net-close"
"""Stands in a plan where the name of a check would: nobody found anything, somebody asked."""


def offer_closing(members: Sequence[Function], analysis: Analysis, group: str = "") -> Iterator[Mend | Advice]:
    """Offer to leave a group of functions the outbound rules that are used; else a group of its own to each. Raises `Undecided`."""
    closing = close(members[0], analysis, group)
    yield from _offered([closing], analysis)
    if closing.refused and len(members) <= _MOST_MOVED:
        yield from _offered(list(_each_alone(members, analysis)), analysis)


def offer_own(function: Function, analysis: Analysis) -> Iterator[Mend | Advice]:
    """Offer a group of its own to a function, whoever else stands in those it has. Raises `Undecided`."""
    yield from _offered(list(_each_alone((function,), analysis)), analysis)


def _each_alone(members: Sequence[Function], analysis: Analysis) -> Iterator[NetClose]:
    """Give every function a group of its own, one after the other."""
    for function in members:
        closing = close_with(function, analysis, own=True)
        yield closing
        if closing.refused:
            return
        analysis = Analysis(change_of(closing)(analysis.estate), today=analysis.today)


def _offered(closings: Sequence[NetClose], analysis: Analysis) -> Iterator[Mend | Advice]:
    summary = "; ".join(map(summary_of, closings))
    refused = next((one.refused for one in closings if one.refused), "")
    edits: list[ApiEdit] = []
    for one in () if refused else closings:
        try:
            edits += edits_of(one, analysis)
        except CannotPutBackError as stop:
            refused = str(stop)
    if refused:
        yield Advice(summary, refused)
    elif edits:
        changes = tuple(map(change_of, closings))
        yield Mend(summary, tuple(edits), all_of(*changes), lost=tuple(dict.fromkeys(said for one in closings for said in lost_by(one))))


def summary_of(closing: NetClose) -> str:
    """Say in a line what is done."""
    names = ", ".join(f"`{shown(one.group)}` ({shown(one.name)})" for one in closing.groups)
    if closing.own is not None:
        names = f"`{closing.own.group.name}`, a security group for `{shown(closing.function.name)}` alone,"
    made = {one.group.id: one.group.name for one in closing.endpoints if one.group is not None}
    rules = list(dict.fromkeys(describe_rule(rule) for one in closing.groups for rule in one.after))
    told = "; ".join(rules) if rules else "none"
    for placeholder, name in made.items():
        told = told.replace(placeholder, name)
    endpoints = ", ".join(one.service for one in closing.endpoints)
    first = f"make VPC endpoints for {endpoints}, and " if endpoints else ""
    return f"{first}leave {names} the outbound rules that are used: {told}"


def lost_by(closing: NetClose) -> tuple[str, ...]:
    """Say what no longer works, and what nobody can tell."""
    said = [f"`{one.source}` to {one.target} on {one.protocol} {ports_text(one.ports)}" for one in closing.lost]
    if len(said) > _LISTED:
        said = [*said[:_LISTED], f"and {len(said) - _LISTED} more connections: buckler net close {shown(closing.function.name)}"]
    return (*said, *costs_of(closing), *closing.doubts)


def fix_of(closing: NetClose, analysis: Analysis, judge: Judge) -> Fix:
    """Make the fix that closes a function's groups, proved by asking every check again; advice where it cannot be."""
    function, change, base = closing.function, change_of(closing), base_of(closing, analysis)
    why, edits = closing.refused, tuple[ApiEdit, ...]()
    try:
        # What is written in a file is closed there.
        edits = () if isinstance(function.origin, FileOrigin) else tuple(edits_of(closing, analysis))
    except CannotPutBackError as stop:
        why = why or str(stop)
    if not why:
        estate = analysis.estate
        why = "; ".join(f"this would appear: {one.text}" for one in appeared(judge(estate, ()), judge(change(estate), ()))[:3])
    named = ", ".join(shown(one.name) for one in closing.groups)
    fingerprint = f"{CLOSE} {shown(function.arn)}"
    return Fix(
        id=hashlib.sha256(fingerprint.encode()).hexdigest()[:12],
        check=CLOSE,
        severity=Severity.LOW,
        subject=shown(function.arn),
        name=shown(function.name),
        fingerprint=fingerprint,
        message=f"{named} {'lets' if len(closing.groups) == 1 else 'let'} out more than it is configured to use",
        summary=summary_of(closing),
        edits=() if why else edits,
        lost=() if why else lost_by(closing),
        notes=() if why else tuple(dict.fromkeys(note for one in closing.groups for note in managed(base.security_groups[one.group]))),
        proof=Proof(verdict="advice", why=why) if why else Proof(verdict="proved"),
    )


class CannotPutBackError(Exception):
    """A rule could not be put back as it is."""


def edits_of(closing: NetClose, analysis: Analysis) -> Iterator[ApiEdit]:
    """Give the edits: what is made and added first, in every group, so that no connection that stays is broken in between."""
    base = base_of(closing, analysis)
    own = closing.own
    groups = [one.group for one in closing.endpoints if one.group is not None] + ([own.group] if own is not None else [])
    lookups = {name: lookup for one in groups for name, lookup in named(one).items()}

    def edit(group: Text, rule: SecurityGroupRule, *, is_new: bool) -> ApiEdit:
        return _edit(base.security_groups[group], rule, base, lookups, is_new=is_new)

    for group in groups:
        yield from make_group(group)
        for rule in group.inbound:
            yield edit(group.id, rule, is_new=True)
    yield from map(make_endpoint, closing.endpoints)
    for one in closing.groups:
        for rule in one.after if one.group in lookups else one.added:
            yield edit(one.group, rule, is_new=True)
    if own is not None:
        for name, rule in own.admits:
            yield edit(name, rule, is_new=True)
        yield _moved(closing.function, own, lookups)
    for one in closing.groups:
        for rule in () if one.group in lookups else one.removed:
            yield edit(one.group, rule, is_new=False)


def _moved(function: Function, own: OwnGroup, lookups: dict[str, Lookup]) -> ApiEdit:
    """Give the function its own group in place of those it has."""
    # The function as it was planned may name the new group already.
    vpc = known(function.vpc)
    subnets = [shown(one) for one in known(vpc.subnet_ids)] if vpc is not None else []
    stack = {"Ipv6AllowedForDualStack": True} if vpc is not None and vpc.ipv6 else {}
    before, after = list(own.instead), [f"{{{own.group.id}}}"]

    def ask(groups: list[str]) -> tuple[str, dict[str, Any]]:
        return "UpdateFunctionConfiguration", {"VpcConfig": {"SubnetIds": subnets, "SecurityGroupIds": groups, **stack}}

    made = setting(
        function,
        "security groups",
        read="GetFunctionConfiguration",
        pick=("VpcConfig", "SecurityGroupIds"),
        before=before,
        after=after,
        do=ask(after),
        undo=ask(before),
        waits=True,
    )
    return replace(made, lookups={own.group.id: lookups[own.group.id]})


def _edit(group: SecurityGroup, rule: SecurityGroupRule, analysis: Analysis, lookups: dict[str, Lookup], *, is_new: bool) -> ApiEdit:
    members, member, peer = _peer(rule)
    written = dict(rule.descriptions).get(peer)
    owner = _owner(peer, analysis) if member == "GroupId" else {}
    used = {one: lookups[one] for one in (shown(group.name), peer) if one in lookups}
    what = describe_rule(rule)
    for one in used:
        what = what.replace(one, _called(one, analysis))
    name, peer = (f"{{{one}}}" if one in used else one for one in (shown(group.name), peer))
    piece = {member: peer} | ({"Description": written} if written else {})
    # What `DescribeSecurityGroups` answers names a rule in full, and is what both calls take.
    asked: dict[str, Any] = {"GroupId": name, "IpPermissions": [_about(rule) | {members: [piece | owner]}]}
    way = "Egress" if rule.is_egress else "Ingress"
    add = Ask(service="ec2", operation=f"AuthorizeSecurityGroup{way}", parameters=asked)
    remove = Ask(service="ec2", operation=f"RevokeSecurityGroup{way}", parameters=asked)
    return ApiEdit(
        account=shown(group.account),
        region=shown(group.region),
        arn=shown(group.arn),
        what=f"rule `{what}`",
        read=Ask(service="ec2", operation="DescribeSecurityGroups", parameters={"GroupIds": [name]}),
        pick=(
            "SecurityGroups",
            f"GroupId={name}",
            "IpPermissionsEgress" if rule.is_egress else "IpPermissions",
            "&".join(f"{key}={value}" for key, value in _about(rule).items()),
            members,
            f"{member}={peer}",
            # What somebody writes beside a rule of ours makes no other rule of it; a rule that goes takes its words along.
            f"{member}," if is_new else f"{member},Description",
        ),
        before=None if is_new else piece,
        after={member: peer} if is_new else None,
        do=add if is_new else remove,
        undo=remove if is_new else add,
        lookups=used,
    )


def _called(group: str, analysis: Analysis) -> str:
    return shown(analysis.security_groups[group].group_name)


def _peer(rule: SecurityGroupRule) -> tuple[str, str, str]:
    """Give (list in the answer, member of its entries, value) of the one peer of a rule."""
    for field, (members, member) in _MEMBERS.items():
        for peer in getattr(rule, field):
            if not isinstance(peer, str):
                raise CannotPutBackError(f"the rule `{describe_rule(rule)}` is not known in full")
            return ("Ipv6Ranges", "CidrIpv6", peer) if member == "CidrIp" and ":" in peer else (members, member, peer)
    raise CannotPutBackError(f"the rule `{describe_rule(rule)}` names nobody")


def _owner(peer: str, analysis: Analysis) -> dict[str, str]:
    """Name the account of a group that is referenced. Raises `CannotPutBackError`."""
    referenced = analysis.security_groups.get(peer)
    if referenced is None:
        raise CannotPutBackError(f"`{peer}`, which a rule names, is not among the groups that were read: it could not be put back")
    return {"UserId": shown(referenced.account)}


def _about(rule: SecurityGroupRule) -> dict[str, Any]:
    """Give protocol and ports as EC2 writes them: those of all traffic have no ports."""
    protocol = shown(rule.protocol)
    if protocol_number(protocol) == -1 or rule.from_port is None:
        return {"IpProtocol": protocol}
    return {"IpProtocol": protocol, "FromPort": rule.from_port, "ToPort": rule.from_port if rule.to_port is None else rule.to_port}
