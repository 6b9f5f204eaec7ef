"""Techniques applied: which of the table's a principal can use, on whom, and the requests that prove it.

Asked of whole classes at once: for each grant a set of roles, users or functions, for each precondition another, and what is in all of them
is where the technique leads. Only a step that is shown is proved request by request.
"""

from collections.abc import Iterable, Mapping

from buckler.data.techniques import Need, Technique, When, technique_table
from buckler.engines.iam import Answer, sample
from buckler.engines.iam.compiled import ActionList
from buckler.engines.iam.targets import Targets
from buckler.model.iam import User
from buckler.model.origin import ApiOrigin
from buckler.model.policy import Policy, parse_policy
from buckler.reach.edges_actors import ADMINISTRATOR_ACCESS, Actor, Actors, Given
from buckler.reach.edges_names import Called, names_for
from buckler.reach.edges_settle import Outcome
from buckler.reach.edges_things import NONE, Bits, Owned, Things, both, boundary_of, either, indexes, own_policies, principal_in
from buckler.reach.strangers import STRANGE_ACCOUNT

_ONE_BY_ONE = 64
_GUARDED = ("repository", "code object")
"""What functions are deployed from that has a policy of its own."""

_OPEN_LAYER = parse_policy(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "lambda:GetLayerVersion", "Resource": "*"}]},
    ApiOrigin(call="lambda:GetLayerVersionPolicy", arn=""),
    name="the attacker's layer",
)


class Move:
    """A technique a principal can use, and where it leads."""

    __slots__ = ("perhaps", "sure", "technique")

    def __init__(self, technique: Technique, bits: Bits) -> None:
        self.technique = technique
        self.sure, self.perhaps = bits
        """Over the class of `technique.variable`; bit 0 alone for one that has no variable."""


class Techniques:
    """The table over one analysis."""

    def __init__(self, actors: Actors, things: Things) -> None:
        self._actors = actors
        self._things = things
        self._table = technique_table()
        self._parts: dict[str, Owned] = {}
        needs = [need for one in self._table.techniques for need in one.grants]
        self._actions = sorted({need.action.lower() for need in needs})
        self.wanted = {one.id: self._mask(one.grants) for one in self._table.techniques}
        self._on_roles = self._mask(need for need in needs if need.action == "sts:AssumeRole")
        self._on_functions = self._mask(need for need in needs if need.target.variable == "function")
        self._on_part = {part: self._mask(need for need in needs if need.target.kind == f"function's {part}") for part in _GUARDED}
        # By identity: the library of the actors keeps every prepared policy alive.
        self._spoken_by: dict[int, int] = {}
        self._named_by: dict[int, int] = {}
        self._let_by: dict[tuple[int, int], int] = {}

    # --- which ------------------------------------------------------------------------------------------------------

    def moves(self, actor: Actor) -> tuple[Move, ...]:
        """List the techniques the principal can use on what the estate holds, in the order of the table."""
        rows: dict[Need, Bits] = {}
        found: list[Move] = []
        unspoken = ~self.spoken(actor)
        for technique in self._table.techniques:
            sets = None if self.wanted[technique.id] & unspoken else self.sets(actor, technique, rows)
            if sets is None:
                continue
            bits = sets.bits.get(technique.variable, (1, 0)) if technique.variable else (1, 0)
            bits = self._others(actor, technique, bits if sets.is_sure and not technique.assumes else (0, bits[0] | bits[1]))
            if bits != NONE:
                found.append(Move(technique, bits))
        return tuple(found)

    def sets(self, actor: Actor, technique: Technique, rows: dict[Need, Bits]) -> "Sets | None":
        """Find whom each word of a technique may stand for; None when somewhere nobody is left."""
        named = self._name(actor, technique)
        if named is None:
            return None
        found = Sets(*named)
        for when in technique.when:
            if not found.keep(*self.when(actor, when)):
                return None
        for need in technique.grants:
            if need.target.kind in {"new", "some"} and not depends(need):
                continue
            variable = need.target.variable or ("function" if depends(need) else "")
            bits = rows.get(need)
            if bits is None:
                bits = self._row(actor, need, found)
                if not depends(need):
                    rows[need] = bits
            if not found.keep(variable, bits):
                return None
        for variable, bits in found.bits.items():
            found.is_sure &= variable == technique.variable or bool(bits[0])
        return found

    def spoken(self, actor: Actor) -> int:
        """Give the bits of the table's actions that anything lets the principal do, as far as a glance tells. Most are done with that."""
        bits = 0
        for policy in actor.policies.policies:
            known = self._spoken_by.get(id(policy))
            if known is None:
                known = 0
                for line in policy.lines:
                    if not line.body.deny:
                        known |= self._named(line.body.actions)
                self._spoken_by[id(policy)] = known
            bits |= known
        bits |= self._let(self._things.roles, actor, self._on_roles) | self._let(self._things.functions, actor, self._on_functions)
        for part, actions in self._on_part.items():
            targets = self._part(part).targets
            if targets.arns:
                bits |= self._let(targets, actor, actions)
        return bits

    def _named(self, actions: ActionList) -> int:
        """Give the bits of what a list of actions names, or may."""
        known = self._named_by.get(id(actions))
        if known is None:
            known = sum(1 << number for number, name in enumerate(self._actions) if actions.names(name) is not False)
            self._named_by[id(actions)] = known
        return known

    def _let(self, targets: Targets, actor: Actor, actions: int) -> int:
        """Give the bits of what the targets' own policies may let the principal do, of these actions."""
        guards = self._actors.classes(targets)
        direct = guards.naming(actor.arn, actor.account, speaks=False)
        if not direct:
            return 0
        key = (id(targets), direct)
        known = self._let_by.get(key)
        if known is None:
            known = 0
            for number, name in enumerate(self._actions):
                if actions >> number & 1 and guards.speaking(name) & direct:
                    known |= 1 << number
            self._let_by[key] = known
        return known

    def _mask(self, needs: Iterable[Need]) -> int:
        bits = 0
        for need in needs:
            bits |= 1 << self._actions.index(need.action.lower())
        return bits

    def _others(self, actor: Actor, technique: Technique, bits: Bits) -> Bits:
        """Leave the principal itself out, and for roles that nothing but trust ties to the technique, other accounts."""
        if technique.variable not in {"role", "user"}:
            return bits
        mask = ~0
        own = self._things.bit.get(actor.arn)
        targets = self._things.class_of(technique.variable)
        if own is not None and own < len(targets.arns) and targets.arns[own] == actor.arn:
            mask &= ~(1 << own)
        if not any(need.target.variable == "role" for need in technique.grants) and technique.variable == "role":
            groups = self._actors.classes(targets).groups.get(actor.account, ())
            mask &= sum(group for group, _ in groups)
        return bits[0] & mask, bits[1] & mask

    # --- preconditions -----------------------------------------------------------------------------------------------

    def when(self, actor: Actor, when: When) -> tuple[str, Bits]:
        things = self._things
        match when.what:
            case "role trusts":
                return "role", things.trusting(when.services)
            case "function takes unsigned code":
                return "function", things.unsigned
            case "function enforces signing":
                return "function", things.signed
            case "function runs":
                return "function", things.runs
            case "function is a zip":
                return "function", things.zips
            case "function's runtime takes options":
                return "function", things.optioned
            case "function has an alias":
                return "function", things.aliased
            case "self is a role":
                return "", (1, 0) if actor.is_role else NONE
            case "self is a user":
                return "", NONE if actor.is_role else (1, 0)
            case "conditions ask for tags":
                return "", (1, 0) if self._actors.accesses.tag_keys else NONE
            case "self has a boundary":
                return "", NONE if actor.identity.boundary is None else (1, 0)

    # --- grants ------------------------------------------------------------------------------------------------------

    def _row(self, actor: Actor, need: Need, sets: "Sets") -> Bits:
        """Give the set of targets a grant covers; (1, 0) or (0, 1) for one that has no class."""
        kind, things = need.target.kind, self._things
        if depends(need):
            return self._per_function(actor, need, sets.bits.get("function", (things.functions.everything, 0)))
        match kind:
            case "role" | "user" | "group" | "function":
                if need.action == "sts:AssumeRole":
                    return self._actors.assumable(actor)
                if need.action == "lambda:InvokeFunction":
                    # New code is in `$LATEST`, whichever of its two ARNs that is invoked by.
                    return self._actors.invocable(actor, self._things.latest)
                return self._bounded(actor, need, things.class_of(kind), sets.called)
            case "role's policy" | "user's policy":
                covered = self._actors.over(actor, need.action, things.policies, self._given(actor, need))
                return things.holders[need.target.variable].by(covered)
            case (
                "function's repository"
                | "function's code object"
                | "function's layer"
                | "function's alias"
                | "function's event source"
                | "function's code signing"
            ):
                parts = self._part(kind.partition("'s ")[2])
                covered = self._actors.over(actor, need.action, parts.targets, self._given(actor, need)) if parts.targets.arns else NONE
                return parts.by(covered)
            case _:
                outcomes = [self.single(actor, need, arn) for arn in self.alone(actor, need)]
                if any(one.verdict == "always" for one in outcomes):
                    return 1, 0
                return (0, 1) if any(one.is_possible for one in outcomes) else NONE

    def _bounded(self, actor: Actor, need: Need, targets: Targets, called: Called) -> Bits:
        """Ask a class, by the boundaries its members have where the grant tells of them."""
        if not any(value.endswith("'s boundary}") for _, value in need.context):
            return self._actors.over(actor, need.action, targets, self._given(actor, need, called=called))
        found = NONE
        for boundary, bits in self._things.boundaries[need.target.variable].items():
            got = self._actors.over(actor, need.action, targets, self._given(actor, need, boundary=boundary))
            found = either(found, (got[0] & bits, got[1] & bits))
        return found

    def _part(self, part: str) -> Owned:
        """Give what functions have of a kind, and which functions have each."""
        found = self._parts.get(part)
        if found is None:
            owners: dict[str, int] = {}
            for arn, function in self._things.function.items():
                for one in self._things.parts_of(function, part):
                    owners[one] = owners.get(one, 0) | 1 << self._things.bit[arn]
            found = self._parts[part] = Owned(owners)
        return found

    def _per_function(self, actor: Actor, need: Need, among: Bits) -> Bits:
        """Ask a grant whose context names the function: for all at once where no policy asks which, else one by one."""
        arns = self.alone(actor, need)
        if any(self._actors.answer(actor, need.action, arn, self._given(actor, need)) is Answer.ALLOW for arn in arns):
            return among
        sure = perhaps = 0
        for count, number in enumerate(indexes(among[0] | among[1])):
            if count >= _ONE_BY_ONE:
                break
            function = self._things.functions.arns[number]
            outcomes = [self.single(actor, need, arn, function=function) for arn in arns]
            if any(one.verdict == "always" for one in outcomes):
                sure |= 1 << number
            elif any(one.is_possible for one in outcomes):
                perhaps |= 1 << number
        return sure, perhaps

    def alone(self, actor: Actor, need: Need) -> tuple[str, ...]:
        """Give the ARNs of which any will do."""
        match need.target.kind:
            case "self":
                return (actor.arn,)
            case "own policy":
                holders = [actor.identity, *(self._things.groups_of(actor.identity) if isinstance(actor.identity, User) else ())]
                return tuple(dict.fromkeys(arn for holder in holders for arn in own_policies(holder)))
            case "own boundary":
                boundary = boundary_of(actor.identity)
                return () if boundary in {"", "?"} or ":iam::aws:policy/" in boundary else (boundary,)
            case "own group":
                return tuple(sample(one.arn) for one in self._things.groups_of(actor.identity)) if isinstance(actor.identity, User) else ()
            case "attacker's layer":
                return (self._layer(actor) + ":1",)
            case "some":
                called = next(names_for(actor, {}, self._region(actor)))
                arns = [called.arn(self._table.resources[need.target.resource])]
                if need.target.resource == "event source mapping":
                    arns = [sample(one.arn) for one in self._actors.analysis.estate.event_sources] or arns
                return tuple(arns)
            case _:
                return ("*",)

    def single(
        self, actor: Actor, need: Need, arn: str, *, boundary: str | None = None, function: str = "", called: Called | None = None
    ) -> Outcome:
        """Ask one request of a grant."""
        policy: Policy | None = _OPEN_LAYER if need.target.kind == "attacker's layer" else None
        bound = boundary_of(actor.identity) if boundary is None else boundary
        given = self._given(actor, need, boundary=bound, function=function, called=called)
        return self._actors.ask(actor, need.action, arn, given, policy=policy)

    def _given(self, actor: Actor, need: Need, *, boundary: str = "", function: str = "", called: Called | None = None) -> Given:
        """Write the context a grant asks for; what is not known is left open."""
        given: dict[str, tuple[str, ...]] = {}
        for key, value in need.context:
            match value:
                case "":
                    given[key] = ()
                case "{administrator}":
                    given[key] = (ADMINISTRATOR_ACCESS.replace(":aws:iam", f":{actor.partition}:iam", 1),)
                case "{layer}":
                    given[key] = (self._layer(actor) + ":1",)
                case "{new layer}":
                    if called is not None:
                        given[key] = (called.arn(self._table.resources["layer version"]),)
                case "{function}":
                    if function:
                        given[key] = (function,)
                case "{self's boundary}" | "{role's boundary}" | "{user's boundary}":
                    if boundary != "?":
                        given[key] = (boundary,) if boundary else ()
                case _:
                    given[key] = (principal_in(actor.partition, value),)
        return given

    def _layer(self, actor: Actor) -> str:
        return f"arn:{actor.partition}:lambda:{self._region(actor)}:{STRANGE_ACCOUNT}:layer:layer"

    def _region(self, actor: Actor) -> str:
        return self._things.regions.get(actor.account, "us-east-1")

    # --- new things --------------------------------------------------------------------------------------------------

    def _name(self, actor: Actor, technique: Technique) -> tuple[Called, bool] | None:
        """Find a name under which all that is new, or that the estate does not list, is allowed; and say whether it is so for sure."""
        rows = [need for need in technique.grants if need.target.resource and not depends(need)]
        return self.first_name(actor, rows, {need: need.target.resource for need in rows})

    def first_name(self, actor: Actor, rows: list[Need], kinds: Mapping[Need, str]) -> tuple[Called, bool] | None:
        templates = {need: self._table.resources[kinds[need]] for need in rows}
        tried = names_for(actor, {need.action: template for need, template in templates.items()}, self._region(actor))
        if not rows:
            return next(tried), True
        perhaps: Called | None = None
        for called in tried:
            answers = {
                self._actors.answer(actor, need.action, called.arn(template), self._given(actor, need, called=called))
                for need, template in templates.items()
            }
            if answers == {Answer.ALLOW}:
                return called, True
            if perhaps is None and answers <= {Answer.ALLOW, Answer.UNKNOWN}:
                outcomes = [
                    self.single(actor, need, called.arn(template), boundary="", called=called) for need, template in templates.items()
                ]
                if all(one.verdict == "always" for one in outcomes):
                    return called, True
                if all(one.is_possible for one in outcomes):
                    perhaps = called
        return None if perhaps is None else (perhaps, False)


class Sets:
    """Whom each word of a technique may stand for, while it is being found out."""

    __slots__ = ("bits", "called", "is_sure")

    def __init__(self, called: Called, is_sure: bool) -> None:  # noqa: FBT001 - unpacked from where it is found
        self.called = called
        self.is_sure = is_sure
        self.bits: dict[str, Bits] = {}

    def keep(self, variable: str, bits: Bits) -> bool:
        """Narrow a word (or, without one, the whole); say whether anything is left."""
        if not variable:
            self.is_sure &= bool(bits[0])
            return bits != NONE
        kept = both(self.bits[variable], bits) if variable in self.bits else bits
        self.bits[variable] = kept
        return kept != NONE


def depends(need: Need) -> bool:
    """Say whether the context of a grant names the function, so that each has a request of its own."""
    return any(value == "{function}" for _, value in need.context)
