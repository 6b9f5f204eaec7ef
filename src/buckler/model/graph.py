"""The attack graph as values: what an attacker can stand on, how they get from one thing to the next, and what a function is worth."""

from typing import Literal, TypeAlias

from buckler.model.finding import Evidence, Witness
from buckler.model.severity import Severity
from buckler.model.unknown import Unknown
from buckler.model.value import Value

NodeKind: TypeAlias = Literal[
    "internet",
    "account",
    "service",
    "role",
    "user",
    "function",
    "layer",
    "secret",
    "parameter",
    "key",
    "bucket",
    "queue",
    "topic",
    "table",
    "stream",
    "event-bus",
    "repository",
    "administrator",
    "resource",
]
"""`account` is one that was not scanned; `administrator` stands for everything in an account; `resource` is anything else with an ARN."""

EdgeKind: TypeAlias = Literal[
    "invoke",
    "runs-as",
    "assume",
    "escalate",
    "change-code",
    "change-configuration",
    "read-secret",
    "list",
    "read",
    "write",
    "delete",
    "admin",
]
"""`invoke` makes a function run with chosen input; `runs-as`, `assume` and `escalate` become a principal; `change-*` own a function;
the rest touch data. `admin` goes from a principal that may grant itself everything to the `administrator` of its account."""

Access: TypeAlias = Literal["list", "read", "write", "delete", "permissions"]


class Node(Value):
    """One thing in the graph."""

    id: str
    """The ARN; `internet`; `account:123456789012`; `service:s3.amazonaws.com`; `administrator:123456789012`; for "all buckets" the
    pattern of the policy (`arn:aws:s3:::*`)."""
    kind: NodeKind
    name: str
    account: str = ""
    region: str = ""
    count: int = 1
    """How many things a pattern stands for, where they are known; 1 for a single thing."""


class Edge(Value):
    """One step of an attacker, with its proof."""

    source: str
    """Id of the node the attacker holds."""
    target: str
    kind: EdgeKind
    technique: str = ""
    """Id in the table of techniques: `lambda-001`. Empty for plain steps."""
    what: str
    """The step in words, as the attacker does it: "passes `admin-role` to a new function and invokes it"."""
    proof: tuple[Witness, ...] = ()
    """Requests with all the policies that have a say in them; `decide` replays each. Empty for `runs-as`, which is configuration."""
    evidence: tuple[Evidence, ...] = ()
    """The statements that allow it, and where they stand."""
    only_if: tuple[str, ...] = ()
    """Conditions the attacker does not control and nobody could settle, each as a phrase; () when the step is certain."""
    unread: tuple[Unknown, ...] = ()
    """What nobody could read that may forbid the step."""


class Path(Value):
    """Steps from one node to another; each edge starts where the one before ends."""

    edges: tuple[Edge, ...]
    nodes: tuple[Node, ...] = ()
    """The nodes it goes through, from the first to the last, where it stands alone; () in a blast, which lists its nodes."""

    @property
    def steps(self) -> int:
        """Count the edges, every one: that a function runs as its role is a step, and that a principal is administrator is the last.

        `blast` counts from the function, `paths` and the checks from where somebody comes in.
        """
        return len(self.edges)

    @property
    def is_certain(self) -> bool:
        """Say whether no step rests on a condition or on something unread."""
        return not any(edge.only_if or edge.unread for edge in self.edges)


class Reacher(Value):
    """Somebody who gets to the function."""

    node: Node
    path: Path


class Become(Value):
    """A principal the attacker can act as."""

    node: Node
    path: Path
    is_administrator: bool = False


class Touch(Value):
    """Something the attacker can use."""

    node: Node
    access: tuple[Access, ...]
    via: str
    """Id of the principal that may."""
    path: Path
    """From the function to the principal, and the edge to the thing."""
    harm: Severity


class NetTouch(Value):
    """Something the packets of whoever owns the function reach, and what stands between them and using it."""

    name: str
    """For people: `RDS database in payroll`."""
    id: str
    service: str
    """`rds`, `elasticache`, ...; empty where nothing tells."""
    ports: str
    """`tcp 5432`."""
    is_sure: bool
    """False: it depends on an address AWS has not chosen yet, or on something unread."""
    guard: Literal["iam", "password", "certificate", "nothing", "unknown"]
    """`iam`: every request is asked about; `password`: a password, or nothing, guards it; `unknown`: nothing that was read tells."""
    guarded: str
    """The same in words; empty: not known."""
    may: tuple[str, ...]
    """Actions by which the role may use it."""
    harm: Severity
    unknown: Unknown | None = None
    """Why nobody knows whether the role may."""


class Blast(Value):
    """What follows when one function is owned. Every list is ranked, the worst first, and deterministic."""

    function: Node
    reached_by: tuple[Reacher, ...]
    runs_as: Node | None
    """None when the role is not known; `gaps` says why."""
    becomes: tuple[Become, ...]
    """Without the execution role itself."""
    touches: tuple[Touch, ...]
    reaches: tuple[NetTouch, ...] = ()
    """What its packets reach, of what stands in networks: IAM is not asked of it, or says what the role may."""
    worst: Severity
    summary: str
    """One sentence: "owning `checkout` makes an attacker administrator of 210987654321 in 3 steps"."""
    gaps: tuple[Unknown, ...] = ()
    """What could not be read and may make it worse."""
