"""Who may invoke: `aws_lambda_permission` and the statements the provider adds by itself, as AWS stores them."""

import re

from buckler.model.functions import LATEST
from buckler.model.policy import Condition, Policy, Principal, Statement
from buckler.model.text import Partial, Text, starts
from buckler.model.unknown import Unknown, UnknownKind
from buckler.sources.terraform.draft import Group
from buckler.sources.terraform.locate import Located
from buckler.sources.terraform.node import Node, State
from buckler.sources.terraform.plan import Plan, Resource

_ACCOUNT = re.compile(r"\d{12}")


class Grants:
    """The resource policies of one function, by qualifier."""

    def __init__(self) -> None:
        self._statements: dict[Text, list[Statement | Unknown]] = {LATEST: []}

    def add(self, qualifier: Text, statement: Statement | Unknown) -> None:
        self._statements.setdefault(qualifier, []).append(statement)

    def mention(self, qualifier: Text) -> None:
        """Know of a qualifier, though nothing is granted on it."""
        self._statements.setdefault(qualifier, [])

    def policies(self, node: Node) -> tuple[tuple[Text, Policy | None], ...]:
        return tuple((qualifier, _policy(node, listed)) for qualifier, listed in self._statements.items())


def _policy(node: Node, listed: list[Statement | Unknown]) -> Policy | None:
    if not listed:
        return None
    return Policy(
        version="2012-10-17",
        statements=tuple(dict.fromkeys(one for one in listed if isinstance(one, Statement))),
        unresolved=tuple(dict.fromkeys(one for one in listed if isinstance(one, Unknown))),
        origin=node.origin(),
    )


def grant(function: Resource, node: Node, permissions: Group, urls: Group) -> Grants:
    """Collect what is granted on a function and on each of its qualifiers."""
    grants = Grants()
    for permission, located in permissions.of(function):
        grants.add(located.qualifier, statement(permission, located))
    for url, located in urls.of(function):
        for added in _added_with_url(url, located):
            grants.add(located.qualifier, added)
    for unknown in (*permissions.stray.get(function, ()), *urls.stray.get(function, ())):
        for qualifier, _ in grants.policies(node):
            grants.add(qualifier, unknown)
    return grants


def statement(node: Node, located: Located) -> Statement | Unknown:
    """Write the statement that AddPermission stores.

    Source: Lambda API reference, AddPermission, and the policies in the developer guide, "Working with resource-based IAM policies".
    """
    principal, action = _principal(node), node.text("action")
    if isinstance(principal, Unknown):
        return principal
    via_url = node.boolean("invoked_via_function_url")
    if isinstance(via_url, Unknown):
        return via_url
    # A token is a shared secret: that there is one is all that is kept.
    token = node.child("event_source_token").hole() if node.text("event_source_token") else None
    conditions = tuple(
        Condition(operator=operator, key=key, values=(value,))
        for operator, key, value in (
            ("StringEquals", "lambda:FunctionUrlAuthType", node.text("function_url_auth_type")),
            ("Bool", "lambda:InvokedViaFunctionUrl", "true" if via_url else None),
            ("StringEquals", "AWS:SourceAccount", node.text("source_account", to="id")),
            ("StringEquals", "aws:PrincipalOrgID", node.text("principal_org_id", to="id")),
            ("StringEquals", "lambda:EventSourceToken", token),
            ("ArnLike", "AWS:SourceArn", _source_arn(node)),
        )
        if value is not None and value != ""
    )
    sid = node.text("statement_id")
    return Statement(
        effect="Allow",
        sid=sid if isinstance(sid, str) else None,
        principals=(principal,),
        actions=(action if action is not None else node.child("action").hole(),),
        resources=(located.qualified_arn,),
        conditions=conditions,
        origin=node.origin(),
    )


def _principal(node: Node) -> Principal | Unknown:
    value = node.text("principal", to="arn")
    if value is None or value == "*":
        return Principal(kind="*", value="*") if value else node.child("principal").why()
    if isinstance(value, Partial):
        return Principal(kind="AWS", value=value) if starts(value, "arn:") else node.child("principal").why()
    if _ACCOUNT.fullmatch(value):
        partition = node.view.identity.partition(node.view.identity.of(node.resource)[1])
        return Principal(kind="AWS", value=f"arn:{partition}:iam::{value}:root" if isinstance(partition, str) else value)
    return Principal(kind="AWS" if value.startswith("arn:") else "Service", value=value)


def _source_arn(node: Node) -> Text | None:
    field = node.child("source_arn")
    if field.state() is not State.UNKNOWN:
        return field.as_text()
    targets = node.view.references.targets(field) or []
    # What sends events is named by its whole ARN, but for APIs (`<api>/<stage>/<method>/<path>`) and log groups (`<group>:*`).
    is_whole = len(targets) == 1 and targets[0].attribute == "arn" and targets[0].resource.type != "aws_cloudwatch_log_group"
    return field.as_text(to="arn", prefix=not is_whole)


def _added_with_url(url: Node, located: Located) -> list[Statement | Unknown]:
    """List the statements the provider adds when it creates a URL without authorization.

    Always `FunctionURLAllowPublicAccess`; since 6.28.0 also `FunctionURLAllowInvokeAction`: "Automatically add the `lambda:InvokeFunction`
    permission, with the `InvokedViaFunctionUrl` flag set to `true`, to the function on creation when `authorization_type` is `NONE`"
    (https://github.com/hashicorp/terraform-provider-aws/pull/44858). They are in no state and no plan.
    """
    auth = url.text("authorization_type")
    if auth == "AWS_IAM":
        return []
    actions = url.resource.actions
    if "create" not in actions or not isinstance(auth, str):
        # Added when it was created, if it was without authorization then, by whichever version created it; an update adds nothing.
        return [
            Unknown(
                kind=UnknownKind.UNRESOLVED,
                why=f"whether the provider made `{url.resource.address}` public when it created it stands in no plan",
                need="a live scan (lambda:GetPolicy)",
            )
        ]
    origin = url.origin("authorization_type")
    public = Statement(
        effect="Allow",
        sid="FunctionURLAllowPublicAccess",
        principals=(Principal(kind="*", value="*"),),
        actions=("lambda:InvokeFunctionUrl",),
        resources=(located.qualified_arn,),
        conditions=(Condition(operator="StringEquals", key="lambda:FunctionUrlAuthType", values=("NONE",)),),
        origin=origin,
    )
    if not _adds_invoke(url.view.plan):
        return [public]
    invoke = Statement(
        effect="Allow",
        sid="FunctionURLAllowInvokeAction",
        principals=(Principal(kind="*", value="*"),),
        actions=("lambda:InvokeFunction",),
        resources=(located.qualified_arn,),
        conditions=(Condition(operator="Bool", key="lambda:InvokedViaFunctionUrl", values=("true",)),),
        origin=origin,
    )
    return [public, invoke]


def _adds_invoke(plan: Plan) -> bool:
    """Say whether the provider is 6.28.0 or later: a plan does not name its version, but attributes that came with it show it."""
    for resource in plan.of("aws_lambda_function", "aws_lambda_permission"):
        new = "response_streaming_invoke_arn" if resource.type == "aws_lambda_function" else "invoked_via_function_url"
        for tree in (resource.after, resource.unknown):
            if isinstance(tree, dict) and new in tree:
                return True
    return False
