"""The obvious twin of the IAM engine: one concrete request, evaluated as AWS describes it, to be read beside its page.

Source: IAM User Guide, "Policy evaluation logic"
(https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html), read 2026-11-25.
"""

import enum
from collections.abc import Hashable, Iterable, Sequence
from typing import TypeVar

from buckler.engines.iam.condition import UnknownOperatorError, condition_holds
from buckler.engines.iam.context import Context
from buckler.engines.iam.kleene import Doubts, all3, any3, not3
from buckler.engines.iam.match import action_matches, resource_matches
from buckler.engines.iam.principal import principal_matches
from buckler.model.finding import Request
from buckler.model.policy import Policy, Statement
from buckler.model.text import Text
from buckler.model.unknown import Unknown, UnknownKind
from buckler.model.value import Value

K = TypeVar("K", bound=Hashable)


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


class Decision(Value):
    """An answer, and how it came about."""

    answer: Answer
    statement: Statement | None = None
    """The one that decided: the first Deny that matched, else the first Allow."""
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


def decide(request: Request, policies: Sequence[Policy], *, boundary: Policy | None = None) -> Decision:
    """Evaluate one concrete *request* against *policies* of one kind: a resource policy, or all identity policies of a principal.

    AWS: "By default, all requests are implicitly denied ... an explicit allow in a policy overrides this default ... an explicit deny
    in any policy overrides any allows." A permissions *boundary* grants nothing: what it does not allow too is denied.

    Returns UNKNOWN when the answer depends on a condition key that is neither in the request nor derivable, or on a hole in a
    template, and names it. Raises nothing: what AWS would reject grants nothing and is listed in `ignored`.
    An Allow to an account (`arn:aws:iam::111122223333:root`) counts as one to each of its principals: it delegates to their own policies.
    """
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
                matched, reason = _matches(statement, request, policy.version, context, doubts)
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


def _matches(statement: Statement, request: Request, version: str, context: Context, doubts: Doubts) -> tuple[bool | None, str]:
    """Say whether a statement speaks of the request, and if not, which part of it does not."""
    reason = ""
    outcome: bool | None = True
    for part in ("principal", "action", "resource", "condition"):
        answer = _part(part, statement, request, version, context, doubts)
        if answer is False:
            return False, part
        if answer is None and outcome is True:
            outcome, reason = None, part
    return outcome, reason


def _part(part: str, statement: Statement, request: Request, version: str, context: Context, doubts: Doubts) -> bool | None:
    match part:
        case "principal":
            return principal_matches(statement, request.principal, doubts)
        case "action":
            return _action(statement, request.action, doubts)
        case "resource":
            return _resource(statement, request.resource, version, context, doubts)
        case _:
            return all3(condition_holds(condition, version, context, doubts) for condition in statement.conditions)


def _action(statement: Statement, action: str, doubts: Doubts) -> bool | None:
    if statement.actions is not None:
        return any3(action_matches(pattern, action, doubts) for pattern in statement.actions)
    return not3(any3(action_matches(pattern, action, doubts) for pattern in statement.not_actions or ()))


def _resource(statement: Statement, resource: str, version: str, context: Context, doubts: Doubts) -> bool | None:
    def named(patterns: Iterable[Text]) -> bool | None:
        return any3(resource_matches(pattern, resource, version, context, doubts) for pattern in patterns)

    if statement.resources is not None:
        return named(statement.resources)
    if statement.not_resources is not None:
        return not3(named(statement.not_resources))
    # A trust policy has no Resource: the role itself is meant. AWS rejects an identity policy without one, so it grants nothing.
    return statement.principals is not None or statement.not_principals is not None


def _unique(values: Iterable[K]) -> tuple[K, ...]:
    return tuple(dict.fromkeys(values))
