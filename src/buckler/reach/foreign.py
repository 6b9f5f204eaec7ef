"""Which accounts and organisations that are not ours a resource policy names."""

import re
from collections.abc import Iterator
from typing import TypeAlias

from buckler.engines.iam import Answer, decide, sample, sample_policy, settle_policy
from buckler.engines.iam.match import glob
from buckler.model.finding import Request, Witness
from buckler.model.policy import Policy, Statement
from buckler.model.text import Hole, Partial, Text, shown, unresolved
from buckler.model.unknown import Undecided, Unknown, UnknownKind
from buckler.model.value import Value
from buckler.reach.analysis import Analysis
from buckler.reach.strangers import STRANGE_ACCOUNT, STRANGE_ORGANIZATION, STRANGE_USER, Further, direct, plain

Actions = tuple[tuple[str, str], ...]
"""(action, what it means in words), the most harmful first."""


class Grant(Value):
    """Somebody outside, named by a statement, and the worst the policy as a whole lets them do."""

    who: str
    """`account 210987654321`, `organisation o-abc`."""
    key: str
    """Tells grants of one policy apart."""
    verb: str
    statement: Statement
    witness: Witness


_MEMBER = re.compile(r"arn:[^:]*:(?:iam|sts)::(?P<account>\d{12}|own):.+")


def foreign_grants(policy: Policy, resource: str, actions: Actions, analysis: Analysis) -> Iterator[Grant | Undecided]:
    """Give one grant per foreign account or organisation; an `Undecided` where nobody can tell whether somebody is foreign."""
    for unread in policy.unresolved:
        yield Undecided(unread)
    reported: set[str] = set()
    for statement in policy.statements:
        if statement.effect != "Allow":
            continue
        for who, key, principal, context in _named(statement, analysis):
            if isinstance(who, Undecided):
                yield who
                continue
            if key in reported:
                continue
            grant = _worst(policy, statement, (who, key), principal, context, resource, actions, analysis)
            if isinstance(grant, Grant):
                reported.add(key)
            if grant is not None:
                yield grant


Context: TypeAlias = Further


def _named(statement: Statement, analysis: Analysis) -> Iterator[tuple[str | Undecided, str, str, Context]]:
    """List the outsiders a statement names: (who, key, principal of the probe, further context)."""
    for entry in statement.principals or ():
        if entry.kind == "*" or (entry.kind == "AWS" and entry.value == "*"):
            yield from named_by_condition(statement, analysis)
        elif entry.kind == "AWS":
            try:
                account = account_in(entry.value)
            except Undecided as undecided:
                yield undecided, "", "", ()
                continue
            if account is not None and not _is_ours(account, analysis):
                yield f"account `{account}`", account, sample(entry.value), ()


def named_by_condition(statement: Statement, analysis: Analysis) -> Iterator[tuple[str | Undecided, str, str, Context]]:
    """Everyone, narrowed by a condition to an account or organisation: the condition names them."""
    for condition in statement.conditions:
        key, operator = condition.key.lower(), condition.operator.lower()
        if key not in _NAMING or "not" in operator or operator == "null":
            continue
        for value in condition.values:
            if key == "aws:principalarn":
                yield from _by_arn(value, analysis)
            elif not isinstance(value, str):
                if shown(value) != "${AWS::AccountId}":
                    yield _undecided(value), "", "", ()
            elif key == "aws:principalaccount":
                if value.isdigit() and not _is_ours(value, analysis):
                    yield f"account `{value}`", value, STRANGE_USER.replace(STRANGE_ACCOUNT, value), ()
            else:
                yield from _by_organization(value, analysis)


_NAMING = {"aws:principalorgid", "aws:principalorgpaths", "aws:principalaccount", "aws:principalarn"}


def _by_arn(value: Text, analysis: Analysis) -> Iterator[tuple[str | Undecided, str, str, Context]]:
    try:
        account = account_in(value)
    except Undecided as undecided:
        yield undecided, "", "", ()
        return
    # A pattern over accounts names nobody: it is open to strangers.
    if account is not None and not _is_ours(account, analysis):
        yield f"account `{account}`", account, plain(sample(value)), ()


def _by_organization(value: str, analysis: Analysis) -> Iterator[tuple[str | Undecided, str, str, Context]]:
    """Name the organisation of an id, or of a path that begins with one."""
    identity = value.partition("/")[0]
    if identity in analysis.organization_ids or glob(identity, STRANGE_ORGANIZATION):
        return
    if not analysis.organization_ids:
        yield Undecided(_organization_unread(analysis)), "", "", ()
        return
    path = plain(value) if "/" in value else f"{value}/r-9999/"
    yield f"organisation `{identity}`", identity, STRANGE_USER, (("aws:PrincipalOrgID", (identity,)), ("aws:PrincipalOrgPaths", (path,)))


def _organization_unread(analysis: Analysis) -> Unknown:
    for missing in analysis.estate.missing:
        if missing.collection == "organizations":
            return missing.unknown
    why = "whether an organisation is ours was not read"
    return Unknown(kind=UnknownKind.NOT_ASKED, why=why, need="organizations:DescribeOrganization")


def account_in(value: Text) -> str | None:
    """Read the account off an AWS principal: its digits; None when it is our own, or a deleted principal's id. Raises `Undecided`."""
    written = shown(value).replace("${AWS::AccountId}", "own").replace("${AWS::Partition}", "aws")
    if re.fullmatch(r"\d{12}", written):
        return written
    match = _MEMBER.fullmatch(written)
    if match:
        return None if match["account"] == "own" else match["account"]
    if isinstance(value, str) or written == "own":
        return None
    holes = [part for part in value.parts if isinstance(part, Hole)]
    if len(value.parts) == 1 and not holes[0].need and holes[0].ref.lower().endswith("arn"):
        # An ARN made by the same file: ours.
        return None
    raise _undecided(value)


def _undecided(value: Partial) -> Undecided:
    gaps = [part for part in value.parts if isinstance(part, Hole)]
    return Undecided(unresolved(next((gap for gap in gaps if not gap.ref.startswith("AWS::")), gaps[0])))


def _is_ours(account: str, analysis: Analysis) -> bool:
    """Say whether an account is ours. A file that names an account by its digits means another one: for its own it has a word."""
    return analysis.is_own_account(account) is True


def _worst(
    policy: Policy,
    statement: Statement,
    who: tuple[str, str],
    principal: str,
    context: Context,
    resource: str,
    actions: Actions,
    analysis: Analysis,
) -> Grant | Undecided | None:
    if re.fullmatch(r"\d{12}", principal):
        principal = f"arn:aws:iam::{principal}:root"
    settled = settle_policy(policy, attached=True)
    today = f"{analysis.today.isoformat()}T12:00:00Z"
    doubt: Undecided | None = None
    for action, verb in actions:
        requests = _requests(principal, action, resource, today, context)
        decisions = [decide(request, (settled,)) for request in requests]
        if not all(decision.may_allow for decision in decisions):
            continue
        unknown = next((decision for decision in decisions if decision.answer is Answer.UNKNOWN), None)
        if unknown is not None:
            doubt = doubt or Undecided(unknown.doubt)
            continue
        witness = Witness(requests=requests, policies=(sample_policy(policy),))
        return Grant(who=who[0], key=who[1], verb=verb, statement=decisions[0].statement or statement, witness=witness)
    return doubt


def _requests(principal: str, action: str, resource: str, today: str, context: Context) -> tuple[Request, ...]:
    if action == "lambda:InvokeFunctionUrl":
        # A call of a URL needs two permissions: see `exposure.py`.
        through = (*context, ("lambda:FunctionUrlAuthType", ("AWS_IAM",)), ("lambda:InvokedViaFunctionUrl", ("true",)))
        return tuple(direct(principal, one, resource, today, through) for one in (action, "lambda:InvokeFunction"))
    return (direct(principal, action, resource, today, context),)
