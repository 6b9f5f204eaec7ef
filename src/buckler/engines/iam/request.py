"""What kind of request it is: who asks, whose the resource is, and which rule AWS judges it by."""

import re
from functools import lru_cache
from typing import Literal, TypeAlias

from buckler.engines.iam.context import FEDERATED_ACTIONS, account_of, is_service
from buckler.model.finding import Request
from buckler.model.layers import LayerName, Layers

PrincipalKind: TypeAlias = Literal[
    "user", "role", "role-session", "federated-session", "root", "account", "service", "provider", "anonymous"
]
"""`provider` is an identity provider that vouches for somebody, or a canonical user: no account's own policies speak of either."""

Rule: TypeAlias = Literal["ordinary", "trust", "key"]

_KINDS: tuple[tuple[str, PrincipalKind], ...] = (
    (r"arn:[^:]*:iam::\d{12}:user/.+", "user"),
    (r"arn:[^:]*:iam::\d{12}:role/.+", "role"),
    (r"arn:[^:]*:sts::\d{12}:assumed-role/.+", "role-session"),
    (r"arn:[^:]*:sts::\d{12}:federated-user/.+", "federated-session"),
    (r"arn:[^:]*:iam::\d{12}:root", "root"),
    (r"\d{12}", "account"),
)

_OF_NO_ACCOUNT: frozenset[PrincipalKind] = frozenset(("service", "provider", "anonymous"))

_ROLE_ARN = re.compile(r"arn:[^:]*:iam::[^:]*:role/.+")
_KEY_ARN = re.compile(r"arn:[^:]*:kms:[^:]*:[^:]*:key/.+")
_ARN_ACCOUNT = re.compile(r"arn:[^:]*:[^:]*:[^:]*:(\d{12}):.*", re.DOTALL)
_SERVICE_LINKED = re.compile(r"arn:[^:]*:iam::[^:]*:role/aws-service-role/.+")

_TRUST_ACTIONS = FEDERATED_ACTIONS | {"sts:assumerole", "sts:tagsession", "sts:setsourceidentity", "sts:setcontext"}

# AWS: "Cross-account permissions don't apply to the following actions". SQS Developer Guide, "Limitations of Amazon SQS custom policies".
_NEVER_ACROSS = frozenset(
    f"sqs:{name}"
    for name in (
        *("addpermission", "cancelmessagemovetask", "createqueue", "deletequeue", "listmessagemovetask", "listqueues", "listqueuetags"),
        *("removepermission", "setqueueattributes", "startmessagemovetask", "tagqueue", "untagqueue"),
    )
)


@lru_cache(maxsize=65536)
def kind_of(principal: str) -> PrincipalKind:
    """Say who somebody is that brings AWS credentials, or none."""
    if principal == "*":
        return "anonymous"
    if is_service(principal):
        return "service"
    for pattern, kind in _KINDS:
        if re.fullmatch(pattern, principal):
            return kind
    return "provider"


class _Named:
    """What the ARN of a resource tells."""

    __slots__ = ("account", "is_key", "is_role", "is_service_linked")

    def __init__(self, resource: str) -> None:
        match = _ARN_ACCOUNT.fullmatch(resource)
        self.account = match[1] if match else None
        self.is_role = _ROLE_ARN.fullmatch(resource) is not None
        self.is_key = _KEY_ARN.fullmatch(resource) is not None
        self.is_service_linked = _SERVICE_LINKED.fullmatch(resource) is not None


_named = lru_cache(maxsize=65536)(_Named)


class Case:
    """One request, and the facts about it that the rules of evaluation turn on."""

    __slots__ = ("_named", "account", "action", "kind", "request", "resource_account", "rule")

    def __init__(self, request: Request, layers: Layers) -> None:
        self.request = request
        self.action = request.action.lower()
        # AWS: "Calling AssumeRoleWithWebIdentity does not require the use of AWS security credentials." So too for SAML.
        is_token = self.action in FEDERATED_ACTIONS and request.principal != "*"
        self.kind: PrincipalKind = "provider" if is_token else kind_of(request.principal)
        """Who asks."""
        self.account = None if self.kind in _OF_NO_ACCOUNT else account_of(request.principal)
        """The account whose policies speak of the principal; None for those of whom no account's do."""
        self._named = _named(request.resource)
        self.resource_account = layers.resource_account or self._named.account or self.account
        """The account that owns the resource, None when nothing tells."""
        self.rule: Rule = "ordinary"
        """The rule the resource's own policy is judged by."""
        if self._named.is_role and self.action in _TRUST_ACTIONS:
            self.rule = "trust"
        elif self._named.is_key and self.action.startswith("kms:"):
            self.rule = "key"

    @property
    def is_same_account(self) -> bool:
        """Say whether principal and resource belong to one account."""
        return self.account is not None and self.account == self.resource_account

    @property
    def may_cross(self) -> bool:
        """Say whether a policy can let another account do it at all."""
        return self.action not in _NEVER_ACROSS

    @property
    def resource_layer(self) -> LayerName:
        """Give the name of the resource's own policy."""
        match self.rule:
            case "trust":
                return "trust"
            case "key":
                return "key-policy"
            case _:
                return "resource"

    @property
    def has_own_policies(self) -> bool:
        """Say whether identity policies, boundaries, sessions and service control policies can speak of the principal at all."""
        return self.account is not None

    @property
    def is_on_role(self) -> bool:
        """Say whether a role is what is asked for."""
        return self._named.is_role

    @property
    def is_by_service_linked_role(self) -> bool:
        """Say whether a service-linked role asks."""
        return _named(self.request.principal).is_service_linked

    @property
    def is_on_service_linked_role(self) -> bool:
        """Say whether a service-linked role is what is asked for."""
        return self._named.is_service_linked
