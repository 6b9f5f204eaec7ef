"""What kind of request it is: who asks, whose the resource is, and which rule AWS judges it by."""

import re
from functools import cached_property
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


class Case:
    """One request, and the facts about it that the rules of evaluation turn on."""

    def __init__(self, request: Request, layers: Layers) -> None:
        self.request = request
        self._layers = layers
        self.action = request.action.lower()

    @cached_property
    def kind(self) -> PrincipalKind:
        """Say who asks."""
        principal = self.request.principal
        if principal == "*":
            return "anonymous"
        if self.action in FEDERATED_ACTIONS:
            # AWS: "Calling AssumeRoleWithWebIdentity does not require the use of AWS security credentials." So too for SAML.
            return "provider"
        if is_service(principal):
            return "service"
        for pattern, kind in _KINDS:
            if re.fullmatch(pattern, principal):
                return kind
        return "provider"

    @cached_property
    def account(self) -> str | None:
        """Give the account whose policies speak of the principal; None for those of whom no account's do."""
        return None if self.kind in {"service", "provider", "anonymous"} else account_of(self.request.principal)

    @cached_property
    def resource_account(self) -> str | None:
        """Give the account that owns the resource, None when nothing tells."""
        if self._layers.resource_account:
            return self._layers.resource_account
        match = _ARN_ACCOUNT.fullmatch(self.request.resource)
        return match[1] if match else self.account

    @property
    def is_same_account(self) -> bool:
        """Say whether principal and resource belong to one account."""
        return self.account is not None and self.account == self.resource_account

    @property
    def may_cross(self) -> bool:
        """Say whether a policy can let another account do it at all."""
        return self.action not in _NEVER_ACROSS

    @cached_property
    def rule(self) -> Rule:
        """Say which rule the resource's own policy is judged by."""
        if self.action in _TRUST_ACTIONS and _ROLE_ARN.fullmatch(self.request.resource):
            return "trust"
        if self.action.startswith("kms:") and _KEY_ARN.fullmatch(self.request.resource):
            return "key"
        return "ordinary"

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
        return _ROLE_ARN.fullmatch(self.request.resource) is not None

    @property
    def is_by_service_linked_role(self) -> bool:
        """Say whether a service-linked role asks."""
        return _SERVICE_LINKED.fullmatch(self.request.principal) is not None

    @property
    def is_on_service_linked_role(self) -> bool:
        """Say whether a service-linked role is what is asked for."""
        return _SERVICE_LINKED.fullmatch(self.request.resource) is not None
