"""Principals of IAM."""

from buckler.model.entity import Entity, Tag
from buckler.model.policy import Policy
from buckler.model.text import Text
from buckler.model.unknown import Unknown, UnknownKind
from buckler.model.value import Value

_NO_RECORD = Unknown(kind=UnknownKind.OUTSIDE, why="only AWS records which services a role used", need="a live scan with --deep")


class Attached(Value):
    """A managed policy on a principal."""

    arn: Text
    document: Policy | Unknown
    """Its default version."""


class ServiceUse(Value):
    """A service a principal's policies open, and when it last called it."""

    service: str
    """As actions begin: `s3`."""
    last: str | None
    """ISO time; None: not since AWS began to record it, 400 days ago or when the principal was made."""


class Role(Entity):
    trust: Policy | Unknown
    inline: tuple[Policy, ...] | Unknown
    attached: tuple[Attached, ...] | Unknown
    boundary: Attached | Unknown | None
    path: str = "/"
    last_used: str | None = None
    """ISO time, None when never or not told."""
    created: str | None = None
    """ISO time, None when not told."""
    services_used: tuple[ServiceUse, ...] | Unknown = _NO_RECORD
    """Every service its policies open, used or not."""
    is_service_linked: bool = False
    max_session_s: int | None = None
    tags: tuple[Tag, ...] = ()


class User(Entity):
    inline: tuple[Policy, ...] | Unknown
    attached: tuple[Attached, ...] | Unknown
    boundary: Attached | Unknown | None
    groups: tuple[Text, ...] | Unknown
    """Names."""
    path: str = "/"
    tags: tuple[Tag, ...] = ()


class Group(Entity):
    inline: tuple[Policy, ...] | Unknown
    attached: tuple[Attached, ...] | Unknown
    path: str = "/"


class OrgPolicy(Value):
    """A service or resource control policy and what it is attached to (root, OU or account ids)."""

    id: str
    name: str
    kind: str
    """`SERVICE_CONTROL_POLICY` or `RESOURCE_CONTROL_POLICY`."""
    targets: tuple[str, ...]
    document: Policy | Unknown


class Organization(Value):
    id: str
    management_account: str
    accounts: tuple[str, ...] | Unknown
    parents: tuple[tuple[str, str], ...] = ()
    """(child id, parent id) of the tree of accounts, organisational units and roots."""
    policies: tuple[OrgPolicy, ...] | Unknown
