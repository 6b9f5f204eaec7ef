"""`AWS::Lambda::Permission` to the statement AWS stores, in the policy of the qualifier it goes to.

Source: AWS Lambda API reference, AddPermission, and what `GetPolicy` answers after it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from buckler.model.functions import LATEST, QualifiedPolicy
from buckler.model.origin import FileOrigin
from buckler.model.policy import Policy, parse_policy
from buckler.model.text import Partial, Text, hole, join
from buckler.model.unknown import Unknown
from buckler.sources.cfn.function_names import FunctionNames, Target
from buckler.sources.cfn.resource import Resource
from buckler.sources.cfn.split import cut
from buckler.sources.cfn.template import Template
from buckler.sources.cfn.tree import Map, Node, Seq
from buckler.sources.cfn.values import NO_VALUE, unknown

_ACCOUNT = re.compile(r"\d{12}\Z")


class Permissions:
    """All permissions of a template, by function and qualifier."""

    def __init__(self, template: Template, names: FunctionNames) -> None:
        self._statements: dict[tuple[str, Text], list[tuple[dict[str, object] | Unknown, FileOrigin]]] = {}
        self._everywhere: dict[str, list[tuple[Unknown, FileOrigin]]] = {}
        for resource in template.of_type("AWS::Lambda::Permission"):
            self._read(template, names, resource)

    def _read(self, template: Template, names: FunctionNames, resource: Resource) -> None:
        origin = resource.origin()
        reference = resource.text("FunctionName")
        if isinstance(reference, Unknown) or reference is None:
            why = reference or unknown(f"`{resource.id}` names no function")
            mentioned = sorted(set(_mentioned(resource.properties.get("FunctionName"))))
            for logical_id in mentioned:
                function = _local(template, names, logical_id)
                if function is not None:
                    self._everywhere.setdefault(function, []).append((why, origin))
            return
        target = names.find(reference)
        if target.function is None:
            template.note(f"`{resource.id}` lets somebody invoke a function that is not in this template", origin)
            return
        key = (target.function, target.qualifier)
        self._statements.setdefault(key, []).append((permission_statement(resource, target), origin))

    def of(self, logical_id: str, qualifiers: list[Text]) -> tuple[QualifiedPolicy, ...]:
        """Give one policy per qualifier: `$LATEST` first, then *qualifiers*, then any other a permission names."""
        wanted: dict[Text, None] = dict.fromkeys([LATEST, *qualifiers])
        wanted.update(dict.fromkeys(qualifier for function, qualifier in self._statements if function == logical_id))
        return tuple(QualifiedPolicy(qualifier=one, policy=self._policy(logical_id, one)) for one in wanted)

    def _policy(self, logical_id: str, qualifier: Text) -> Policy | None:
        entries: list[tuple[dict[str, object] | Unknown, FileOrigin]] = [
            *self._statements.get((logical_id, qualifier), ()),
            *self._everywhere.get(logical_id, ()),
        ]
        if not entries:
            return None
        document = {"Version": "2012-10-17", "Statement": [statement for statement, _ in entries]}

        def place(path: tuple[str | int, ...]) -> FileOrigin:
            index = path[1] if len(path) > 1 else 0
            _, origin = entries[index if isinstance(index, int) else 0]
            return origin

        return parse_policy(document, entries[0][1], place=place)


def permission_statement(resource: Resource, target: Target) -> dict[str, object] | Unknown:
    """Write the statement AWS makes of a permission; Unknown when a part that limits or grants it is not known."""
    principal = _principal(resource)
    action = resource.text("Action")
    conditions: dict[str, dict[str, Text]] = {}
    for operator, key, name in (
        ("StringEquals", "lambda:FunctionUrlAuthType", "FunctionUrlAuthType"),
        ("Bool", "lambda:InvokedViaFunctionUrl", "InvokedViaFunctionUrl"),
        ("StringEquals", "AWS:SourceAccount", "SourceAccount"),
        ("StringEquals", "aws:PrincipalOrgID", "PrincipalOrgID"),
        ("StringEquals", "lambda:EventSourceToken", "EventSourceToken"),
        ("ArnLike", "AWS:SourceArn", "SourceArn"),
    ):
        value = resource.text(name)
        if isinstance(value, Unknown):
            return value
        # `InvokedViaFunctionUrl: false` is the default and limits nothing: it is not "by any way but the URL".
        if value is None or (name == "InvokedViaFunctionUrl" and value == "false"):
            continue
        # A token is a shared secret: that there is one is all that is kept.
        conditions.setdefault(operator, {})[key] = hole(f"{resource.id}.{name}") if name == "EventSourceToken" else value
    if isinstance(principal, Unknown):
        return principal
    if isinstance(action, Unknown):
        return action
    statement: dict[str, object] = {
        "Sid": resource.id,
        "Effect": "Allow",
        "Principal": principal,
        "Action": action,
        "Resource": target.invoked,
    }
    return statement | {"Condition": conditions} if conditions else statement


def _principal(resource: Resource) -> object:
    value = resource.text("Principal")
    if isinstance(value, Unknown):
        return value
    if value is None:
        return unknown(f"`{resource.id}` has no Principal")
    if value == "*":
        return "*"
    if isinstance(value, str):
        if _ACCOUNT.match(value):
            return {"AWS": join("arn:", resource.template.partition, ":iam::", value, ":root")}
        return {"AWS": value} if value.startswith("arn:") else {"Service": value}
    if value == resource.template.account:
        return {"AWS": join("arn:", resource.template.partition, ":iam::", value, ":root")}
    first, last = value.parts[0], value.parts[-1]
    if (isinstance(last, str) and ".amazonaws.com" in last) or any(isinstance(p, str) and ".amazonaws." in p for p in value.parts):
        return {"Service": value}
    if isinstance(first, str) and first.startswith("arn:"):
        return {"AWS": value}
    if value.parts == (first,) and not isinstance(first, str) and first.ref.endswith(".Arn") and cut(value)[0] == value:
        return {"AWS": value}
    # A service, an account, an ARN or anyone: who may call is not known.
    return unknown(f"the principal of `{resource.id}` is not resolved", _need(value))


def _need(value: Partial) -> str:
    return next((part.need for part in value.parts if not isinstance(part, str) and part.need), "")


def _local(template: Template, names: FunctionNames, logical_id: str) -> str | None:
    """Give the function a resource is, or is an alias or version of."""
    value = template.ref(logical_id)
    return names.find(value).function if isinstance(value, str | Partial) else None


def _mentioned(node: Node) -> Iterator[str]:
    """Give the logical ids a node refers to."""
    if isinstance(node, Map):
        for key, value in node.items():
            if key == "Ref" and isinstance(value, str):
                yield str(value)
            elif key == "Fn::GetAtt":
                yield str(value[0]) if isinstance(value, Seq) and value else str(value).partition(".")[0]
            elif key == "Fn::Sub" and (isinstance(value, str) or (isinstance(value, Seq) and value)):
                yield from (
                    name.partition(".")[0] for name in re.findall(r"\$\{([^${}!]+)\}", str(value[0]) if isinstance(value, Seq) else value)
                )
                yield from _mentioned(value)
            else:
                yield from _mentioned(value)
    elif isinstance(node, Seq):
        for value in node:
            if value is not NO_VALUE:
                yield from _mentioned(value)
