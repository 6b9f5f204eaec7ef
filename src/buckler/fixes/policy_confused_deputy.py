"""policy-confused-deputy: say on whose behalf the service may call."""

from buckler.fixes._fix import Advice, Case, Mend, Remedies, remedy
from buckler.fixes._sources import sources_of
from buckler.fixes._statements import add_statement, narrowed, remove_statement, with_policy
from buckler.model.functions import Function
from buckler.model.policy import Condition, Statement
from buckler.model.text import shown
from buckler.model.unknown import Undecided, known
from buckler.reach.deputies import Deputy, deputies
from buckler.reach.exposure import invoked_arn

# The service's name in the ARNs of what calls. For others the account is the only thing that can be said of all their resources.
_IN_ARNS = {
    "apigateway.amazonaws.com": "execute-api",
    "cognito-idp.amazonaws.com": "cognito-idp",
    "config.amazonaws.com": "config",
    "elasticloadbalancing.amazonaws.com": "elasticloadbalancing",
    "events.amazonaws.com": "events",
    "iot.amazonaws.com": "iot",
    "logs.amazonaws.com": "logs",
    "sns.amazonaws.com": "sns",
}


@remedy
def policy_confused_deputy(case: Case[Function]) -> Remedies:
    """Narrow the statement to the one source that was read, or to the function's own account.

    The narrowed statement is added before the old one is taken out, so that no event is lost in between.
    """
    function = case.subject
    found = _deputy(case)
    if found is None:
        return
    qualifier, deputy = found
    if deputy.service.startswith("alexa-"):
        yield Advice("add `--event-source-token` with the id of your skill", "only you know the skill's id")
        return
    for conditions, whose in _conditions(case, deputy):
        closed = narrowed(deputy.statement, *conditions)
        added, removed = add_statement(function, qualifier, closed), remove_statement(function, qualifier, deputy.statement)
        if added is None or removed is None:
            yield Advice("add `SourceAccount` and `SourceArn` to the permission", "Lambda could not put the statement back as it is")
            return
        yield Mend(
            summary=f"narrow `{deputy.statement.sid}` of the policy of `{qualifier}` to {whose}",
            edits=(added, removed),
            change=with_policy(function, qualifier, without=(str(deputy.statement.sid),), add=(closed,)),
            lost=(f"calls of `{deputy.service}` for anything but {whose}",),
        )


def _deputy(case: Case[Function]) -> tuple[str, Deputy] | None:
    for entry in known(case.subject.policies):
        if entry.policy is None:
            continue
        qualifier = shown(entry.qualifier)
        for deputy in deputies(known(entry.policy), invoked_arn(case.subject, entry.qualifier), case.analysis):
            if not isinstance(deputy, Undecided) and _key(qualifier, deputy.service, deputy.statement) == case.finding.key:
                return qualifier, deputy
    return None


def _key(qualifier: str, service: str, statement: Statement) -> str:
    return f"{qualifier} {service} {statement.sid or ''}".strip()


def _conditions(case: Case[Function], deputy: Deputy) -> list[tuple[tuple[Condition, ...], str]]:
    """Give what the statement can be narrowed to, the narrowest first."""
    account = shown(case.subject.account)
    ours = Condition(operator="StringEquals", key="AWS:SourceAccount", values=(account,))
    offered: list[tuple[tuple[Condition, ...], str]] = []
    known_sources = [arn for service, arn in sources_of(case.subject, case.analysis) if service == deputy.service]
    if len(known_sources) == 1:
        only = Condition(operator="ArnLike", key="AWS:SourceArn", values=(known_sources[0],))
        # The ARN of a bucket names no account.
        offered.append(((only, ours) if deputy.service == "s3.amazonaws.com" else (only,), f"`{known_sources[0]}`"))
    elif (pattern := _of_ours(deputy.statement, account)) is not None:
        offered.append(((Condition(operator="ArnLike", key="AWS:SourceArn", values=(pattern,)),), f"`{pattern}`"))
    elif deputy.service in _IN_ARNS and not deputy.by_name_only:
        partition = shown(case.subject.arn).split(":")[1]
        pattern = f"arn:{partition}:{_IN_ARNS[deputy.service]}:*:{account}:*"
        offered.append(((Condition(operator="ArnLike", key="AWS:SourceArn", values=(pattern,)),), f"resources of account {account}"))
    offered.append(((ours,), f"resources of account {account}"))
    return offered


def _of_ours(statement: Statement, account: str) -> str | None:
    """Give the pattern of sources that a statement has, with our account where it takes anybody's."""
    patterns = [value for one in statement.conditions if one.key.lower() == "aws:sourcearn" for value in one.values]
    if len(patterns) != 1 or not isinstance(patterns[0], str):
        return None
    pieces = patterns[0].split(":", 5)
    if len(pieces) < 6 or pieces[4] not in {"*", "?" * 12}:
        return None
    return ":".join([*pieces[:4], account, pieces[5]])
