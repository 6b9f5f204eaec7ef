"""What a function's packets reach, and by which rules."""

from collections.abc import Sequence
from typing import Literal, TypeAlias

from buckler.model.functions import Function
from buckler.model.unknown import Unknown
from buckler.model.value import Value

TargetKind: TypeAlias = Literal["interface", "group", "endpoint", "on-premises", "internet", "resolver", "address"]
Verdict: TypeAlias = Literal["always", "some-subnets", "some-client-ports", "may", "no", "unknown"]


def ports_text(ports: Sequence[tuple[int, int]]) -> str:
    """Write ranges of ports: `443, 5432, 8000-8999`."""
    if tuple(ports) == ((0, 65535),):
        return "all ports"
    return ", ".join(str(first) if first == last else f"{first}-{last}" for first, last in ports)


class NetTarget(Value):
    """What can be asked about."""

    kind: TargetKind
    name: str
    """For people: `RDS database in 10.1.1.0/24`, `com.amazonaws.eu-west-1.s3`, `the internet (IPv4)`."""
    id: str
    """A network interface, a security group, an endpoint, a range of addresses."""
    addresses: tuple[str, ...] = ()
    vpc: str = ""
    subnet: str = ""
    groups: tuple[str, ...] = ()
    service: str = ""
    """What stands there, in a word: `rds`, `elasticache`, `efs`, `load balancer`, ...; empty where nothing tells."""
    asks_iam: bool | None = None
    """Whether the service asks IAM of every request; False: a password, or nothing, guards it; None: not known."""
    guard: str = ""
    """Which of `nothing`, `password`, `certificate` and `iam` it is, where its own settings were read."""
    iam_login: bool | None = None
    """Whether IAM lets somebody in as well; None: nothing tells."""
    arn: str = ""
    """Of the database, domain or file system, where it is known which one stands there."""

    @property
    def guarded(self) -> str:
        """Say in words what stands between packets and using it; "": nobody knows."""
        told = {
            "nothing": "nothing guards it",
            "password": "a password guards it" + (", or IAM where a user logs in by it" if self.iam_login else ""),
            "certificate": "a client's certificate guards it" + (", or IAM" if self.iam_login else ""),
            "iam": "it asks IAM of every request",
        }
        usual = {True: told["iam"], False: "a password, or nothing, guards it", None: ""}
        return told.get(self.guard, usual[self.asks_iam])


class NetStep(Value):
    """One thing that decides about packets."""

    what: str
    """The rule, entry or route, with its id."""
    said: Literal["pass", "may", "block", "unknown"]
    is_return: bool = False


class NetPort(Value):
    """What a protocol reaches of a target."""

    protocol: str
    verdict: Verdict
    ports: tuple[tuple[int, int], ...]
    """Both ends included. Of `may` and `unknown`: those that may."""
    client_ports: tuple[tuple[int, int], ...] = ()
    """That get an answer, where not all do."""
    subnets: tuple[str, ...] = ()
    """From which it is reached, where not from all."""
    witness: str = ""
    """A packet that arrives and is answered."""
    failing: str = ""
    """A packet that is not answered, where connections fail now and then."""


class NetReach(Value):
    """A function and a target."""

    function: Function
    target: NetTarget
    verdict: Verdict
    protocols: tuple[NetPort, ...]
    nodes: tuple[str, ...] = ()
    """The way there: subnets, VPCs and gateways."""
    steps: tuple[NetStep, ...] = ()
    """What decides, hop by hop, of the packet that was asked about."""
    blockers: tuple[str, ...] = ()
    """Everything that is in the way, where it is not reached."""
    unknown: tuple[Unknown, ...] = ()
    note: str = ""
    """What else there is to say of it, for people: of a resolver, which names it asks for."""


def named(told: NetReach) -> str:
    """Name what is reached, with its ports."""
    ports = ", ".join(f"{one.protocol} {ports_text(one.ports)}" for one in told.protocols)
    return f"{told.target.name} on {ports}"


class LostPair(Value):
    """A connection that works before a cut, and not after it."""

    source: str
    """Name of a function, or of what stands somewhere."""
    target: str
    protocol: str
    ports: tuple[tuple[int, int], ...]


class NetCut(Value):
    """One way to close a connection."""

    kind: Literal["egress", "ingress", "acl", "route"]
    changes: tuple[str, ...]
    """What is removed or added, each with its id."""
    lost: tuple[LostPair, ...]
    """What else no longer works: of functions, and of whatever stands in the networks that were read."""


class CutReport(Value):
    """How to keep a function from a target."""

    function: Function
    target: NetTarget
    protocol: str
    """Empty: every protocol."""
    port: int | None
    """None: every port."""
    is_open: bool
    """False: there is nothing to cut."""
    cuts: tuple[NetCut, ...]
    """Each closes all of it by itself, proved by asking again; those that break least first."""
    unknown: tuple[Unknown, ...] = ()


class NetReport(Value):
    """All that a function reaches."""

    function: Function
    placement: str
    """In words: in which subnets with which security groups, or in no VPC of the account."""
    reached: tuple[NetReach, ...]
    """Without what it does not reach."""
    closed: int
    """How many targets it does not reach."""
    unknown: tuple[Unknown, ...] = ()
    problems: tuple[Unknown, ...] = ()
    """What is broken in the network that was read."""


class Assertion(Value):
    """One line of the file."""

    wanted: Literal["allowed", "denied"]
    function: str
    to: str
    protocol: str
    port: int
    why: str = ""
    number: int = 0
    """Counted from 1, in its list."""


class Asserted(Value):
    """What came of one."""

    assertion: Assertion
    holds: bool | Unknown
    """Unknown: nobody can tell, which is not a pass."""
    reach: NetReach | None = None
