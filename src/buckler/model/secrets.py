"""Secrets in environments: where each one stands, and who reads it there."""

from buckler.model.secret import Redacted
from buckler.model.unknown import Unknown
from buckler.model.value import Value


class Reader(Value):
    """A principal that reads the environment of a function without being the function."""

    principal: str
    """ARN."""
    action: str
    """That tells it: `lambda:GetFunctionConfiguration`, `lambda:UpdateFunctionConfiguration`, ..."""
    is_sure: bool
    only_if: tuple[str, ...] = ()


class Exposed(Value):
    """A secret in the environment of a function; its value is nowhere."""

    function: str
    """ARN, or the address in a file."""
    name: str
    """Of the function."""
    account: str
    region: str
    place: str
    """The file, empty in an account."""
    variable: str
    secret: Redacted
    in_latest: bool
    versions: tuple[str, ...] | Unknown
    """Published versions that hold it: they keep it for ever."""
    aliases: tuple[str, ...]
    """Those that send callers to one of these versions."""
    key: str | Unknown | None
    """Customer-managed key of the environment; None: AWS's own, and reading the configuration is enough."""
    readers: tuple[Reader, ...] | Unknown
    """Those that may for sure first, administrators and the function's own role left out."""
    administrators: int
    """How many principals administer the account, and so read it too."""
