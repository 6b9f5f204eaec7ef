"""What sources share: the fields that every entity of a file has, and what AWS puts where nothing is said."""

from typing import TypedDict

from buckler.model.origin import FileOrigin
from buckler.model.text import Text
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
