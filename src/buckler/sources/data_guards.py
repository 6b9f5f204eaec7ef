"""What databases, caches and search domains ask of whoever connects, by their settings, wherever these are read.

Sources: the pages that `reach/standing_guard` names.
"""

from collections.abc import Iterable
from typing import Literal, TypeAlias

from buckler.model.text import Text
from buckler.model.unknown import Unknown

Service: TypeAlias = Literal["rds", "rds-proxy", "neptune", "docdb", "elasticache", "memorydb", "opensearch"]
Asks: TypeAlias = Literal["password", "iam", ""] | Unknown
Flag: TypeAlias = bool | Unknown


def database_asks(service: Service, *, has_iam: Flag) -> Asks:
    """Say what a database asks: Neptune has no passwords, and without IAM whoever connects is let in."""
    if service != "neptune":
        return "password"
    return has_iam if isinstance(has_iam, Unknown) else "iam" if has_iam else ""


def proxy_asks(how: Iterable[Text | Unknown | None], default: Text | Unknown | None = None) -> tuple[Asks, bool | None]:
    """Say what an RDS proxy asks, and whether IAM lets anybody in.

    *how*: `IAMAuth` of each of its secrets; *default*: its `DefaultAuthScheme`. What a secret without IAM opens, its password opens.
    """
    told = [*how, *(("REQUIRED",) if default == "IAM_AUTH" else ())]
    unknown = next((one for one in (*told, default) if isinstance(one, Unknown)), None)
    has_iam = any(one in {"REQUIRED", "ENABLED"} for one in told)
    if any(one != "REQUIRED" and not isinstance(one, Unknown) for one in told):
        return "password", True if has_iam else False if unknown is None else None
    if unknown is not None:
        return unknown, True if has_iam else None
    return ("iam", True) if told else ("password", False)


def cluster_asks(access: Text | Unknown | None) -> Asks:
    """Say what a MemoryDB cluster asks by its access control list: under `open-access` whoever connects is let in."""
    return access if isinstance(access, Unknown) else "" if access == "open-access" else "password"


def cache_asks(*, has_token: Flag, has_users: Flag) -> Asks:
    """Say what a cache asks: an AUTH token or users of its own, else nothing."""
    if has_token is True or has_users is True:
        return "password"
    unknown = next((one for one in (has_token, has_users) if isinstance(one, Unknown)), None)
    return unknown if unknown is not None else ""


def domain_asks(*, is_on: Flag, lets_anybody_in: Flag, has_users: Flag) -> Asks:
    """Say what the fine-grained access control of a search domain asks of everybody; empty: its policy alone decides."""
    if is_on is False or lets_anybody_in is True:
        return ""
    unknown = next((one for one in (is_on, lets_anybody_in, has_users) if isinstance(one, Unknown)), None)
    return unknown if unknown is not None else "password" if has_users else "iam"
