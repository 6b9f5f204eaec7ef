"""network-path-intermittent: let the answers to all client ports through the network ACLs that drop some."""

from collections.abc import Callable, Iterable
from typing import Any, Final

from buckler.engines.net.gates import protocol_name
from buckler.fixes._estates import all_of, on_each
from buckler.fixes._fix import Advice, Case, Mend, Remedies, remedy
from buckler.model.estate import Estate
from buckler.model.fix import ApiEdit, Ask
from buckler.model.functions import Function
from buckler.model.network import NaclEntry
from buckler.model.text import shown
from buckler.model.unknown import Unknown
from buckler.reach.network_answers import Opening, openings

BY_HAND: Final = "let the ports 1024-65535 pass towards the function's subnet, in the network ACLs of both ends"


@remedy
def network_path_intermittent(case: Case[Function]) -> Remedies:
    """Add an entry for the ports 1024-65535 from where the answers come, before the one that drops them; what is there stays as it is.

    A network ACL knows nothing of connections: what may be an answer may be a question, too. Security groups still stand before it.
    """
    found = openings(case.subject, case.analysis)
    if isinstance(found, str) or not found:
        yield Advice(BY_HAND, found if isinstance(found, str) else "no network ACL is known to keep them")
        return
    yield Mend(said_of(found), tuple(map(_edit, found)), all_of(*map(_with, found)), lost=opened_by(found))


def said_of(found: Iterable[Opening]) -> str:
    """Say in a line what is let through."""
    return f"let answers through: {'; '.join(map(_said, found))}"


def opened_by(found: Iterable[Opening]) -> tuple[str, ...]:
    """Say what network ACLs keep out today and no longer will."""
    return tuple(map(_opened, found))


def _opened(one: Opening) -> str:
    if one.entry.is_egress:
        return (
            f"packets of `{one.subnet}` to high ports of {one.entry.cidr}, whether they answer or not, are kept in by security groups alone"
        )
    return f"packets of {one.entry.cidr} to high ports of `{one.subnet}`, whether they answer or not, are kept out by security groups alone"


def _said(one: Opening) -> str:
    entry = one.entry
    way = f"out to {entry.cidr}" if entry.is_egress else f"in from {entry.cidr}"
    protocol = protocol_name(int(shown(entry.protocol)))
    allows = f"allows {protocol} {entry.from_port}-{entry.to_port} {way}"
    return f"entry {entry.rule_number} of `{shown(one.acl.name)}` ({one.subnet}) {allows}"


def _edit(one: Opening) -> ApiEdit:
    acl, entry = one.acl, one.entry
    name = shown(acl.name)
    which: dict[str, Any] = {"NetworkAclId": name, "RuleNumber": entry.rule_number, "Egress": entry.is_egress}
    peer = {"Ipv6CidrBlock" if ":" in shown(entry.cidr) else "CidrBlock": shown(entry.cidr)}
    piece: dict[str, Any] = {
        "Egress": entry.is_egress,
        "PortRange": {"From": entry.from_port, "To": entry.to_port},
        "Protocol": shown(entry.protocol),
        "RuleAction": "allow",
        "RuleNumber": entry.rule_number,
        **peer,
    }
    return ApiEdit(
        account=shown(acl.account),
        region=shown(acl.region),
        arn=shown(acl.arn),
        what=f"{'outbound' if entry.is_egress else 'inbound'} entry {entry.rule_number} of the network ACL",
        read=Ask(service="ec2", operation="DescribeNetworkAcls", parameters={"NetworkAclIds": [name]}),
        # EC2 may tell more of an entry than what makes it.
        pick=(
            "NetworkAcls",
            f"NetworkAclId={name}",
            "Entries",
            f"RuleNumber={entry.rule_number}&Egress={entry.is_egress}",
            ",".join(piece),
        ),
        before=None,
        after=piece,
        do=Ask(service="ec2", operation="CreateNetworkAclEntry", parameters={"NetworkAclId": name, **piece}),
        undo=Ask(service="ec2", operation="DeleteNetworkAclEntry", parameters=which),
    )


def _with(one: Opening) -> Callable[[Estate], Estate]:
    def change(estate: Estate) -> Estate:
        acl = next((each for each in estate.network_acls if each.arn == one.acl.arn), None)
        if acl is None or isinstance(acl.entries, Unknown):
            return estate
        entries = sorted((*acl.entries, one.entry), key=_order)
        return on_each(estate, "network_acls", acl.arn, entries=tuple(entries))

    return change


def _order(entry: NaclEntry) -> tuple[bool, int]:
    return entry.is_egress, entry.rule_number
