"""Where secrets, keys and data live. Metadata and policies only, never values."""

from typing import Literal, TypeAlias

from buckler.model.entity import Entity, Tag
from buckler.model.policy import Policy
from buckler.model.text import Text
from buckler.model.unknown import Unknown, UnknownKind
from buckler.model.value import Value


class Grant(Value):
    """A grant on a KMS key: lets its grantee do some operations without any policy saying so."""

    grantee: Text
    """ARN of a principal, or a service principal."""
    operations: tuple[str, ...]
    """As KMS writes them: `Decrypt`, `GenerateDataKey`, `CreateGrant`."""
    context_equals: tuple[tuple[str, str], ...] = ()
    """`EncryptionContextEquals`: the encryption context must be exactly this; () when not constrained."""
    context_subset: tuple[tuple[str, str], ...] = ()
    """`EncryptionContextSubset`: the encryption context must hold at least this."""


_GRANTS_NOT_ASKED = Unknown(kind=UnknownKind.NOT_ASKED, why="grants of keys were not listed", need="--deep")


class KmsKey(Entity):
    """`name` is the key id."""

    policy: Policy | Unknown | None
    is_customer_managed: bool | Unknown
    is_enabled: bool | Unknown = True
    rotation: bool | Unknown = False
    aliases: tuple[str, ...] = ()
    grants: tuple[Grant, ...] | Unknown = _GRANTS_NOT_ASKED


class Secret(Entity):
    policy: Policy | Unknown | None
    kms_key: Text | Unknown | None = None
    rotation: bool | Unknown = False
    tags: tuple[Tag, ...] = ()


class Parameter(Entity):
    """An SSM parameter."""

    type: Text
    """`String`, `StringList` or `SecureString`."""
    kms_key: Text | None = None
    policy: Policy | Unknown | None = None


StoreKind: TypeAlias = Literal["bucket", "queue", "topic", "table", "stream", "event-bus", "repository"]


class Store(Entity):
    """A place that keeps or carries data and may have a resource policy: a bucket, queue, topic, table, stream, bus or image repository."""

    kind: StoreKind
    policy: Policy | Unknown | None
    kms_key: Text | Unknown | None = None
    """Customer-managed key, where one is set."""
    blocks_public_policy: bool | Unknown = False
    """Buckets: `RestrictPublicBuckets` holds, set on the bucket or on its account."""
    notifies: tuple[Text, ...] | Unknown = ()
    """ARNs of functions (and queues, topics) that are told when something is put in: S3 notifications, SNS subscriptions, rule targets."""
