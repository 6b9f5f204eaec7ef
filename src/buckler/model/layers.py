"""All the policies that have a say in one request, layer by layer, as AWS's evaluation logic names them."""

from typing import Literal, TypeAlias

from buckler.model.policy import Policy
from buckler.model.stores import Grant
from buckler.model.unknown import Unknown
from buckler.model.value import Value

LayerName: TypeAlias = Literal[
    "identity", "resource", "boundary", "session", "scp", "rcp", "endpoint", "trust", "key-policy", "grant", "public-access-block"
]


class Unread(Value):
    """A policy of a layer that nobody could read: it may allow, or deny, anything."""

    layer: LayerName
    unknown: Unknown


class Layers(Value):
    """The policies of one request. What a layer lacks, AWS said there is none of; what could not be read is in `unread`.

    A role's trust policy and a key's policy are resource policies: they stand in `resource`, and the request (`sts:AssumeRole` on a role,
    `kms:*` on a key) says which rule applies.
    """

    identity: tuple[Policy, ...] = ()
    """Inline, managed and group policies of the principal."""
    resource: Policy | None = None
    boundary: Policy | None = None
    session: tuple[Policy, ...] | None = None
    """Session policies. None: the session was made without; (): made with one that grants nothing."""
    scp: tuple[tuple[Policy, ...], ...] = ()
    """Service control policies of the principal's account: one entry per level, the root first, the account last. (): none apply, because
    the account is in no organisation, is its management account, or the principal is a service-linked role."""
    rcp: tuple[tuple[Policy, ...], ...] = ()
    """Resource control policies of the resource's account, by level likewise."""
    endpoint: Policy | None = None
    """Policy of the VPC endpoint the request comes through; None: it comes through none, or one with AWS's full-access default."""
    grants: tuple[Grant, ...] = ()
    """Grants of the KMS key."""
    resource_account: str = ""
    """Account that owns the resource; "": the one in its ARN, and without one there (a bucket) the principal's own."""
    blocks_public: bool = False
    """S3 Block Public Access keeps public policies of this bucket without effect (`RestrictPublicBuckets`)."""
    unread: tuple[Unread, ...] = ()
