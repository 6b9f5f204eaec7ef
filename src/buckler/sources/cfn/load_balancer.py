"""Functions behind application load balancers and VPC Lattice services."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal, NamedTuple

from buckler.model.functions import Trigger
from buckler.model.text import Text, hole, join
from buckler.model.unknown import Unknown
from buckler.sources.cfn.function_names import FunctionNames
from buckler.sources.cfn.http import belongs
from buckler.sources.cfn.resource import Resource
from buckler.sources.cfn.template import Template
from buckler.sources.cfn.tree import Map
from buckler.sources.cfn.values import Resolved, to_list, to_text, to_texts, unknown

_SIGN_IN = frozenset({"authenticate-oidc", "authenticate-cognito", "jwt-validation"})


class _Group(NamedTuple):
    """A target group whose targets are functions."""

    resource: Resource
    functions: tuple[Text, ...]


def load_balancer_triggers(template: Template, names: FunctionNames) -> Iterator[Trigger]:
    groups = _groups(template, names, "AWS::ElasticLoadBalancingV2::TargetGroup", "TargetType", "lambda")
    if groups:
        for listener in template.of_type("AWS::ElasticLoadBalancingV2::Listener"):
            yield from _actions(listener, listener.get("DefaultActions"), groups, _balancer_is_private(listener), "default")
        for rule in template.of_type("AWS::ElasticLoadBalancingV2::ListenerRule"):
            reference = rule.text("ListenerArn")
            listeners = template.of_type("AWS::ElasticLoadBalancingV2::Listener")
            owner = next((one for one in listeners if belongs(template, reference, one)), None)
            private = unknown("the listener is not in this template") if owner is None else _balancer_is_private(owner)
            yield from _actions(rule, rule.get("Actions"), groups, private, _conditions(rule))
    yield from _lattice(template, names)


def _groups(template: Template, names: FunctionNames, kind: str, key: str, value: str) -> list[_Group]:
    groups: list[_Group] = []
    for resource in template.of_type(kind):
        if resource.text(key) != value:
            continue
        functions: list[Text] = []
        targets = resource.list("Targets")
        for target in targets if isinstance(targets, list) else ():
            reference = to_text(target.get("Id")) if isinstance(target, Map) else None
            if reference is not None and not isinstance(reference, Unknown):
                functions.append(names.find(reference).invoked)
        groups.append(_Group(resource, tuple(functions)))
    return groups


def _balancer_is_private(listener: Resource) -> bool | Unknown:
    reference = listener.text("LoadBalancerArn")
    for balancer in listener.template.of_type("AWS::ElasticLoadBalancingV2::LoadBalancer"):
        if belongs(listener.template, reference, balancer):
            scheme = balancer.text("Scheme")
            if isinstance(scheme, Unknown):
                return scheme
            return scheme == "internal" if scheme is None or isinstance(scheme, str) else unknown("the scheme is not resolved")
    return unknown("the load balancer is not in this template")


def _conditions(rule: Resource) -> Text:
    """Write the paths and hosts a rule is for."""
    said: list[Text] = []
    entries = rule.list("Conditions")
    for entry in entries if isinstance(entries, list) else ():
        if not isinstance(entry, Map):
            continue
        for value in (entry, *(inner for inner in entry.values() if isinstance(inner, Map))):
            texts = to_texts(value.get("Values"))
            if isinstance(texts, tuple):
                said.extend(texts)
    pieces: list[Text] = []
    for index, text in enumerate(said):
        pieces.extend((", ", text) if index else (text,))
    return join(*pieces) if pieces else rule.id


def _actions(owner: Resource, actions: Resolved, groups: list[_Group], private: bool | Unknown, route: Text) -> Iterator[Trigger]:  # noqa: FBT001 - a fact, not a switch
    entries = to_list(actions)
    authorizer: Text | Unknown | None = None
    forwards: list[Text] = []
    for action in entries if isinstance(entries, list) else ():
        if not isinstance(action, Map):
            authorizer = unknown(f"an action of `{owner.id}` is not resolved")
            continue
        kind = to_text(action.get("Type"))
        if isinstance(kind, str) and kind in _SIGN_IN:
            authorizer = kind
        forwards.extend(_forwards(action))
    for group in groups:
        if any(belongs(owner.template, reference, group.resource) for reference in forwards):
            for function in group.functions:
                yield _trigger(owner, "alb", function, route, authorizer, private)


def _forwards(action: Map) -> Iterator[Text]:
    direct = to_text(action.get("TargetGroupArn"))
    if direct is not None and not isinstance(direct, Unknown):
        yield direct
    for key, group_key, id_key in (
        ("ForwardConfig", "TargetGroups", "TargetGroupArn"),
        ("Forward", "TargetGroups", "TargetGroupIdentifier"),
    ):
        config: Resolved = action.get(key)
        entries = to_list(config.get(group_key)) if isinstance(config, Map) else None
        for entry in entries if isinstance(entries, list) else ():
            reference = to_text(entry.get(id_key)) if isinstance(entry, Map) else None
            if reference is not None and not isinstance(reference, Unknown):
                yield reference


def _trigger(
    owner: Resource,
    kind: Literal["alb", "lattice"],
    function: Text,
    route: Text,
    authorizer: Text | Unknown | None,
    private: bool | Unknown,  # noqa: FBT001 - a fact, not a switch
) -> Trigger:
    template = owner.template
    return Trigger(
        arn=hole(owner.id),
        name=route,
        account=template.account,
        region=template.region,
        origin=owner.origin(),
        address=owner.id,
        kind=kind,
        function=function,
        route=route,
        authorizer=authorizer,
        is_private=private,
    )


def _lattice(template: Template, names: FunctionNames) -> Iterator[Trigger]:
    """Give the functions of VPC Lattice services: reachable from associated VPCs only, and guarded by IAM or by nothing."""
    groups = _groups(template, names, "AWS::VpcLattice::TargetGroup", "Type", "LAMBDA")
    if not groups:
        return
    for owner in template.of_type("AWS::VpcLattice::Listener", "AWS::VpcLattice::Rule"):
        action = owner.get("DefaultAction" if owner.type.endswith("Listener") else "Action")
        if not isinstance(action, Map):
            continue
        references = list(_forwards(action))
        for group in groups:
            wanted = {
                template.name(group.resource.id),
                hole(group.resource.id),
                hole(f"{group.resource.id}.Arn"),
                hole(f"{group.resource.id}.Id"),
            }
            if any(reference in wanted for reference in references):
                for function in group.functions:
                    yield _trigger(owner, "lattice", function, owner.id, _lattice_auth(owner), private=True)


def _lattice_auth(owner: Resource) -> Text | Unknown | None:
    reference = owner.text("ServiceIdentifier")
    for service in owner.template.of_type("AWS::VpcLattice::Service"):
        if reference in {hole(service.id), hole(f"{service.id}.Arn"), hole(f"{service.id}.Id")}:
            kind = service.text("AuthType")
            return None if kind in {None, "NONE"} else kind
    return unknown("the Lattice service is not in this template")
