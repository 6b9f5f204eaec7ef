"""What sources share: the fields that every entity of a file has, and what AWS puts where nothing is said."""

from typing import TypedDict

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
