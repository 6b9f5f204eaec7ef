"""Outbound rules of security groups as edits: each rule added or taken away alone, and put back as it was written.

What EC2 calls a rule is one peer under a protocol and ports; `DescribeSecurityGroups` lists those of a protocol and ports together.
"""

import hashlib
from collections.abc import Iterator
from typing import Any, Final

from buckler.engines.net.gates import describe_rule, protocol_number
from buckler.fixes._fix import Advice, Mend
from buckler.fixes.plan import managed
from buckler.fixes.prove import Judge, appeared
from buckler.model.closing import GroupClose, NetClose
from buckler.model.fix import ApiEdit, Ask, Fix, Proof
from buckler.model.functions import Function
from buckler.model.network import SecurityGroupRule
from buckler.model.origin import FileOrigin
from buckler.model.reachability import ports_text
from buckler.model.severity import Severity
from buckler.model.text import shown
from buckler.reach.analysis import Analysis
from buckler.reach.network_close import changed_by, close

_MEMBERS: Final = {
    "cidrs": ("IpRanges", "CidrIp"),
    "groups": ("UserIdGroupPairs", "GroupId"),
    "prefix_lists": ("PrefixListIds", "PrefixListId"),
}
"""Peers of a rule -> (list in an answer of EC2, member of its entries)."""
_LISTED: Final = 6
CLOSE: Final = "net-close"
"""Stands in a plan where the name of a check would: nobody found anything, somebody asked."""


def offer_closing(function: Function, analysis: Analysis, group: str = "") -> Iterator[Mend | Advice]:
    """Offer to leave the security groups of a function, or only one, the outbound rules that are used. Raises `Undecided`."""
    closing = close(function, analysis, group)
    if closing.refused:
        yield Advice(summary_of(closing), closing.refused)
        return
    try:
        edits = tuple(edits_of(closing, analysis))
    except CannotPutBackError as stop:
        yield Advice(summary_of(closing), str(stop))
        return
    if edits:
        yield Mend(summary_of(closing), edits, changed_by(closing.groups), lost=lost_by(closing))


def summary_of(closing: NetClose) -> str:
    """Say in a line what is done."""
    names = ", ".join(f"`{shown(one.group)}` ({shown(one.name)})" for one in closing.groups)
    rules = list(dict.fromkeys(describe_rule(rule) for one in closing.groups for rule in one.after))
    return f"leave {names} the outbound rules that are used: {'; '.join(rules) if rules else 'none'}"


def lost_by(closing: NetClose) -> tuple[str, ...]:
    """Say what no longer works, and what nobody can tell."""
    said = [f"`{one.source}` to {one.target} on {one.protocol} {ports_text(one.ports)}" for one in closing.lost]
    if len(said) > _LISTED:
        said = [*said[:_LISTED], f"and {len(said) - _LISTED} more connections: buckler net close {shown(closing.function.name)}"]
    return (*said, *closing.doubts)


def fix_of(closing: NetClose, analysis: Analysis, judge: Judge) -> Fix:
    """Make the fix that closes a function's groups, proved by asking every check again; advice where it cannot be."""
    function, change = closing.function, changed_by(closing.groups)
    why, edits = closing.refused, tuple[ApiEdit, ...]()
    try:
        # What is written in a file is closed there.
        edits = () if isinstance(function.origin, FileOrigin) else tuple(edits_of(closing, analysis))
    except CannotPutBackError as stop:
        why = why or str(stop)
    if not why:
        estate = analysis.estate
        why = "; ".join(f"this would appear: {one}" for one in appeared(judge(estate, ()), judge(change(estate), ()))[:3])
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
        notes=() if why else tuple(dict.fromkeys(note for one in closing.groups for note in managed(analysis.security_groups[one.group]))),
        proof=Proof(verdict="advice", why=why) if why else Proof(verdict="proved"),
    )


class CannotPutBackError(Exception):
    """A rule could not be put back as it is."""


def edits_of(closing: NetClose, analysis: Analysis) -> Iterator[ApiEdit]:
    """Give the edits: what is added first, in every group, so that no connection that stays is broken in between."""
    for one in closing.groups:
        for rule in one.added:
            yield _edit(one, rule, analysis, is_new=True)
    for one in closing.groups:
        for rule in one.removed:
            yield _edit(one, rule, analysis, is_new=False)


def _edit(closed: GroupClose, rule: SecurityGroupRule, analysis: Analysis, *, is_new: bool) -> ApiEdit:
    group = analysis.security_groups[closed.group]
    name = shown(group.name)
    members, member, peer = _peer(rule)
    written = dict(rule.descriptions).get(peer)
    piece = {member: peer} | ({"Description": written} if written else {})
    owner = _owner(peer, analysis) if member == "GroupId" else {}
    # What `DescribeSecurityGroups` answers names a rule in full, and is what both calls take.
    asked: dict[str, Any] = {"GroupId": name, "IpPermissions": [_about(rule) | {members: [piece | owner]}]}
    add = Ask(service="ec2", operation="AuthorizeSecurityGroupEgress", parameters=asked)
    remove = Ask(service="ec2", operation="RevokeSecurityGroupEgress", parameters=asked)
    return ApiEdit(
        account=shown(group.account),
        region=shown(group.region),
        arn=shown(group.arn),
        what=f"rule `{describe_rule(rule)}`",
        read=Ask(service="ec2", operation="DescribeSecurityGroups", parameters={"GroupIds": [name]}),
        pick=(
            "SecurityGroups",
            f"GroupId={name}",
            "IpPermissionsEgress",
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
    )


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
