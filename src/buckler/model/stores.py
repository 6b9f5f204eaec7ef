"""Where secrets and keys live. Metadata and policies only, never values."""

from buckler.model.entity import Entity, Tag
from buckler.model.policy import Policy
from buckler.model.text import Text
from buckler.model.unknown import Unknown


class KmsKey(Entity):
    """`name` is the key id."""

    policy: Policy | Unknown | None
    is_customer_managed: bool | Unknown
    is_enabled: bool | Unknown = True
    rotation: bool | Unknown = False
    aliases: tuple[str, ...] = ()


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
