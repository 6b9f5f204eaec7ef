"""What sources share: the fields that every entity of a file has, and what AWS puts where nothing is said."""

from typing import TypedDict

from buckler.model.network import NaclEntry
from buckler.model.origin import FileOrigin
from buckler.model.secret import Judge, Redacted
from buckler.model.text import Partial, Text
from buckler.model.unknown import Unknown, UnknownKind

DEFAULT_GROUP = Unknown(
    kind=UnknownKind.UNRESOLVED,
    why="the capacity provider names no security group, so the default group of its VPC applies",
    need="a security group on the capacity provider",
)
"""The security groups of a capacity provider without any. Source: AWS SAM Developer Guide, `VpcConfig` of a capacity provider."""


def default_acl_entries(*, ipv6: bool) -> tuple[NaclEntry, ...]:
    """Give the entries of the network ACL that AWS makes with a VPC: everything passes (VPC User Guide, "Default network ACL")."""
    families = ((100, "0.0.0.0/0"), (101, "::/0")) if ipv6 else ((100, "0.0.0.0/0"),)
    return tuple(
        NaclEntry(rule_number=number, is_egress=is_egress, protocol="-1", is_allow=is_allow, cidr=cidr)
        for is_egress in (True, False)
        for is_allow, entries in ((True, families), (False, tuple((32767 + at, cidr) for at, (_, cidr) in enumerate(families))))
        for number, cidr in entries
    )


class Common(TypedDict):
    """The fields of `Entity`."""

    arn: Text
    name: Text
    account: Text
    region: Text
    origin: FileOrigin
    address: str


def judged_text(judge: Judge, name: str, text: Text) -> Text | Redacted:
    """Judge a text; one with holes by its known pieces, and it stays as it is only when they are harmless."""
    if isinstance(text, str):
        return judge(name, text)
    pieces = [part for part in text.parts if isinstance(part, str)]
    if not pieces:
        return text
    verdict = judge(name, "".join(pieces))
    if isinstance(verdict, Redacted) and not verdict.is_secret:
        # Not recognised as harmless with its holes cut out, but perhaps with something in their places: `https://x.execute-api.x...`.
        verdict = judge(name, "".join(part if isinstance(part, str) else "x" for part in text.parts))
    return verdict if isinstance(verdict, Redacted) else Partial(parts=text.parts)
