"""What to read of a live AWS, and what comes back."""

import os

from buckler.model.estate import Estate
from buckler.model.value import Value


class LiveOptions(Value):
    """Whose accounts, which regions, how deep."""

    profiles: tuple[str, ...] = ()
    """Names in the AWS configuration; none: whatever the standard credential chain finds."""
    regions: tuple[str, ...] = ()
    all_regions: bool = False
    """Every region that is enabled for the account."""
    role_arns: tuple[str, ...] = ()
    """Roles to assume from the base credentials; with any, only their accounts are read."""
    org_role: str | None = None
    """Name of a role to assume in every account of the organisation."""
    external_id: str | None = None
    deep: bool = False
    """Also ask what costs further calls per function."""
    code: bool = False
    """Also fetch the code of functions and layers, each package once, and look into it."""
    signing_profiles: tuple[str, ...] = ()
    """ARNs of versions to read of beside those that are in use: for who is about to use them."""
    max_workers: int = 16


class Patience(Value):
    """How long one call is tried when AWS answers 429 or 5xx, or does not answer."""

    total_s: float = 30.0
    first_s: float = 0.2
    """Upper end of the first pause; later ones double."""
    longest_s: float = 8.0
    connect_s: float = 5.0
    read_s: float = 60.0
    """All of IAM of a large account takes AWS long to put together."""


class Collected(Value):
    """The facts, and what they cost."""

    estate: Estate
    calls: tuple[tuple[str, int], ...]
    """(IAM action, times asked), sorted; a repeated attempt counts again."""


class Needed(Value):
    """One IAM action that reading needs."""

    action: str
    why: str
    """Completes "needed to read ..."."""
    collector: str


def is_emulated() -> bool:
    """Say whether an emulator of AWS is asked, at an endpoint that somebody named: its registries have no names, its IAM no delay."""
    return any(name.startswith("AWS_ENDPOINT_URL") for name in os.environ)
