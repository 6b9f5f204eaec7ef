"""Buckets, queues, topics, tables, streams, buses and repositories: policies, keys, and whom they tell."""

import pytest
from tests.sources.cfn.templates import read, said

from buckler.model.policy import Policy
from buckler.model.unknown import Unknown, UnknownKind

ALLOW = "{Statement: [{Effect: Allow, Principal: '*', Action: '*', Resource: '*'}]}"
HERE = {"AWS__AccountId": "111122223333", "AWS__Region": "eu-west-1", "AWS__Partition": "aws"}
FN = "Fn: {Type: AWS::Lambda::Function, Properties: {FunctionName: fn, Code: {ZipFile: x}, Role: r}}"


def stores(*resources, **parameters):
    text = "Parameters: {P: {Type: String}}\nResources:\n" + "".join(f"  {line}\n" for line in resources)
    return read(text, **parameters).stores


def only(*resources, **parameters):
    (found,) = stores(*resources, **parameters)
    return found


@pytest.mark.parametrize(
    ("kind", "arn", "resource", "policy"),
    [
        ("bucket", "s3:::b", "T: {Type: AWS::S3::Bucket, Properties: {BucketName: b}}",
         "P: {Type: AWS::S3::BucketPolicy, Properties: {Bucket: !Ref T, PolicyDocument: %s}}"),
        ("queue", "sqs:eu-west-1:111122223333:q", "T: {Type: AWS::SQS::Queue, Properties: {QueueName: q}}",
         "P: {Type: AWS::SQS::QueuePolicy, Properties: {Queues: [!Ref T], PolicyDocument: %s}}"),
        ("queue", "sqs:eu-west-1:111122223333:q", "T: {Type: AWS::SQS::Queue, Properties: {QueueName: q}}",
         "P: {Type: AWS::SQS::QueuePolicy, Properties: {Queues: [https://sqs.eu-west-1.amazonaws.com/111122223333/q], PolicyDocument: %s}}"),
        ("queue", "sqs:eu-west-1:111122223333:q", "T: {Type: AWS::SQS::Queue, Properties: {QueueName: q}}",
         "P: {Type: AWS::SQS::QueueInlinePolicy, Properties: {Queue: !Ref T, PolicyDocument: %s}}"),
        ("topic", "sns:eu-west-1:111122223333:t", "T: {Type: AWS::SNS::Topic, Properties: {TopicName: t}}",
         "P: {Type: AWS::SNS::TopicPolicy, Properties: {Topics: [!Ref T], PolicyDocument: %s}}"),
        ("topic", "sns:eu-west-1:111122223333:t", "T: {Type: AWS::SNS::Topic, Properties: {TopicName: t}}",
         "P: {Type: AWS::SNS::TopicInlinePolicy, Properties: {TopicArn: !Ref T, PolicyDocument: %s}}"),
        ("stream", "kinesis:eu-west-1:111122223333:stream/s", "T: {Type: AWS::Kinesis::Stream, Properties: {Name: s}}",
         "P: {Type: AWS::Kinesis::ResourcePolicy, Properties: {ResourceArn: !GetAtt T.Arn, ResourcePolicy: %s}}"),
        ("table", "dynamodb:eu-west-1:111122223333:table/t",
         "T: {Type: AWS::DynamoDB::Table, Properties: {TableName: t, ResourcePolicy: {PolicyDocument: %s}}}", ""),
        ("table", "dynamodb:eu-west-1:111122223333:table/t",
         ("T: {Type: AWS::DynamoDB::GlobalTable, Properties: {TableName: t, Replicas: "
         "[{Region: us-east-1}, {Region: eu-west-1, ResourcePolicy: {PolicyDocument: %s}}]}}"), ""),
        ("event-bus", "events:eu-west-1:111122223333:event-bus/e",
         "T: {Type: AWS::Events::EventBus, Properties: {Name: e, Policy: %s}}", ""),
        ("event-bus", "events:eu-west-1:111122223333:event-bus/e", "T: {Type: AWS::Events::EventBus, Properties: {Name: e}}",
         "P: {Type: AWS::Events::EventBusPolicy, Properties: {StatementId: s, EventBusName: !Ref T, Action: 'events:PutEvents', Principal: '*'}}"),
        ("repository", "ecr:eu-west-1:111122223333:repository/r",
         "T: {Type: AWS::ECR::Repository, Properties: {RepositoryName: r, RepositoryPolicyText: %s}}", ""),
    ],
)  # fmt: skip
def test_a_policy_is_found_wherever_it_stands(kind, arn, resource, policy):
    found = only(resource.replace("%s", ALLOW), policy.replace("%s", ALLOW), **HERE)
    assert (found.kind, said(found.arn), found.address) == (kind, f"arn:aws:{arn}", "T")
    assert isinstance(found.policy, Policy)
    (statement,) = found.policy.statements
    assert statement.principals[0].kind == "*"
    assert statement.origin.line > 0


def test_without_a_policy_there_is_none_but_on_a_topic():
    found = stores(
        "B: {Type: AWS::S3::Bucket}", "Q: {Type: AWS::SQS::Queue}", "T: {Type: AWS::SNS::Topic, Properties: {TopicName: t}}",
        "D: {Type: AWS::DynamoDB::Table}", "K: {Type: AWS::Kinesis::Stream}", "E: {Type: AWS::Events::EventBus, Properties: {Name: e}}",
        "R: {Type: AWS::ECR::Repository}", **HERE,
    )  # fmt: skip
    assert [(one.kind, one.policy) for one in found if one.kind != "topic"] == [
        ("bucket", None), ("queue", None), ("table", None), ("stream", None), ("event-bus", None), ("repository", None),
    ]  # fmt: skip
    (topic,) = (one for one in found if one.kind == "topic")
    (statement,) = topic.policy.statements
    assert (statement.conditions[0].key, statement.conditions[0].values) == ("AWS:SourceOwner", ("111122223333",))
    assert all(one.notifies == () and one.kms_key is None for one in found)


def test_a_policy_of_who_knows_what_is_not_lost():
    named, generated, elsewhere = stores(
        "A: {Type: AWS::S3::Bucket, Properties: {BucketName: a}}",
        "G: {Type: AWS::S3::Bucket}",
        f"Pol: {{Type: AWS::S3::BucketPolicy, Properties: {{Bucket: !Ref P, PolicyDocument: {ALLOW}}}}}",
    )
    assert isinstance(named.policy, Unknown)
    assert generated.policy is None  # a parameter cannot be a name that AWS has yet to make up
    assert (said(elsewhere.arn), elsewhere.address) == ("arn:${AWS::Partition}:s3:::${P}", "Pol")
    assert isinstance(elsewhere.policy, Policy)
    assert elsewhere.notifies.kind is UnknownKind.OUTSIDE


def test_a_policy_of_which_nothing_is_told_may_be_on_any():
    queues = stores(
        "A: {Type: AWS::SQS::Queue}",
        "B: {Type: AWS::SQS::Queue}",
        f"One: {{Type: AWS::SQS::QueuePolicy, Properties: {{Queues: [!Ref A], PolicyDocument: {ALLOW}}}}}",
        f"Any: {{Type: AWS::SQS::QueuePolicy, Properties: {{Queues: [{{a: b}}], PolicyDocument: {ALLOW}}}}}",
    )
    assert [type(one.policy) for one in queues] == [Policy, Unknown]


def test_two_policies_on_a_store_with_room_for_one():
    found = only(
        "B: {Type: AWS::S3::Bucket}",
        f"One: {{Type: AWS::S3::BucketPolicy, Properties: {{Bucket: !Ref B, PolicyDocument: {ALLOW}}}}}",
        f"Two: {{Type: AWS::S3::BucketPolicy, Properties: {{Bucket: !Ref B, PolicyDocument: {ALLOW}}}}}",
    )
    assert isinstance(found.policy, Unknown)


@pytest.mark.parametrize(
    ("properties", "expected"),
    [
        ("{}", False),
        ("{PublicAccessBlockConfiguration: {BlockPublicAcls: true}}", False),
        ("{PublicAccessBlockConfiguration: {RestrictPublicBuckets: true}}", True),
        ("{PublicAccessBlockConfiguration: {RestrictPublicBuckets: 'true'}}", True),
        ("{PublicAccessBlockConfiguration: {RestrictPublicBuckets: !Ref P}}", None),
    ],
)
def test_what_blocks_public_policies(properties, expected):
    found = only(f"B: {{Type: AWS::S3::Bucket, Properties: {properties}}}").blocks_public_policy
    assert (None if isinstance(found, Unknown) else found) is expected


@pytest.mark.parametrize(
    "resource",
    [
        (
            "AWS::S3::Bucket, Properties: {BucketEncryption: {ServerSideEncryptionConfiguration: "
            "[{ServerSideEncryptionByDefault: {SSEAlgorithm: aws:kms, KMSMasterKeyID: KEY}}]}}"
        ),
        "AWS::SQS::Queue, Properties: {KmsMasterKeyId: KEY}",
        "AWS::SNS::Topic, Properties: {KmsMasterKeyId: KEY}",
        "AWS::DynamoDB::Table, Properties: {SSESpecification: {SSEEnabled: true, KMSMasterKeyId: KEY}}",
        "AWS::Kinesis::Stream, Properties: {StreamEncryption: {EncryptionType: KMS, KeyId: KEY}}",
        "AWS::Events::EventBus, Properties: {Name: e, KmsKeyIdentifier: KEY}",
        "AWS::ECR::Repository, Properties: {EncryptionConfiguration: {EncryptionType: KMS, KmsKey: KEY}}",
    ],
)
def test_which_key_encrypts(resource):
    for written, expected in (("alias/mine", "alias/mine"), ("!GetAtt K.Arn", "arn:aws:kms:eu-west-1:111122223333:key/${K}"),
                              ("alias/aws/sqs", None)):  # fmt: skip
        key = "K: {Type: AWS::KMS::Key, Properties: {KeyPolicy: {Statement: []}}}"
        found = only(f"T: {{Type: {resource.replace('KMSMasterKeyId: KEY', 'KMSMasterKeyId: ' + written).replace('KEY', written)}}}",
                     key, **HERE)  # fmt: skip
        assert said(found.kms_key) == expected


def test_whom_a_bucket_tells():
    bucket, queue = stores(
        FN,
        "Q: {Type: AWS::SQS::Queue, Properties: {QueueName: q}}",
        "B: {Type: AWS::S3::Bucket, Properties: {NotificationConfiguration: {LambdaConfigurations: [{Event: e, Function: !GetAtt Fn.Arn}], "
        "QueueConfigurations: [{Event: e, Queue: !GetAtt Q.Arn}], TopicConfigurations: [{Event: e, Topic: 'arn:aws:sns:a:b:c'}]}}}",
        **HERE,
    )
    assert bucket.notifies == ("arn:aws:lambda:eu-west-1:111122223333:function:fn", queue.arn, "arn:aws:sns:a:b:c")


def test_a_bucket_tells_through_eventbridge_whom_a_rule_names():
    rule = "{Type: AWS::Events::Rule, Properties: {EventPattern: {source: [aws.s3], detail: {bucket: {name: [%s]}}}, Targets: [{Id: a, Arn: !GetAtt Fn.Arn}]}}"
    bridge = "{NotificationConfiguration: {EventBridgeConfiguration: {EventBridgeEnabled: true}}}"
    told, other, bus = stores(
        FN,
        f"B: {{Type: AWS::S3::Bucket, Properties: {bridge}}}",
        f"C: {{Type: AWS::S3::Bucket, Properties: {{BucketName: c, {bridge[1:]}}}",
        "R: " + rule.replace("%s", "!Ref B"),
        **HERE,
    )
    assert told.notifies == ("arn:aws:lambda:eu-west-1:111122223333:function:fn",)
    # `B` is named by AWS: nobody knows that it is not called `c`.
    assert other.notifies == told.notifies
    # What only S3 may say is not for anyone to put on the bus.
    assert (said(bus.arn), bus.notifies) == ("arn:aws:events:eu-west-1:111122223333:event-bus/default", ())


def test_whom_a_topic_tells():
    first, second, elsewhere = stores(
        FN,
        "T: {Type: AWS::SNS::Topic, Properties: {Subscription: [{Protocol: lambda, Endpoint: !GetAtt Fn.Arn}, {Protocol: email, Endpoint: a@b.c}]}}",
        "U: {Type: AWS::SNS::Topic}",
        "S: {Type: AWS::SNS::Subscription, Properties: {TopicArn: !Ref U, Protocol: lambda, Endpoint: 'arn:aws:lambda:eu-west-1:111122223333:function:fn:live'}}",
        "I: {Type: AWS::SNS::Subscription, Properties: {TopicArn: !ImportValue theirs, Protocol: lambda, Endpoint: !GetAtt Fn.Arn}}",
        AWS__Region="eu-west-1",
    )
    (function,) = {said(one) for one in first.notifies}
    assert function.endswith(":function:fn")
    assert [said(one) for one in second.notifies] == [f"{function}:live"]
    assert (elsewhere.kind, [said(one) for one in elsewhere.notifies], elsewhere.policy.kind) == (
        "topic", [function], UnknownKind.OUTSIDE,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("{EventPattern: {source: [shop]}, Targets: [{Id: a, Arn: !GetAtt Fn.Arn}]}", 1),
        ('{EventPattern: \'{"source": ["shop"]}\', Targets: [{Id: a, Arn: !GetAtt Fn.Arn}]}', 1),
        ("{EventPattern: {source: [shop]}, State: DISABLED, Targets: [{Id: a, Arn: !GetAtt Fn.Arn}]}", None),
        ("{ScheduleExpression: rate(1 day), Targets: [{Id: a, Arn: !GetAtt Fn.Arn}]}", None),
        ("{EventPattern: {source: [aws.ec2]}, Targets: [{Id: a, Arn: !GetAtt Fn.Arn}]}", 0),
    ],
)
def test_whom_the_default_bus_tells(rule, expected):
    found = stores(FN, f"R: {{Type: AWS::Events::Rule, Properties: {rule}}}", **HERE)
    assert [len(one.notifies) for one in found] == ([] if expected is None else [expected])


def test_a_bus_of_the_template_tells_the_targets_of_its_rules():
    found = only(
        FN,
        "E: {Type: AWS::Events::EventBus, Properties: {Name: e}}",
        "R: {Type: AWS::Events::Rule, Properties: {EventBusName: !Ref E, EventPattern: {source: [shop]}, Targets: [{Id: a, Arn: !GetAtt Fn.Arn}]}}",
        **HERE,
    )
    assert found.notifies == ("arn:aws:lambda:eu-west-1:111122223333:function:fn",)


def test_a_statement_on_the_default_bus_is_kept_with_a_word_on_the_rest():
    found = only(
        "P: {Type: AWS::Events::EventBusPolicy, Properties: {StatementId: s, Statement: {Effect: Allow, Principal: '*', Action: 'events:PutEvents', Resource: '*', "
        "Condition: {StringEquals: {'aws:PrincipalOrgID': o-1}}}}}",
        **HERE,
    )
    assert found.arn == "arn:aws:events:eu-west-1:111122223333:event-bus/default"
    assert [condition.key for condition in found.policy.statements[0].conditions] == ["aws:PrincipalOrgID"]
    assert [one.kind for one in found.policy.unresolved] == [UnknownKind.OUTSIDE]


def test_what_sam_makes_of_events():
    estate = read("""
        Transform: AWS::Serverless-2016-10-31
        Resources:
          Photos: {Type: AWS::S3::Bucket, Properties: {BucketName: photos}}
          News: {Type: AWS::SNS::Topic, Properties: {TopicName: news}}
          Orders: {Type: AWS::Serverless::SimpleTable, Properties: {TableName: orders}}
          Fn:
            Type: AWS::Serverless::Function
            Properties:
              FunctionName: fn
              Runtime: python3.13
              Handler: a.b
              InlineCode: x
              Events:
                Upload: {Type: S3, Properties: {Bucket: !Ref Photos, Events: 's3:ObjectCreated:*'}}
                Heard: {Type: SNS, Properties: {Topic: !Ref News}}
                Seen: {Type: EventBridgeRule, Properties: {Pattern: {source: [shop]}}}
    """, AWS__Region="eu-west-1", AWS__AccountId="111122223333", AWS__Partition="aws")  # fmt: skip
    arn = "arn:aws:lambda:eu-west-1:111122223333:function:fn"
    assert {said(one.name): one.notifies for one in estate.stores} == {
        "photos": (arn,), "news": (arn,), "orders": (), "default": (arn,),
    }  # fmt: skip
