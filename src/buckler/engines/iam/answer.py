"""What the obvious twin says of a request: the answer, the layer and statement that gave it, and what every statement said."""

import enum
from typing import Literal, TypeAlias

from buckler.model.layers import LayerName
from buckler.model.policy import Statement
from buckler.model.unknown import Unknown, UnknownKind
from buckler.model.value import Value

Layer: TypeAlias = LayerName | Literal[""]
"""Empty when the policies of a question were given without saying what they hang on."""


class Answer(enum.Enum):
    """What AWS answers, or that it depends on something nobody told."""

    ALLOW = "allow"
    DENY = "deny"
    """A statement denies it; nothing can allow it."""
    IMPLICIT_DENY = "implicit-deny"
    """Nothing here allows it; another kind of policy may."""
    UNKNOWN = "unknown"


class Step(Value):
    """What one statement said of the request."""

    statement: Statement
    matched: bool | None
    """None: depends on something in `needs`."""
    reason: str
    """The part that did not match or is not known: `principal`, `action`, `resource`, `condition`; empty when it matched."""
    needs: tuple[str, ...] = ()
    layer: Layer = ""
    level: int | None = None
    """Of a service or resource control policy: 0 is the root of the organisation, the last the account itself."""


class Decision(Value):
    """An answer, and how it came about."""

    answer: Answer
    statement: Statement | None = None
    """The one that decided: the first Deny that matched, else the first Allow. None when a layer decided by what it lacks."""
    layer: Layer = ""
    """The layer that decided: of the Deny, of the Allow that grants, of the first Allow that is missing, or of the first doubt."""
    lacking: tuple[LayerName, ...] = ()
    """When IMPLICIT_DENY: the layers that would have to allow it and don't, in AWS's order."""
    needs: tuple[str, ...] = ()
    """When UNKNOWN: condition keys and parameters that would settle it."""
    unknowns: tuple[Unknown, ...] = ()
    """When UNKNOWN because of the source: the holes and unread statements it depends on."""
    trace: tuple[Step, ...] = ()
    ignored: tuple[str, ...] = ()
    """What AWS would reject, and so grants nothing."""

    @property
    def may_allow(self) -> bool:
        """Say whether some value of what is unknown lets the request through."""
        return self.answer in {Answer.ALLOW, Answer.UNKNOWN}

    @property
    def doubt(self) -> Unknown:
        """Say what an UNKNOWN answer depends on, for `Undecided`."""
        if self.unknowns:
            return self.unknowns[0]
        key = self.needs[0] if self.needs else "the request"
        return Unknown(kind=UnknownKind.UNRESOLVED, why=f"the policy's answer depends on `{key}`", need=f"a value for {key}")
