"""What new policies allow that the old did not: a request that shows it, or a proof that there is none.

One action per class that the policies can tell apart, one place of resources per set of rules; for each the formula "the new allow it and
the old don't" is solved. A request is replayed by the obvious twin before it is returned.

A proof is about requests AWS can make: accounts have twelve digits, AWS's own condition keys have the type and number of values that its
pages say, and where no principal is given it is about the principals in `principals`.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache, cached_property
from typing import Literal

import msgspec

from buckler.engines.iam.actions import ActionClass, Patterns, acting_on, action_classes, shapes
from buckler.engines.iam.answer import Answer
from buckler.engines.iam.automata import GaveUp
from buckler.engines.iam.catalogue import catalogue
from buckler.engines.iam.context import Context, account_of
from buckler.engines.iam.decide import decide
from buckler.engines.iam.domains import Values
from buckler.engines.iam.formula import Formula, all_of, keys_of, leaves, none_of
from buckler.engines.iam.layering import Policies, Said, allowed
from buckler.engines.iam.places import Place, by_region, places
from buckler.engines.iam.rcps import SERVICES
from buckler.engines.iam.regions import regions
from buckler.engines.iam.request import Case
from buckler.engines.iam.solve import Found, solve
from buckler.model.finding import ContextEntry, Request
from buckler.model.layers import Layers
from buckler.model.policy import Policy, Statement
from buckler.model.text import shown
from buckler.model.value import Value

STRANGER = "arn:aws:iam::999999999999:role/stranger"
_NO_LAYERS = Layers()
_SOMEBODY = "arn:aws:iam::111122223333:role/somebody"


class Difference(Value):
    """What `compare` found."""

    verdict: Literal["wider", "no-wider", "undecided"]
    request: Request | None = None
    """When wider: one that the new policies allow and the old don't."""
    is_real: bool = True
    """Says of that request that its action, as AWS's pages have it, acts on such a resource."""
    why: str = ""
    """When undecided."""
    principals: tuple[str, ...] = ()
    """Those that were asked about."""


def is_no_wider(old: Policies, new: Policies, *, principal: str | None = None, context: Iterable[ContextEntry] = ()) -> bool | None:
    """Say whether the new policies allow nothing that the old did not; None when nobody can tell."""
    return {"wider": False, "no-wider": True, "undecided": None}[compare(old, new, principal=principal, context=context).verdict]


def compare(old: Policies, new: Policies, *, principal: str | None = None, context: Iterable[ContextEntry] = ()) -> Difference:
    """Find a request that *new* allows and *old* does not.

    Both are all the layers of one principal and resource, or a sequence of policies of one kind, as in `decide`. Without a *principal*,
    everybody whom the policies name is asked about, and somebody whom they don't. *context* is what is known of every request.
    """
    principals = (principal,) if principal else tuple(_principals(old, new))
    entries = tuple(context)
    if old == new:
        return Difference(verdict="no-wider", principals=principals)
    unreal: Request | None = None
    why = ""
    for who in principals:
        outcome = _Comparison(old, new, who, entries).run()
        if outcome.request is not None and outcome.is_real:
            return msgspec.structs.replace(outcome, principals=principals)
        unreal = unreal or outcome.request
        why = why or outcome.why
    if unreal is not None:
        return Difference(verdict="wider", request=unreal, is_real=False, principals=principals)
    return Difference(verdict="undecided" if why else "no-wider", why=why, principals=principals)


class _Comparison:
    """Two sets of policies and one principal."""

    def __init__(self, old: Policies, new: Policies, principal: str, context: tuple[ContextEntry, ...]) -> None:
        self.old = old
        self.new = new
        self.principal = principal
        self.context = context
        self.why = ""
        self._said: dict[tuple[str, str | None, str | None], Said] = {}

    def run(self) -> Difference:
        if isinstance(self.old, Layers) and isinstance(self.new, Layers) and self.old.resource_account != self.new.resource_account:
            return Difference(verdict="undecided", why="the resources belong to different accounts")
        classes, unsplit = action_classes(_action_lists(self.old, self.new))
        if unsplit is not None:
            self.why = unsplit.why
        unreal: Request | None = None
        for one in classes:
            request = self._class(one)
            if request is None:
                continue
            real = _made_real(request, one)
            if real is not None and self._is_witness(real):
                return Difference(verdict="wider", request=real)
            unreal = unreal or request
        if unreal is not None:
            return Difference(verdict="wider", request=unreal, is_real=False)
        return Difference(verdict="undecided" if self.why else "no-wider", why=self.why)

    def _class(self, one: ActionClass) -> Request | None:
        """Find a request for an action of a class."""
        unreal: Request | None = None
        proved: set[tuple[Formula, Values | None]] = set()
        for place in self._places(one.action):
            formula, given = self._formula(one.action, place)
            # Most classes are treated alike by both, or alike in several places: one proof for all resources does for each of them.
            key = (formula, given.get("aws:ResourceAccount"))
            if formula is False or key in proved:
                continue
            anywhere = solve(formula, given)
            if isinstance(anywhere, GaveUp) and anywhere.is_final:
                self.why = self.why or anywhere.why
                continue
            if anywhere is None:
                proved.add(key)
                continue
            for part in self._parts(place, formula, given):
                request = self._place(one, part)
                if request is not None and _is_real(request):
                    return request
                unreal = unreal or request
        return unreal

    def _parts(self, place: Place, formula: Formula, given: Context) -> Iterator[Place]:
        """Split a place by region, where the formula turns on it."""
        key = "aws:requestedregion"
        turns = isinstance(self.new, Layers) and given.get(key) is None and any(key in keys_of(leaf, given) for leaf in leaves(formula))
        return by_region(place, ("", *self._regions)) if turns else iter((place,))

    @cached_property
    def _regions(self) -> tuple[str, ...]:
        return regions(_resources(self.old, self.new), _values(self.old, self.new))

    def _places(self, action: str) -> Iterator[Place]:
        both = [one for one in (self.old, self.new) if isinstance(one, Layers)]
        has_rules = action.lower().startswith(("kms:", "sts:"))
        with_kinds = bool(both) and (has_rules or any(one.resource is not None or one.rcp or one.grants or one.unread for one in both))
        with_accounts = bool(both) and not any(one.resource_account for one in both)
        texts = (*_resources(self.old, self.new), *_values(self.old, self.new))
        return places(action, account_of(self.principal), texts, with_accounts=with_accounts, with_kinds=with_kinds)

    def _formula(self, action: str, place: Place) -> tuple[Formula, Context]:
        """Say when a request in a place is allowed by the new policies and not by the old."""
        region = (ContextEntry(key="aws:RequestedRegion", values=(place.region,)),) if place.region else ()
        request = Request(principal=self.principal, action=action, resource=place.sample, context=(*self.context, *region))
        account = None if place.retry or not isinstance(self.new, Layers) else Case(request, self.new).resource_account
        given = Context(request, resource_account=account)
        said = self._said.setdefault((action, account, place.region), {})
        new, old = allowed(self.new, request, given, said), allowed(self.old, request, given, said)
        return False if new == old else all_of((new, none_of(old))), given

    def _place(self, one: ActionClass, place: Place) -> Request | None:
        formula, given = self._formula(one.action, place)
        found = solve(formula, given, shapes=shapes(one.action), within=place.within, without=place.without)
        if found is None:
            return None
        if isinstance(found, Found) and not place.retry:
            request = Request(principal=self.principal, action=one.action, resource=found.resource, context=(*self.context, *found.context))
            if self._is_witness(request):
                return request
            self.why = self.why or f"a request for {one.action} was found that the replay does not confirm"
            return None
        for smaller in place.retry:
            parts = (smaller,) if place.region is None else by_region(smaller, (place.region,))
            confirmed = next((request for request in (self._place(one, part) for part in parts) if request is not None), None)
            if confirmed is not None:
                return confirmed
        self.why = self.why or (found.why if isinstance(found, GaveUp) else f"resources of unknown accounts may differ for {one.action}")
        return None

    def _is_witness(self, request: Request) -> bool:
        return decide(request, self.new).answer is Answer.ALLOW and not decide(request, self.old).may_allow


def _is_real(request: Request) -> bool:
    """Say whether the action acts on the resource, as far as the catalogue knows it."""
    forms = shapes(request.action)
    return not forms or any(glob.accepts(request.resource) for glob in forms)


def _made_real(request: Request, one: ActionClass) -> Request | None:
    """Give the request, or one for another action of the class that does act on the resource."""
    if _is_real(request):
        return request
    action = acting_on(one.bits, request.resource)
    return None if action is None else msgspec.structs.replace(request, action=action)


# --- what stands in the policies ------------------------------------------------------------------------------------------------


def _policies(layers: Policies) -> Iterator[Policy]:
    if not isinstance(layers, Layers):
        yield from layers
        return
    yield from layers.identity
    yield from layers.session or ()
    for level in (*layers.scp, *layers.rcp):
        yield from level
    for one in (layers.resource, layers.boundary, layers.endpoint):
        if one is not None:
            yield one


def _statements(*both: Policies) -> Iterator[Statement]:
    for layers in both:
        for policy in _policies(layers):
            yield from policy.statements


def _action_lists(*both: Policies) -> Iterator[Patterns]:
    """List the lists of actions that count: of statements, and of the rules of evaluation."""
    for statement in _statements(*both):
        yield statement.actions if statement.actions is not None else statement.not_actions or ()
    for layers in both:
        if not isinstance(layers, Layers):
            continue
        if layers.rcp:
            yield tuple(f"{service}:*" for service in sorted(SERVICES))
            yield ("kms:RetireGrant",)
        if layers.resource is not None or layers.grants or layers.unread:
            yield ("kms:*",)
            yield ("sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity", "sts:SetContext")
            yield ("sts:AssumeRoleWithWebIdentity", "sts:AssumeRoleWithSAML")
            yield ("s3:GetBucketPolicy", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy")
        if layers.resource is not None or layers.unread:
            yield _never_across()
        for grant in layers.grants:
            yield from ((f"kms:{operation}",) for operation in grant.operations)


@cache
def _never_across() -> Patterns:
    """List the actions that no policy lets another account do."""
    requests = (Request(principal="*", action=action, resource="*") for action in catalogue().actions)
    return tuple(request.action for request in requests if not Case(request, _NO_LAYERS).may_cross)


def _resources(*both: Policies) -> Iterator[str]:
    """List the patterns of resources."""
    for statement in _statements(*both):
        yield from map(shown, (*(statement.resources or ()), *(statement.not_resources or ())))


def _values(*both: Policies) -> Iterator[str]:
    """List the values of conditions."""
    for statement in _statements(*both):
        yield from (shown(value) for condition in statement.conditions for value in condition.values)


def _principals(*both: Policies) -> Iterator[str]:
    """List everybody whom the policies name, and somebody whom they don't."""
    named: dict[str, None] = {}
    for statement in _statements(*both):
        for entry in (*(statement.principals or ()), *(statement.not_principals or ())):
            if isinstance(entry.value, str):
                named.update(dict.fromkeys(_speakers(entry.kind, entry.value)))
    if not named and not any(statement.principals is not None or statement.not_principals is not None for statement in _statements(*both)):
        yield _SOMEBODY
        return
    yield from dict.fromkeys((*named, STRANGER, _SOMEBODY, "*", "s3.amazonaws.com"))


def _speakers(kind: str, value: str) -> Iterator[str]:
    account = account_of(value) if kind == "AWS" else None
    is_account: Mapping[bool, str] = {True: f"arn:aws:iam::{account}:role/somebody", False: value}
    if value != "*":
        yield is_account[account is not None and (value == account or value.endswith(":root"))]
