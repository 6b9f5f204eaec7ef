"""Words that the text and the picture of a blast radius share: kinds, verbs, and which path is the worst."""

from collections.abc import Iterator
from typing import NamedTuple

from buckler.model.finding import Evidence, Request
from buckler.model.graph import Blast, Edge, EdgeKind, Node, NodeKind
from buckler.model.origin import place
from buckler.model.unknown import Unknown
from buckler.report.clean import clean
from buckler.report.words import answer

_PLURALS: dict[NodeKind, str] = {
    "event-bus": "event buses",
    "repository": "repositories",
    "resource": "other resources",
}
_SINGULARS: dict[NodeKind, str] = {"internet": "anyone", "event-bus": "event bus", "account": "AWS account"}

VERBS: dict[EdgeKind, str] = {
    "invoke": "invokes",
    "runs-as": "runs as",
    "assume": "assumes",
    "escalate": "escalates to",
    "change-code": "changes code",
    "change-configuration": "changes settings",
    "read-secret": "reads",
    "list": "lists",
    "read": "reads",
    "write": "writes",
    "delete": "deletes",
    "admin": "administers",
}

OUTSIDERS: frozenset[NodeKind] = frozenset({"internet", "account"})
"""Whoever stands there needs nothing of ours to begin."""


def kind_word(kind: NodeKind, number: int = 1) -> str:
    """`bucket`, `event buses`."""
    return _SINGULARS.get(kind, kind) if number == 1 else _PLURALS.get(kind, f"{kind}s")


def more(number: int, kind: NodeKind, *, are_some_shown: bool = True) -> str:
    """`and 40 more buckets`, or `40 buckets` where none is shown above."""
    return f"and {number:,} more {kind_word(kind, number)}" if are_some_shown else f"{number:,} {kind_word(kind, number)}"


def home(node: Node, function: Node) -> str:
    """Say where a node is, where that is not where the function is: ` in 210987654321`."""
    places = [part for part in (_elsewhere(node.account, function.account), _elsewhere(node.region, function.region)) if part]
    if not places or node.kind in {"account", "administrator", "internet", "service"}:
        return ""
    return f" in {'/'.join(places)}"


def _elsewhere(theirs: str, ours: str) -> str:
    return theirs if theirs != ours else ""


_KINDS: tuple[tuple[str, str, NodeKind], ...] = (
    ("iam", "role/", "role"),
    ("sts", "assumed-role/", "role"),
    ("iam", "user/", "user"),
    ("iam", "root", "account"),
    ("lambda", "function:", "function"),
    ("lambda", "layer:", "layer"),
    ("secretsmanager", "secret:", "secret"),
    ("ssm", "parameter", "parameter"),
    ("kms", "key/", "key"),
    ("s3", "", "bucket"),
    ("sqs", "", "queue"),
    ("sns", "", "topic"),
    ("dynamodb", "table/", "table"),
    ("kinesis", "stream/", "stream"),
    ("events", "event-bus/", "event-bus"),
    ("ecr", "repository/", "repository"),
)


def stand_in(identity: str) -> Node:
    """Make a node of what a path goes through but nobody lists: its id says what it is."""
    if identity == "internet":
        return Node(id=identity, kind="internet", name="internet")
    head, _, rest = identity.partition(":")
    if head in {"account", "service", "administrator"} and rest:
        kind: NodeKind = "account" if head == "account" else "service" if head == "service" else "administrator"
        return Node(id=identity, kind=kind, name=rest, account="" if head == "service" else rest)
    parts = identity.split(":", 5)
    if head != "arn" or len(parts) < 6:
        return Node(id=identity, kind="resource", name=identity)
    service, region, account, resource = parts[2:]
    for wanted, prefix, one in _KINDS:
        if service == wanted and resource.startswith(prefix):
            return Node(id=identity, kind=one, name=resource.removeprefix(prefix) or resource, account=account, region=region)
    return Node(id=identity, kind="resource", name=resource, account=account, region=region)


def title_of(node: Node) -> str:
    """Name a node in few words; a service without the part that all services share."""
    name = node.name or node.id
    return clean(name.removesuffix(".amazonaws.com") if node.kind == "service" else name)


def nodes_of(blast: Blast) -> dict[str, Node]:
    """Index the nodes that a blast lists; its paths may go through others."""
    nodes = [one.node for one in blast.reached_by]
    nodes += [one.node for one in blast.becomes]
    nodes += [one.node for one in blast.touches]
    nodes += [blast.function, *([blast.runs_as] if blast.runs_as is not None else [])]
    return {node.id: node for node in nodes}


class Worst(NamedTuple):
    """The path to draw in red."""

    way_in: tuple[Edge, ...]
    """An outsider's way to the function; () when none was found."""
    onward: tuple[Edge, ...]
    """From the function to what is worst."""

    def labelled(self) -> Iterator[tuple[str, Edge]]:
        """Name the steps: `a`, `b` before the function is owned, and from there 1, 2, 3, as the summary counts."""
        for index, edge in enumerate(self.way_in):
            yield (chr(ord("a") + index) if index < 26 else "…"), edge
        for index, edge in enumerate(self.onward, 1):
            yield str(index), edge


def worst_path(blast: Blast) -> Worst:
    """Choose the worst path: to an administrator, else to the most harmful thing, else to any other principal."""
    way_in = next((reacher.path.edges for reacher in blast.reached_by if reacher.node.kind in OUTSIDERS), ())
    admin = next((become.path.edges for become in blast.becomes if become.is_administrator), None)
    if admin is not None:
        # The thing that stands for the whole account ends the path, where somebody lists it.
        last = admin[-1].target if admin else blast.function.id
        end = next((touch.path.edges[-1:] for touch in blast.touches if touch.node.kind == "administrator" and touch.via == last), ())
        return Worst(way_in, (*admin, *end))
    if blast.touches:
        return Worst(way_in, blast.touches[0].path.edges)
    return Worst(way_in, blast.becomes[0].path.edges if blast.becomes else ())


def doubt(edge: Edge) -> str:
    """Say what an uncertain step rests on: `only if ...; not read: ...`; empty for a certain one."""
    parts = [f"only if {' and '.join(edge.only_if)}"] if edge.only_if else []
    parts += [f"unless what could not be read forbids it ({unread.why})" for unread in edge.unread]
    return clean("; ".join(parts))


def spot(evidence: Evidence) -> str:
    """Write where a statement stands: `template.yaml:31:7`, or the API call and the ARN."""
    return clean(place(evidence.origin))


def gap_line(gap: Unknown) -> str:
    """`AccessDenied on iam:GetRole (grant iam:GetRole)`."""
    return clean(f"{gap.why} ({answer(gap.need)})" if gap.need else gap.why)


def first_request(edges: tuple[Edge, ...]) -> Request | None:
    """Find the request of the last step that a single request proves: it is the one people doubt. "Everything" is none."""
    # That an administrator may change permissions is doubted least.
    last_first = edges[::-1]
    ordered = (*(edge for edge in last_first if edge.kind != "admin"), *(edge for edge in last_first if edge.kind == "admin"))
    requests = (request for edge in ordered for witness in edge.proof for request in witness.requests)
    return next((request for request in requests if request.action != "*" and request.resource.startswith(("arn:", "*"))), None)


def is_unknown(blast: Blast) -> bool:
    """Say whether nothing was found because nothing could be looked at."""
    return bool(blast.gaps) and blast.runs_as is None and not (blast.becomes or blast.touches)
