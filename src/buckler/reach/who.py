"""Everybody who may do something to a resource: the estate's principals, and whom the resource's own policy lets in besides."""

import re
from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from buckler.engines.iam import Answer, sample
from buckler.engines.iam.access import Access, Guard
from buckler.engines.iam.compiled import Library
from buckler.model.asked import May, WhoCan
from buckler.model.finding import Request
from buckler.model.iam import Role, User
from buckler.model.layers import Layers
from buckler.model.origin import ApiOrigin
from buckler.model.policy import parse_policy
from buckler.reach.access import session_arn
from buckler.reach.analysis import Analysis
from buckler.reach.edges_settle import settle
from buckler.reach.guards import absent_guard, without_additions
from buckler.reach.once import once

_ANYTHING = parse_policy(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}, ApiOrigin(call="", arn="")
)
"""What the owner of another account can give its principals."""


class Crowd:
    """Every principal prepared for questions about all of them."""

    def __init__(self, analysis: Analysis) -> None:
        self.analysis = analysis
        self._library = Library()
        self._guards: dict[str, Guard] = {}
        self._speaking: dict[str, tuple[int, ...]] = {}
        self._let_in: dict[tuple[str, int], tuple[int, ...]] = {}
        access = analysis.access
        self.members: list[tuple[Role | User, Access]] = []
        for identity in access.principals:
            held = access.held(identity)
            layers = Layers(identity=held.identity, boundary=held.boundary, scp=held.scp, unread=held.unread)
            name = session_arn(identity) if isinstance(identity, Role) else sample(identity.arn)
            self.members.append((identity, Access(name, layers, self._library)))

    def guard(self, resource: str) -> Guard:
        """Give the resource's side, prepared."""
        found = self._guards.get(resource)
        if found is None:
            found = self._guards[resource] = Guard(self.analysis.access.layers("*", resource), self._library)
        return found

    def who_can(self, action: str, resource: str) -> Iterator[tuple[Role | User, Access, Request, Answer]]:
        """Give the principals that may, or perhaps may, with the request that each would send."""
        name = action.lower()
        guard = self.guard(resource)
        for number in self._concerned(name, resource, guard):
            identity, access = self.members[number]
            request = self.analysis.access.request(access.principal, action, resource)
            answer = access.decide(request, guard)
            if answer in {Answer.ALLOW, Answer.UNKNOWN}:
                yield identity, access, request, answer

    def _concerned(self, name: str, resource: str, guard: Guard) -> Iterable[int]:
        """List the members who may be let do an action (in lower case): by policies of their own, or by the resource's."""
        speakers = self._speaking.get(name)
        if speakers is None:
            # Once for all resources.
            speakers = self._speaking[name] = tuple(number for number, (_, access) in enumerate(self.members) if access.speaks_of(name))
        covering = [number for number in speakers if self.members[number][1].may_cover(name, resource)]
        if guard.is_silent(name):
            return covering
        # Resources share policies, roles above all.
        key = name, 0 if guard.lets_in_whoever_asks else id(guard.policy)
        let_in = self._let_in.get(key)
        if let_in is None:
            let_in = self._let_in[key] = tuple(
                number for number, (_, access) in enumerate(self.members) if guard.may_let_in(name, access.principal)
            )
        return sorted({*covering, *let_in}) if let_in else covering


@once
def crowd_of(analysis: Analysis) -> Crowd:
    """Prepare the principals, once."""
    return Crowd(analysis)


def who_can(analysis: Analysis, action: str, resource: str) -> WhoCan:
    """List everybody who may, with the statements that say so; those who may for sure first."""
    crowd = crowd_of(analysis)
    found: list[May] = []
    for identity, _, request, _ in crowd.who_can(action, resource):
        may = _may(analysis, request, sample(identity.arn), "role" if isinstance(identity, Role) else "user")
        if may is not None:
            found.append(may)
    found.extend(_strangers(analysis, action, resource))
    return WhoCan(
        action=action,
        resource=resource,
        may=tuple(sorted(found, key=lambda one: (not one.is_sure, one.kind, one.principal))),
        asked=len(crowd.members),
        notes=tuple(_notes(analysis, resource)),
    )


def _may(analysis: Analysis, request: Request, principal: str, kind: str, layers: Layers | None = None) -> May | None:
    layers = layers or analysis.access.layers(request.principal, request.resource)
    lighter = without_additions(request, layers)
    outcome = settle(request, lighter or layers)
    if lighter is not None and outcome.verdict == "never":
        outcome = settle(request, layers)
    if outcome.verdict == "never":
        return None
    return May(
        principal=principal,
        kind=kind,  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - one of the literals, from the callers here
        is_sure=outcome.verdict == "always",
        only_if=outcome.only_if,
        why=outcome.unread[0].why if outcome.unread else "",
        origins=tuple(dict.fromkeys(statement.origin for statement in outcome.statements)),
    )


def _strangers(analysis: Analysis, action: str, resource: str) -> Iterator[May]:
    """Give those whom the resource's policy names and the estate does not hold: another account may give its own people anything."""
    access = analysis.access
    policy = access.guard(resource).policy
    if policy is None:
        return
    seen: set[str] = set()
    for statement in policy.statements:
        for entry in (statement.principals or ()) if statement.effect == "Allow" else ():
            value = sample(entry.value)
            if entry.kind == "CanonicalUser" or value in seen:
                continue
            seen.add(value)
            account = re.fullmatch(r"(?:arn:[^:]*:iam::)?(\d{12})(?::root)?", value)
            if account and analysis.is_own_account(account[1]) is not False:
                continue  # its principals were asked one by one
            if value.startswith("arn:") and access.find(value) is not None:
                continue
            principal = f"arn:aws:iam::{account[1]}:root" if account else value
            kind = "anyone" if value == "*" else "account" if account else "service" if entry.kind == "Service" else "principal"
            layers = access.layers(principal, resource)
            foreign = Layers(
                identity=(_ANYTHING,),
                resource=layers.resource,
                rcp=layers.rcp,
                grants=layers.grants,
                resource_account=layers.resource_account,
                blocks_public=layers.blocks_public,
                unread=tuple(one for one in layers.unread if one.layer != "identity"),
            )
            may = _may(analysis, _by_any_way(access.request(principal, action, resource)), account[1] if account else value, kind, foreign)
            if may is not None:
                yield may


def _by_any_way(request: Request) -> Request:
    """Leave open whether a stranger comes through a function's URL: many policies let them in by that alone."""
    return replace(request, context=tuple(entry for entry in request.context if entry.key != "lambda:InvokedViaFunctionUrl"))


def _notes(analysis: Analysis, resource: str) -> Iterator[str]:
    if absent_guard(resource, analysis) is not None:
        yield f"`{resource}` is not among what was read: a policy of its own, should it have one, is not applied"
    accounts = sorted({sample(identity.account) for identity in analysis.access.principals})
    for account in accounts:
        untold = analysis.access.untold(account)
        if untold is not None:
            yield f"service control policies of {account} are not applied: {untold.why}"
    for missing in analysis.estate.missing:
        if missing.collection in {"roles", "users", "groups"}:
            yield f"{missing.collection} of {sample(missing.account)} were not read: {missing.unknown.why}"
