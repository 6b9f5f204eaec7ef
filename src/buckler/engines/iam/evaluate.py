"""AWS's evaluation logic, one function per paragraph of its page and in its order.

Source: IAM User Guide, "How AWS enforcement code logic evaluates requests to allow or deny access" and "Cross-account policy evaluation
logic", read 2026-11-26. Every rule that is not plain from the page has its sentence in docs/why/iam-semantics.md.
"""

from collections.abc import Iterable

from buckler.engines.iam.answer import Answer, Decision, Layer
from buckler.engines.iam.context import Context
from buckler.engines.iam.grants import grants_allow
from buckler.engines.iam.hearing import Hearing, first_deny
from buckler.engines.iam.kleene import Verdict, both, either
from buckler.engines.iam.principal import FORMS, Form
from buckler.engines.iam.public import is_public
from buckler.engines.iam.rcps import rcps_apply
from buckler.engines.iam.request import Case
from buckler.model.finding import Request
from buckler.model.layers import LayerName, Layers
from buckler.model.policy import Policy
from buckler.model.unknown import Unknown

_KEPT = Verdict(holds=True)
"""A limit that does not apply."""

_DIRECT: tuple[Form, ...] = ("self", "everyone")
"""Allows that no implicit deny of the principal's own policies takes back."""


def evaluate(request: Request, layers: Layers) -> Decision:
    """Evaluate one concrete request against all the policies that have a say in it.

    Returns UNKNOWN only when what is unknown decides whether the request goes through: a refusal for certain is one, though whether
    explicit or not may depend on something unread. Raises nothing.
    """
    evaluation = Evaluation(request, layers)
    return evaluation.decision()


class Evaluation:
    """One request under all its policies. Each method is a paragraph of AWS's page."""

    def __init__(self, request: Request, layers: Layers) -> None:
        self.request = request
        self.layers = layers
        self.case = Case(request, layers)
        self._context = Context(request, resource_account=self.case.resource_account)
        own = layers if self.case.has_own_policies else Layers()
        # Control policies speak of the principals (SCP) or resources (RCP) of their accounts, and never of service-linked roles.
        bound_by_scp = self.case.has_own_policies and not self.case.is_by_service_linked_role
        self.scps = self._levels("scp", layers.scp) if bound_by_scp else ()
        self.rcps = self._levels("rcp", layers.rcp) if self._rcps_apply() else ()
        self.resource = self._hear(self.case.resource_layer, _some(layers.resource) if self._has_resource_policy() else ())
        self.identity = self._hear("identity", own.identity)
        self.boundary = self._hear("boundary", _some(own.boundary))
        self.session = self._hear("session", own.session or ())
        self.endpoint = self._hear("endpoint", _some(layers.endpoint))
        self.hearings = (*self.rcps, *self.scps, self.resource, self.identity, self.boundary, self.session, self.endpoint)

    def decision(self) -> Decision:
        """Give the answer, and how it came about."""
        denied = self.deny_evaluation()
        allowed = both(*self.organizations_rcps(), *self.organizations_scps(), self.vpc_endpoint(), self.granted())
        if denied.holds:
            answer, decided = Answer.DENY, denied
        elif allowed.holds is False:
            answer, decided = Answer.IMPLICIT_DENY, allowed
        elif allowed.holds is None or denied.holds is None:
            answer, decided = Answer.UNKNOWN, denied if denied.holds is None else allowed
        else:
            answer, decided = Answer.ALLOW, allowed
        doubts = tuple(verdict for verdict in (denied, allowed) if verdict.holds is None) if answer is Answer.UNKNOWN else ()
        layer: Layer = decided.layer or ""
        return Decision(
            answer=answer,
            statement=decided.statement,
            layer=layer,
            lacking=decided.lacking if answer is Answer.IMPLICIT_DENY else (),
            needs=tuple(dict.fromkeys(need for doubt in doubts for need in doubt.needs)),
            unknowns=tuple(dict.fromkeys(unknown for doubt in doubts for unknown in doubt.unknowns)),
            trace=tuple(step for hearing in self.hearings for step in hearing.steps),
            ignored=tuple(phrase for hearing in self.hearings for phrase in hearing.ignored),
        )

    # --- the paragraphs ----------------------------------------------------------------------------------------------

    def deny_evaluation(self) -> Verdict:
        """Look for a Deny in all policies.

        AWS: "In all those policies, the enforcement code looks for a `Deny` statement that applies to the request ... If the enforcement
        code finds even one explicit deny that applies, the enforcement code returns a final decision of Deny."
        """
        return first_deny([hearing for hearing in self.hearings if not self._is_owner_saved_from(hearing)])

    def organizations_rcps(self) -> tuple[Verdict, ...]:
        """Let every level of the resource's organisation allow it.

        AWS: "Any resource in an account has only those permissions permitted by every parent above it."
        """
        return tuple(level.allows() for level in self.rcps)

    def organizations_scps(self) -> tuple[Verdict, ...]:
        """Let every level of the principal's organisation allow it.

        AWS: "for a permission to be allowed for a specific account, there must be an explicit Allow statement at every level from the root
        through each OU in the direct path to the account (including the target account itself)."
        """
        return tuple(level.allows() for level in self.scps)

    def vpc_endpoint(self) -> Verdict:
        """Let the endpoint through which the request comes allow it.

        AWS: "An endpoint policy does not override or replace identity-based policies or resource-based policies."
        """
        if self.layers.endpoint is None and not self._unread("endpoint"):
            return _KEPT
        return self.endpoint.allows()

    def granted(self) -> Verdict:
        """Find who grants it: within one account, across two, or to somebody whose own policies nobody has."""
        if not self.case.has_own_policies:
            return either(self._grants(), self.resource_based_policies(FORMS))
        if self.case.is_same_account:
            return self.within_one_account()
        return self.across_accounts()

    def within_one_account(self) -> Verdict:
        """Evaluate a request of a principal of the account that owns the resource.

        AWS: "For most resources, you only need an explicit `Allow` for the principal in either an identity-based policy or a resource-based
        policy to grant access. IAM role trust policies and KMS key policies are exceptions to this logic, because they must explicitly
        allow access for principals."
        """
        directly = self.resource_based_policies(_DIRECT)
        names_role = self.resource_based_policies(("role",))
        if self.case.rule == "ordinary":
            by_the_account = self._limited(self.identity_based_policies())
        else:
            by_the_account = self._limited(self.resource_based_policies(("account",)), self.identity_based_policies())
        to_the_role = self._limited(names_role)
        # When nothing allows it, the last way says what is lacking: for a role that is named, only what limits it.
        last = (by_the_account, to_the_role) if names_role.holds else (to_the_role, by_the_account)
        return either(directly, self._grants(), *last)

    def across_accounts(self) -> Verdict:
        """Evaluate a request of a principal of another account.

        AWS: "you must attach an identity-based policy to the principal in the trusted account ... the resource-based policy in the trusting
        account must allow"; "The request is allowed only if both evaluations return a decision of `Allow`."
        """
        if not self.case.may_cross:
            return Verdict(holds=False, layer="resource", lacking=("resource",))
        by_policies = self._limited(self.resource_based_policies(FORMS), self.identity_based_policies())
        return either(self._grants(), by_policies) if self.case.rule == "key" else by_policies

    def resource_based_policies(self, forms: Iterable[Form]) -> Verdict:
        """Ask the resource's own policy, as far as it names the principal in one of *forms*."""
        allowed = self.resource.allows(tuple(forms), grants=True)
        return both(self.public_access_block(), allowed)

    def identity_based_policies(self) -> Verdict:
        """Ask the principal's own policies.

        AWS: "By default, all requests are implicitly denied with the exception of the AWS account root user, which has full access."
        """
        if self.case.kind == "root":
            return Verdict(holds=True, layer="identity", grants=True)
        return self.identity.allows(grants=True)

    def permissions_boundaries(self) -> Verdict:
        """Ask the boundary of the principal.

        AWS: "If there is no permissions boundary, or if the permissions boundary allows the requested action, the code evaluation
        continues."
        """
        if self.case.kind == "root" or (self.layers.boundary is None and not self._unread("boundary")):
            return _KEPT
        return self.boundary.allows()

    def session_policies(self) -> Verdict:
        """Ask the policies the session was made with.

        AWS: "If you didn't pass a session policy, a default session policy is created and the enforcement code returns a final decision of
        Allow." Not so for a federated user: without one "the resulting federated user session has no permissions" of its own.
        """
        if self.layers.session is None and not self._unread("session"):
            return Verdict(holds=False, layer="session", lacking=("session",)) if self.case.kind == "federated-session" else _KEPT
        return self.session.allows()

    def public_access_block(self) -> Verdict:
        """Ask whether S3 lets the bucket's policy have an effect for this principal.

        AWS, of a public policy under `RestrictPublicBuckets`: "It allows only AWS service principals and authorized users of the bucket
        owner's account to access the bucket ... As a result, Amazon S3 disables cross-account access, even though the policy delegates
        access to a specific account".
        """
        unread = self._unread("public-access-block")
        if not (self.layers.blocks_public or unread) or self.case.is_same_account or self.case.kind == "service":
            return _KEPT
        public, holes = is_public(self.layers.resource) if self.layers.resource is not None else (False, ())
        if public is False:
            return _KEPT
        if public and self.layers.blocks_public:
            return Verdict(holds=False, layer="public-access-block", lacking=("public-access-block",))
        doubts = tuple(dict.fromkeys((*unread, *holes)))
        return Verdict(holds=None, layer="public-access-block", needs=tuple(doubt.need for doubt in doubts), unknowns=doubts)

    # --- pieces of them ----------------------------------------------------------------------------------------------

    def _limited(self, *grants: Verdict) -> Verdict:
        """Limit what is granted by boundary and session."""
        return both(*grants, self.permissions_boundaries(), self.session_policies())

    def _grants(self) -> Verdict:
        """Ask the grants of a key.

        AWS: "When authorizing access to a KMS key, grants are considered along with key policies and IAM policies."
        """
        if self.case.rule != "key":
            return Verdict(holds=False)
        return grants_allow(self.layers.grants, self.request, self._context, self._unread("grant"))

    def _has_resource_policy(self) -> bool:
        """Say whether the policy of the resource has a say. A trust policy speaks of nothing but who may become the role."""
        return self.case.rule == "trust" or not self.case.is_on_role

    def _rcps_apply(self) -> bool:
        case = self.case
        return (
            not case.is_by_service_linked_role
            and not case.is_on_service_linked_role
            and rcps_apply(self.request.action, self.request.resource)
        )

    def _is_owner_saved_from(self, hearing: Hearing) -> bool:
        """Say whether a bucket's policy has no power over who asks.

        AWS: "the root principal in a bucket owner's AWS account can perform the GetBucketPolicy, PutBucketPolicy, and DeleteBucketPolicy
        API actions, even if their bucket policy explicitly denies the root principal's access."
        """
        on_policy = self.case.action in {"s3:getbucketpolicy", "s3:putbucketpolicy", "s3:deletebucketpolicy"}
        return hearing is self.resource and on_policy and self.case.kind == "root" and self.case.is_same_account

    def _levels(self, layer: LayerName, levels: Iterable[Iterable[Policy]]) -> tuple[Hearing, ...]:
        unread = self._unread(layer)
        asked = tuple(
            Hearing(layer, self.request, self._context, self.layers).ask(policies, level).miss(unread)
            for level, policies in enumerate(levels)
        )
        # Nobody knows on which level the unread one hangs, nor whether it is the only one.
        return asked or ((Hearing(layer, self.request, self._context, self.layers).miss(unread),) if unread else ())

    def _hear(self, layer: LayerName, policies: Iterable[Policy]) -> Hearing:
        return Hearing(layer, self.request, self._context, self.layers).ask(policies).miss(self._unread(layer))

    def _unread(self, layer: LayerName) -> tuple[Unknown, ...]:
        names: set[LayerName] = {layer}
        if layer in _OF_RESOURCE:
            if not self._has_resource_policy():
                return ()
            names = _OF_RESOURCE
        elif layer in _OF_PRINCIPAL and not self.case.has_own_policies:
            return ()
        return tuple(unread.unknown for unread in self.layers.unread if unread.layer in names)


_OF_RESOURCE: set[LayerName] = {"resource", "trust", "key-policy"}
_OF_PRINCIPAL: set[LayerName] = {"identity", "boundary", "session"}


def _some(policy: Policy | None) -> tuple[Policy, ...]:
    return () if policy is None else (policy,)
