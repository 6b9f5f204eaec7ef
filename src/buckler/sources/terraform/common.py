"""What every entity of a plan has, and the little reads many readers share."""

from buckler.model.entity import Tag
from buckler.model.secret import Redacted
from buckler.model.text import Text
from buckler.model.unknown import Unknown, UnknownKind
from buckler.sources.common import Common
from buckler.sources.terraform.node import APPLY, Node, State


def common(node: Node, name: str = "id", *, arn: str = "arn") -> Common:
    """Give the fields of `Entity`; *name* and *arn* are the attributes that hold them."""
    view, resource = node.view, node.resource
    account, region = view.identity.of(resource)
    return Common(
        arn=view.attribute(resource, arn),
        name=view.attribute(resource, name),
        account=account,
        region="" if resource.type.startswith("aws_iam_") else region,
        origin=node.origin(),
        address=resource.address,
    )


def tags(node: Node) -> tuple[Tag, ...]:
    """Read the tags, the provider's default tags among them. A tag that may hold a secret loses its value."""
    field = node.child("tags_all")
    if field.state() is not State.KNOWN:
        field = node.child("tags")
    if field.state() is not State.KNOWN:
        return ()
    found: list[Tag] = []
    for key, one in field.entries():
        value = one.as_text()
        judged = node.view.judge(key, value) if isinstance(value, str) else value
        found.append(Tag(key=key, value=one.hole() if isinstance(judged, Redacted) else judged or ""))
    return tuple(found)


def absent(node: Node, what: str) -> Unknown:
    """Say that a fact stands in something that is not in this plan, or that nobody knows which it is."""
    return Unknown(kind=UnknownKind.UNRESOLVED, why=f"{what} of `{node.resource.address}` is not in this plan", need=APPLY)


def default_bool(value: bool | Unknown | None, *, default: bool) -> bool | Unknown:  # noqa: FBT001 - a fact, not a switch
    return default if value is None else value


def listed(values: tuple[Text, ...] | Unknown) -> tuple[Text, ...]:
    """Give a list where the model has no room for an unknown one: the holes in it say as much."""
    return () if isinstance(values, Unknown) else values
