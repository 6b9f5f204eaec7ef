"""Secrets in environments, each with everybody who reads it there."""

from collections.abc import Iterator

from buckler.engines.iam import sample
from buckler.model.functions import EnvVar, Function
from buckler.model.iam import Role
from buckler.model.origin import FileOrigin
from buckler.model.secret import Redacted
from buckler.model.secrets import Exposed, Reader
from buckler.model.subject import subject_of
from buckler.model.text import shown
from buckler.model.unknown import Unknown, UnknownKind
from buckler.reach.analysis import Analysis
from buckler.reach.edges_actors import Actor
from buckler.reach.graph import Graph, graph_of
from buckler.reach.once import once
from buckler.reach.readers import TELLS, secret_variables

_NO_PRINCIPALS = Unknown(
    kind=UnknownKind.OUTSIDE, why="a file does not tell who else is in the account", need="a live scan, or a snapshot of the account"
)


def exposed_secrets(analysis: Analysis) -> Iterator[Exposed]:
    """List the secrets in environments, in `$LATEST` and in published versions, in the estate's order."""
    for function in analysis.estate.functions:
        found: dict[str, tuple[bool, list[str], Redacted]] = {}
        for version, variable in _secrets(function):
            name = shown(variable.name)
            none: list[str] = []
            in_latest, versions, kept = found.get(name, (False, none, variable.value))
            assert isinstance(kept, Redacted)  # noqa: S101 - `_secrets` gives no others
            found[name] = in_latest or not version, [*versions, version] if version else versions, kept
        if not found:
            continue
        readers = _readers_of(function, analysis)
        about = subject_of(function)
        for name, (in_latest, versions, secret) in found.items():
            yield Exposed(
                function=about.arn or about.id,
                name=about.name,
                account=about.account,
                region=about.region,
                place=about.place,
                variable=name,
                secret=secret,
                in_latest=in_latest,
                versions=function.versions if isinstance(function.versions, Unknown) else tuple(versions),
                aliases=tuple(_behind(function, versions)),
                key=function.kms_key if function.kms_key is None or isinstance(function.kms_key, Unknown) else shown(function.kms_key),
                readers=readers,
                administrators=_administrators(analysis, about.account),
            )


def _secrets(function: Function) -> Iterator[tuple[str, EnvVar]]:
    for one in secret_variables(function):
        yield "", one
    for version in () if isinstance(function.versions, Unknown) else function.versions:
        for one in () if isinstance(version.environment, Unknown) else version.environment:
            if isinstance(one.value, Redacted) and one.value.is_secret:
                yield shown(version.version), one


def _behind(function: Function, versions: list[str]) -> Iterator[str]:
    for alias in () if isinstance(function.aliases, Unknown) else function.aliases:
        if any(shown(one) in versions for one in (alias.version, *alias.routing)):
            yield shown(alias.name)


def _readers_of(function: Function, analysis: Analysis) -> tuple[Reader, ...] | Unknown:
    """Ask of every principal whether it may be told the configuration: exactly, with all policies that have a say."""
    if isinstance(function.origin, FileOrigin):
        return _NO_PRINCIPALS
    graph = graph_of(analysis)
    arn = sample(function.arn)
    own = "" if isinstance(function.role, Unknown) else sample(function.role)
    found: list[Reader] = []
    for principal in graph.principals:
        actor = graph.actors.of(principal)
        identity = actor.identity
        if principal == own or (isinstance(identity, Role) and identity.is_service_linked) or graph.administers(actor):
            continue
        reader = _reader(graph, actor, arn, shown(function.account))
        if reader is not None:
            found.append(reader)
    return tuple(sorted(found, key=lambda one: (not one.is_sure, one.principal)))


def _reader(graph: Graph, actor: Actor, function: str, account: str) -> Reader | None:
    perhaps: Reader | None = None
    for action in TELLS:
        # Functions are listed to their own account only; a function's policy may let others ask for one.
        if not actor.access.speaks_of(action.lower()) or (action == "lambda:ListFunctions" and actor.account != account):
            continue
        outcome = graph.actors.ask(actor, action, "*" if action == "lambda:ListFunctions" else function)
        if outcome.verdict == "always":
            return Reader(principal=sample(actor.identity.arn), action=action, is_sure=True)
        if outcome.is_possible and perhaps is None:
            perhaps = Reader(principal=sample(actor.identity.arn), action=action, is_sure=False, only_if=outcome.only_if)
    return perhaps


@once
def _administering(analysis: Analysis) -> dict[str, int]:
    graph = graph_of(analysis)
    counts: dict[str, int] = {}
    for principal in graph.principals:
        actor = graph.actors.of(principal)
        if graph.administers(actor):
            counts[actor.account] = counts.get(actor.account, 0) + 1
    return counts


def _administrators(analysis: Analysis, account: str) -> int:
    return _administering(analysis).get(account, 0)
