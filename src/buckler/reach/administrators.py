"""Who is an administrator, and from whom a way may lead to one: whole classes, at a glance."""

from buckler.engines.iam import sample
from buckler.model.iam import Role, User
from buckler.model.text import shown
from buckler.model.unknown import Unknown
from buckler.reach.analysis import Analysis
from buckler.reach.edges_things import indexes
from buckler.reach.graph import Graph, graph_of
from buckler.reach.once import once
from buckler.reach.techniques import Move


class Classes:
    """Roles, users and functions, as bits, from which something leads on."""

    __slots__ = ("functions", "roles", "users")

    def __init__(self) -> None:
        self.roles = self.users = self.functions = 0

    def meets(self, move: Move, bits: int) -> bool:
        """Say whether a move arrives at one of them."""
        match move.technique.yields:
            case "role":
                return bool(bits & self.roles)
            case "user":
                return bool(bits & self.users)
            case "function":
                return bool(bits & self.functions)
            case _:
                # With more than its policies say: whether that is enough is for the walk to find out.
                return True


@once
def administrators(analysis: Analysis) -> Classes:
    """Give those who are administrators for sure."""
    graph = graph_of(analysis)
    found = Classes()
    for arn in graph.principals:
        if graph.administers(graph.actors.of(arn)):
            _add(found, arn, graph)
    return found


def administrators_here(identity: Role | User, analysis: Analysis) -> tuple[Role, ...]:
    """List the roles of a principal's account that are administrators for sure and that some service may act as."""
    things = graph_of(analysis).things
    names = (things.roles.arns[number] for number in indexes(administrators(analysis).roles))
    roles = (things.role[name] for name in names)
    return tuple(one for one in roles if one.account == identity.account and one.arn != identity.arn and _lets_services(one))


def administrators_assumable(identity: Role | User, analysis: Analysis) -> tuple[Role, ...]:
    """List the administrators whose trust policies, for sure, let a principal in."""
    graph = graph_of(analysis)
    bits = graph.actors.assumable(graph.actors.of(sample(identity.arn)))[0] & administrators(analysis).roles
    roles = (graph.things.role[graph.things.roles.arns[number]] for number in indexes(bits))
    return tuple(one for one in roles if one.arn != identity.arn)


def named(found: tuple[Role, ...]) -> str:
    """Name the first of some administrators, for the middle of a sentence; empty when there is none."""
    if not found:
        return ""
    more = f" and {len(found) - 1} more" if len(found) > 1 else ""
    return f", among them the administrator `{shown(next(iter(found)).name)}`{more}"


def _lets_services(role: Role) -> bool:
    if role.is_service_linked or isinstance(role.trust, Unknown):
        return False
    allows = (statement for statement in role.trust.statements if statement.effect == "Allow")
    return any(entry.kind == "Service" for statement in allows for entry in statement.principals or ())


def _add(classes: Classes, arn: str, graph: Graph) -> None:
    things = graph.things
    if arn in things.role:
        classes.roles |= 1 << things.bit[arn]
        classes.functions |= _running(graph.analysis).get(arn, 0)
    else:
        classes.users |= 1 << things.bit[arn]


@once
def _running(analysis: Analysis) -> dict[str, int]:
    """Functions, as bits, by the role they run as."""
    things = graph_of(analysis).things
    found: dict[str, int] = {}
    for arn, function in things.function.items():
        if not isinstance(function.role, Unknown):
            role = sample(function.role)
            found[role] = found.get(role, 0) | 1 << things.bit[arn]
    return found


@once
def leading(analysis: Analysis) -> Classes:
    """Go backwards from the administrators until nobody new is found: nobody else is worth a walk."""
    graph = graph_of(analysis)
    found = Classes()
    waiting: dict[str, tuple[Move, ...]] = {}
    for arn in graph.principals:
        actor = graph.actors.of(arn)
        if graph.administers(actor) is not False:
            _add(found, arn, graph)
        elif moves := graph.moves(actor):
            waiting[arn] = moves
    while new := [arn for arn, moves in waiting.items() if any(found.meets(move, move.sure | move.perhaps) for move in moves)]:
        for arn in new:
            del waiting[arn]
            _add(found, arn, graph)
    return found
