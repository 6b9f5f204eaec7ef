"""Buckets, queues, topics, tables, streams, buses and repositories: policies, keys, and whom they tell."""

import json

import pytest
from tests.sources.terraform.plans import function, read, ref, resource

from buckler.model.policy import Policy
from buckler.model.text import shown
from buckler.model.unknown import Unknown, UnknownKind

ALLOW = json.dumps({"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]})
FN = "arn:aws:lambda:eu-west-1:${AWS::AccountId}:function:shop"
PLACE = "eu-west-1:${AWS::AccountId}"


def stores(tmp_path, *resources):
    return read(tmp_path, function(), *resources).stores


def one(tmp_path, *resources):
    (found,) = stores(tmp_path, *resources)
    return found


KINDS = [
    pytest.param("bucket", "aws_s3_bucket", {"bucket": "x"}, "arn:aws:s3:::x", "aws_s3_bucket_policy", "bucket", "id", id="bucket"),
    pytest.param("queue", "aws_sqs_queue", {"name": "x"}, f"arn:aws:sqs:{PLACE}:x", "aws_sqs_queue_policy", "queue_url", "id", id="queue"),
    pytest.param("topic", "aws_sns_topic", {"name": "x"}, f"arn:aws:sns:{PLACE}:x", "aws_sns_topic_policy", "arn", "arn", id="topic"),
    pytest.param("table", "aws_dynamodb_table", {"name": "x"}, f"arn:aws:dynamodb:{PLACE}:table/x", "aws_dynamodb_resource_policy",
                 "resource_arn", "arn", id="table"),
    pytest.param("stream", "aws_kinesis_stream", {"name": "x"}, f"arn:aws:kinesis:{PLACE}:stream/x", "aws_kinesis_resource_policy",
                 "resource_arn", "arn", id="stream"),
    pytest.param("event-bus", "aws_cloudwatch_event_bus", {"name": "x"}, f"arn:aws:events:{PLACE}:event-bus/x",
                 "aws_cloudwatch_event_bus_policy", "event_bus_name", "name", id="bus"),
    pytest.param("repository", "aws_ecr_repository", {"name": "x"}, f"arn:aws:ecr:{PLACE}:repository/x", "aws_ecr_repository_policy",
                 "repository", "name", id="repository"),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "of", "values", "arn", "policy", "key", "to"), KINDS)
def test_a_policy_beside_its_store(tmp_path, kind, of, values, arn, policy, key, to):
    found = one(
        tmp_path,
        resource(f"{of}.s", values, unknown={"id": True, "arn": True, "policy": True}),
        # A name that is known is known to whoever refers to it.
        resource(f"{policy}.p", {"policy": ALLOW} | ({key: "x"} if to == "name" else {}), expressions={key: ref(f"{of}.s.{to}")}),
    )
    assert (found.kind, shown(found.arn), found.name, found.address) == (kind, arn, "x", f"{of}.s")
    assert found.policy.statements[0].principals[0].kind == "*"


@pytest.mark.parametrize(("kind", "of", "values", "arn", "policy", "key", "to"), KINDS)
def test_a_policy_of_who_knows_what_may_be_on_any(tmp_path, kind, of, values, arn, policy, key, to):
    nameless = resource(f"{policy}.p", {"policy": ALLOW}, expressions={key: ref("local.which")})
    found = one(tmp_path, resource(f"{of}.s", values), nameless)
    assert isinstance(found.policy, Unknown)
    alone = one(tmp_path, nameless)  # not lost without a store to be on
    assert (alone.kind, isinstance(alone.policy, Policy), alone.address) == (kind, True, f"{policy}.p")


@pytest.mark.parametrize(("kind", "of", "values", "arn", "policy", "key", "to"), KINDS)
def test_without_a_policy_there_is_none(tmp_path, kind, of, values, arn, policy, key, to):
    found = one(tmp_path, resource(f"{of}.s", values, unknown={"policy": True}))
    if kind == "topic":
        assert [condition.key for condition in found.policy.statements[0].conditions] == ["AWS:SourceOwner"]
    else:
        assert found.policy is None
    assert (found.notifies, found.kms_key, found.blocks_public_policy) == ((), None, False)


@pytest.mark.parametrize(
    ("kind", "key", "name", "arn"),
    [
        ("aws_s3_bucket_policy", "bucket", "theirs", "arn:aws:s3:::theirs"),
        ("aws_sqs_queue_policy", "queue_url", "https://sqs.us-east-1.amazonaws.com/111122223333/q", "arn:aws:sqs:us-east-1:111122223333:q"),
        ("aws_sns_topic_policy", "arn", "arn:aws:sns:us-east-1:111122223333:t", "arn:aws:sns:us-east-1:111122223333:t"),
        ("aws_ecr_repository_policy", "repository", "r", f"arn:aws:ecr:{PLACE}:repository/r"),
    ],
)
def test_a_policy_of_a_store_that_is_not_in_the_plan(tmp_path, kind, key, name, arn):
    found = one(tmp_path, resource(f"{kind}.p", {key: name, "policy": ALLOW}))
    assert (shown(found.arn), isinstance(found.policy, Policy)) == (arn, True)
    assert (found.kms_key.kind, found.notifies.kind) == (UnknownKind.OUTSIDE, UnknownKind.OUTSIDE)


def test_a_policy_in_the_store(tmp_path):
    found = one(tmp_path, resource("aws_sqs_queue.q", {"name": "q", "policy": ALLOW}))
    assert found.policy.statements[0].origin.path == "aws_sqs_queue.q.policy"


def test_a_queue_named_by_its_url(tmp_path):
    found = one(
        tmp_path,
        resource("aws_sqs_queue.q", {"name": "q", "arn": "arn:aws:sqs:eu-west-1:111122223333:q"}),
        resource("aws_sqs_queue_policy.p", {"queue_url": "https://sqs.eu-west-1.amazonaws.com/111122223333/q", "policy": ALLOW}),
    )
    assert isinstance(found.policy, Policy)


def test_two_policies_on_one_store(tmp_path):
    policies = (resource(f"aws_s3_bucket_policy.{name}", {"bucket": "b", "policy": ALLOW}) for name in "pq")
    assert isinstance(one(tmp_path, resource("aws_s3_bucket.b", {"bucket": "b"}), *policies).policy, Unknown)


@pytest.mark.parametrize(
    ("blocks", "expected"),
    [
        ([], False),
        ([("aws_s3_bucket_public_access_block.p", {"bucket": "b"})], False),
        ([("aws_s3_bucket_public_access_block.p", {"bucket": "b", "restrict_public_buckets": True})], True),
        ([("aws_s3_bucket_public_access_block.p", {"bucket": "other", "restrict_public_buckets": True})], False),
        ([("aws_s3_account_public_access_block.p", {"restrict_public_buckets": True})], True),
    ],
)
def test_what_blocks_public_policies(tmp_path, blocks, expected):
    found = stores(tmp_path, resource("aws_s3_bucket.b", {"bucket": "b"}), *(resource(*block) for block in blocks))
    assert found[0].blocks_public_policy is expected


def test_a_block_of_who_knows_what(tmp_path):
    block = resource("aws_s3_bucket_public_access_block.p", {"restrict_public_buckets": True}, expressions={"bucket": ref("local.which")})
    assert isinstance(one(tmp_path, resource("aws_s3_bucket.b", {"bucket": "b"}), block).blocks_public_policy, Unknown)


@pytest.mark.parametrize(
    ("address", "values"),
    [
        ("aws_sqs_queue.s", {"name": "x", "kms_master_key_id": "KEY"}),
        ("aws_sns_topic.s", {"name": "x", "kms_master_key_id": "KEY"}),
        ("aws_dynamodb_table.s", {"name": "x", "server_side_encryption": [{"enabled": True, "kms_key_arn": "KEY"}]}),
        ("aws_kinesis_stream.s", {"name": "x", "kms_key_id": "KEY"}),
        ("aws_cloudwatch_event_bus.s", {"name": "x", "kms_key_identifier": "KEY"}),
        ("aws_ecr_repository.s", {"name": "x", "encryption_configuration": [{"encryption_type": "KMS", "kms_key": "KEY"}]}),
        ("aws_s3_bucket.s", {"bucket": "x", "server_side_encryption_configuration": [
            {"rule": [{"apply_server_side_encryption_by_default": [{"kms_master_key_id": "KEY"}]}]}]}),
    ],
)  # fmt: skip
def test_which_key_encrypts(tmp_path, address, values):
    for written, expected in (("alias/mine", "alias/mine"), ("alias/aws/sqs", None)):
        given = json.loads(json.dumps(values).replace("KEY", written))
        assert one(tmp_path, resource(address, given)).kms_key == expected


def test_which_key_encrypts_a_bucket_by_a_resource_of_its_own(tmp_path):
    rule = {"bucket": "b", "rule": [{"apply_server_side_encryption_by_default": [{"sse_algorithm": "aws:kms", "kms_master_key_id": "k"}]}]}
    beside = resource("aws_s3_bucket_server_side_encryption_configuration.e", rule)
    assert one(tmp_path, resource("aws_s3_bucket.b", {"bucket": "b"}), beside).kms_key == "k"


def test_whom_a_bucket_tells(tmp_path):
    found = stores(
        tmp_path,
        resource("aws_s3_bucket.b", {"bucket": "b"}),
        resource("aws_sqs_queue.q", {"name": "q"}, unknown={"arn": True}),
        resource(
            "aws_s3_bucket_notification.n",
            {"bucket": "b", "lambda_function": [{}], "queue": [{}], "topic": [{"topic_arn": "arn:aws:sns:a:b:c"}]},
            unknown={"lambda_function": [{"lambda_function_arn": True}], "queue": [{"queue_arn": True}]},
            expressions={
                "lambda_function": [{"lambda_function_arn": ref("aws_lambda_function.shop.arn")}],
                "queue": [{"queue_arn": ref("aws_sqs_queue.q.arn")}],
            },
        ),
    )
    assert [shown(told) for told in found[0].notifies] == [FN, f"arn:aws:sqs:{PLACE}:q", "arn:aws:sns:a:b:c"]


def subscription(protocol, **more):
    return resource(
        "aws_sns_topic_subscription.s",
        {"protocol": protocol, **more},
        expressions={"topic_arn": ref("aws_sns_topic.t.arn"), "endpoint": ref("aws_lambda_function.shop.arn")},
    )


def test_whom_a_topic_tells(tmp_path):
    topic = resource("aws_sns_topic.t", {"name": "t"}, unknown={"arn": True})
    found = one(tmp_path, topic, subscription("lambda"))
    assert [shown(told) for told in found.notifies] == [FN]
    assert one(tmp_path, topic, subscription("email", endpoint="a@b.c")).notifies == ()
    elsewhere = one(tmp_path, subscription("lambda", topic_arn="arn:aws:sns:eu-west-1:999988887777:theirs"))
    assert (elsewhere.account, [shown(told) for told in elsewhere.notifies], elsewhere.policy.kind) == (
        "999988887777", [FN], UnknownKind.OUTSIDE,
    )  # fmt: skip


def rule(pattern, **more):
    values = {"name": "r", **({"event_pattern": json.dumps(pattern)} if pattern else {}), **more}
    return resource("aws_cloudwatch_event_rule.r", values)


TARGET = resource("aws_cloudwatch_event_target.t", {"rule": "r"}, expressions={"arn": ref("aws_lambda_function.shop.arn")})


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (rule({"source": ["shop"]}), [FN]),
        (rule({"source": ["shop"]}, state="DISABLED"), []),
        (rule({"source": ["shop"]}, is_enabled=False), []),
        (rule({"source": ["aws.ec2"]}), []),
        (rule(None, schedule_expression="rate(1 day)"), []),
    ],
)
def test_whom_the_default_bus_tells(tmp_path, told, expected):
    found = one(tmp_path, told, TARGET)
    assert (shown(found.arn), found.policy.kind) == (f"arn:aws:events:{PLACE}:event-bus/default", UnknownKind.OUTSIDE)
    assert [shown(arn) for arn in found.notifies] == expected


def test_a_bucket_tells_through_eventbridge_whom_a_rule_names(tmp_path):
    bucket, _ = stores(
        tmp_path,
        resource("aws_s3_bucket.b", {"bucket": "b"}),
        resource("aws_s3_bucket_notification.n", {"bucket": "b", "eventbridge": True}),
        rule({"source": ["aws.s3"], "detail": {"bucket": {"name": ["b"]}}}),
        TARGET,
    )
    assert [shown(told) for told in bucket.notifies] == [FN]


def test_a_permission_is_a_statement_of_its_bus(tmp_path):
    found = one(
        tmp_path,
        resource("aws_cloudwatch_event_bus.b", {"name": "b"}),
        resource(
            "aws_cloudwatch_event_permission.p",
            {
                "event_bus_name": "b",
                "principal": "*",
                "statement_id": "s",
                "condition": [{"type": "StringEquals", "key": "aws:PrincipalOrgID", "value": "o-1"}],
            },
        ),
    )
    (statement,) = found.policy.statements
    assert (statement.principals[0].kind, statement.actions, statement.conditions[0].values) == ("*", ("events:PutEvents",), ("o-1",))


def test_a_malformed_neighbour_takes_nothing_with_it(tmp_path):
    estate = read(
        tmp_path,
        function(),
        resource("aws_s3_bucket.b", {"bucket": "b"}),
        resource("aws_s3_bucket_notification.n", {"bucket": "b", "lambda_function": "s3cr3t"}),
        resource("aws_s3_bucket_policy.p", {"bucket": "b", "policy": 7}),
    )
    (bucket,) = estate.stores
    assert isinstance(bucket.notifies, Unknown)
    assert isinstance(bucket.policy, Unknown)
    assert {missing.collection for missing in estate.missing if missing.unknown.kind is UnknownKind.UNRESOLVED} == {"stores"}
    assert "s3cr3t" not in repr(estate)


def keys(tmp_path, *grants):
    return read(tmp_path, resource("aws_kms_key.k", {"key_id": "k-1"}), *grants).keys


def grant(**more):
    values = {"key_id": "k-1", "grantee_principal": "arn:aws:iam::999988887777:role/r", "operations": ["Decrypt"], **more}
    return resource("aws_kms_grant.g", values)


def test_grants_of_a_key(tmp_path):
    (key,) = keys(tmp_path, grant(constraints=[{"encryption_context_equals": {"shop": "a"}, "encryption_context_subset": None}]))
    (found,) = key.grants
    assert (found.grantee, found.operations) == ("arn:aws:iam::999988887777:role/r", ("Decrypt",))
    assert (found.context_equals, found.context_subset) == ((("shop", "a"),), ())


def test_without_grants_in_the_plan_nobody_knows_of_others(tmp_path):
    assert keys(tmp_path)[0].grants.kind is UnknownKind.OUTSIDE
    nameless = resource("aws_kms_grant.g", {"operations": ["Decrypt"]}, expressions={"key_id": ref("local.which")})
    assert keys(tmp_path, nameless)[0].grants.kind is UnknownKind.UNRESOLVED
