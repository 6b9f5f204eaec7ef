"""The fast twin: what one principal may do, prepared once and asked often.

Both twins answer alike for every request (tests ask both). The obvious one is written to be read beside AWS's page and explains itself;
this one only answers, from statements that were prepared once (`compiled.py`) and are sorted by action on first use. They share how an
action, a resource, a principal and a condition match, and nothing of how the answers are put together.
"""

from collections.abc import Collection, Iterable, Mapping
from functools import cached_property
from typing import TypeAlias

from buckler.engines.iam.answer import Answer
from buckler.engines.iam.compiled import NOBODY, SILENT, CompiledPolicy, Layer, Library, Line, Spoken
from buckler.engines.iam.context import Context
from buckler.engines.iam.grants import grants_allow
from buckler.engines.iam.kleene import Doubts, all3, any3
from buckler.engines.iam.principal import FORMS, Form, forms_of, principal_matches
from buckler.engines.iam.public import is_public
from buckler.engines.iam.rcps import rcps_apply
from buckler.engines.iam.request import Case, PrincipalKind
from buckler.engines.iam.targets import Targets
from buckler.model.finding import Request
from buckler.model.layers import LayerName, Layers
from buckler.model.policy import Policy
from buckler.model.unknown import Unknown

_OF_RESOURCE: tuple[LayerName, ...] = ("resource", "trust", "key-policy")
_DIRECT: tuple[Form, ...] = ("self", "everyone")
_ROLE: tuple[Form, ...] = ("role",)
_ACCOUNT: tuple[Form, ...] = ("account",)
_BUCKET_POLICY = {"s3:getbucketpolicy", "s3:putbucketpolicy", "s3:deletebucketpolicy"}


Pair: TypeAlias = tuple[int, int]
"""Two sets of targets: for sure, and perhaps as well."""


class Guard:
    """The resource's side of a request, prepared: its policy, the control policies of its account, its grants."""

    def __init__(self, layers: Layers, library: Library) -> None:
        unread = _unread(layers)
        self.layers = layers
        self.policy: CompiledPolicy | None = None if layers.resource is None else library.policy(layers.resource)
        self.rcp = _levels(layers.rcp, unread.get("rcp", ()), library)
        self.is_unread = any(unread.get(name) for name in _OF_RESOURCE) or bool(self.policy and self.policy.unread)
        self.grant_unread = unread.get("grant", ())
        self._block_unread = bool(unread.get("public-access-block"))
        self._forms: dict[tuple[int, str], Mapping[Form, bool | None]] = {}

    def on(self, action: str) -> Spoken:
        """Give the statements of its policy that name an action (lower case)."""
        return SILENT if self.policy is None else self.policy.on(action)

    def is_silent(self, action: str) -> bool:
        """Say whether nothing on this side speaks of an action: nearly every resource, for nearly every action."""
        return self.on(action) == SILENT and not (self.rcp or self.lets_in_whoever_asks)

    @property
    def lets_in_whoever_asks(self) -> bool:
        """Say whether anybody may be let in by this side, for all that was read of it."""
        return bool(self.is_unread or self.layers.grants or self.grant_unread)

    def may_let_in(self, action: str, principal: str) -> bool:
        """Say whether this side alone may let a principal in, whose own policies do not speak of an action (lower case)."""
        if self.lets_in_whoever_asks:
            return True
        for line in self.on(action)[1]:
            forms = self.forms(line, principal)
            if any(forms.get(form, False) is not False for form in (*_DIRECT, *_ROLE)):
                return True
        return False

    def forms(self, line: Line, principal: str) -> Mapping[Form, bool | None]:
        """Say in which forms a statement of the policy speaks of a principal."""
        key = (id(line), principal)
        found = self._forms.get(key)
        if found is None:
            found = self._forms[key] = forms_of(line.statement, principal, Doubts())
        return found

    @cached_property
    def lets_strangers_in(self) -> bool | None:
        """Say whether S3 lets its policy have an effect for other accounts."""
        policy = self.layers.resource
        if policy is None or not (self.layers.blocks_public or self._block_unread):
            return True
        public = is_public(policy)[0]
        if public is False:
            return True
        return False if public and self.layers.blocks_public else None


class Access:
    """What one principal may do, as far as its own side says; a `Guard` brings the side of the resource."""

    def __init__(self, principal: str, layers: Layers, library: Library) -> None:
        case = Case(Request(principal=principal, action="iam:GetRole", resource="*"), _NO_LAYERS)
        unread = _unread(layers)
        self.principal = principal
        self.layers = layers
        self.kind: PrincipalKind = case.kind
        self.is_service_linked = case.is_by_service_linked_role
        self._identity = library.layer(layers.identity, unread.get("identity", ()))
        self._boundary = _optional(layers.boundary, unread.get("boundary", ()), library)
        self._session = _optional(layers.session, unread.get("session", ()), library)
        endpoint = _optional(layers.endpoint, unread.get("endpoint", ()), library)
        self._endpoint = () if endpoint is None else (endpoint,)
        self._scp = () if self.is_service_linked else _levels(layers.scp, unread.get("scp", ()), library)
        # AWS: the root user is limited by no boundary.
        limits = (self._session,) if self.kind == "root" else (self._boundary, self._session)
        self._limits = tuple(layer for layer in limits if layer is not None)
        bounds = tuple(layer for layer in (self._boundary, self._session) if layer is not None)
        self._own = (*self._scp, self._identity, *bounds, *self._endpoint)
        self._limiting = (*self._scp, *self._endpoint)

    # --- whole questions ---------------------------------------------------------------------------------------------

    def decide(self, request: Request, guard: Guard | None = None) -> Answer:
        """Answer one request of this principal, as the obvious twin does with the same policies."""
        case = Case(request, _NO_LAYERS if guard is None else guard.layers)
        context = Context(request, resource_account=case.resource_account)
        denied, allowed = _Asked(self, case, context, guard).verdict()
        if denied:
            return Answer.DENY
        if allowed is False:
            return Answer.IMPLICIT_DENY
        return Answer.ALLOW if allowed and denied is False else Answer.UNKNOWN

    def speaks_of(self, action: str) -> bool:
        """Say whether some Allow of its own policies names an action (lower case): for most actions that is all there is to know."""
        return bool(self._identity.on(action)[1]) or bool(self._identity.unread) or self.kind == "root"

    def may_cover(self, action: str, resource: str) -> bool:
        """Say whether some Allow of its own policies may name an action (lower case) and a resource together, whatever its conditions."""
        if self._identity.unread or self.kind == "root":
            return True
        # Patterns with variables are about whoever asks, and asked only then.
        return any(line.body.slow or line.body.covers(resource, NOBODY, Doubts()) is not False for line in self._identity.on(action)[1])

    def over(self, action: str, targets: Targets, context: Context) -> tuple[int, int]:
        """Say which targets its own policies let it act on: for sure, and perhaps.

        For resources of its own account whose policies say nothing of it; *context* must hold for all of them.
        """
        name = action.lower()
        sure, maybe = targets.everything, 0
        layers = (*self._limits, *self._scp, *self._endpoint)
        for layer in layers if self.kind == "root" else (self._identity, *layers):
            also_sure, also_maybe = _over(self, layer, 1, name, targets, context)
            sure, maybe = sure & also_sure, (sure | maybe) & (also_sure | also_maybe)
            if not sure | maybe:
                return 0, 0
        for layer in self._own:
            denied, doubted = _over(self, layer, 0, name, targets, context)
            if denied or doubted:
                sure, maybe = sure & ~(denied | doubted), (sure | maybe) & ~denied
        return sure, maybe & ~sure

    def over_let(self, action: str, targets: Targets, context: Context, direct: Pair, role: Pair) -> Pair:
        """Say which targets it may act on because policies of the targets let it: *direct* whatever limits it, *role* within its limits.

        Each is a set for sure and one perhaps; the targets are of its own account, and *context* must hold for all of them.
        """
        name = action.lower()
        sure, maybe = role
        for layer in self._limits:
            also_sure, also_maybe = _over(self, layer, 1, name, targets, context) if sure | maybe else (0, 0)
            sure, maybe = sure & also_sure, (sure | maybe) & (also_sure | also_maybe)
        sure, maybe = sure | direct[0], maybe | direct[1]
        for layer in self._limiting:
            also_sure, also_maybe = _over(self, layer, 1, name, targets, context)
            sure, maybe = sure & also_sure, (sure | maybe) & (also_sure | also_maybe)
        for layer in self._own:
            if not sure | maybe:
                return 0, 0
            denied, doubted = _over(self, layer, 0, name, targets, context)
            if denied or doubted:
                sure, maybe = sure & ~(denied | doubted), (sure | maybe) & ~denied
        return sure, maybe & ~sure

    # --- what `_Asked` looks at ----------------------------------------------------------------------------------------

    def denying(self, case: Case) -> tuple[Layer, ...]:
        """Give the layers of this side in which a Deny counts."""
        return self._own if case.has_own_policies else self._endpoint

    def limiting(self, case: Case) -> tuple[Layer, ...]:
        """Give the layers that have to allow it, whoever grants it."""
        return self._limiting if case.has_own_policies else self._endpoint

    def by_identity(self, case: Case, context: Context, doubts: Doubts) -> bool | None:
        """Say whether its own policies grant it."""
        return self.kind == "root" or _allows(self, self._identity, case.action, case.request.resource, context, doubts)

    def within_limits(self, case: Case, context: Context, doubts: Doubts) -> bool | None:
        """Say whether boundary and session leave it."""
        if self.kind == "federated-session" and self._session is None:
            return False
        return all3(_allows(self, layer, case.action, case.request.resource, context, doubts) for layer in self._limits)

    def is_meant_by(self, line: Line, doubts: Doubts) -> bool | None:
        """Say whether a statement with a principal speaks of it."""
        named = principal_matches(line.statement, self.principal, doubts)
        if not line.body.deny or line.statement.not_principals is None or named:
            return named
        # AWS: "The NotPrincipal element with a Deny effect will always deny any IAM principal that has a permissions boundary policy".
        return True if self.layers.boundary is not None else None if self._boundary is not None else named


class _Asked:
    """One request of one principal under both sides' policies."""

    def __init__(self, access: Access, case: Case, context: Context, guard: Guard | None) -> None:
        self.access = access
        self.case = case
        self.context = context
        # A trust policy speaks of nothing but who may become the role.
        self.guard = guard if guard is not None and (case.rule == "trust" or not case.is_on_role) else None
        exempt = access.is_service_linked or case.is_on_service_linked_role
        has_rcp = guard is not None and guard.rcp and not exempt and rcps_apply(case.action, case.request.resource)
        self.rcp = guard.rcp if has_rcp and guard is not None else ()
        self.doubts = Doubts()

    def verdict(self) -> tuple[bool | None, bool | None]:
        """Say whether a Deny speaks of it, and whether everything that has to allow it does."""
        denied = self.denied()
        if denied:
            return True, False
        limits: bool | None = True
        for layer in (*self.rcp, *self.access.limiting(self.case)):
            allowed = self._allows(layer)
            if allowed is False:
                return denied, False
            limits = limits if allowed else None
        return denied, all3((limits, self.granted()))

    def denied(self) -> bool | None:
        case, action, resource = self.case, self.case.action, self.case.request.resource
        answer: bool | None = False
        for layer in (*self.access.denying(case), *self.rcp) if self.rcp else self.access.denying(case):
            lines = layer.on(action)[0]
            got = _speaks(self.access, lines, action, resource, self.context, self.doubts) if lines else False
            if got:
                return True
            if got is None or layer.unread:
                answer = None
        guard = self.guard
        if guard is None or (action in _BUCKET_POLICY and self.access.kind == "root" and case.is_same_account):
            return answer
        for line in guard.on(action)[0]:
            if not line.body.names_principals:
                continue
            got = all3((self.access.is_meant_by(line, self.doubts), self._says(line)))
            if got:
                return True
            if got is None:
                answer = None
        return None if guard.is_unread else answer

    def granted(self) -> bool | None:
        access, case = self.access, self.case
        if not case.has_own_policies:
            return any3((self.by_resource(FORMS), self.by_grant()))
        guard = self.guard
        is_silent = guard is None or not (guard.is_unread or guard.on(case.action)[1])
        if is_silent and case.rule == "ordinary" and not case.is_same_account:
            return False
        by_identity = access.by_identity(case, self.context, self.doubts)
        if is_silent and case.rule == "ordinary" and by_identity is False:
            return False
        limited = access.within_limits(case, self.context, self.doubts)
        own = all3((by_identity, limited))
        if is_silent and case.rule == "ordinary":
            return own
        if not case.is_same_account:
            return case.may_cross and any3((all3((own, self.by_resource(FORMS))), self.by_grant()))
        named = any3((self.by_resource(_DIRECT), all3((self.by_resource(_ROLE), limited))))
        if case.rule == "ordinary":
            return any3((named, own))
        return any3((named, self.by_grant(), all3((self.by_resource(_ACCOUNT), own))))

    def by_grant(self) -> bool | None:
        guard = self.guard
        if guard is None or self.case.rule != "key" or not (guard.layers.grants or guard.grant_unread):
            return False
        return grants_allow(guard.layers.grants, self.case.request, self.context, guard.grant_unread).holds

    def by_resource(self, forms: Collection[Form]) -> bool | None:
        """Ask the resource's policy, as far as it names the principal in one of *forms*."""
        guard = self.guard
        if guard is None:
            return False
        answer: bool | None = None if guard.is_unread else False
        for line in guard.on(self.case.action)[1]:
            if not line.body.names_principals:
                continue
            spoken = guard.forms(line, self.access.principal)
            got = all3((any3(spoken.get(form, False) for form in forms), self._says(line)))
            if got:
                answer = True
                break
            if got is None:
                answer = None
        if answer is False or self.case.is_same_account or self.case.kind == "service":
            return answer
        return all3((answer, guard.lets_strangers_in))

    def _says(self, line: Line) -> bool | None:
        return _says(line, self.case.action, self.case.request.resource, self.context, self.doubts)

    def _allows(self, layer: Layer) -> bool | None:
        return _allows(self.access, layer, self.case.action, self.case.request.resource, self.context, self.doubts)


def _unread(layers: Layers) -> dict[LayerName, tuple[Unknown, ...]]:
    found: dict[LayerName, tuple[Unknown, ...]] = {}
    for one in layers.unread:
        found[one.layer] = (*found.get(one.layer, ()), one.unknown)
    return found


_NO_LAYERS = Layers()


def _optional(policies: Policy | tuple[Policy, ...] | None, unread: tuple[Unknown, ...], library: Library) -> Layer | None:
    if policies is None and not unread:
        return None
    given: Iterable[Policy] = () if policies is None else (policies,) if isinstance(policies, Policy) else policies
    return library.layer(given, unread)


def _levels(levels: Iterable[Iterable[Policy]], unread: tuple[Unknown, ...], library: Library) -> tuple[Layer, ...]:
    """Prepare control policies level by level. Nobody knows on which level an unread one hangs, nor whether it is the only one."""
    return tuple(library.layer(level, unread) for level in levels) or ((library.layer((), unread),) if unread else ())


def _speaks(access: Access, lines: tuple[Line, ...], action: str, resource: str, context: Context, doubts: Doubts) -> bool | None:
    """Say whether one of the statements, which name the action or may, speaks of the request."""
    answer: bool | None = False
    for line in lines:
        got = _says(line, action, resource, context, doubts)
        if got is not False and line.body.names_principals:
            got = all3((got, access.is_meant_by(line, doubts)))
        if got:
            return True
        if got is None:
            answer = None
    return answer


def _says(line: Line, action: str, resource: str, context: Context, doubts: Doubts) -> bool | None:
    """Say whether a statement that names the action, or may, speaks of the request, its principal set aside."""
    body = line.body
    covers = body.covers(resource, context, doubts)
    if covers is False:
        return False
    holds = body.holds(context, doubts) if body.conditions else True
    if holds is False:
        return False
    return True if covers and holds and body.actions.names(action) else None


def _allows(access: Access, layer: Layer, action: str, resource: str, context: Context, doubts: Doubts) -> bool | None:
    answer = _speaks(access, layer.on(action)[1], action, resource, context, doubts)
    return None if answer is False and layer.unread else answer


def _over(access: Access, layer: Layer, which: int, action: str, targets: Targets, context: Context) -> tuple[int, int]:
    """Say of which targets a Deny (*which* 0) or an Allow (1) of a layer speaks: for sure, and perhaps."""
    sure, maybe = 0, targets.everything if layer.unread else 0
    lines = layer.on(action)[which]
    if not lines:
        return sure, maybe
    for line in lines:
        body = line.body
        doubts = Doubts()
        holds = body.holds(context, doubts) if body.conditions else True
        if holds is not False and body.names_principals:
            holds = all3((holds, access.is_meant_by(line, doubts)))
        if holds is False:
            continue
        covered, doubted = targets.covered(body, context, doubts)
        if holds and body.actions.names(action):
            sure |= covered
            maybe |= doubted
        else:
            maybe |= covered | doubted
    return sure, maybe & ~sure
