"""Services that a resource policy lets act for resources which are not ours: confused deputies."""

import re
from collections.abc import Iterator

from buckler.engines.iam import Answer, decide, sample, sample_policy, settle_policy
from buckler.engines.iam.sample import settle
from buckler.model.finding import Request, Witness
from buckler.model.policy import Condition, Policy, Statement
from buckler.model.text import Partial, Text, shown
from buckler.model.unknown import Undecided, Unknown
from buckler.model.value import Value
from buckler.reach.absent import first_hole
from buckler.reach.analysis import Analysis
from buckler.reach.strangers import by_service, of_a_stranger, plain

# Lambda@Edge: CloudFront may use a function only after somebody who may `lambda:EnableReplication*` on it associated it.
_FOR_OWN_ACCOUNT_ONLY = {"edgelambda.amazonaws.com", "replicator.lambda.amazonaws.com"}

_POSITIVE = {"stringequals", "stringlike", "arnequals", "arnlike", "stringequalsignorecase"}
_ACCOUNT = re.compile(r"\d{12}|\$\{AWS::AccountId\}")


class Deputy(Value):
    """A service that calls for others."""

    service: str
    statement: Statement
    by_name_only: bool
    """The policy names the resource, but its ARN carries no account (a bucket)."""
    witness: Witness


def deputies(policy: Policy, resource: str, analysis: Analysis) -> Iterator[Deputy | Undecided]:
    """Give the confused deputies of a function's policy; an `Undecided` where a hole decides."""
    for unread in policy.unresolved:
        yield Undecided(unread)
    settled: Policy | None = None
    today = f"{analysis.today.isoformat()}T12:00:00Z"
    for index, statement in enumerate(policy.statements):
        if is_scoped(statement):
            continue
        services, unread_service = _services(statement)
        if unread_service is not None:
            yield Undecided(unread_service)
        if not services:
            continue
        settled = settled or settle_policy(policy, attached=True)
        # Only what this statement allows counts here; what another Deny takes back counts too.
        alone = Policy(
            statements=tuple(one for at, one in enumerate(settled.statements) if at == index or one.effect == "Deny"),
            version=policy.version,
            origin=policy.origin,
        )
        for service in services:
            yield from _ask(policy, alone, statement, service, resource, today)


def _services(statement: Statement) -> tuple[list[str], Unknown | None]:
    """Name the services of an Allow, and what keeps one from being named."""
    found: list[str] = []
    doubt: Unknown | None = None
    for entry in statement.principals or () if statement.effect == "Allow" else ():
        if entry.kind != "Service":
            continue
        service = settle(entry.value)
        if isinstance(service, Partial):
            doubt = first_hole(service)
        elif service not in _FOR_OWN_ACCOUNT_ONLY:
            found.append(service)
    return found, doubt


def is_scoped(statement: Statement) -> bool:
    """Say whether a condition pins the source to accounts by their digits: the cheap answer for nearly every statement there is."""
    return any(_pins(condition) for condition in statement.conditions)


def _pins(condition: Condition) -> bool:
    key, operator = condition.key.lower(), condition.operator.lower()
    if operator not in _POSITIVE or not condition.values:
        return False
    if key == "aws:sourceaccount":
        return all(_ACCOUNT.fullmatch(shown(value)) for value in condition.values)
    if key == "aws:sourcearn":
        return all(_account_segment(value) is not None for value in condition.values)
    return key in {"aws:sourceorgid", "lambda:eventsourcetoken"} and all(
        isinstance(v, str) and v and "*" not in v for v in condition.values
    )


def _account_segment(arn: Text) -> str | None:
    """Give the account of a source ARN, None when it has none that is known."""
    written = shown(arn).replace("${AWS::AccountId}", "000000000000").replace("${AWS::Region}", "r").replace("${AWS::Partition}", "aws")
    pieces = written.split(":", 5)
    return pieces[4] if len(pieces) == 6 and pieces[0] == "arn" and re.fullmatch(r"\d{12}", pieces[4]) else None


def _ask(policy: Policy, alone: Policy, statement: Statement, service: str, resource: str, today: str) -> Iterator[Deputy | Undecided]:
    sources = [value for condition in statement.conditions if condition.key.lower() == "aws:sourcearn" for value in condition.values]
    doubt: Undecided | None = None
    for request, by_name_only in _probes(service, sources, resource, today):
        # With a bucket's name, whatever it is, in request and policy alike the answer does not depend on that name.
        decision = decide(request, (sample_policy(alone),)) if by_name_only else decide(request, (alone,))
        if decision.answer is Answer.UNKNOWN:
            doubt = doubt or Undecided(decision.doubt)
        if decision.answer is Answer.ALLOW:
            witness = Witness(requests=(request,), policies=(sample_policy(policy),))
            yield Deputy(service=service, statement=statement, by_name_only=by_name_only, witness=witness)
            return
    if doubt is not None:
        yield doubt


def _probes(service: str, sources: list[Text], resource: str, today: str) -> Iterator[tuple[Request, bool]]:
    """Write what the service would send for resources of a stranger: (request, does it need the name of a resource of ours)."""
    for action in ("lambda:InvokeFunction", "lambda:InvokeFunctionUrl"):
        yield by_service(service, action, resource, today, None), False
        yield by_service(service, action, resource, today, None, organized=False), False
        for source in sources:
            arn = of_a_stranger(source)
            if arn is not None:
                yield by_service(service, action, resource, today, arn), False
        if service.startswith("s3."):
            for source in sources:
                yield by_service(service, action, resource, today, plain(sample(source))), True
