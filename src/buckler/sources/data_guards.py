"""What databases, caches and search domains ask of whoever connects, by their settings, wherever these are read.

Sources: the pages that `reach/standing_guard` names.
"""

from typing import Literal, TypeAlias

from buckler.model.unknown import Unknown

Service: TypeAlias = Literal["rds", "neptune", "docdb", "elasticache", "opensearch"]
Asks: TypeAlias = Literal["password", "iam", ""] | Unknown
Flag: TypeAlias = bool | Unknown


def database_asks(service: Service, *, has_iam: Flag) -> Asks:
    """Say what a database asks: Neptune has no passwords, and without IAM whoever connects is let in."""
    if service != "neptune":
        return "password"
    return has_iam if isinstance(has_iam, Unknown) else "iam" if has_iam else ""


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
