"""Questions about single requests: why one is allowed, and who else may."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path

from buckler.errors import UsageError
from buckler.hints import closest
from buckler.model.asked import WhoCan, Why
from buckler.model.estate import Estate
from buckler.reach.analysis import Analysis


def analyses(estates: Sequence[Estate], today: date | None = None) -> tuple[Analysis, ...]:
    """Make estates ready for questions."""
    return tuple(Analysis(estate, today=today or datetime.now(UTC).date()) for estate in estates)


def ask_why(
    about: Sequence[Analysis],
    principal: str,
    action: str,
    resource: str,
    context: Sequence[tuple[str, str]] = (),
    *,
    session: Sequence[Path] = (),
    endpoint: Path | None = None,
) -> Why:
    """Say why *principal* may or may not do *action* to *resource*; names are resolved in the estates.

    A function that is named as principal sends the request: through the endpoint of its VPC, where there is one.
    *session* and *endpoint* are files of policy documents: of the session, and of the VPC endpoint the request comes through.
    Raises `UsageError` for a name of nobody or of several, and for an action that is none; `SourceError` for a file that is no policy.
    """
    from buckler.app.attacking import together
    from buckler.reach.naming import principal_named
    from buckler.reach.sending import sent_by
    from buckler.reach.why import why
    from buckler.sources.saved.document import policy_file

    _insist_on_action(action)
    about = together(about)
    analysis, arn, function = principal_named(principal, about)
    values: dict[str, tuple[str, ...]] = {}
    for key, value in context:
        # A key that is given several times has several values; one without a value is not sent.
        values[key] = (*values.get(key, ()), value) if value else ()
    made_with = tuple(policy_file(path) for path in session)
    through = None if endpoint is None else policy_file(endpoint)
    target = _resource(resource, analysis, about)
    sent = None if function is None else sent_by(function, action, target, analysis)
    return why(analysis, arn, action, target, values, session=made_with, endpoint=through, sent=sent)


def ask_who_can(about: Sequence[Analysis], action: str, resource: str) -> tuple[WhoCan, ...]:
    """Say who may do *action* to *resource*: one answer per estate that holds it, or whose account it names."""
    from buckler.app.attacking import together
    from buckler.reach.naming import resource_named
    from buckler.reach.who import who_can

    _insist_on_action(action)
    answers: list[WhoCan] = []
    problem: UsageError | None = None
    for analysis in together(about):
        try:
            answers.append(who_can(analysis, action, resource_named(resource, analysis)))
        except UsageError as unknown:
            problem = problem or unknown
    if not answers and problem is not None:
        raise problem
    return tuple(answers)


def _resource(name: str, first: Analysis, about: Sequence[Analysis]) -> str:
    from buckler.reach.naming import resource_named

    try:
        return resource_named(name, first)
    except UsageError:
        for other in about:
            try:
                return resource_named(name, other)
            except UsageError:
                continue
        raise


# Of an action that several services have, these are meant most often.
_USUAL = ("lambda", "s3", "iam", "sts", "secretsmanager", "ssm", "kms", "dynamodb", "sqs", "sns")


def _rareness(action: str) -> tuple[int, str]:
    service = action.partition(":")[0]
    return _USUAL.index(service) if service in _USUAL else len(_USUAL), action


def _insist_on_action(action: str) -> None:
    service, colon, name = action.partition(":")
    if colon and service and name and "*" not in action:
        return
    if "*" in action:
        raise UsageError(f"`{action}` is many actions", hint="ask for one of them: `s3:GetObject`")
    from buckler.engines.iam.catalogue import catalogue

    known: dict[str, str] = {}
    for each in sorted(catalogue().names(catalogue().everything), key=_rareness):
        known.setdefault(each.partition(":")[2], each)
    close = closest(name or action, known)
    hint = (
        f"name it with its service: `{catalogue().spelling(known[close])}`"
        if close
        else "an action is SERVICE:NAME: `lambda:InvokeFunction`"
    )
    raise UsageError(f"`{action}` is not an action", hint=hint)
