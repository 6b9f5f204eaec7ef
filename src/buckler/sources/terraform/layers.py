"""`aws_lambda_layer_version` and who may use it."""

from msgspec.structs import replace

from buckler.model.functions import LayerVersion
from buckler.model.policy import Condition, Policy, Principal, Statement
from buckler.model.text import Text
from buckler.model.unknown import Unknown
from buckler.sources.terraform.common import common, listed
from buckler.sources.terraform.draft import Draft
from buckler.sources.terraform.local_code import local_code
from buckler.sources.terraform.node import MalformedError, Node


def read_layers(draft: Draft) -> None:
    view = draft.view
    used: set[Text] = set()
    for resource in view.plan.of("aws_lambda_function"):
        try:
            used.update(listed(view.node(resource).texts("layers", to="arn")))
        except MalformedError:
            continue  # Said where the function is read.
    shares: dict[Text, list[Statement | Unknown]] = {}
    strays: list[Unknown] = []
    for node in draft.sound("layers", view.plan.of("aws_lambda_layer_version_permission")):
        try:
            # `layer_name` takes a name or an ARN without version.
            named = node.child("layer_name")
            layer = named.as_text(to="layer_arn")
            if layer is None or layer == named.hole():
                strays.append(named.why())
            else:
                shares.setdefault(layer, []).append(_statement(node, layer))
        except MalformedError as error:
            strays.append(draft.malformed("layers", node.resource, error))
    draft.each("layers", view.plan.of("aws_lambda_layer_version"), lambda node: _layer(node, used, shares, strays))


def _layer(node: Node, used: set[Text], shares: dict[Text, list[Statement | Unknown]], strays: list[Unknown]) -> LayerVersion:
    view, resource = node.view, node.resource
    base = common(node, "layer_name")
    granted = [*strays]
    statements: list[Statement] = []
    for one in (*shares.get(base["name"], ()), *shares.get(view.attribute(resource, "layer_arn"), ())):
        if isinstance(one, Unknown):
            granted.append(one)
        else:
            # The permission may name the layer by its name: what it is about is this version.
            statements.append(replace(one, resources=(base["arn"],)))
    policy = Policy(statements=tuple(statements), version="2012-10-17", origin=node.origin(), unresolved=tuple(granted))
    version, runtimes = node.text("version"), listed(node.texts("compatible_runtimes"))
    sha, size = node.text("code_sha256"), node.integer("source_code_size")
    return LayerVersion(
        **base,
        version=int(version) if isinstance(version, str) and version.isdigit() else None,
        policy=policy if statements or granted else None,
        exists=True,
        local_code=local_code(node),
        code_sha256=sha if isinstance(sha, str) else None,
        code_size=size if isinstance(size, int) else None,
        compatible_runtimes=tuple(one for one in runtimes if isinstance(one, str)),
        is_used=base["arn"] in used,
    )


def _statement(node: Node, layer: Text) -> Statement | Unknown:
    """Write the statement AddLayerVersionPermission stores."""
    principal, organization = node.text("principal", to="id"), node.text("organization_id", to="id")
    if principal is None or not isinstance(principal, str):
        return node.child("principal").why()
    partition = node.view.identity.partition(node.view.identity.of(node.resource)[1])
    is_account = principal.isdigit() and len(principal) == 12
    who: Text = f"arn:{partition}:iam::{principal}:root" if is_account and isinstance(partition, str) else principal
    sid, action = node.text("statement_id"), node.text("action")
    return Statement(
        effect="Allow",
        sid=sid if isinstance(sid, str) else None,
        principals=(Principal(kind="*" if principal == "*" else "AWS", value=who),),
        actions=(action or "lambda:GetLayerVersion",),
        resources=(layer,),
        conditions=(Condition(operator="StringEquals", key="aws:PrincipalOrgID", values=(organization,)),) if organization else (),
        origin=node.origin(),
    )
