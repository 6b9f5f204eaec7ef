"""Principals as an attacker holds them, and what each may do: asked one request at a time, or a whole class of ARNs at once."""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from functools import cached_property

import msgspec

from buckler.engines.iam import Answer, sample, sample_policy, settle_policy
from buckler.engines.iam.access import Access, Guard
from buckler.engines.iam.compiled import Library
from buckler.engines.iam.context import Context
from buckler.engines.iam.kleene import Doubts, all3, any3
from buckler.engines.iam.principal import forms_of
from buckler.engines.iam.rcps import rcps_apply
from buckler.engines.iam.targets import Targets
from buckler.model.finding import Request
from buckler.model.iam import Group, Role, User
from buckler.model.layers import Layers
from buckler.model.origin import ApiOrigin
from buckler.model.policy import Condition, Policy, parse_policy
from buckler.model.unknown import Unknown
from buckler.reach.access import Accesses, session_arn
from buckler.reach.analysis import Analysis
from buckler.reach.edges_guards import Guards, OpenContext, Said
from buckler.reach.edges_settle import Outcome, settle
from buckler.reach.edges_tags import OF_PRINCIPAL, by_tagging
from buckler.reach.edges_things import NONE, Bits, Owned, Things, both, called, either, indexes
from buckler.reach.resources import account_in_arn

Given = Mapping[str, tuple[str, ...]]

EVERYTHING = parse_policy(
    {"Version": "2012-10-17", "Statement": [{"Sid": "Granted", "Effect": "Allow", "Action": "*", "Resource": "*"}]},
    ApiOrigin(call="", arn=""),
    name="what an attacker grants",
)

ADMINISTRATOR_ACCESS = "arn:aws:iam::aws:policy/AdministratorAccess"
_NAME = "example-7q4z"
_REFUSED_AT_MOST = 16
"""So many ARNs of a class that depend on something are found refused before the rest is left open."""


class Actor:
    """A principal, possibly with more than its policies say: what it was granted, without its boundary, as a member of a group."""

    __slots__ = ("access", "account", "arn", "id", "identity", "is_role", "layers", "name", "partition", "policies")

    def __init__(self, node_id: str, name: str, identity: Role | User, layers: Layers, library: Library) -> None:
        self.id = node_id
        self.name = name
        self.identity = identity
        self.arn = sample(identity.arn)
        self.account = sample(identity.account)
        self.partition = self.arn.split(":", 2)[1]
        self.is_role = isinstance(identity, Role)
        self.layers = layers
        """Of the principal's side."""
        self.policies = library.layer(layers.identity)
        """Its identity policies, prepared."""
        # Whole classes are asked of what could be read; what could not be comes back with every single request.
        read = msgspec.structs.replace(layers, unread=()) if layers.unread else layers
        self.access = Access(session_arn(identity) if isinstance(identity, Role) else self.arn, read, library)


class Actors:
    """The actors of one analysis, each made once."""

    def __init__(self, analysis: Analysis, accesses: Accesses, things: Things) -> None:
        self.analysis = analysis
        self.accesses = accesses
        self.things = things
        self._library = Library()
        self._made: dict[str, Actor] = {}
        self._guards: dict[str, Guard] = {}
        self._asking: dict[str, bool] = {}
        self.left_open: set[str] = set()
        """Ids of actors of whose perhapses not all were looked at."""

    # --- who ---------------------------------------------------------------------------------------------------------

    def of(self, arn: str) -> Actor:
        """Give the actor of a role or user."""
        found = self._made.get(arn)
        if found is None:
            identity: Role | User = self.things.role[arn] if arn in self.things.role else self.things.user[arn]
            held = self.accesses.held(identity)
            layers = Layers(identity=held.identity, boundary=held.boundary, scp=held.scp, unread=held.unread)
            found = self._made[arn] = Actor(arn, called(identity), identity, layers, self._library)
        return found

    def granted(self, actor: Actor) -> Actor:
        """Give it with a policy that allows everything: what its boundary, its Denies and the organisation leave of that."""
        layers = msgspec.structs.replace(actor.layers, identity=(EVERYTHING, *actor.layers.identity))
        return self._variant(actor, "granted", layers)

    def unbound(self, actor: Actor) -> Actor:
        """Give it without its boundary."""
        unread = tuple(one for one in actor.layers.unread if one.layer != "boundary")
        return self._variant(actor, "unbound", msgspec.structs.replace(actor.layers, boundary=None, unread=unread))

    def remade(self, actor: Actor) -> Actor:
        """Give it as an administrator of its account can make it: allowed everything, without its Denies and its boundary."""
        return self._variant(actor, "remade", _controlled(actor))

    def tagged(self, actor: Actor) -> Actor:
        """Give it with tags of its own choosing: conditions on them are open, and what it may not set closes them again."""
        return self._variant(actor, "tagged", actor.layers)

    def _untagged(self, actor: Actor) -> Actor | None:
        """Give who chooses the tags of an actor; None of one that has those it was given."""
        base, *gained = actor.id.split("#")
        if "tagged" not in gained:
            return None
        return self._made.get("#".join((base, *(one for one in gained if one != "tagged")))) or self.of(actor.arn)

    def uncontrolled(self, actor: Actor) -> Actor:
        """Give it as if the organisation had no control policies."""
        return self._variant(actor, "uncontrolled", msgspec.structs.replace(actor.layers, scp=()))

    def joined(self, actor: Actor, group: Group) -> Actor:
        """Give it as a member of a group too."""
        policies: list[Policy] = []
        if not isinstance(group.inline, Unknown):
            policies.extend(group.inline)
        if not isinstance(group.attached, Unknown):
            policies.extend(one.document for one in group.attached if not isinstance(one.document, Unknown))
        layers = msgspec.structs.replace(actor.layers, identity=(*actor.layers.identity, *(settle_policy(one) for one in policies)))
        return self._variant(actor, f"in {sample(group.name)}", layers)

    def made_by(self, actor: Actor) -> Actor:
        """Give a new role of the actor's account that may do everything."""
        arn = f"arn:{actor.partition}:iam::{actor.account}:role/{_NAME}"
        nowhere = ApiOrigin(call="", arn=arn)
        role = Role(
            arn=arn,
            name=_NAME,
            account=actor.account,
            region="",
            origin=nowhere,
            trust=EVERYTHING,
            inline=(EVERYTHING,),
            attached=(),
            boundary=None,
        )
        found = self._made.get(f"{arn}#new")
        if found is None:
            found = self._made[f"{arn}#new"] = Actor(f"{arn}#new", "a role of its own", role, _controlled(actor), self._library)
        return found

    def _variant(self, actor: Actor, how: str, layers: Layers) -> Actor:
        base, *before = actor.id.split("#")
        if how in before:
            return actor
        # INVARIANT: what was gained is a set, so that gaining it again leads nowhere new and every walk ends.
        node_id = "#".join((base, *sorted((*before, how))))
        found = self._made.get(node_id)
        if found is None:
            found = self._made[node_id] = Actor(
                node_id, f"{called(actor.identity)} ({', '.join(node_id.split('#')[1:])})", actor.identity, layers, self._library
            )
        return found

    # --- one request -------------------------------------------------------------------------------------------------

    def request(self, actor: Actor, action: str, resource: str, given: Given | None = None) -> Request:
        """Write a request as the actor sends it."""
        found = self.accesses.find(actor.arn)
        principal = actor.arn if found is not None else actor.access.principal
        more = dict(given or {})
        if actor.is_role or self._asks_when_issued(actor):
            # Whoever acts as a role has a session that was issued just now; a user whose policies ask for that signs in to have one.
            more.setdefault("aws:TokenIssueTime", (f"{self.analysis.today.isoformat()}T12:00:00Z",))
        request = self.accesses.request(principal, action, resource, more)
        if self._untagged(actor) is not None:
            context = (entry for entry in request.context if not entry.key.lower().startswith(OF_PRINCIPAL) or entry.key in more)
            request = msgspec.structs.replace(request, context=tuple(context))
        return request

    def _asks_when_issued(self, actor: Actor) -> bool:
        found = self._asking.get(actor.id)
        if found is None:
            conditions = (condition for policy in actor.layers.identity for one in policy.statements for condition in one.conditions)
            found = self._asking[actor.id] = any(condition.key.lower() == "aws:tokenissuetime" for condition in conditions)
        return found

    def guard(self, resource: str) -> Guard:
        """Give the resource's side, prepared."""
        found = self._guards.get(resource)
        if found is None:
            layers = self.accesses.layers("*", resource)
            if layers.unread and ":lambda:" in resource:
                # `AddPermission` only allows: a policy of a function that nobody read takes nothing back from its own account.
                layers = msgspec.structs.replace(layers, unread=())
            found = self._guards[resource] = Guard(layers, self._library)
        return found

    def layers(self, actor: Actor, resource: str, policy: Policy | None = None) -> Layers:
        """Give all that has a say; *policy* stands for the resource's own, where it is the attacker's."""
        own, theirs = actor.layers, self.guard(resource).layers
        return Layers(
            identity=own.identity,
            boundary=own.boundary,
            scp=own.scp,
            resource=policy or theirs.resource,
            rcp=theirs.rcp,
            grants=theirs.grants,
            resource_account=theirs.resource_account,
            blocks_public=theirs.blocks_public,
            unread=(*own.unread, *theirs.unread),
        )

    def answer(self, actor: Actor, action: str, resource: str, given: Given | None = None) -> Answer:
        """Answer one request, fast."""
        return actor.access.decide(self.request(actor, action, resource, given), self.guard(resource))

    def ask(self, actor: Actor, action: str, resource: str, given: Given | None = None, *, policy: Policy | None = None) -> Outcome:
        """Answer one request with all that can be said of it."""
        request = self.request(actor, action, resource, given)
        return self._by_tagging(actor, request, settle(request, self.layers(actor, resource, policy)))

    def _by_tagging(self, actor: Actor, request: Request, outcome: Outcome) -> Outcome:
        chooser = self._untagged(actor)

        def tags(action: str, resource: str, given: dict[str, tuple[str, ...]]) -> Outcome:
            return self.ask(chooser if chooser is not None and resource == actor.arn else actor, action, resource, given)

        return by_tagging(outcome, request, actor.arn if chooser is not None else "", tags, speaks_of=actor.access.speaks_of)

    def ask_filled(self, actor: Actor, action: str, resource: str) -> Outcome:
        """Answer one request as if every parameter of a file had a value of its own: what is named by one is named by no other."""
        layers = self.layers(actor, resource)
        filled = msgspec.structs.replace(layers, identity=tuple(sample_policy(policy) for policy in layers.identity))
        return settle(self.request(actor, action, resource), filled)

    # --- a class at once ---------------------------------------------------------------------------------------------

    def over(self, actor: Actor, action: str, targets: Targets, given: Given | None = None) -> Bits:
        """Say which ARNs of a class the actor may act on."""
        name = action.lower()
        guards = self.classes(targets)
        speaks = actor.access.speaks_of(name)
        special = (
            guards.naming(actor.arn, actor.account, speaks=speaks) & guards.speaking(name) if _has_say(name, targets, self.things) else 0
        )
        if special and targets is not self.things.roles:
            sure, perhaps, special = self._let(actor, action, targets, special, given)
        else:
            sure, perhaps = self._own(actor, action, targets, given) if speaks else NONE
        if special:
            special = self._mattering(actor, action, targets, special, given)
        one_by_one = self._each(actor, action, targets, special, given) if special else NONE
        if guards.controlled and rcps_apply(name, targets.arns[0]):
            for part, alike in guards.restricted(name, (sure | perhaps) & ~special):
                for bits in (part & sure, part & perhaps) if alike else ():
                    got = self._each(actor, action, targets, bits & -bits, given)
                    one_by_one = either(one_by_one, (bits if got[0] else 0, bits if got[1] else 0))
                if not alike:
                    one_by_one = either(one_by_one, self._each(actor, action, targets, part, given))
                special |= part
        sure, perhaps = sure & ~special, perhaps & ~special
        found = either((sure, 0), self._settled(actor, action, targets, perhaps, given)) if perhaps else (sure, 0)
        # What nobody could read of a resource's own policy may forbid what the actor's allow.
        found = (found[0] & ~guards.unread, found[1] | found[0] & guards.unread)
        return either(found, one_by_one)

    def invocable(self, actor: Actor, qualified: Owned) -> Bits:
        """Say which functions the actor may invoke, by their own ARNs or by *qualified* ones: IAM asks for the ARN that is called."""
        action, functions = "lambda:InvokeFunction", self.things.functions
        bits = self.over(actor, action, functions)
        if bits[0] == functions.everything or not functions.arns:
            return bits
        return either(bits, qualified.by(self.over(actor, action, qualified.targets)))

    def _mattering(self, actor: Actor, action: str, targets: Targets, bits: int, given: Given | None) -> int:
        """Leave out the ARNs whose own policies only deny, and what the request is not: "deny all that comes without TLS"."""
        name = action.lower()
        context = self._shared_context(actor, action, targets.arns[(bits & -bits).bit_length() - 1], given)
        open_context = OpenContext(context)
        answers: dict[tuple[Condition, ...], bool] = {}
        mattering = 0
        for number in indexes(bits):
            denies, allows = self.guard(targets.arns[number]).on(name)
            if not allows:
                for line in denies:
                    conditions = line.body.conditions
                    if conditions not in answers:
                        answers[conditions] = line.body.holds(open_context, Doubts()) is not False
                if not any(answers[line.body.conditions] for line in denies):
                    continue
            mattering |= 1 << number
        return mattering

    def _let(self, actor: Actor, action: str, targets: Targets, special: int, given: Given | None) -> tuple[int, int, int]:
        """Ask a class both sides at once, as far as it is in the actor's account: (sure, perhaps, those to be looked at one by one).

        There one side is enough, so that a statement that lets the account in leaves it to the actor's own policies; of a key it takes
        such a statement for these to count.
        """
        name, guards, access = action.lower(), self.classes(targets), actor.access
        speaks = access.speaks_of(name)
        denies, allows = guards.said(name, actor.arn, actor.account)
        sure = perhaps = mine = involved = 0
        for bits, one in (*guards.groups.get(actor.account, ()), *guards.groups.get("", ())):
            mine |= bits
            if not speaks and not any((said.sure | said.perhaps) & bits for said in allows):
                continue
            context = self._shared_context(actor, action, one, given)
            own = access.over(action, targets, context) if speaks else NONE
            direct = role = account = denied = NONE
            for said in allows:
                holds = self._holds(said, name, context) if (said.sure | said.perhaps) & bits else False
                if holds is False:
                    continue
                spoken = forms_of(said.line.statement, access.principal, Doubts())
                direct = either(direct, _pair(said, all3((holds, any3((spoken.get("self", False), spoken.get("everyone", False)))))))
                role = either(role, _pair(said, all3((holds, spoken.get("role", False)))))
                account = either(account, _pair(said, all3((holds, spoken.get("account", False)))))
            for said in denies:
                holds = self._holds(said, name, context) if (said.sure | said.perhaps) & bits else False
                if holds is not False:
                    denied = either(denied, _pair(said, all3((holds, access.is_meant_by(said.line, Doubts())))))
            if name.startswith("kms:"):
                own = either((own[0] & ~special, own[1] & ~special), both(own, account))
                involved |= account[1] & bits
            if direct != NONE or role != NONE:
                own = either(own, access.over_let(action, targets, context, direct, role))
            involved |= (direct[0] | direct[1] | role[0] | role[1] | denied[0] | denied[1]) & bits
            if denied != NONE:
                own_sure = own[0] & ~(denied[0] | denied[1])
                own = own_sure, (own[0] | own[1]) & ~denied[0] & ~own_sure
            sure |= own[0] & bits
            perhaps |= own[1] & bits
        # What depends on something, and what other accounts hold, has to be asked with both sides' policies.
        special &= ~mine | guards.odd | perhaps & involved
        return sure & ~special, perhaps & ~special, special

    @staticmethod
    def _holds(said: Said, action: str, context: Context) -> bool | None:
        body = said.line.body
        return all3((body.actions.names(action), body.holds(context, Doubts())))

    def _own(self, actor: Actor, action: str, targets: Targets, given: Given | None, *, everywhere: bool = False) -> Bits:
        """Ask the actor's own policies of a class: of the part in its account, or of all of it."""
        groups = self.classes(targets).groups
        # What tells of no account, a bucket the estate does not hold, counts as the actor's own, as it does for a single request.
        own = (*groups.get(actor.account, ()), *groups.get("", ()))
        parts = [part for found in groups.values() for part in found] if everywhere else own
        sure = perhaps = 0
        for bits, one in parts:
            got_sure, got_perhaps = actor.access.over(action, targets, self._shared_context(actor, action, one, given))
            sure |= got_sure & bits
            perhaps |= got_perhaps & bits
        return sure, perhaps

    def _settled(self, actor: Actor, action: str, targets: Targets, perhaps: int, given: Given | None) -> Bits:
        """Settle what depends on something: what lets one ARN through is tried for all the others at once."""
        sure = possible = refused = 0
        while perhaps and refused < _REFUSED_AT_MOST:
            bit = perhaps & -perhaps
            request = self.request(actor, action, targets.arns[bit.bit_length() - 1], given)
            outcome = self._by_tagging(actor, request, settle(request, self.layers(actor, request.resource)))
            through = bit
            if outcome.is_possible:
                chosen = {entry.key: entry.values for entry in outcome.request.context if entry not in request.context}
                if chosen:
                    alike = self._own(actor, action, targets, {**(given or {}), **chosen})[0] & perhaps
                    supposed = {key for key in chosen if key.lower().startswith("aws:resourcetag/")}
                    for tagging in (one for one in outcome.before if one.request.resource == request.resource):
                        asked = _request_tags(tagging.request)
                        alike &= self._own(actor, tagging.request.action, targets, asked)[0]
                        supposed -= {f"aws:ResourceTag/{key.partition('/')[2]}" for key in asked}
                    through |= self._untold(targets, alike, supposed)
                if outcome.verdict == "always":
                    sure |= through
                else:
                    certain = self._by_their_tags(actor, action, targets, through & ~bit, given)
                    sure, possible = sure | certain, possible | through & ~certain
            else:
                refused += 1
            perhaps &= ~through
        if perhaps:
            # So many were refused one by one that the rest is left open: a walk looks again at each it would take.
            self.left_open.add(actor.id)
        return sure, possible | perhaps

    def _by_their_tags(self, actor: Actor, action: str, targets: Targets, bits: int, given: Given | None) -> int:
        """Give the ARNs that are allowed for the tags they have: a whole class is asked without them."""
        found = 0
        for number in indexes(bits):
            arn = targets.arns[number]
            is_tagged = any(key.lower().startswith("aws:resourcetag/") for key in self.accesses.said_of(arn))
            if is_tagged and self.answer(actor, action, arn, given) is Answer.ALLOW:
                found |= 1 << number
        return found

    def _untold(self, targets: Targets, bits: int, tags: AbstractSet[str]) -> int:
        """Leave out the ARNs of which the estate tells what a tag is that is only supposed."""
        if tags:
            for number in indexes(bits):
                if any(tag in self.accesses.said_of(targets.arns[number]) for tag in tags):
                    bits &= ~(1 << number)
        return bits

    def _each(self, actor: Actor, action: str, targets: Targets, bits: int, given: Given | None) -> Bits:
        """Look at ARNs one by one, whose own policies may speak of the actor."""
        sure = perhaps = 0
        for number in indexes(bits):
            answer = self.answer(actor, action, targets.arns[number], given)
            if answer is Answer.UNKNOWN:
                outcome = self.ask(actor, action, targets.arns[number], given)
                answer = Answer.ALLOW if outcome.verdict == "always" else answer if outcome.is_possible else Answer.DENY
            if answer is Answer.ALLOW:
                sure |= 1 << number
            elif answer is Answer.UNKNOWN:
                perhaps |= 1 << number
        return sure, perhaps

    def assumable(self, actor: Actor) -> Bits:
        """Say which roles the actor may assume: trust policies decide, and equal ones are asked once."""
        action, name, targets = "sts:AssumeRole", "sts:assumerole", self.things.roles
        guards = self.classes(targets)
        speaks = actor.access.speaks_of(name)
        named = guards.naming(actor.arn, actor.account, speaks=speaks) | (guards.unread if speaks else 0)
        if not named:
            return NONE
        own = self._own(actor, action, targets, None, everywhere=True) if speaks else NONE
        levels = (actor.policies, *(self._library.layer(level) for level in actor.layers.scp))
        is_plain = actor.layers.boundary is None and not any(level.on(name)[0] for level in levels)
        # Control policies above the roles may name some of them.
        singled = 0
        for part, alike in guards.restricted(name, named) if guards.controlled else ():
            singled |= 0 if alike else part
        found = NONE
        for asked in self.things.trusting_alike(named):
            allowed, open_, silent = asked & own[0], asked & own[1], asked & ~own[0] & ~own[1]
            for part in (allowed & ~singled, silent & ~singled) if is_plain else (allowed & ~singled,):
                if part:
                    got = self._each(actor, action, targets, part & -part, None)
                    found = either(found, (part if got[0] else 0, part if got[1] else 0))
            # What its own policies do not let it they may also deny, which a trust that names it does not overrule.
            one_by_one = open_ if is_plain else open_ | silent
            one_by_one |= (allowed | silent if is_plain else allowed) & singled
            if one_by_one:
                found = either(found, self._each(actor, action, targets, one_by_one, None))
        return found

    def _shared_context(self, actor: Actor, action: str, one: str, given: Given | None) -> Context:
        """Give the context all ARNs of a group share: what is said of one resource alone is left open."""
        request = self.request(actor, action, one, given)
        supposed = given or {}
        shared = tuple(entry for entry in request.context if entry.key in supposed or not entry.key.lower().startswith("aws:resourcetag/"))
        # The class is asked on the principal's side only, so the account of the resource is the group's.
        return Context(
            msgspec.structs.replace(request, principal=actor.access.principal, context=shared), resource_account=account_in_arn(one)
        )

    def classes(self, targets: Targets) -> Guards:
        """Give what guards a class, looked at once."""
        found = self._classes.get(id(targets))
        if found is None:
            found = self._classes[id(targets)] = Guards(targets, self.guard)
        return found

    @cached_property
    def _classes(self) -> dict[int, Guards]:
        return {}


def _pair(said: Said, answer: bool | None) -> Bits:  # noqa: FBT001 - an answer of three
    """Give the resources something is said of, by whether it is meant."""
    return (said.sure, said.perhaps) if answer else NONE if answer is False else (0, said.sure | said.perhaps)


def _has_say(action: str, targets: Targets, things: Things) -> bool:
    """Say whether policies of the resources have a say: those of roles speak only of who may become the role."""
    if targets is things.roles:
        return action == "sts:assumerole"
    return targets not in (things.users, things.groups, things.policies)


def _request_tags(request: Request) -> Given:
    """Give what a request that sets tags says of them."""
    return {entry.key: entry.values for entry in request.context if entry.key.lower().startswith(("aws:requesttag/", "aws:tagkeys"))}


def _controlled(actor: Actor) -> Layers:
    """Give the layers of somebody in the actor's account who is allowed everything: what the organisation leaves of that."""
    unread = tuple(one for one in actor.layers.unread if one.layer not in {"identity", "boundary"})
    return Layers(identity=(EVERYTHING,), scp=actor.layers.scp, unread=unread)
