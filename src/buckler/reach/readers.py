"""Who may read the environment of functions: their configuration tells it in the clear to whoever may ask for it."""

from buckler.engines.iam import Answer, sample
from buckler.engines.secrets import is_secret_name
from buckler.model.functions import EnvVar, Function
from buckler.model.iam import Role, User
from buckler.model.secret import Redacted
from buckler.model.unknown import Unknown
from buckler.reach.analysis import Analysis
from buckler.reach.edges_actors import Actor
from buckler.reach.edges_settle import Outcome
from buckler.reach.graph import Graph, graph_of
from buckler.reach.once import once

TELLS = ("lambda:GetFunctionConfiguration", "lambda:GetFunction", "lambda:ListFunctions", "lambda:UpdateFunctionConfiguration")
"""`ListFunctions` and the answer to an update hold the environment too."""
_SECRETS = (
    ("secretsmanager:GetSecretValue", "arn:{partition}:secretsmanager:{region}:{account}:secret:example-7q4z-AbCdEf"),
    ("ssm:GetParameter", "arn:{partition}:ssm:{region}:{account}:parameter/example-7q4z"),
)


def secret_variables(function: Function) -> tuple[EnvVar, ...]:
    """List the variables that hold a secret: by their value, or by a name that promises one and a value that was not harmless."""
    environment = () if isinstance(function.environment, Unknown) else function.environment
    return tuple(
        one
        for one in environment
        if isinstance(one.value, Redacted) and (one.value.is_secret or (isinstance(one.name, str) and is_secret_name(one.name)))
    )


def readers_of(function: Function, analysis: Analysis, at_most: int) -> tuple[tuple[tuple[Role | User, Outcome], ...], int]:
    """Give some who may read a function's environment and no secret of the account, each with its proof, and how many more there are.

    Those who may for sure come first. The function's own role is left out, whose code has the environment anyway; administrators too.
    """
    graph = graph_of(analysis)
    bit = graph.things.bit.get(sample(function.arn))
    if bit is None:
        return (), 0
    own = "" if isinstance(function.role, Unknown) else sample(function.role)
    may: dict[str, tuple[bool, str]] = {}
    for arn, (sure, perhaps), action in _readers(analysis):
        if arn != own and (sure | perhaps) >> bit & 1 and not may.get(arn, (False, ""))[0]:
            may[arn] = (bool(sure >> bit & 1), action)
    found: list[tuple[Role | User, Outcome]] = []
    more = 0
    for arn, (is_sure, action) in sorted(may.items(), key=lambda one: not one[1][0]):
        if len(found) == at_most:
            more += is_sure
            continue
        actor = graph.actors.of(arn)
        outcome = graph.actors.ask(actor, action, "*" if action == "lambda:ListFunctions" else sample(function.arn))
        if outcome.is_possible:
            found.append((actor.identity, outcome))
    return tuple(found), more


@once
def _readers(analysis: Analysis) -> tuple[tuple[str, tuple[int, int], str], ...]:
    """Give those who may read environments but no secret, each with the functions, as bits, and the action."""
    graph = graph_of(analysis)
    found: list[tuple[str, tuple[int, int], str]] = []
    for arn in graph.principals:
        actor = graph.actors.of(arn)
        identity = actor.identity
        if (isinstance(identity, Role) and identity.is_service_linked) or graph.administers(actor):
            continue
        rows = [(arn, bits, action) for action in TELLS if (bits := _over(graph, actor, action)) != (0, 0)]
        if rows and not _reads_secrets(graph, actor):
            found.extend(rows)
    return tuple(found)


def _over(graph: Graph, actor: Actor, action: str) -> tuple[int, int]:
    functions = graph.things.functions
    if action != "lambda:ListFunctions":
        return graph.actors.over(actor, action, functions)
    if not actor.access.speaks_of(action.lower()):
        return 0, 0
    answer = graph.actors.answer(actor, action, "*")
    if answer not in {Answer.ALLOW, Answer.UNKNOWN}:
        return 0, 0
    mine = 0
    for group, _ in graph.actors.classes(functions).groups.get(actor.account, ()):
        mine |= group
    return (mine, 0) if answer is Answer.ALLOW else (0, mine)


def _reads_secrets(graph: Graph, actor: Actor) -> bool:
    """Say whether somebody may read any secret, or any parameter, of the account: then the environment tells them no more."""
    region = graph.things.regions.get(actor.account, "us-east-1")
    return any(
        actor.access.speaks_of(action.lower())
        and graph.actors.answer(actor, action, arn.format(partition=actor.partition, region=region, account=actor.account)) is Answer.ALLOW
        for action, arn in _SECRETS
    )
