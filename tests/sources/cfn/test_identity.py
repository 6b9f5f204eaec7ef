"""References meet: what one resource says of another equals what the other says of itself."""

import pytest
from tests.sources.cfn.templates import read, said

from buckler.model.unknown import Unknown


def roles(reference: str, name: str = "", path: str = ""):
    estate = read(f"""
        Parameters: {{Open: {{Type: String}}}}
        Resources:
          Role:
            Type: AWS::IAM::Role
            Properties:
              {f"RoleName: {name}" if name else "Description: x"}
              {f"Path: {path}" if path else "MaxSessionDuration: 3600"}
              AssumeRolePolicyDocument: {{Statement: []}}
          F: {{Type: AWS::Lambda::Function, Properties: {{Runtime: python3.13, Role: {reference}}}}}
    """)
    return estate.functions[0].role, estate.roles[0]


@pytest.mark.parametrize(
    ("reference", "name", "path"),
    [
        ("!GetAtt Role.Arn", "", ""),
        ("{'Fn::GetAtt': [Role, Arn]}", "worker", ""),
        ("!Sub '${Role.Arn}'", "worker", "/team/"),
        ("!Sub 'arn:aws:iam::${AWS::AccountId}:role/worker'", "worker", ""),
        ("!Sub 'arn:${AWS::Partition}:iam::${AWS::AccountId}:role/team/worker'", "worker", "/team/"),
        ("arn:aws:iam::123456789012:role/worker", "worker", ""),
        ("!Join ['', ['arn:aws:iam::', !Ref 'AWS::AccountId', ':role/', !Ref Role]]", "", ""),
        ("!Ref Role", "worker", ""),
    ],
)
def test_the_role_of_a_function_is_the_arn_of_the_role(reference, name, path):
    role, entity = roles(reference, name, path)
    assert role == entity.arn


def test_another_role_is_not_taken_for_it():
    role, entity = roles("arn:aws:iam::123456789012:role/other", "worker")
    assert role == "arn:aws:iam::123456789012:role/other" != entity.arn


def test_a_role_that_is_a_parameter_is_a_hole():
    role, _ = roles("!Ref Open")
    assert said(role) == "${Open}"
    assert role.parts[0].need == "--parameter Open=..."


def test_no_role_is_not_knowing():
    (function,) = read("Resources: {F: {Type: AWS::Lambda::Function, Properties: {Runtime: python3.13}}}").functions
    assert isinstance(function.role, Unknown)


def test_pseudo_parameters_fill_every_arn():
    estate = read(
        """
        Resources:
          F: {Type: AWS::Lambda::Function, Properties: {FunctionName: f, Runtime: python3.13, Role: x}}
        """,
        AWS__AccountId="123456789012",
        AWS__Region="eu-west-1",
        AWS__Partition="aws",
    )
    (function,) = estate.functions
    assert (function.arn, function.account, function.region) == (
        "arn:aws:lambda:eu-west-1:123456789012:function:f",
        "123456789012",
        "eu-west-1",
    )
    assert estate.scopes[0].account == "123456789012"


def test_names_that_refer_in_a_circle_end():
    estate = read("""
        Resources:
          A: {Type: AWS::SQS::Queue, Properties: {QueueName: !Sub '${B.QueueName}-a'}}
          B: {Type: AWS::SQS::Queue, Properties: {QueueName: !Sub '${A.QueueName}-b'}}
          F:
            Type: AWS::Lambda::Function
            Properties: {Runtime: python3.13, Role: x, DeadLetterConfig: {TargetArn: !GetAtt A.Arn}}
    """)
    assert said(estate.functions[0].dead_letter).startswith("arn:${AWS::Partition}:sqs:")


def test_event_sources_aliases_and_layers_meet_their_entities():
    estate = read("""
        Resources:
          Q: {Type: AWS::SQS::Queue, Properties: {RedrivePolicy: {deadLetterTargetArn: !GetAtt Dead.Arn, maxReceiveCount: 3}}}
          Dead: {Type: AWS::SQS::Queue}
          L: {Type: AWS::Lambda::LayerVersion, Properties: {LayerName: shared, Content: {S3Bucket: b, S3Key: k}}}
          F:
            Type: AWS::Lambda::Function
            Properties:
              Runtime: python3.13
              Role: x
              Layers: [!Ref L, 'arn:aws:lambda:eu-west-1:111122223333:layer:tools:7']
          V: {Type: AWS::Lambda::Version, Properties: {FunctionName: !GetAtt F.Arn}}
          A: {Type: AWS::Lambda::Alias, Properties: {Name: live, FunctionName: !Ref F, FunctionVersion: !GetAtt V.Version}}
          M: {Type: AWS::Lambda::EventSourceMapping, Properties: {FunctionName: !Ref A, EventSourceArn: !GetAtt Q.Arn}}
          N: {Type: AWS::Lambda::EventSourceMapping, Properties: {FunctionName: !Ref F, EventSourceArn: 'arn:aws:kinesis:eu-west-1:1:stream/s'}}
    """)
    (function,) = estate.functions
    through_alias, direct = estate.event_sources
    assert said(through_alias.function) == said(function.arn) + ":live"
    assert direct.function == function.arn
    assert (through_alias.source_kind, direct.source_kind) == ("sqs", "kinesis")
    assert said(through_alias.redrive) == "arn:${AWS::Partition}:sqs:${AWS::Region}:${AWS::AccountId}:${Dead}"
    assert (function.aliases[0].version, function.versions[0].version) == (function.versions[0].version, function.aliases[0].version)
    own, foreign = estate.layers
    assert [layer.arn for layer in function.layers] == [own.arn, foreign.arn]
    assert (own.is_used, own.exists, own.policy) == (True, True, None)
    assert (foreign.account, foreign.name, foreign.version) == ("111122223333", "tools", 7)
    assert isinstance(foreign.policy, Unknown)
