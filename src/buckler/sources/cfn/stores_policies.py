"""Resource policies of stores: those in resources of their own, and what becomes of several on one store."""

from __future__ import annotations

from collections.abc import Iterator
from typing import cast

from buckler.model.policy import Policy, parse_policy
from buckler.model.text import Text
from buckler.model.unknown import Unknown
from buckler.sources.cfn.document import policy_document
from buckler.sources.cfn.resource import Resource
from buckler.sources.cfn.stores_beside import Beside
from buckler.sources.cfn.template import Template
from buckler.sources.cfn.tree import Map, Seq
from buckler.sources.cfn.values import to_text, unknown

# (type, property that names the stores, property with the document)
_BUCKET = (("AWS::S3::BucketPolicy", "Bucket", "PolicyDocument"),)
_QUEUE = (("AWS::SQS::QueuePolicy", "Queues", "PolicyDocument"), ("AWS::SQS::QueueInlinePolicy", "Queue", "PolicyDocument"))
_TOPIC = (("AWS::SNS::TopicPolicy", "Topics", "PolicyDocument"), ("AWS::SNS::TopicInlinePolicy", "TopicArn", "PolicyDocument"))
_STREAM = (("AWS::Kinesis::ResourcePolicy", "ResourceArn", "ResourcePolicy"),)
BESIDE = {"bucket": _BUCKET, "queue": _QUEUE, "topic": _TOPIC, "stream": _STREAM}


def policies_beside(template: Template, kind: str, *types: str) -> Beside[Policy | Unknown]:
    """Collect the policies that resources beside the stores of a kind put on them."""
    found = Beside[Policy | Unknown](template, *types)
    for policy_type, key, document in BESIDE.get(kind, ()):
        for resource in template.of_type(policy_type):
            policy = resource.policy(document)
            for reference in _references(resource, key):
                found.add(reference, unknown(f"`{resource.id}` has no {document}") if policy is None else policy, resource)
    return found


def _references(resource: Resource, key: str) -> Iterator[Text | Unknown | None]:
    listed = resource.get(key)
    if isinstance(listed, Seq):
        yield from (to_text(one) for one in listed)
    else:
        yield to_text(listed)


def only(policies: list[Policy | Unknown], stray: Unknown | None) -> Policy | Unknown | None:
    """Give the policy of a store that has room for one."""
    if not policies:
        return stray
    if len(policies) > 1:
        return unknown("several policies are set on it, and the one that is set last holds")
    return policies[0]


def bus_statements(template: Template) -> Beside[tuple[object, Resource]]:
    """Collect what `AWS::Events::EventBusPolicy` adds: each a statement of the policy of its bus.

    Source: CloudFormation reference: either `Statement`, or `Action` and `Principal` (an account, or `*`) with a `Condition`.
    """
    found = Beside[tuple[object, Resource]](template, "AWS::Events::EventBus")
    for resource in template.of_type("AWS::Events::EventBusPolicy"):
        reference = resource.text("EventBusName")
        found.add("default" if reference is None else reference, (_bus_statement(resource), resource), resource)
    return found


def _bus_statement(resource: Resource) -> object:
    whole = resource.get("Statement")
    if whole is not None:
        statement = policy_document(whole)
        return {"Sid": resource.id, **statement} if isinstance(statement, Map) else statement
    principal = resource.text("Principal")
    statement = {
        "Sid": resource.id,
        "Effect": "Allow",
        "Principal": "*" if principal == "*" else principal if isinstance(principal, Unknown) else {"AWS": principal},
        "Action": resource.get("Action"),
    }
    condition = resource.get("Condition")
    if isinstance(condition, Unknown):
        return condition
    if isinstance(condition, Map):
        # `{Key: aws:PrincipalOrgID, Type: StringEquals, Value: o-1}`
        kind, key = condition.get("Type"), condition.get("Key")
        if not isinstance(kind, str) or not isinstance(key, str):
            return unknown(f"the condition of `{resource.id}` is not resolved")
        statement["Condition"] = {str(kind): {str(key): condition.get("Value")}}
    return statement


def bus_policy(
    own: Policy | Unknown | None, added: list[tuple[object, Resource]], arn: Text, unread: tuple[Unknown, ...]
) -> Policy | Unknown | None:
    """Put the statements of a bus together; *unread*: why there may be others."""
    if isinstance(own, Unknown):
        return own
    if not added and not unread:
        return own
    if not added and own is None:
        return unread[0]
    statements = own.statements if own else ()
    malformed, unresolved, origin = own.malformed if own else (), (*(own.unresolved if own else ()), *unread), own.origin if own else None
    for statement, resource in added:
        # What is granted on a bus is granted on this bus: `Resource` may be left out here.
        whole = {"Resource": arn, **cast("dict[str, object]", statement)} if isinstance(statement, dict) else statement
        one = parse_policy({"Version": "2012-10-17", "Statement": [whole]}, resource.origin())
        statements, malformed, unresolved = (*statements, *one.statements), (*malformed, *one.malformed), (*unresolved, *one.unresolved)
        origin = origin or resource.origin()
    if origin is None:
        return own
    return Policy(version="2012-10-17", statements=statements, origin=origin, malformed=malformed, unresolved=unresolved)
