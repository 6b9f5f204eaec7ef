"""Who may assume a role: its trust policy, statement by statement."""

from collections.abc import Iterator

import msgspec

from buckler.engines.iam import Answer, decide, sample, sample_policy, settle_policy
from buckler.model.finding import Request, Witness
from buckler.model.iam import Role
from buckler.model.policy import Policy, Principal, Statement
from buckler.model.severity import Severity
from buckler.model.text import Hole, Partial, shown, unresolved
from buckler.model.unknown import Undecided
from buckler.model.value import Value
from buckler.reach.analysis import Analysis
from buckler.reach.federated import provider_of, tokens
from buckler.reach.foreign import account_in, named_by_condition
from buckler.reach.strangers import STRANGE_ORGANIZATION, Further, probe, strangers

_LAMBDA = {"lambda.amazonaws.com", "edgelambda.amazonaws.com", "lambda.amazonaws.com.cn"}


class Outsider(Value):
    """Somebody besides Lambda who may assume a role."""

    who: str
    key: str
    severity: Severity
    statement: Statement
    witness: Witness | None
    source: str = ""
    """Id of the node of the graph they are: `internet` for anyone, `account:...`; "" for others, and for our own."""


def outsiders(role: Role, trust: Policy, analysis: Analysis) -> Iterator[Outsider | Undecided]:
    """List who else gets in, each once; an `Undecided` where a parameter says who."""
    for unread in trust.unresolved:
        yield Undecided(unread)
    reported: set[str] = set()
    for statement in trust.statements:
        if statement.effect != "Allow":
            continue
        entries = statement.principals or ((Principal(kind="*", value="*"),) if statement.not_principals is not None else ())
        for entry in entries:
            try:
                found = _judge(role, trust, statement, entry, analysis)
            except Undecided as undecided:
                yield undecided
                continue
            if found is not None and found.key not in reported:
                reported.add(found.key)
                yield found
            if found is None and entry.value == "*":
                for one in _narrowed(role, trust, statement, analysis):
                    if isinstance(one, Undecided) or one.key not in reported:
                        reported.add("" if isinstance(one, Undecided) else one.key)
                        yield one


def _judge(role: Role, trust: Policy, statement: Statement, entry: Principal, analysis: Analysis) -> Outsider | None:
    written = shown(entry.value)
    match entry.kind:
        case "Service":
            if isinstance(entry.value, Partial) and (gap := _chosen(entry.value)):
                raise Undecided(unresolved(gap))
            service = written.replace("${AWS::URLSuffix}", "amazonaws.com")
            if service in _LAMBDA:
                return None
            return _outsider(role, trust, statement, service, f"`{service}`", Severity.LOW)
        case "Federated":
            if (found := _token_of_a_stranger(role, trust, statement, sample(entry.value))) is not None:
                return found
            return _outsider(role, trust, statement, sample(entry.value), f"whom `{written}` vouches for", Severity.MEDIUM)
        case "CanonicalUser":
            return _outsider(role, trust, statement, sample(entry.value), f"the user `{written}`", Severity.MEDIUM)
        case _:
            pass
    if entry.value == "*":
        return _stranger(role, trust, statement)
    account = account_in(entry.value)
    if isinstance(entry.value, str) and account is None:
        return None  # the id of a deleted principal
    is_ours = account is None or account == role.account or analysis.is_own_account(account) is True
    principal = sample(entry.value)
    if principal.isdigit():
        principal = f"arn:aws:iam::{principal}:root"
    if not is_ours:
        has_external_id = any(condition.key.lower() == "sts:externalid" for condition in statement.conditions)
        severity = Severity.MEDIUM if has_external_id else Severity.HIGH
        found = _outsider(role, trust, statement, principal, f"account `{account}`", severity)
        return None if found is None else msgspec.structs.replace(found, source=f"account:{account}")
    if written.endswith(":root") or written.isdigit() or written == "${AWS::AccountId}":
        return _outsider(role, trust, statement, principal, "every principal of the account whose policies allow it", Severity.MEDIUM)
    return _outsider(role, trust, statement, principal, f"`{written}`", Severity.LOW)


def _token_of_a_stranger(role: Role, trust: Policy, statement: Statement, principal: str) -> Outsider | None:
    """Ask for a token that anybody can have; None when the trust policy says whose it takes."""
    provider = provider_of(principal)
    settled = settle_policy(trust, attached=True)
    for further in () if provider is None else tokens(provider, statement):
        request = _request(principal, "sts:AssumeRoleWithWebIdentity", sample(role.arn), further)
        if provider is not None and decide(request, (settled,)).answer is Answer.ALLOW:
            witness = Witness(requests=(request,), policies=(sample_policy(trust),))
            return Outsider(
                who=provider.who, key=provider.who, severity=Severity.HIGH, statement=statement, witness=witness, source="internet"
            )
    return None


def _narrowed(role: Role, trust: Policy, statement: Statement, analysis: Analysis) -> Iterator[Outsider | Undecided]:
    """List the accounts and organisations that are not ours to which a condition narrows everyone."""
    for who, _, principal, context in named_by_condition(statement, analysis):
        if isinstance(who, Undecided):
            yield who
        elif (found := _outsider(role, trust, statement, principal, who, Severity.HIGH, context)) is not None:
            yield found


def _stranger(role: Role, trust: Policy, statement: Statement) -> Outsider | None:
    asked = (
        _outsider(role, trust, statement, stranger, "anyone with an AWS account", Severity.HIGH, further)
        for stranger, further in strangers(trust)
    )
    found = next(filter(None, asked), None)
    return None if found is None else msgspec.structs.replace(found, source="internet")


def _outsider(
    role: Role, trust: Policy, statement: Statement, principal: str, who: str, severity: Severity, further: Further | None = None
) -> Outsider | None:
    """Ask the trust policy. A condition that may be met counts as met but lowers what is claimed; strangers must meet it for sure."""
    settled = settle_policy(trust, attached=True)
    requests = [_request(principal, action, sample(role.arn), further) for action in ("sts:AssumeRole", *_federated(statement))]
    for request in requests:
        decision = decide(request, (settled,))
        if not decision.may_allow:
            continue
        if decision.answer is Answer.ALLOW:
            witness = Witness(requests=(request,), policies=(sample_policy(trust),))
            return Outsider(who=who, key=who, severity=severity, statement=statement, witness=witness)
        if further is not None or decision.unknowns:
            raise Undecided(decision.doubt)
        weaker = min(severity, Severity.MEDIUM)
        return Outsider(who=who, key=who, severity=weaker, statement=statement, witness=None)
    return None


def _federated(statement: Statement) -> tuple[str, ...]:
    kinds = {entry.kind for entry in statement.principals or ()}
    return ("sts:AssumeRoleWithWebIdentity", "sts:AssumeRoleWithSAML") if "Federated" in kinds else ()


def _request(principal: str, action: str, role_arn: str, further: Further | None) -> Request:
    """Write a request; who brings something *further* is a stranger."""
    context: dict[str, tuple[str, ...]] = {"aws:SecureTransport": ("true",)}
    if further is not None:
        # Strangers neither know an external id nor belong to our organisation.
        context |= {"aws:PrincipalOrgID": (STRANGE_ORGANIZATION,), "sts:ExternalId": (), "aws:SourceIp": ("198.51.100.7",)}
        context |= {"aws:PrincipalOrgPaths": (f"{STRANGE_ORGANIZATION}/r-9999/",), "aws:SourceVpc": (), "aws:SourceVpce": ()}
        context |= dict(further)
    return probe(principal, action, role_arn, context)


def _chosen(text: Partial) -> Hole | None:
    """Give the first hole that somebody may fill before deployment."""
    return next((part for part in text.parts if isinstance(part, Hole) and part.need and not part.ref.startswith("AWS::")), None)
