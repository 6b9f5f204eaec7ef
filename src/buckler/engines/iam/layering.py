"""AWS's evaluation logic as a formula: when one principal's request for one action goes through, over resource and context.

Follows `evaluate.py` paragraph by paragraph; what a rule turns on besides the statements (whose the resource is, which rule judges it) is
settled by a *place*: a set of resources for which all that is the same, with one of them to ask `Case` about.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import TypeAlias

import msgspec

from buckler.engines.iam.context import Context
from buckler.engines.iam.domains import Term
from buckler.engines.iam.formula import Formula, Opaque, all_of, none_of, some_of, statement_formula
from buckler.engines.iam.grants import grants_allow
from buckler.engines.iam.kleene import Doubts, any3
from buckler.engines.iam.principal import FORMS, Form, forms_of, principal_matches
from buckler.engines.iam.public import is_public
from buckler.engines.iam.rcps import rcps_apply
from buckler.engines.iam.request import Case
from buckler.model.finding import Request
from buckler.model.layers import LayerName, Layers
from buckler.model.policy import Condition, Policy, Statement
from buckler.model.stores import Grant
from buckler.model.unknown import Unknown

_DIRECT: tuple[Form, ...] = ("self", "everyone")
_ROLE: tuple[Form, ...] = ("role",)
_ACCOUNT: tuple[Form, ...] = ("account",)
_BUCKET_POLICY = frozenset({"s3:getbucketpolicy", "s3:putbucketpolicy", "s3:deletebucketpolicy"})
_OF_RESOURCE: frozenset[LayerName] = frozenset({"resource", "trust", "key-policy"})


Policies: TypeAlias = Layers | Sequence[Policy]
"""All that has a say, or policies of one kind, as `decide` takes them."""

Said: TypeAlias = dict[tuple[int, str], Formula]
"""What statements (by `id`, and version) say of one action in one context, for who asks about several layers that share statements."""


def allowed(layers: Policies, request: Request, given: Context, said: Said | None = None) -> Formula:
    """Say when *layers* allow the principal and action of *request* on a resource like its resource.

    *given* is what is known of the context. A sequence holds policies of one kind, as in `decide`. *said* is filled and used for other
    questions of the same action and context.
    """
    said = {} if said is None else said
    if isinstance(layers, Layers):
        return _Layering(layers, request, given, said).allowed()
    layer = _Layer(_Layering(Layers(), request, given, said), "identity", layers, ())
    return all_of((layer.allows(), none_of(layer.denies())))


class _Layer:
    """The statements of one layer, or of one level of it."""

    def __init__(self, layering: "_Layering", name: LayerName, policies: Iterable[Policy], unread: Iterable[Unknown]) -> None:
        self._layering = layering
        self._name = name
        self._policies = tuple(policies)
        self._unread = tuple(unread)

    def allows(self, forms: Collection[Form] = FORMS) -> Formula:
        """Say when an Allow speaks of the request, and of its principal in one of *forms*."""
        return some_of((*self._spoken("Allow", forms), *self._opaque("Allow", forms)))

    def denies(self) -> Formula:
        """Say when a Deny speaks of the request."""
        return some_of((*self._spoken("Deny", FORMS), *self._opaque("Deny", FORMS)))

    def _spoken(self, effect: str, forms: Collection[Form]) -> Iterable[Formula]:
        layering = self._layering
        for policy in self._policies:
            for statement in policy.statements:
                if statement.effect == effect:
                    said = layering.said_by(statement, policy.version)
                    yield False if said is False else all_of((layering.speaks_of_principal(statement, forms), said))

    def _opaque(self, effect: str, forms: Collection[Form]) -> Iterable[Formula]:
        """Count what nobody could read: it may allow, or deny, anything."""
        for unread in self._unread:
            yield Opaque(why=unread.why, what=(self._name, unread, effect, tuple(forms)))
        for policy in self._policies:
            for unread in policy.unresolved:
                yield Opaque(why=unread.why, what=(self._name, policy.origin, policy.name, unread, effect, tuple(forms)))


class _Layering:
    def __init__(self, layers: Layers, request: Request, given: Context, said: Said) -> None:
        self._said = said
        self.layers = layers
        self.request = request
        self.given = given
        self.case = case = Case(request, layers)
        own = layers if case.has_own_policies else Layers()
        self.has_resource_policy = case.rule == "trust" or not case.is_on_role
        bound_by_scp = case.has_own_policies and not case.is_by_service_linked_role
        self.scps = self._levels("scp", layers.scp) if bound_by_scp else ()
        exempt = case.is_by_service_linked_role or case.is_on_service_linked_role
        self.rcps = self._levels("rcp", layers.rcp) if not exempt and rcps_apply(request.action, request.resource) else ()
        self.resource = self._layer(case.resource_layer, layers.resource if self.has_resource_policy else None)
        self.identity = self._layer("identity", *own.identity)
        self.boundary = self._layer("boundary", own.boundary)
        self.session = self._layer("session", *(own.session or ()))
        self.endpoint = self._layer("endpoint", layers.endpoint)

    def allowed(self) -> Formula:
        denying = [*self.rcps, *self.scps, self.identity, self.boundary, self.session, self.endpoint]
        if not self._is_owner_saved():
            denying.append(self.resource)
        limits = [level.allows() for level in (*self.rcps, *self.scps)]
        if self.layers.endpoint is not None or self._unread("endpoint"):
            limits.append(self.endpoint.allows())
        return all_of((*limits, self._granted(), none_of(*(layer.denies() for layer in denying))))

    def _granted(self) -> Formula:
        if not self.case.has_own_policies:
            return some_of((self._by_grant(), self._by_resource(FORMS)))
        limits = self._limits()
        by_identity = True if self.case.kind == "root" else self.identity.allows()
        if not self.case.is_same_account:
            if not self.case.may_cross:
                return False
            by_policies = all_of((self._by_resource(FORMS), by_identity, limits))
            return some_of((self._by_grant(), by_policies)) if self.case.rule == "key" else by_policies
        delegated = True if self.case.rule == "ordinary" else self._by_resource(_ACCOUNT)
        return some_of(
            (
                self._by_resource(_DIRECT),
                self._by_grant(),
                all_of((self._by_resource(_ROLE), limits)),
                all_of((delegated, by_identity, limits)),
            )
        )

    def _limits(self) -> Formula:
        limits: list[Formula] = []
        if self.case.kind != "root" and (self.layers.boundary is not None or self._unread("boundary")):
            limits.append(self.boundary.allows())
        if self.layers.session is not None or self._unread("session"):
            limits.append(self.session.allows())
        elif self.case.kind == "federated-session":
            limits.append(False)
        return all_of(limits)

    def _by_resource(self, forms: Collection[Form]) -> Formula:
        return all_of((self._public_access_block(), self.resource.allows(forms)))

    def _public_access_block(self) -> Formula:
        unread = self._unread("public-access-block")
        if not (self.layers.blocks_public or unread) or self.case.is_same_account or self.case.kind == "service":
            return True
        public = is_public(self.layers.resource)[0] if self.layers.resource is not None else False
        if public is False:
            return True
        if public and self.layers.blocks_public:
            return False
        return Opaque(
            why="whether the bucket blocks public access is not known", what=("public-access-block", unread, self.layers.resource)
        )

    def _by_grant(self) -> Formula:
        if self.case.rule != "key":
            return False
        unread = [Opaque(why=one.why, what=("grant", one)) for one in self._unread("grant")]
        return some_of((*(self._grant(grant) for grant in self.layers.grants), *unread))

    def _grant(self, grant: Grant) -> Formula:
        nothing_known = Context(self.request)
        bare = msgspec.structs.replace(grant, context_equals=(), context_subset=())
        to_principal = grants_allow((bare,), self.request, nothing_known, ()).holds
        if to_principal is False:
            return False
        if to_principal is None:
            return Opaque(why="the grantee of a grant is not known", what=grant)
        if grants_allow((grant,), self.request, nothing_known, ()).holds:
            return True
        pairs = (*grant.context_equals, *grant.context_subset)
        terms = [_context_term("ForAnyValue:StringEquals", f"kms:EncryptionContext:{key}", value) for key, value in pairs]
        keys = tuple(dict.fromkeys(key.lower() for key, _ in grant.context_equals))
        if keys:
            terms += [_context_term("ForAnyValue:StringEqualsIgnoreCase", "kms:EncryptionContextKeys", key) for key in keys]
            terms.append(_context_term("ForAllValues:StringEqualsIgnoreCase", "kms:EncryptionContextKeys", *keys))
        return all_of(terms)

    def said_by(self, statement: Statement, version: str) -> Formula:
        """Say when a statement speaks of the request, its principal set aside."""
        key = (id(statement), version)
        found = self._said.get(key)
        if found is None:
            found = self._said[key] = statement_formula(statement, version, self.request.action, self.given)
        return found

    def speaks_of_principal(self, statement: Statement, forms: Collection[Form]) -> Formula:
        """Say whether a statement speaks of the principal; an Allow in one of *forms*."""
        if statement.principals is None and statement.not_principals is None:
            return "self" in forms
        doubts = Doubts()
        if statement.effect == "Allow":
            found = forms_of(statement, self.request.principal, doubts)
            named = any3(found.get(form, False) for form in forms)
        else:
            named = principal_matches(statement, self.request.principal, doubts)
            if named is not True and statement.not_principals is not None:
                # As in `hearing.py`: a Deny with NotPrincipal speaks of everyone who has a boundary.
                if self.layers.boundary is not None:
                    named = True
                elif self._unread("boundary"):
                    named = None
        if named is None:
            what = (statement.principals, statement.not_principals, self.request.principal, tuple(forms))
            return Opaque(why=doubts.unknowns[0].why if doubts.unknowns else "a principal is not known", what=what)
        return named

    def _is_owner_saved(self) -> bool:
        return self.request.action.lower() in _BUCKET_POLICY and self.case.kind == "root" and self.case.is_same_account

    def _layer(self, name: LayerName, *policies: Policy | None) -> _Layer:
        return _Layer(self, name, (policy for policy in policies if policy is not None), self._unread(name))

    def _levels(self, name: LayerName, levels: Sequence[Sequence[Policy]]) -> tuple[_Layer, ...]:
        unread = self._unread(name)
        asked = tuple(_Layer(self, name, policies, unread) for policies in levels)
        return asked or ((_Layer(self, name, (), unread),) if unread else ())

    def _unread(self, name: LayerName) -> tuple[Unknown, ...]:
        names: frozenset[LayerName] = frozenset({name})
        if name in _OF_RESOURCE:
            if not self.has_resource_policy:
                return ()
            names = _OF_RESOURCE
        elif name in {"identity", "boundary", "session"} and not self.case.has_own_policies:
            return ()
        return tuple(unread.unknown for unread in self.layers.unread if unread.layer in names)


def _context_term(operator: str, key: str, *values: str) -> Term:
    # The version in which `${...}` is plain text.
    return Term(Condition(operator=operator, key=key, values=values), "2008-10-17")
