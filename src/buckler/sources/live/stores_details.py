"""What is asked of each store by itself: its policy, and with `--deep` its key and whom it tells."""

import json
from collections.abc import Callable

from msgspec.structs import replace

from buckler.model.estate import Estate
from buckler.model.stores import Store
from buckler.model.text import Text
from buckler.model.unknown import Unknown, UnknownKind
from buckler.sources.event_pattern import takes_bucket, takes_sent
from buckler.sources.live.access import document
from buckler.sources.live.answers import Answer, each, inner
from buckler.sources.live.api import Reader
from buckler.sources.live.calls import Call
from buckler.sources.live.event_sources import QUEUE, QUEUE_URL
from buckler.sources.live.failures import Failure, Meaning
from buckler.sources.live.stores_data import COLLECTOR

BUCKET_POLICY = COLLECTOR.call(
    "s3", "GetBucketPolicy", "who may use the buckets that functions are told of", result="Policy", none=("NoSuchBucketPolicy",)
)
BUCKET_BLOCK = COLLECTOR.call(
    "s3",
    "GetPublicAccessBlock",
    "whether public policies of those buckets count for nothing",
    action="s3:GetBucketPublicAccessBlock",
    result="PublicAccessBlockConfiguration",
    none=("NoSuchPublicAccessBlockConfiguration",),
)
# S3 answers an empty document where nothing is told.
NOTIFICATIONS = COLLECTOR.call(
    "s3", "GetBucketNotificationConfiguration", "which functions buckets tell", action="s3:GetBucketNotification", is_deep=True
)
ENCRYPTION = COLLECTOR.call(
    "s3",
    "GetBucketEncryption",
    "which keys encrypt buckets",
    action="s3:GetEncryptionConfiguration",
    result="ServerSideEncryptionConfiguration",
    none=("ServerSideEncryptionConfigurationNotFoundError",),
    is_deep=True,
)
TOPIC = COLLECTOR.call("sns", "GetTopicAttributes", "who may publish to the topics that tell functions", result="Attributes")
TABLE_POLICY = COLLECTOR.call(
    "dynamodb",
    "GetResourcePolicy",
    "who may use the tables whose changes functions poll",
    result="Policy",
    none=("PolicyNotFoundException",),
)
STREAM_POLICY = COLLECTOR.call(
    "kinesis",
    "GetResourcePolicy",
    "who may use the streams that functions poll",
    result="Policy",
    none=("ResourceNotFoundException",),
)
REPOSITORY_POLICY = COLLECTOR.call(
    "ecr",
    "GetRepositoryPolicy",
    "who may use image repositories",
    result="policyText",
    none=("RepositoryPolicyNotFoundException",),
    is_deep=True,
)
RULES = COLLECTOR.call("events", "ListRules", "rules of event buses", result="Rules", page=("NextToken", "NextToken"), is_deep=True)
TARGETS = COLLECTOR.call(
    "events", "ListTargetsByRule", "which functions rules call", result="Targets", page=("NextToken", "NextToken"), is_deep=True
)


def collect(reader: Reader, store: Store, *, deep: bool) -> Estate:
    """Read one store."""
    return Estate(stores=(_READ[store.kind](reader, store, deep),))


def _bucket(reader: Reader, store: Store, deep: bool) -> Store:  # noqa: FBT001 - one of several alike, called in one place
    name, arn = str(store.name), str(store.arn)
    policy = document(reader, BUCKET_POLICY, arn, reader.find(BUCKET_POLICY, Bucket=name), "Policy")
    store = replace(store, policy=policy, blocks_public_policy=_blocks(reader, store))
    return replace(store, kms_key=_bucket_key(reader, name), notifies=_notified(reader, store)) if deep else store


def _blocks(reader: Reader, store: Store) -> bool | Unknown:
    """Say whether public policies count for nothing, by the account's word or the bucket's."""
    by_account = store.blocks_public_policy
    if by_account is True:
        return True
    answer = reader.find(BUCKET_BLOCK, Bucket=store.name)
    if isinstance(answer, Unknown):
        return answer
    if answer is not None and inner(answer, "PublicAccessBlockConfiguration").get("RestrictPublicBuckets"):
        return True
    # The account may block what the bucket does not, where nobody could read that.
    is_read = not isinstance(by_account, Unknown) or by_account.kind is UnknownKind.NOT_ASKED
    return False if is_read else by_account


def _bucket_key(reader: Reader, name: str) -> Text | Unknown | None:
    answer = reader.find(ENCRYPTION, Bucket=name)
    if answer is None or isinstance(answer, Unknown):
        return answer
    rules = each(inner(answer, "ServerSideEncryptionConfiguration"), "Rules")
    keys = [inner(rule, "ApplyServerSideEncryptionByDefault").get("KMSMasterKeyID") for rule in rules]
    return _own_key(next((key for key in keys if key), None))


def _notified(reader: Reader, store: Store) -> tuple[Text, ...] | Unknown:
    answer = reader.read(NOTIFICATIONS, Bucket=store.name)
    if isinstance(answer, Unknown):
        return answer
    lists = (
        ("LambdaFunctionConfigurations", "LambdaFunctionArn"),
        ("QueueConfigurations", "QueueArn"),
        ("TopicConfigurations", "TopicArn"),
    )
    found: list[Text] = [entry[key] for name, key in lists for entry in each(answer, name)]
    if "EventBridgeConfiguration" in answer:
        targets = _targets(reader, "default", lambda pattern: takes_bucket(pattern, store.name))
        if isinstance(targets, Unknown):
            return targets
        found += targets
    return tuple(dict.fromkeys(found))


def _queue(reader: Reader, store: Store, deep: bool) -> Store:  # noqa: ARG001, FBT001 - see `_bucket`
    answer = reader.read(QUEUE_URL, QueueName=store.name)
    if not isinstance(answer, Unknown):
        answer = reader.read(QUEUE, QueueUrl=answer["QueueUrl"], AttributeNames=["QueueArn", "Policy", "KmsMasterKeyId"])
    if not isinstance(answer, Unknown) and "QueueArn" not in inner(answer, "Attributes"):
        # Every queue has an ARN: of an answer without it, no absence is to be believed.
        answer = Failure(Meaning.BROKEN, "an answer without QueueArn").unknown(QUEUE)
    return _with_attributes(reader, store, QUEUE, answer)


def _topic(reader: Reader, store: Store, deep: bool) -> Store:  # noqa: ARG001, FBT001 - see `_bucket`
    return _with_attributes(reader, store, TOPIC, reader.read(TOPIC, TopicArn=store.arn))


def _with_attributes(reader: Reader, store: Store, call: Call, answer: Answer | Unknown) -> Store:
    if isinstance(answer, Unknown):
        return replace(store, policy=answer, kms_key=answer)
    attributes = inner(answer, "Attributes")
    policy = document(reader, call, str(store.arn), attributes, "Policy")
    return replace(store, policy=policy, kms_key=_own_key(attributes.get("KmsMasterKeyId")))


def _table(reader: Reader, store: Store, deep: bool) -> Store:  # noqa: ARG001, FBT001 - see `_bucket`
    answer = reader.find(TABLE_POLICY, ResourceArn=store.arn)
    return replace(store, policy=document(reader, TABLE_POLICY, str(store.arn), answer, "Policy"))


def _stream(reader: Reader, store: Store, deep: bool) -> Store:  # noqa: ARG001, FBT001 - see `_bucket`
    answer = reader.find(STREAM_POLICY, ResourceARN=store.arn)
    if isinstance(answer, dict) and answer["Policy"].strip() in {"", "{}"}:
        answer = None  # a stream without a policy
    return replace(store, policy=document(reader, STREAM_POLICY, str(store.arn), answer, "Policy"))


def _repository(reader: Reader, store: Store, deep: bool) -> Store:  # noqa: ARG001, FBT001 - see `_bucket`
    answer = reader.find(REPOSITORY_POLICY, repositoryName=store.name)
    return replace(store, policy=document(reader, REPOSITORY_POLICY, str(store.arn), answer, "policyText"))


def _bus(reader: Reader, store: Store, deep: bool) -> Store:  # noqa: FBT001 - see `_bucket`
    return replace(store, notifies=_targets(reader, str(store.name), takes_sent)) if deep else store


def _targets(reader: Reader, bus: str, wanted: Callable[[object], bool]) -> tuple[Text, ...] | Unknown:
    """List the targets of the rules of a bus whose pattern is *wanted*."""
    rules = reader.pages(RULES, EventBusName=bus, Limit=100)
    found: list[Text] = []
    for rule in rules:
        text = rule.get("EventPattern")
        # Without a pattern it is a schedule: no event makes it run.
        if not text or rule.get("State") == "DISABLED" or not wanted(_pattern(text)):
            continue
        targets = reader.pages(TARGETS, Rule=rule["Name"], EventBusName=bus, Limit=100)
        found += [target["Arn"] for target in targets]
        if targets.unknown is not None:
            return targets.unknown
    return rules.unknown or tuple(dict.fromkeys(found))


def _pattern(text: str) -> object:
    try:
        return json.loads(text)
    except ValueError:
        return {}  # taken to match everything


def _own_key(key: str | None) -> Text | None:
    """Give a customer-managed key; None for those of AWS (`alias/aws/sqs`)."""
    return None if not key or "alias/aws/" in key else key


_READ: dict[str, Callable[[Reader, Store, bool], Store]] = {
    "bucket": _bucket,
    "queue": _queue,
    "topic": _topic,
    "table": _table,
    "stream": _stream,
    "event-bus": _bus,
    "repository": _repository,
}
