"""The obvious twin of the IAM engine: one concrete request, evaluated as AWS describes it, to be read beside its page.

Source: IAM User Guide, "Policy evaluation logic"
(https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html), read 2026-11-25.
"""

from collections.abc import Hashable, Iterable, Sequence
from typing import TypeVar

from buckler.engines.iam.answer import Answer, Decision, Step
from buckler.engines.iam.condition import UnknownOperatorError
from buckler.engines.iam.context import Context
from buckler.engines.iam.evaluate import evaluate
from buckler.engines.iam.kleene import Doubts, all3, any3
from buckler.engines.iam.statement import statement_matches
from buckler.model.finding import Request
from buckler.model.layers import Layers
from buckler.model.policy import Policy
from buckler.model.unknown import Unknown

__all__ = ["Answer", "Decision", "Step", "decide"]

K = TypeVar("K", bound=Hashable)


def decide(request: Request, policies: Sequence[Policy] | Layers, *, boundary: Policy | None = None) -> Decision:
    """Evaluate one concrete *request*.

    With `Layers`, all that has a say in it, as AWS does: see `evaluate`; *boundary* is then one of them. With a sequence, policies of one
    kind: a resource policy, or all identity policies of a principal, and what they say alone.

    AWS: "By default, all requests are implicitly denied ... an explicit allow in a policy overrides this default ... an explicit deny
    in any policy overrides any allows." A permissions *boundary* grants nothing: what it does not allow too is denied.

    Returns UNKNOWN when the answer depends on a condition key that is neither in the request nor derivable, or on a hole in a
    template, and names it. Raises nothing: what AWS would reject grants nothing and is listed in `ignored`.
    In a sequence, an Allow to an account (`arn:aws:iam::111122223333:root`) counts as one to each of its principals: it delegates to
    their own policies.
    """
    if isinstance(policies, Layers):
        return evaluate(request, policies)
    context = Context(request)
    deny, allow, decision = _evaluate(request, context, policies)
    if boundary is None:
        return decision
    bound_deny, bound_allow, bounded = _evaluate(request, context, (boundary,))
    deny, allow = any3((deny, bound_deny)), all3((allow, bound_allow))
    answer = _answer(deny, allow)
    # The layer that decided gives the statement; an Allow is the identity policy's.
    deciding = bounded if decision.answer is Answer.ALLOW and answer is not Answer.ALLOW else decision
    if bounded.answer is Answer.DENY and decision.answer is not Answer.DENY:
        deciding = bounded
    return Decision(
        answer=answer,
        statement=deciding.statement if answer in {Answer.ALLOW, Answer.DENY} else None,
        needs=_unique((*decision.needs, *bounded.needs)) if answer is Answer.UNKNOWN else (),
        unknowns=_unique((*decision.unknowns, *bounded.unknowns)) if answer is Answer.UNKNOWN else (),
        trace=(*decision.trace, *bounded.trace),
        ignored=(*decision.ignored, *bounded.ignored),
    )


def _evaluate(request: Request, context: Context, policies: Sequence[Policy]) -> tuple[bool | None, bool | None, Decision]:
    """Ask every statement: is there a Deny, is there an Allow."""
    trace: list[Step] = []
    ignored: list[str] = []
    denies: list[bool | None] = []
    allows: list[bool | None] = []
    needs: list[str] = []
    unknowns: list[Unknown] = []
    for policy in policies:
        ignored.extend(policy.malformed)
        for unread in policy.unresolved:
            # A statement nobody could read may do anything.
            denies.append(None)
            allows.append(None)
            unknowns.append(unread)
            needs.append(unread.need)
        for statement in policy.statements:
            doubts = Doubts()
            try:
                matched, reason = statement_matches(statement, request, policy.version, context, doubts)
            except UnknownOperatorError as bad:
                ignored.append(str(bad))
                continue
            (denies if statement.effect == "Deny" else allows).append(matched)
            if matched is None:
                needs.extend(doubts.needs)
                unknowns.extend(doubts.unknowns)
            trace.append(Step(statement=statement, matched=matched, reason=reason, needs=_unique(doubts.needs) if matched is None else ()))
    deny, allow = any3(denies), any3(allows)
    answer = _answer(deny, allow)
    wanted = {Answer.DENY: "Deny", Answer.ALLOW: "Allow"}.get(answer)
    return (
        deny,
        allow,
        Decision(
            answer=answer,
            statement=next((step.statement for step in trace if step.matched and step.statement.effect == wanted), None),
            needs=_unique(needs) if answer is Answer.UNKNOWN else (),
            unknowns=_unique(unknowns) if answer is Answer.UNKNOWN else (),
            trace=tuple(trace),
            ignored=tuple(ignored),
        ),
    )


def _answer(deny: bool | None, allow: bool | None) -> Answer:  # noqa: FBT001 - two verdicts of three values, not flags
    if deny:
        return Answer.DENY
    if allow is False and deny is False:
        return Answer.IMPLICIT_DENY
    if allow and deny is False:
        return Answer.ALLOW
    return Answer.UNKNOWN


def _unique(values: Iterable[K]) -> tuple[K, ...]:
    return tuple(dict.fromkeys(values))
