"""Ways in: who from outside makes a function run, from the internet to a queue somebody may write to, or becomes a role."""

from collections.abc import Iterable, Iterator
from functools import cached_property

from buckler.engines.iam import Answer, decide, sample, sample_policy, settle_policy
from buckler.model.finding import Evidence, Witness
from buckler.model.functions import Function
from buckler.model.graph import Edge, EdgeKind
from buckler.model.iam import Role
from buckler.model.policy import Policy, Statement
from buckler.model.stores import Store
from buckler.model.text import shown
from buckler.model.unknown import Undecided, Unknown
from buckler.reach.analysis import Analysis, unqualified
from buckler.reach.edges_things import called
from buckler.reach.exposure import invoked_arn
from buckler.reach.foreign import Grant, foreign_grants
from buckler.reach.once import once
from buckler.reach.routes import is_open
from buckler.reach.strangers import STRANGE_USER, direct
from buckler.reach.trusts import Outsider, outsiders

_FOREIGN_ACTIONS = (
    ("lambda:UpdateFunctionCode", "change the code of"),
    ("lambda:UpdateFunctionConfiguration", "change the configuration of"),
    ("lambda:InvokeFunction", "invoke"),
    ("lambda:InvokeFunctionUrl", "call the URL of"),
)
_KIND_BY_VERB: dict[str, EdgeKind] = {"change the code of": "change-code", "change the configuration of": "change-configuration"}

# What puts something into a store, by its kind.
WRITES: dict[str, tuple[str, str]] = {
    "bucket": ("s3:PutObject", "/example-7q4z"),
    "queue": ("sqs:SendMessage", ""),
    "topic": ("sns:Publish", ""),
    "table": ("dynamodb:PutItem", ""),
    "stream": ("kinesis:PutRecord", ""),
    "event-bus": ("events:PutEvents", ""),
    "repository": ("ecr:PutImage", ""),
}


class Entries:
    """The ways into the functions of one analysis."""

    def __init__(self, analysis: Analysis) -> None:
        self._analysis = analysis
        self._into_function: dict[str, tuple[tuple[Edge, ...], tuple[Unknown, ...]]] = {}
        self._into_store: dict[str, tuple[Edge, ...]] = {}
        self._functions = {sample(one.arn): one for one in analysis.estate.functions}

    def into(self, function: str) -> tuple[Edge, ...]:
        """List the ways into a function. Each starts outside the account's principals: the internet, an account, a service, a store."""
        return self._look(function)[0]

    def gaps(self, function: str) -> tuple[Unknown, ...]:
        """List what could not be read and may be another way in."""
        return self._look(function)[1]

    def _look(self, function: str) -> tuple[tuple[Edge, ...], tuple[Unknown, ...]]:
        found = self._into_function.get(function)
        if found is None:
            gaps: list[Unknown] = []
            edges = tuple(_unique(self._ways(self._functions[function], function, gaps)))
            found = self._into_function[function] = (edges, tuple(dict.fromkeys(gaps)))
        return found

    def openers(self, store: str) -> tuple[Edge, ...]:
        """List who from outside may put something into a store."""
        found = self._into_store.get(store)
        if found is None:
            one = self.stores.get(store)
            found = self._into_store[store] = () if one is None else tuple(self._writers(one, store))
        return found

    @cached_property
    def by_source(self) -> dict[str, tuple[Edge, ...]]:
        """All ways into functions, into stores that functions read, and into roles, by where they start."""
        found: dict[str, list[Edge]] = {}
        for edge in (
            *(edge for function in self._functions for edge in self.into(function)),
            *(edge for store in _fed(self._analysis) for edge in self.openers(store)),
            *(edge for role in self._analysis.estate.roles for edge in self._assumers(role)),
        ):
            found.setdefault(edge.source, []).append(edge)
        return {source: tuple(edges) for source, edges in found.items()}

    @property
    def stores(self) -> dict[str, Store]:
        """Stores by ARN."""
        return _stores(self._analysis)

    @property
    def fed(self) -> dict[str, tuple[str, ...]]:
        """Functions by the store that starts them."""
        return _fed(self._analysis)

    def _assumers(self, role: Role) -> Iterator[Edge]:
        """Find who from outside may become a role. What is undecided there is for `role-trust-beyond-lambda` and its like to say."""
        if isinstance(role.trust, Unknown) or role.is_service_linked:
            return
        for found in outsiders(role, role.trust, self._analysis):
            if isinstance(found, Outsider) and found.source and found.witness is not None:
                what = f"assumes `{called(role)}`, which {found.who} may"
                yield _edge(
                    found.source, sample(role.arn), what, found.witness, (_evidence(found.statement, f"lets {found.who} in"),), "assume"
                )

    def _ways(self, function: Function, arn: str, gaps: list[Unknown]) -> Iterator[Edge]:
        for look in (self._by_url, self._by_policy, self._by_route):
            try:
                for found in look(function, arn):
                    if isinstance(found, Edge):
                        yield found
                    else:
                        gaps.append(found.unknown)
            except Undecided as undecided:
                gaps.append(undecided.unknown)
        for source, evidence in _feeds(self._analysis).get(arn, ()):
            name = source.rpartition(":")[2].rpartition("/")[2]
            yield _edge(source, arn, f"hands it what is put into `{name}`", None, (evidence,))

    # --- from anywhere -----------------------------------------------------------------------------------------------

    def _by_url(self, function: Function, arn: str) -> Iterator[Edge | Undecided]:
        if isinstance(function.urls, Unknown):
            yield Undecided(function.urls)
            return
        for url in function.urls:
            try:
                opening = self._analysis.exposure.open_url(function, url)
            except Undecided as undecided:
                yield undecided
                continue
            if opening is not None:
                evidence = Evidence(origin=url.origin, note="AuthType is NONE")
                seen = tuple(_evidence(statement, "lets anyone in") for statement in opening.statements)
                yield _edge("internet", arn, "calls its URL, which is open to anyone", opening.witness, (evidence, *seen))

    def _by_policy(self, function: Function, arn: str) -> Iterator[Edge | Undecided]:
        if isinstance(function.policies, Unknown):
            yield Undecided(function.policies)
            return
        for entry in function.policies:
            if entry.policy is None:
                continue
            if isinstance(entry.policy, Unknown):
                yield Undecided(entry.policy)
                continue
            yield from self._anyone(function, arn, entry.qualifier, entry.policy)
            for grant in foreign_grants(entry.policy, invoked_arn(function, entry.qualifier), _FOREIGN_ACTIONS, self._analysis):
                yield _foreign(grant, arn) if isinstance(grant, Grant) else grant
            yield from _services(entry.policy, arn)

    def _anyone(self, function: Function, arn: str, qualifier: object, policy: Policy) -> Iterator[Edge | Undecided]:
        try:
            opening = self._analysis.exposure.open_policy(function, qualifier, policy)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - a qualifier of this function
        except Undecided as undecided:
            yield undecided
            return
        if opening is not None:
            seen = tuple(_evidence(statement, "lets any AWS account in") for statement in opening.statements)
            what = f"may, from any AWS account, {opening.verb} it"
            yield _edge("internet", arn, what, opening.witness, seen, _KIND_BY_VERB.get(opening.verb, "invoke"))

    def _by_route(self, function: Function, arn: str) -> Iterator[Edge | Undecided]:
        for trigger in self._analysis.triggers_of(function):
            service = "service:elasticloadbalancing.amazonaws.com" if trigger.kind == "alb" else "service:apigateway.amazonaws.com"
            name = shown(trigger.route)
            try:
                anyone = is_open(trigger, self._analysis)
            except Undecided as undecided:
                yield undecided
                continue
            note = f"the route `{name}` leads to it"
            if anyone:
                yield _edge("internet", arn, f"calls the open route `{name}`", None, (Evidence(origin=trigger.origin, note=note),))
            else:
                yield _edge(service, arn, f"passes on calls of the route `{name}`", None, (Evidence(origin=trigger.origin, note=note),))

    # --- into a store that a function reads ------------------------------------------------------------------------------

    def _writers(self, store: Store, arn: str) -> Iterator[Edge]:
        """Find who from outside may put something into a store."""
        if not isinstance(store.policy, Policy) or store.kind not in WRITES:
            return
        action, inside = WRITES[store.kind]
        today = f"{self._analysis.today.isoformat()}T12:00:00Z"
        settled = settle_policy(store.policy, attached=True)
        for principal, who in (("*", "anyone"), (STRANGE_USER, "any AWS account")):
            if store.blocks_public_policy is not False:
                break
            request = direct(principal, action, arn + inside, today)
            decision = decide(request, (settled,))
            if decision.answer is Answer.ALLOW:
                witness = Witness(requests=(request,), policies=(sample_policy(store.policy),))
                seen = (_evidence(decision.statement, f"lets {who} in"),) if decision.statement else ()
                yield _edge("internet", arn, f"puts something into `{shown(store.name)}`, which {who} may", witness, seen, "write")
                return
        for grant in foreign_grants(store.policy, arn + inside, ((action, "write to"),), self._analysis):
            if isinstance(grant, Grant):
                found = _foreign(grant, arn)
                yield Edge(source=found.source, target=arn, kind="write", what=f"may write to `{shown(store.name)}`", proof=found.proof,
                           evidence=found.evidence)  # fmt: skip


def _foreign(grant: Grant, arn: str) -> Edge:
    source = f"account:{grant.key}"
    seen = (_evidence(grant.statement, f"lets {grant.who} in"),)
    return _edge(source, arn, f"may {grant.verb} it", grant.witness, seen, _KIND_BY_VERB.get(grant.verb, "invoke"))


def _services(policy: Policy, arn: str) -> Iterator[Edge]:
    """List the services a policy lets in, each for the source it names."""
    for statement in policy.statements:
        if statement.effect != "Allow":
            continue
        for entry in statement.principals or ():
            if entry.kind != "Service":
                continue
            service = shown(entry.value).replace("${AWS::URLSuffix}", "amazonaws.com")
            if service in {"lambda.amazonaws.com", "apigateway.amazonaws.com", "elasticloadbalancing.amazonaws.com"}:
                # Routes and rules are listed one by one, with who may call them.
                continue
            source = _source_of(statement) or f"service:{service}"
            yield _edge(source, arn, f"invokes it through `{service}`", None, (_evidence(statement, f"lets {service} invoke it"),))


def _source_of(statement: Statement) -> str | None:
    for condition in statement.conditions:
        if condition.key.lower() == "aws:sourcearn" and len(condition.values) == 1:
            arn = sample(condition.values[0])
            return None if "*" in arn or "?" in arn else arn
    return None


def _edge(source: str, target: str, what: str, witness: Witness | None, evidence: Iterable[Evidence], kind: EdgeKind = "invoke") -> Edge:
    return Edge(
        source=source,
        target=target,
        kind=kind,
        what=what,
        proof=() if witness is None else (witness,),
        evidence=tuple(dict.fromkeys(evidence)),
    )


def _evidence(statement: Statement, note: str) -> Evidence:
    return Evidence(origin=statement.origin, note=note)


def _unique(edges: Iterable[Edge]) -> Iterator[Edge]:
    """Keep one edge for each source and kind: a queue is told of by its mapping and by the policy."""
    seen: set[tuple[str, str]] = set()
    for edge in edges:
        if (edge.source, edge.kind) not in seen:
            seen.add((edge.source, edge.kind))
            yield edge


@once
def _stores(analysis: Analysis) -> dict[str, Store]:
    return {sample(one.arn): one for one in analysis.estate.stores}


@once
def _feeds(analysis: Analysis) -> dict[str, tuple[tuple[str, Evidence], ...]]:
    """Sources by function: event sources it polls, and stores that tell it."""
    found: dict[str, list[tuple[str, Evidence]]] = {}
    for mapping in analysis.estate.event_sources:
        if mapping.source is None or isinstance(mapping.source, Unknown) or mapping.enabled is False:
            continue
        evidence = Evidence(origin=mapping.origin, note="an event source of the function")
        found.setdefault(sample(unqualified(mapping.function)), []).append((_table_of(sample(mapping.source)), evidence))
    for store in analysis.estate.stores:
        for arn in () if isinstance(store.notifies, Unknown) else store.notifies:
            evidence = Evidence(origin=store.origin, note="tells the function")
            found.setdefault(sample(unqualified(arn)), []).append((sample(store.arn), evidence))
    return {arn: tuple(sources) for arn, sources in found.items()}


@once
def _fed(analysis: Analysis) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for function, sources in _feeds(analysis).items():
        for source, _ in sources:
            found.setdefault(source, []).append(function)
    return {source: tuple(dict.fromkeys(functions)) for source, functions in found.items()}


def _table_of(arn: str) -> str:
    """Name the table of a stream of changes."""
    return arn.split("/stream/", 1)[0] if ":dynamodb:" in arn else arn
