"""Where data lives or passes through: buckets, queues, topics, tables, streams, event buses, image repositories.

A policy, subscription or rule of something that is not in the template makes it known all the same: that much of it is told.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from buckler.model.policy import Policy
from buckler.model.stores import Store, StoreKind
from buckler.model.text import Text, hole, join, same
from buckler.model.unknown import Unknown, UnknownKind
from buckler.sources.cfn.function_names import FunctionNames
from buckler.sources.cfn.resource import Resource
from buckler.sources.cfn.split import cut
from buckler.sources.cfn.stores_notify import Notifications, sent, together
from buckler.sources.cfn.stores_policies import bus_policy, bus_statements, only, policies_beside
from buckler.sources.cfn.template import Template
from buckler.sources.cfn.tree import Map, as_map
from buckler.sources.cfn.values import Resolved, to_flag, to_list, to_text
from buckler.sources.topic_policy import default_topic_policy

_OUTSIDE = Unknown(kind=UnknownKind.OUTSIDE, why="a template does not tell of what is made elsewhere", need="a live scan")
_TABLES = ("AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable")


def stores(template: Template, names: FunctionNames) -> tuple[Store, ...]:
    """Read all stores of a template."""
    told = Notifications(template, names)
    found = [*_buckets(template, told), *_queues(template), *_topics(template, told), *_tables(template), *_streams(template)]
    found += [*_buses(template, told), *_repositories(template)]
    return tuple(dict.fromkeys(found))


def _buckets(template: Template, told: Notifications) -> Iterator[Store]:
    policies = policies_beside(template, "bucket", "AWS::S3::Bucket")
    for resource in template.of_type("AWS::S3::Bucket"):
        rules = to_list(_inner(resource.get("BucketEncryption"), "ServerSideEncryptionConfiguration"))
        first = rules[0] if isinstance(rules, list) and rules else rules
        yield Store(
            **resource.common(),
            kind="bucket",
            policy=only(policies.of(resource.id), policies.stray(resource.id)),
            kms_key=_key(_inner(first, "ServerSideEncryptionByDefault", "KMSMasterKeyID")),
            # Without a word on it, new buckets block public policies altogether: where one can be set, nothing is restricted.
            blocks_public_policy=to_flag(_inner(resource.get("PublicAccessBlockConfiguration"), "RestrictPublicBuckets"), default=False),
            notifies=told.of_bucket(resource),
        )
    for reference, found in policies.elsewhere.items():
        arn = reference if _is_arn(reference) else template.make_arn("s3:::{name}", reference)
        yield _elsewhere(template, "bucket", arn, found[0][1], only([policy for policy, _ in found], None))


def _queues(template: Template) -> Iterator[Store]:
    policies = policies_beside(template, "queue", "AWS::SQS::Queue")
    for resource in template.of_type("AWS::SQS::Queue"):
        yield Store(
            **resource.common(),
            kind="queue",
            policy=only(policies.of(resource.id), policies.stray(resource.id)),
            kms_key=_key(resource.get("KmsMasterKeyId")),
        )
    for reference, found in policies.elsewhere.items():
        arn = reference if _is_arn(reference) else _arn_of_url(template, reference)
        yield _elsewhere(template, "queue", arn, found[0][1], only([policy for policy, _ in found], None))


def _topics(template: Template, told: Notifications) -> Iterator[Store]:
    policies = policies_beside(template, "topic", "AWS::SNS::Topic")
    for resource in template.of_type("AWS::SNS::Topic"):
        common = resource.common()
        policy = only(policies.of(resource.id), policies.stray(resource.id))
        yield Store(
            **common,
            kind="topic",
            policy=policy or default_topic_policy(common["arn"], common["account"], resource.origin()),
            kms_key=_key(resource.get("KmsMasterKeyId")),
            notifies=told.of_topic(resource),
        )
    subscribed = told.subscriptions.elsewhere
    for reference in dict.fromkeys((*policies.elsewhere, *subscribed)):
        found = policies.elsewhere.get(reference, [])
        endpoints = [endpoint for endpoint, _ in subscribed.get(reference, ())]
        resource = (found or subscribed[reference])[0][1]
        policy = only([one for one, _ in found], _OUTSIDE)
        # Others may subscribe to it elsewhere; those that are known here are told.
        yield _elsewhere(template, "topic", reference, resource, policy, together(endpoints) if endpoints else _OUTSIDE)


def _tables(template: Template) -> Iterator[Store]:
    for resource in template.of_type(*_TABLES):
        policy, key = resource.get("ResourcePolicy"), _inner(resource.get("SSESpecification"), "KMSMasterKeyId")
        if resource.type.endswith("GlobalTable"):
            replica = _replica(template, resource.get("Replicas"))
            policy, key = _inner(replica, "ResourcePolicy"), _inner(replica, "SSESpecification", "KMSMasterKeyId")
        yield Store(**resource.common(), kind="table", policy=_inline(resource, policy, "ResourcePolicy"), kms_key=_key(key))


def _streams(template: Template) -> Iterator[Store]:
    policies = policies_beside(template, "stream", "AWS::Kinesis::Stream")
    for resource in template.of_type("AWS::Kinesis::Stream"):
        yield Store(
            **resource.common(),
            kind="stream",
            policy=only(policies.of(resource.id), policies.stray(resource.id)),
            kms_key=_key(_inner(resource.get("StreamEncryption"), "KeyId")),
        )
    for reference, found in policies.elsewhere.items():
        # What is called a consumer has a policy of its own.
        if not any(isinstance(part, str) and "/consumer/" in part for part in cut(reference)):
            yield _elsewhere(template, "stream", reference, found[0][1], only([policy for policy, _ in found], None))


def _buses(template: Template, told: Notifications) -> Iterator[Store]:
    added = bus_statements(template)
    for resource in template.of_type("AWS::Events::EventBus"):
        common = resource.common()
        stray = added.stray(resource.id)
        yield Store(
            **common,
            kind="event-bus",
            policy=bus_policy(resource.policy("Policy"), added.of(resource.id), common["arn"], (stray,) if stray else ()),
            kms_key=_key(resource.get("KmsKeyIdentifier")),
            notifies=told.of_bus(resource),
        )
    for reference in dict.fromkeys((*added.elsewhere, *told.rules.elsewhere)):
        statements = [one for one, _ in added.elsewhere.get(reference, ())]
        rules = told.rules.elsewhere.get(reference, [])
        resource = (rules or added.elsewhere[reference])[0][1]
        arn = reference if _is_arn(reference) else template.make_arn("events:{region}:{account}:event-bus/{name}", reference)
        # A bus that is made elsewhere may let in more than what this template adds.
        yield _elsewhere(
            template,
            "event-bus",
            arn,
            resource,
            bus_policy(None, statements, arn, (_OUTSIDE,)),
            sent([rule for rule, _ in rules]) if rules else _OUTSIDE,
        )


def _repositories(template: Template) -> Iterator[Store]:
    for resource in template.of_type("AWS::ECR::Repository"):
        yield Store(
            **resource.common(),
            kind="repository",
            policy=resource.policy("RepositoryPolicyText"),
            kms_key=_key(_inner(resource.get("EncryptionConfiguration"), "KmsKey")),
        )


def _elsewhere(
    template: Template,
    kind: StoreKind,
    arn: Text,
    resource: Resource,
    policy: Policy | Unknown | None,
    notifies: tuple[Text, ...] | Unknown = _OUTSIDE,
) -> Store:
    """Make a store of which no more is known than what *resource* says of it."""
    parts = cut(arn)
    has_place = kind != "bucket" and len(parts) >= 6
    return Store(
        arn=arn,
        name=cut(parts[-1], "/")[-1],
        account=parts[4] if has_place and parts[4] != "" else template.account,
        region=parts[3] if has_place and parts[3] != "" else template.region,
        origin=resource.origin(),
        address=resource.id,
        kind=kind,
        policy=policy,
        kms_key=_OUTSIDE,
        blocks_public_policy=_OUTSIDE if kind == "bucket" else False,
        notifies=notifies,
    )


def _is_arn(reference: Text) -> bool:
    return cut(reference)[0] == "arn" or (not isinstance(reference, str) and len(reference.parts) == 1 and "Arn" in str(reference.parts[0]))


def _arn_of_url(template: Template, reference: Text) -> Text:
    """Give the ARN of the queue a URL names; a hole for a URL that is not told."""
    parts = cut(reference, "/")
    if len(parts) != 5:
        return reference if not isinstance(reference, str) else hole(reference)
    region = re.fullmatch(r"sqs\.([a-z0-9-]+)\..+", parts[2]) if isinstance(parts[2], str) else None
    return join("arn:", template.partition, ":sqs:", region[1] if region else template.region, ":", parts[3], ":", parts[4])


def _inner(value: Resolved, *keys: str) -> Resolved:
    """Move into a resolved object; what is not known of it is not known of its parts."""
    for key in keys:
        if isinstance(value, Unknown):
            return value
        value = as_map(value).get(key)
    return value


def _inline(resource: Resource, holder: Resolved, key: str) -> Policy | Unknown | None:
    """Read the `PolicyDocument` in a property of a table."""
    if holder is None or isinstance(holder, Unknown):
        return holder
    document = holder.get("PolicyDocument") if isinstance(holder, Map) else None
    return None if document is None else resource.policy_in(document, name="", fallback=resource.origin(key))


def _replica(template: Template, replicas: Resolved) -> Resolved:
    """Find the replica of a global table in the region of the template."""
    entries = to_list(replicas)
    if isinstance(entries, Unknown) or entries is None:
        return entries
    maps = [entry for entry in entries if isinstance(entry, Map)]
    return next((one for one in maps if one.get("Region") == template.region), None) or next(
        (one for one in maps if _may_be_here(one.get("Region"), template)), None
    )


def _may_be_here(region: Resolved, template: Template) -> bool:
    text = to_text(region)
    return text is None or isinstance(text, Unknown) or same(text, template.region) is not False


def _key(value: Resolved) -> Text | Unknown | None:
    """Read which key encrypts; None for those of AWS (`alias/aws/sqs`)."""
    key = to_text(value)
    if isinstance(key, str) and "alias/aws/" in key:
        return None
    return key if key != "" else None
