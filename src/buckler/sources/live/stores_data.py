"""Buckets, queues, topics, tables, streams, event buses and image repositories: what lists tell of them, at every depth."""

import contextlib
import json
from collections.abc import Sequence

from buckler.model.estate import Estate, Missing
from buckler.model.policy import Policy, parse_policy
from buckler.model.stores import Store, StoreKind
from buckler.model.text import Text
from buckler.model.unknown import Unknown, UnknownKind
from buckler.sources.live.answers import inner, strings
from buckler.sources.live.api import Pages, Reader, not_asked
from buckler.sources.live.calls import Call, Collector

COLLECTOR = Collector("data stores")
_TOKEN = ("NextToken", "NextToken")
BUCKETS = COLLECTOR.call(
    "s3", "ListBuckets", "names of buckets", action="s3:ListAllMyBuckets", result="Buckets", page=("ContinuationToken", "ContinuationToken")
)
LOCATION = COLLECTOR.call("s3", "GetBucketLocation", "regions of buckets, where the list does not tell them")
ACCOUNT_BLOCK = COLLECTOR.call(
    "s3control",
    "GetPublicAccessBlock",
    "whether the account makes public bucket policies count for nothing",
    action="s3:GetAccountPublicAccessBlock",
    result="PublicAccessBlockConfiguration",
    none=("NoSuchPublicAccessBlockConfiguration",),
)
# SQS leaves the list out of an answer without queues.
QUEUES = COLLECTOR.call("sqs", "ListQueues", "names of queues", page=_TOKEN)
TOPICS = COLLECTOR.call("sns", "ListTopics", "names of topics", result="Topics", page=_TOKEN)
SUBSCRIPTIONS = COLLECTOR.call("sns", "ListSubscriptions", "which functions topics tell", result="Subscriptions", page=_TOKEN)
TABLES = COLLECTOR.call(
    "dynamodb", "ListTables", "names of tables", result="TableNames", page=("ExclusiveStartTableName", "LastEvaluatedTableName")
)
STREAMS = COLLECTOR.call("kinesis", "ListStreams", "names of streams", result="StreamNames", page=_TOKEN)
BUSES = COLLECTOR.call("events", "ListEventBuses", "event buses and who may put events on them", result="EventBuses", page=_TOKEN)
REPOSITORIES = COLLECTOR.call("ecr", "DescribeRepositories", "image repositories", result="repositories", page=("nextToken", "nextToken"))

NOT_ASKED = not_asked("asked one by one, so only with --deep")
_KEY_NOT_ASKED = Unknown(
    kind=UnknownKind.NOT_ASKED, why="which key encrypts tables and streams is not asked", need="a look at the table or stream"
)


def collect_buckets(reader: Reader, regions: Sequence[str]) -> Estate:
    """List the buckets of an account; *regions*: those in which a broken list is missed."""
    answer = reader.find(ACCOUNT_BLOCK, AccountId=reader.account)
    blocks: bool | Unknown
    if answer is None or isinstance(answer, Unknown):
        blocks = answer or NOT_ASKED
    else:
        # What the account does not block, a bucket may.
        blocks = bool(inner(answer, "PublicAccessBlockConfiguration").get("RestrictPublicBuckets")) or NOT_ASKED
    # Only when it is asked in pages does S3 tell the region of each bucket.
    pages = reader.pages(BUCKETS, MaxBuckets=1000)
    buckets: list[Store] = []
    broken: list[Unknown] = []
    for entry in pages:
        region = entry.get("BucketRegion") or _location(reader, entry["Name"])
        if isinstance(region, Unknown):
            broken.append(region)
        else:
            buckets.append(_bucket(reader, entry["Name"], region, blocks))
    if pages.unknown is not None:
        broken.append(pages.unknown)
    missing = (Missing(collection="stores", account=reader.account, region=region, unknown=broken[0]) for region in regions if broken)
    return Estate(stores=tuple(buckets), missing=tuple(missing))


def _bucket(reader: Reader, name: str, region: str, blocks: bool | Unknown) -> Store:  # noqa: FBT001 - a fact, not a switch
    arn = f"arn:{reader.partition}:s3:::{name}"
    return Store(
        arn=arn,
        name=name,
        account=reader.account,
        region=region,
        origin=reader.origin(BUCKETS, arn),
        kind="bucket",
        policy=NOT_ASKED,
        kms_key=NOT_ASKED,
        blocks_public_policy=blocks,
        notifies=NOT_ASKED,
    )


def _location(reader: Reader, name: str) -> str | Unknown:
    answer = reader.read(LOCATION, Bucket=name)
    if isinstance(answer, Unknown):
        return answer
    # Source: Amazon S3 API reference, GetBucketLocation: null for us-east-1, and `EU` for old buckets of eu-west-1.
    found: str = answer.get("LocationConstraint") or "us-east-1"
    return "eu-west-1" if found == "EU" else found


def collect(reader: Reader) -> Estate:
    """List everything else that stores, region by region."""
    read = (_queues, _topics, _tables, _streams, _buses, _repositories)
    stores: list[Store] = []
    missing: list[Missing] = []
    for one in read:
        found, broken = one(reader)
        stores += found
        for pages in broken:
            missing += pages.missing("stores")
    return Estate(stores=tuple(stores), missing=tuple(missing))


Found = tuple[list[Store], tuple[Pages, ...]]


def _queues(reader: Reader) -> Found:
    pages = reader.pages(QUEUES, MaxResults=1000)
    names = [url.rpartition("/")[2] for answer in pages.answers() for url in strings(answer, "QueueUrls")]
    return [_store(reader, QUEUES, "queue", reader.arn("sqs", name), name) for name in names], (pages,)


def _topics(reader: Reader) -> Found:
    pages, subscriptions = reader.pages(TOPICS), reader.pages(SUBSCRIPTIONS)
    arns: list[str] = [entry["TopicArn"] for entry in pages]
    told: dict[str, list[Text]] = {}
    for entry in subscriptions:
        subscribers = told.setdefault(entry["TopicArn"], [])
        # A function or queue that has not confirmed is told nothing; mail and telephones are no ARNs.
        if entry.get("Protocol") in {"lambda", "sqs"} and entry.get("SubscriptionArn") != "PendingConfirmation":
            subscribers.append(entry["Endpoint"])
    stores = [
        _store(
            reader,
            TOPICS,
            "topic",
            arn,
            arn.rpartition(":")[2],
            notifies=subscriptions.unknown or tuple(sorted(told.get(arn, ()), key=str)),
        )
        for arn in arns
    ]
    # Topics of others, to which something here has subscribed.
    others = sorted(set(told) - set(arns)) if pages.unknown is None else []
    stores += [_foreign_topic(reader, arn, tuple(sorted(told[arn], key=str))) for arn in others if told[arn]]
    return stores, (pages, subscriptions)


def _foreign_topic(reader: Reader, arn: str, told: tuple[Text, ...]) -> Store:
    _, _, _, region, account, name = arn.split(":", 5)
    outside = Unknown(kind=UnknownKind.OUTSIDE, why="the topic is of another account or region", need=f"a scan of {account}/{region}")
    return Store(
        arn=arn, name=name, account=account, region=region, origin=reader.origin(SUBSCRIPTIONS, arn),
        kind="topic", policy=outside, kms_key=outside, notifies=told,
    )  # fmt: skip


def _tables(reader: Reader) -> Found:
    pages = reader.pages(TABLES, Limit=100)
    names: list[str] = [name for answer in pages.answers() for name in strings(answer, "TableNames")]
    return [_store(reader, TABLES, "table", reader.arn("dynamodb", f"table/{name}"), name, key=_KEY_NOT_ASKED) for name in names], (pages,)


def _streams(reader: Reader) -> Found:
    pages = reader.pages(STREAMS)
    names: list[str] = [name for answer in pages.answers() for name in strings(answer, "StreamNames")]
    return [_store(reader, STREAMS, "stream", reader.arn("kinesis", f"stream/{name}"), name, key=_KEY_NOT_ASKED) for name in names], (
        pages,
    )


def _buses(reader: Reader) -> Found:
    pages = reader.pages(BUSES, Limit=100)
    stores: list[Store] = []
    for entry in pages:
        text = entry.get("Policy")
        policy = _policy(reader, entry["Arn"], text) if text else None
        stores.append(_store(reader, BUSES, "event-bus", entry["Arn"], entry["Name"], policy=policy, notifies=NOT_ASKED))
    return stores, (pages,)


def _policy(reader: Reader, arn: str, text: str) -> Policy:
    decoded: object = None
    with contextlib.suppress(ValueError):  # parse_policy lists it as malformed
        decoded = json.loads(text)
    return parse_policy(decoded, reader.origin(BUSES, arn))


def _repositories(reader: Reader) -> Found:
    pages = reader.pages(REPOSITORIES, maxResults=1000)
    stores: list[Store] = []
    for entry in pages:
        key: str | None = inner(entry, "encryptionConfiguration").get("kmsKey")
        stores.append(_store(reader, REPOSITORIES, "repository", entry["repositoryArn"], entry["repositoryName"], key=key))
    return stores, (pages,)


def _store(
    reader: Reader,
    call: Call,
    kind: StoreKind,
    arn: str,
    name: str,
    *,
    policy: Policy | Unknown | None = NOT_ASKED,
    key: Text | Unknown | None = NOT_ASKED,
    notifies: tuple[Text, ...] | Unknown = (),
) -> Store:
    return Store(
        arn=arn,
        name=name,
        account=reader.account,
        region=reader.region,
        origin=reader.origin(call, arn),
        kind=kind,
        policy=policy,
        kms_key=key,
        notifies=notifies,
    )
