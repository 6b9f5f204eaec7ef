"""What a check says: a finding with its evidence, or a gap."""

from typing import Literal

from buckler.model.layers import Layers
from buckler.model.origin import Origin
from buckler.model.policy import Policy
from buckler.model.severity import Confidence, Persona, Severity
from buckler.model.unknown import UnknownKind
from buckler.model.value import Value


class Evidence(Value):
    """A place and what is to be seen there. The first evidence of a finding is the primary one."""

    origin: Origin
    note: str
    """Lower case, no full stop: "AuthType is NONE"."""
    is_sensitive: bool = False
    """The text at this place holds a secret: show its line only redacted."""


class ContextEntry(Value):
    key: str
    values: tuple[str, ...]


class Request(Value):
    """One concrete request to AWS, as IAM sees it."""

    principal: str
    """ARN of the caller, a service (`s3.amazonaws.com`), or `*` for somebody without credentials."""
    action: str
    """`lambda:InvokeFunctionUrl`."""
    resource: str
    context: tuple[ContextEntry, ...] = ()


class Witness(Value):
    """A claim somebody else can replay: these requests, under these policies, get this answer.

    The obvious twin of the IAM engine replays it before a finding is printed.
    """

    requests: tuple[Request, ...]
    policies: tuple[Policy, ...] = ()
    """Policies of one kind, when nothing else has a say."""
    layers: Layers | None = None
    """All that has a say, when more than one kind of policy does; `policies` is then empty."""
    expect: Literal["ALLOW", "DENY", "IMPLICIT_DENY"] = "ALLOW"


class Remedy(Value):
    """What to do about it, in one line."""

    text: str
    is_safe: bool = False
    """True when nothing legitimate can break; else it needs a review."""


class Subject(Value):
    """Who a finding is about."""

    kind: str
    """`function`, `role`, `layer-version`, `trail`, `account`, ..."""
    id: str
    """How people name it: the ARN when live, the logical id or Terraform address in a file."""
    name: str
    arn: str
    """With holes shown as `${...}` in templates."""
    account: str
    region: str
    place: str = ""
    """The file it was read from; empty when live."""


class Finding(Value):
    check: str
    subject: Subject
    severity: Severity
    confidence: Confidence
    persona: Persona
    message: str
    evidence: tuple[Evidence, ...]
    """INVARIANT: never empty; `Check.finding` sees to it."""
    witness: Witness | None = None
    path: tuple[Witness, ...] = ()
    """For a claim of several steps: one witness per step, in order; all are replayed. `witness` is then None."""
    reach: str = ""
    """What an attacker who starts here gets to, in a phrase: "2 steps to administrator of 123456789012"; empty when nobody asked."""
    remedy: Remedy | None = None
    key: str = ""
    """Tells apart several findings of one check on one subject: a qualifier, a variable's name."""
    fingerprint: str
    """Stable across line changes and re-scans: sha256 over check, subject, file and key."""
    frameworks: tuple[str, ...] = ()
    """`fsbp:Lambda.1`, `mitre:T1190`, ..."""


class Gap(Value):
    """A question nobody could answer. Never a pass."""

    check: str
    subject: Subject
    why: str
    need: str
    kind: UnknownKind
