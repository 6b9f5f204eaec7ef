"""Layer versions and who shares them; what a poisoned one would hold."""

from buckler.model.asked import May
from buckler.model.graph import Blast, Node
from buckler.model.severity import Severity
from buckler.model.unknown import Unknown
from buckler.model.value import Value


class LayerRow(Value):
    """One layer version that functions use."""

    arn: str
    name: str
    version: str
    account: str
    publisher: str
    """`own`, or a known publisher's name; empty when nobody knows it."""
    is_retired: bool = False
    """Its publisher no longer exists under this name."""
    functions: tuple[str, ...]
    """Names of those that use it."""
    roles: int | Unknown
    """How many roles they run as."""
    created: str | Unknown
    """ISO date."""
    age_days: int | Unknown
    newest: int | None = None
    """The newest version of the layer in the estate, when that is a newer one."""
    is_there: bool | Unknown
    """False: the version was deleted, and functions go on with their copy."""
    signed_by: str | Unknown | None
    """Signing profile version; None: not signed."""
    allowed: tuple[str, ...] | Unknown
    """Who else may get it."""
    integrity: str | Unknown
    """The worst state of its files: `verified`, `record-only`, `unowned`, `modified`."""
    worst: str | Unknown | None
    """The worst vulnerability of its packages; None: none is known."""


class Held(Value):
    """Functions that are worth the same to whoever is inside them: they run as one role, and hold secrets of the same names."""

    functions: tuple[Node, ...]
    role: Node | None
    """None when it is not known."""
    blast: Blast
    """Of the first of them."""


class LayerBlast(Value):
    """Everything whoever publishes the code of a layer would hold: it runs in each function, before the handler, as its role."""

    arn: str
    name: str
    held: tuple[Held, ...]
    """The worst first."""
    functions: int
    roles: int
    administers: tuple[str, ...]
    """Accounts of which it makes an attacker administrator."""
    worst: Severity
    summary: str
    publishers: tuple[May, ...] = ()
    """Who may publish its next version. Functions keep the version they have until somebody moves them to it."""
    gaps: tuple[Unknown, ...] = ()
    """What could not be read and may make it worse: of the functions, too."""
