"""Why a request is allowed, or is not: the obvious twin's trace, as an answer to a person."""

from collections.abc import Iterator

from buckler.engines.iam import Answer, Decision, Step
from buckler.engines.iam.catalogue import catalogue
from buckler.engines.iam.residual import phrase
from buckler.engines.iam.typos import closest
from buckler.model.asked import Said, Verdict, Why
from buckler.model.finding import Request
from buckler.model.layers import LayerName, Layers
from buckler.model.origin import place
from buckler.model.policy import Policy, Statement
from buckler.model.text import shown
from buckler.reach.analysis import Analysis
from buckler.reach.resources import account_in_arn

_VERDICTS: dict[Answer, Verdict] = {
    Answer.ALLOW: "allowed",
    Answer.DENY: "denied",
    Answer.IMPLICIT_DENY: "not allowed",
    Answer.UNKNOWN: "depends",
}

_WORDS = {
    "identity": "an identity policy of the principal",
    "resource": "the resource's policy",
    "boundary": "the permissions boundary",
    "session": "the session policy",
    "scp": "a service control policy of every level",
    "rcp": "a resource control policy of every level",
    "endpoint": "the policy of the VPC endpoint",
    "trust": "the role's trust policy",
    "key-policy": "the key's policy",
    "grant": "a grant of the key",
    "public-access-block": "S3 Block Public Access",
}


def why(analysis: Analysis, principal: str, action: str, resource: str, context: dict[str, tuple[str, ...]]) -> Why:
    """Answer one request with all policies that have a say, and say what would have to change."""
    access = analysis.access
    request = access.request(principal, action, resource, context)
    layers = access.layers(request.principal, resource)
    decision = access.decide(request)
    return Why(
        request=request,
        verdict=_VERDICTS[decision.answer],
        layer=decision.layer,
        layers=_named(layers, decision),
        said=tuple(_said(step, layers) for step in decision.trace if step.matched is not False or step.reason != "action"),
        change=tuple(_change(request, decision)),
        needs=decision.needs,
        notes=tuple(_notes(analysis, request, decision, layers)),
    )


def _named(layers: Layers, decision: Decision) -> tuple[str, ...]:
    """List the layers that have a say, in the order in which AWS asks them."""
    found = dict.fromkeys(step.layer for step in decision.trace if step.layer)
    found.update(dict.fromkeys(unread.layer for unread in layers.unread))
    if layers.boundary is not None:
        found["boundary"] = None
    return tuple(found)


def _said(step: Step, layers: Layers) -> Said:
    statement = step.statement
    return Said(
        layer=step.layer,
        level=step.level,
        effect=statement.effect,
        speaks=step.matched,
        misses="" if step.matched else step.reason,
        sid=statement.sid or "",
        policy=_policy_of(statement, layers),
        origin=statement.origin,
        needs=step.needs,
    )


def _policy_of(statement: Statement, layers: Layers) -> str:
    for policy in _policies(layers):
        if any(one is statement for one in policy.statements):
            return policy.name
    return ""


def _policies(layers: Layers) -> Iterator[Policy]:
    yield from layers.identity
    for one in (layers.resource, layers.boundary, layers.endpoint):
        if one is not None:
            yield one
    yield from layers.session or ()
    for level in (*layers.scp, *layers.rcp):
        yield from level


def _change(request: Request, decision: Decision) -> Iterator[str]:
    """Say what would have to change for the request to be allowed."""
    wanted = f"{request.action} on {request.resource}"
    if decision.answer is Answer.DENY and decision.statement is not None:
        yield f"{_WORDS.get(decision.layer, 'a policy')} must not deny it: narrow the Deny at {place(decision.statement.origin)}"
        return
    if decision.answer is Answer.UNKNOWN:
        for need in decision.needs:
            if ":" in need and not need.startswith("--"):
                yield f"it depends on `{need}`: add --context {need}=VALUE, or grant it to buckler if it is a permission"
            else:
                yield f"it depends on something that was not read: {need}"
        return
    for layer in decision.lacking:
        yield f"{_WORDS.get(layer, layer)} must allow {wanted}"
        yield from _near(decision, layer)


def _near(decision: Decision, layer: LayerName) -> Iterator[str]:
    """Name the statements of a layer that would allow it but for one thing."""
    for step in decision.trace:
        if step.layer != layer or step.matched is not False or step.statement.effect != "Allow":
            continue
        where = place(step.statement.origin)
        if step.reason == "condition":
            said = ", ".join(phrase(condition) for condition in step.statement.conditions)
            yield f"the Allow at {where} would, if {said}"
        elif step.reason == "resource":
            resources = ", ".join(shown(one) for one in (step.statement.resources or step.statement.not_resources or ())[:3])
            yield f"the Allow at {where} is for {'all but ' if step.statement.not_resources else ''}{resources}"


def _notes(analysis: Analysis, request: Request, decision: Decision, layers: Layers) -> Iterator[str]:
    for unread in layers.unread:
        yield f"{_WORDS.get(unread.layer, unread.layer)} was not read: {unread.unknown.why}; {unread.unknown.need}"
    account = account_in_arn(request.principal)
    untold = analysis.access.untold(account) if account else None
    if untold is not None:
        yield f"service control policies are not applied: {untold.why}"
    for ignored in decision.ignored:
        yield f"grants nothing, AWS would reject it: {ignored}"
    if not catalogue().knows(request.action):
        close = closest(request.action)
        yield f"`{request.action}` is no action that AWS documents{f'; did you mean `{close}`?' if close else ''}"
