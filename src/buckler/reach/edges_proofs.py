"""Steps of techniques proved: the requests of each, one by one, and what nobody could settle."""

from collections.abc import Iterable, Mapping

from buckler.data.techniques import Need, Technique, When, technique_table
from buckler.model.iam import Group, User
from buckler.model.unknown import Unknown
from buckler.model.value import Value
from buckler.reach.edges_actors import Actor
from buckler.reach.edges_names import Called
from buckler.reach.edges_settle import Outcome
from buckler.reach.edges_tags import tags_text
from buckler.reach.edges_things import NONE, Things, boundary_of, called, indexes, own_policies
from buckler.reach.techniques import Sets, Techniques, depends

_PHRASES: Mapping[str, str] = {
    "role trusts": "{role} trusts {services}",
    "function takes unsigned code": "{function} takes code nobody signed",
    "function enforces signing": "{function} enforces code signing",
    "function runs": "something invokes {function}",
    "function is a zip": "{function} is no container image",
    "function's runtime takes options": "the runtime of {function} takes options",
    "function has an alias": "callers of {function} use an alias",
}


class Proof(Value):
    """A step of a technique, request by request."""

    technique: str
    what: str
    outcomes: tuple[Outcome, ...]
    only_if: tuple[str, ...]
    unread: tuple[Unknown, ...]


class Prover:
    """Writes out the steps that `Techniques` finds."""

    def __init__(self, techniques: Techniques, things: Things) -> None:
        self._techniques = techniques
        self._things = things
        self._resources = technique_table().resources
        self._sets: dict[tuple[str, str], Sets | None] = {}

    def prove(self, actor: Actor, technique: Technique, target: str) -> Proof | None:
        """Write out the requests of a step to *target* ("" for a technique without one); None when one of them turns out refused."""
        key = (actor.id, technique.id)
        if key not in self._sets:
            self._sets[key] = self._techniques.sets(actor, technique, {})
        sets = self._sets[key]
        if sets is None:
            return None
        bound = {technique.variable: target} if target else {}
        for variable, bits in sets.bits.items():
            if variable not in bound:
                number = next(indexes(bits[0] or bits[1]))
                bound[variable] = self._things.class_of(variable).arns[number]
        outcomes: list[Outcome] = []
        for need in technique.grants:
            tried = (self._asked(actor, need, arn, bound, sets.called) for arn in self._arns(actor, need, bound, sets.called))
            best = best_of(tried)
            if best is None:
                return None
            outcomes.append(best)
        doubts = [self._doubt(actor, when, bound) for when in technique.when]
        return self._proof(technique, outcomes, bound, doubts)

    def suppose(self, actor: Actor, technique: Technique) -> Proof | None:
        """Write out a step to somebody the estate does not list: a role, user or function that may well be there."""
        variables = {need.target.variable for need in technique.grants if need.target.variable in {"role", "user", "function"}}
        whole = all(need.target.kind in {*variables, "new", "some", "anything", "attacker's layer", "self"} for need in technique.grants)
        if (
            not variables
            or not whole
            or "sts:AssumeRole" in technique.actions
            or self._techniques.wanted[technique.id] & ~self._techniques.spoken(actor)
        ):
            return None
        if any(not variable and bits == NONE for variable, bits in (self._techniques.when(actor, when) for when in technique.when)):
            return None
        rows = [need for need in technique.grants if need.target.kind in {*variables, "new", "some"}]
        named = self._techniques.first_name(actor, rows, {need: need.target.resource or need.target.variable for need in rows})
        if named is None:
            return None
        called = named[0]
        bound = {variable: called.arn(self._resources[variable]) for variable in sorted(variables)}
        outcomes: list[Outcome] = []
        for need in technique.grants:
            resources = (
                (called.arn(self._resources[need.target.resource]),) if need.target.resource else self._arns(actor, need, bound, called)
            )
            best = best_of(self._asked(actor, need, arn, bound, called) for arn in resources)
            if best is None:
                return None
            outcomes.append(best)
        phrases = [f"there is such a {variable}" for variable in sorted(variables)]
        phrases += [
            _PHRASES[when.what].replace("{services}", " or ".join(when.services)) for when in technique.when if when.what in _PHRASES
        ]
        return self._proof(technique, outcomes, bound, [*phrases])

    def _proof(self, technique: Technique, outcomes: list[Outcome], bound: Mapping[str, str], doubts: list[str]) -> Proof:
        words = {variable: f"`{self.name_of(arn)}`" for variable, arn in bound.items()}
        phrases = [*(one for outcome in outcomes for one in outcome.only_if), *doubts, *technique.assumes]
        return Proof(
            technique=technique.id,
            what=_first(outcomes) + technique.does.format_map(words),
            outcomes=tuple(outcomes),
            only_if=tuple(dict.fromkeys(phrase.format_map(words) for phrase in phrases if phrase)),
            unread=tuple(dict.fromkeys(one for outcome in outcomes for one in outcome.unread)),
        )

    def name_of(self, arn: str) -> str:
        """Name a role, user, group or function as AWS shows it."""
        things = self._things
        entity = things.role.get(arn) or things.user.get(arn) or things.group.get(arn) or things.function.get(arn)
        return arn.rpartition("/")[2].rpartition(":")[2] if entity is None else called(entity)

    def _asked(self, actor: Actor, need: Need, arn: str, bound: Mapping[str, str], called: Called) -> Outcome:
        entity = self._things.role.get(bound.get("role", "")) if "{role's boundary}" in dict(need.context).values() else None
        other = self._things.user.get(bound.get("user", "")) if "{user's boundary}" in dict(need.context).values() else None
        boundary = boundary_of(entity or other or actor.identity) if not need.target.resource else ""
        return self._techniques.single(actor, need, arn, boundary=boundary, function=bound.get("function", ""), called=called)

    def _arns(self, actor: Actor, need: Need, bound: Mapping[str, str], called: Called) -> tuple[str, ...]:
        """Give the ARNs of which any will do, now that it is known who is meant."""
        match need.target.kind:
            case "role" | "user" | "group" | "function":
                arn = bound[need.target.kind]
                return (arn, self._things.latest_of(arn)) if need.action == "lambda:InvokeFunction" else (arn,)
            case "role's policy":
                return tuple(own_policies(self._things.role[bound["role"]]))
            case "user's policy":
                user = self._things.user[bound["user"]]
                holders: list[User | Group] = [user, *self._things.groups_of(user)]
                return tuple(arn for holder in holders for arn in own_policies(holder))
            case "new":
                return (called.arn(self._resources[need.target.resource]),)
            case "some":
                return self._techniques.alone(actor, need) if depends(need) else (called.arn(self._resources[need.target.resource]),)
            case _:
                part = need.target.kind.partition("'s ")[2]
                if need.target.variable == "function":
                    return self._things.parts_of(self._things.function[bound["function"]], part)
                return self._techniques.alone(actor, need)

    def _doubt(self, actor: Actor, when: When, bound: Mapping[str, str]) -> str:
        """Give the phrase of a precondition that nobody could settle for whom it is about; "" when it holds."""
        variable, bits = self._techniques.when(actor, when)
        if not variable or bits[0] >> self._things.bit[bound[variable]] & 1:
            return ""
        return _PHRASES[when.what].replace("{services}", " or ".join(when.services))


def _first(outcomes: Iterable[Outcome]) -> str:
    """Name the tags that are set before the step."""
    tags = dict.fromkeys(text for outcome in outcomes if (text := tags_text(outcome)))
    return f"sets the tag {', '.join(tags)} and " if tags else ""


def best_of(outcomes: Iterable[Outcome]) -> Outcome | None:
    """Give the first that is sure, else the first that is possible."""
    possible: Outcome | None = None
    for outcome in outcomes:
        if outcome.verdict == "always":
            return outcome
        if possible is None and outcome.is_possible:
            possible = outcome
    return possible
