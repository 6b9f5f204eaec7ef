"""Why a request is allowed, or is not: the obvious twin's trace, as an answer to a person."""

import re
from collections.abc import Iterator

from msgspec.structs import replace

from buckler.engines.iam import Answer, Decision, Step, decide
from buckler.engines.iam.catalogue import catalogue
from buckler.engines.iam.keys import misspelt
from buckler.engines.iam.residual import phrase
from buckler.engines.iam.typos import closest
from buckler.model.asked import Said, Verdict, Why
from buckler.model.finding import Request
from buckler.model.layers import LayerName, Layers, Unread
from buckler.model.origin import place
from buckler.model.policy import Policy, Statement
from buckler.model.text import shown
from buckler.reach.analysis import Analysis
from buckler.reach.guards import absent_guard, without_additions
from buckler.reach.resources import account_in_arn
from buckler.reach.sending import Sent

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


_OF_RESOURCE: frozenset[LayerName] = frozenset({"resource", "trust", "key-policy", "grant"})
_WHOSE = _WORDS | {"scp": "the service control policies", "rcp": "the resource control policies"}


def why(
    analysis: Analysis,
    principal: str,
    action: str,
    resource: str,
    context: dict[str, tuple[str, ...]],
    *,
    session: tuple[Policy, ...] = (),
    endpoint: Policy | None = None,
    sent: Sent | None = None,
) -> Why:
    """Answer one request with all policies that have a say, and say what would have to change.

    *session* are the policies the session was made with, *endpoint* that of the VPC endpoint the request comes through;
    *sent* tells what follows from the function that sends it, unless that policy or *context* says otherwise.
    """
    access = analysis.access
    request = access.request(principal, action, resource, {**(sent.values if sent is not None else {}), **context})
    layers = access.layers(request.principal, resource)
    layers = replace(layers, session=session or layers.session, endpoint=endpoint or layers.endpoint)
    if sent is not None and endpoint is None:
        layers = replace(layers, endpoint=sent.endpoint, unread=(*layers.unread, *sent.unread))
    decision = decide(request, layers)
    lighter = without_additions(request, layers) if decision.answer is Answer.UNKNOWN else None
    if lighter is not None and (certain := decide(request, lighter)).answer is Answer.ALLOW:
        decision = certain
    absent = absent_guard(resource, analysis)
    if absent is not None and _OF_RESOURCE.intersection(decision.lacking):
        # Not that there is none: nobody looked at the policy that would have to allow it.
        layers = replace(layers, unread=(*layers.unread, Unread(layer="resource", unknown=absent)))
        decision = decide(request, layers)
    return Why(
        request=request,
        verdict=_VERDICTS[decision.answer],
        layer=decision.layer,
        layers=_named(layers, decision),
        said=tuple(_said(step, layers) for step in decision.trace if step.matched is not False or step.reason != "action"),
        change=tuple(dict.fromkeys(_change(request, decision, layers))),
        needs=decision.needs,
        unread=tuple(_by_rule(one, decision) for one in layers.unread),
        notes=(
            *((f"sent through the endpoint {sent.through}",) if sent is not None and sent.through and endpoint is None else ()),
            *_notes(analysis, request, decision, layers),
        ),
    )


def _by_rule(unread: Unread, decision: Decision) -> Unread:
    """Call the resource's policy what it is in this request: the trust policy of a role, the policy of a key."""
    is_special = unread.layer == "resource" and decision.layer in {"trust", "key-policy"}
    return Unread(layer=decision.layer or "resource", unknown=unread.unknown) if is_special else unread


def _named(layers: Layers, decision: Decision) -> tuple[str, ...]:
    """List the layers that have a say, in the order in which AWS asks them."""
    found = dict.fromkeys(step.layer for step in decision.trace if step.layer)
    found.update(dict.fromkeys(_by_rule(unread, decision).layer for unread in layers.unread))
    if layers.boundary is not None:
        found["boundary"] = None
    # What decides has a say, though it says nothing: a principal without policies.
    found.update(dict.fromkeys(layer for layer in (decision.layer, *decision.lacking) if layer))
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


def _change(request: Request, decision: Decision, layers: Layers) -> Iterator[str]:
    """Say what would have to change for the request to be allowed."""
    wanted = f"{request.action} on {request.resource}"
    if decision.answer is Answer.DENY and decision.statement is not None:
        named = f" `{decision.statement.sid}`" if decision.statement.sid else ""
        yield f"narrow the Deny{named} of {_WHOSE.get(decision.layer, 'the policy')} at {place(decision.statement.origin)}"
        return
    if decision.answer is Answer.UNKNOWN:
        unread = {one.unknown.need: _by_rule(one, decision) for one in layers.unread}
        for need in decision.needs:
            if need in unread:
                one = unread[need]
                yield f"what {_WORDS[one.layer]} says, which could not be read: {_get(need)}"
            elif _is_key(need):
                yield f"the value of `{need}`: add --context {need}=VALUE"
            else:
                yield f"something that was not read: {_get(need)}"
        return
    is_trust = "trust" in decision.lacking
    for layer in decision.lacking:
        unless = "unless the trust policy names the principal itself: " if layer == "identity" and is_trust and _is_near(request) else ""
        yield f"{unless}{_WORDS.get(layer, layer)} must allow {wanted}"
        yield from _near(decision, layer)


def _is_near(request: Request) -> bool:
    """Say whether principal and resource are of one account."""
    return account_in_arn(request.principal) == account_in_arn(request.resource)


def _get(need: str) -> str:
    """Say how to get what is needed: by a permission, or as the words say."""
    if need.startswith("--"):
        return f"read it with {need}"
    return f"grant buckler {need}" if _is_key(need) else f"it takes {need}" if need.startswith(("a ", "an ", "the ")) else need


def _is_key(need: str) -> bool:
    return re.fullmatch(r"[A-Za-z0-9-]+:[A-Za-z0-9/:_.@+=-]+", need) is not None


def _near(decision: Decision, layer: LayerName) -> Iterator[str]:
    """Name the statements of a layer that would allow it but for one thing."""
    for step in decision.trace:
        if step.layer != layer or step.matched is not False or step.statement.effect != "Allow":
            continue
        where = place(step.statement.origin)
        if step.reason == "principal":
            named = [shown(one.value) for one in (step.statement.principals or step.statement.not_principals or ())[:3]]
            if named:
                yield f"the Allow at {where} is for {'all but ' if step.statement.not_principals else ''}{', '.join(named)}"
        elif step.reason == "condition":
            said = ", ".join(phrase(condition) for condition in step.statement.conditions)
            yield f"the Allow at {where} would, if {said}"
        elif step.reason == "resource":
            resources = ", ".join(shown(one) for one in (step.statement.resources or step.statement.not_resources or ())[:3])
            yield f"the Allow at {where} is for {'all but ' if step.statement.not_resources else ''}{resources}"


def _notes(analysis: Analysis, request: Request, decision: Decision, layers: Layers) -> Iterator[str]:
    if absent_guard(request.resource, analysis) is not None and not _OF_RESOURCE.intersection(one.layer for one in layers.unread):
        yield f"`{request.resource}` is not among what was read: a policy of its own, should it have one, is not applied"
    account = account_in_arn(request.principal)
    untold = analysis.access.untold(account) if account else None
    if untold is not None:
        yield f"service control policies are not applied: {untold.why}"
    for ignored in decision.ignored:
        yield f"grants nothing, AWS would reject it: {ignored}"
    keys = dict.fromkeys(
        condition.key
        for step in decision.trace
        if step.matched is not False or step.reason == "condition"
        for condition in step.statement.conditions
    )
    for key in keys:
        wrong = misspelt(key)
        if wrong is not None:
            meant = f"; did you mean `{wrong[0]}`?" if wrong[0] else ""
            yield f"`{key}` is no condition key that AWS documents, so no request has it{meant}"
    if not catalogue().knows(request.action):
        close = closest(request.action)
        yield f"`{request.action}` is no action that AWS documents{f'; did you mean `{close}`?' if close else ''}"
