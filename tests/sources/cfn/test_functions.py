"""Everything a template says of a function, and nothing it does not say."""

import pytest
from tests.sources.cfn.templates import place, read, said

from buckler.model.functions import LATEST, RuntimeManagement
from buckler.model.secret import Redacted
from buckler.model.unknown import Unknown, UnknownKind
from buckler.sources.outside import OUTSIDE

FULL = """
    Resources:
      F:
        Type: AWS::Lambda::Function
        Properties:
          FunctionName: checkout
          Runtime: python3.13
          Handler: app.handler
          Role: arn:aws:iam::123456789012:role/r
          MemorySize: '512'
          Timeout: 900
          Architectures: [arm64]
          KmsKeyArn: arn:aws:kms:eu-west-1:123456789012:key/k
          ReservedConcurrentExecutions: 0
          TracingConfig: {Mode: Active}
          DeadLetterConfig: {TargetArn: !GetAtt Q.Arn}
          CodeSigningConfigArn: !Ref S
          LoggingConfig: {LogGroup: /shop/checkout, LogFormat: JSON}
          SnapStart: {ApplyOn: PublishedVersions}
          RuntimeManagementConfig: {UpdateRuntimeOn: Manual, RuntimeVersionArn: 'arn:aws:lambda:eu-west-1::runtime:abc'}
          RecursiveLoop: Allow
          FileSystemConfigs: [{Arn: 'arn:aws:elasticfilesystem:eu-west-1:123456789012:access-point/fsap-1', LocalMountPath: /mnt/a}]
          VpcConfig: {SubnetIds: [subnet-1, !Ref Sub], SecurityGroupIds: [!GetAtt G.GroupId], Ipv6AllowedForDualStack: true}
          Tags: [{Key: team, Value: shop}]
      Q: {Type: AWS::SQS::Queue}
      S:
        Type: AWS::Lambda::CodeSigningConfig
        Properties:
          AllowedPublishers: {SigningProfileVersionArns: [!GetAtt P.ProfileVersionArn]}
          CodeSigningPolicies: {UntrustedArtifactOnDeployment: Enforce}
      P: {Type: AWS::Signer::SigningProfile, Properties: {PlatformId: AWSLambda-SHA384-ECDSA, SignatureValidityPeriod: {Type: YEARS, Value: 2}}}
      Sub: {Type: AWS::EC2::Subnet, Properties: {VpcId: vpc-1, CidrBlock: 10.0.0.0/24}}
      G: {Type: AWS::EC2::SecurityGroup, Properties: {GroupDescription: x, VpcId: vpc-1}}
"""


def test_a_function_with_everything():
    estate = read(FULL)
    (one,) = estate.functions
    assert (one.name, one.runtime, one.handler, one.memory_mb, one.timeout_s) == ("checkout", "python3.13", "app.handler", 512, 900)
    assert (one.architectures, one.reserved_concurrency, one.tracing, one.recursive_loop) == (("arm64",), 0, "Active", "Allow")
    assert (one.logging.log_group, one.logging.format, one.snap_start) == ("/shop/checkout", "JSON", "PublishedVersions")
    assert one.runtime_management == RuntimeManagement(update_on="Manual", runtime_version_arn="arn:aws:lambda:eu-west-1::runtime:abc")
    assert said(one.dead_letter).endswith(":${Q}")
    assert one.vpc.subnet_ids == ("subnet-1", estate.subnets[0].name)
    assert one.vpc.security_group_ids == (estate.security_groups[0].name,)
    assert one.vpc.ipv6
    assert one.file_systems == ("arn:aws:elasticfilesystem:eu-west-1:123456789012:access-point/fsap-1",)
    assert one.vpc.vpc_id == "vpc-1"
    assert one.code_signing_config == estate.code_signing_configs[0].arn
    assert estate.code_signing_configs[0].publishers == (estate.signing_profiles[0].version_arn,)
    assert estate.code_signing_configs[0].untrusted_artifact_on_deployment == "Enforce"
    assert estate.signing_profiles[0].signature_validity_days == 730
    assert [(tag.key, tag.value) for tag in one.tags] == [("team", "shop")]
    assert place(one) == (3, 3, "Resources.F")
    assert (one.vpc.origin.line, one.vpc.origin.column, one.vpc.origin.path) == (23, 7, "Resources.F.Properties.VpcConfig")


def test_a_function_with_nothing_has_the_defaults_of_aws():
    (one,) = read("Resources: {F: {Type: AWS::Lambda::Function, Properties: {Runtime: python3.13, Role: x}}}").functions
    assert said(one.name) == "${F}"
    assert (one.memory_mb, one.timeout_s, one.architectures) == (128, 3, ("x86_64",))
    assert (one.vpc, one.kms_key, one.dead_letter, one.code_signing_config, one.reserved_concurrency, one.image) == (None,) * 6
    assert (one.environment, one.layers, one.urls, one.aliases, one.event_invoke, one.versions) == ((),) * 6
    assert (one.tracing, one.recursive_loop, one.runtime_management.update_on) == ("PassThrough", "Terminate", "Auto")
    assert [(entry.qualifier, entry.policy) for entry in one.policies] == [(LATEST, None)]


FIELDS = [
    ("Runtime", "runtime"), ("Role", "role"), ("Timeout", "timeout_s"), ("MemorySize", "memory_mb"), ("KmsKeyArn", "kms_key"),
    ("ReservedConcurrentExecutions", "reserved_concurrency"), ("VpcConfig", "vpc"), ("Environment", "environment"), ("Layers", "layers"),
    ("TracingConfig", "tracing"), ("DeadLetterConfig", "dead_letter"), ("CodeSigningConfigArn", "code_signing_config"),
    ("LoggingConfig", "logging"), ("RecursiveLoop", "recursive_loop"), ("RuntimeManagementConfig", "runtime_management"),
]  # fmt: skip


@pytest.mark.parametrize(("written", "field"), FIELDS)
def test_what_is_not_decided_is_unknown_and_says_what_would_tell(written, field):
    (one,) = read(f"""
        Parameters: {{Open: {{Type: String}}}}
        Conditions: {{C: !Equals [!Ref Open, x]}}
        Resources:
          F:
            Type: AWS::Lambda::Function
            Properties:
              {written}: !If [C, a, !Ref 'AWS::NoValue']
    """).functions
    value = getattr(one, field)
    assert isinstance(value, Unknown)
    assert (value.kind, value.need) == (UnknownKind.UNRESOLVED, "--parameter Open=...")


@pytest.mark.parametrize(("written", "field"), FIELDS)
def test_a_transform_may_add_what_is_not_there(written, field):
    del written
    (one,) = read("""
        Resources:
          F:
            Type: AWS::Lambda::Function
            Properties:
              Handler: a.b
              Fn::Transform: {Name: AWS::Include, Parameters: {Location: s3://b/k}}
    """).functions
    assert isinstance(getattr(one, field), Unknown)


def test_numbers_with_holes_are_unknown():
    (one,) = read("""
        Parameters: {T: {Type: Number}}
        Resources: {F: {Type: AWS::Lambda::Function, Properties: {Runtime: a, Role: x, Timeout: !Ref T}}}
    """).functions
    assert one.timeout_s.need == "--parameter T=..."


def test_image():
    (one,) = read("""
        Resources:
          F:
            Type: AWS::Lambda::Function
            Properties:
              PackageType: Image
              Role: x
              Code: {ImageUri: !Sub '${AWS::AccountId}.dkr.ecr.eu-west-1.amazonaws.com/shop:latest'}
    """).functions
    assert (one.package_type, one.runtime, one.handler) == ("Image", None, None)
    assert said(one.image.uri) == "${AWS::AccountId}.dkr.ecr.eu-west-1.amazonaws.com/shop:latest"
    assert one.image.origin.path == "Resources.F.Properties.Code.ImageUri"


def test_urls_aliases_and_asynchronous_invocation():
    (one,) = read("""
        Resources:
          F: {Type: AWS::Lambda::Function, Properties: {Runtime: a, Role: x}}
          V: {Type: AWS::Lambda::Version, Properties: {FunctionName: !Ref F}}
          A:
            Type: AWS::Lambda::Alias
            Properties:
              Name: live
              FunctionName: !Ref F
              FunctionVersion: !GetAtt V.Version
              ProvisionedConcurrencyConfig: {ProvisionedConcurrentExecutions: 5}
              RoutingConfig: {AdditionalVersionWeights: [{FunctionVersion: '3', FunctionWeight: 0.1}]}
          U:
            Type: AWS::Lambda::Url
            Properties:
              TargetFunctionArn: !GetAtt F.Arn
              AuthType: NONE
              Cors: {AllowOrigins: ['*'], AllowCredentials: true}
          W:
            Type: AWS::Lambda::Url
            Properties: {TargetFunctionArn: !Ref F, Qualifier: live, AuthType: AWS_IAM, InvokeMode: RESPONSE_STREAM}
          E:
            Type: AWS::Lambda::EventInvokeConfig
            Properties:
              FunctionName: !Ref F
              Qualifier: live
              MaximumRetryAttempts: 0
              DestinationConfig: {OnFailure: {Destination: 'arn:aws:sqs:eu-west-1:1:q'}}
    """).functions
    (alias,) = one.aliases
    assert (alias.name, alias.version, alias.routing, alias.provisioned_concurrency) == ("live", one.versions[0].version, ("3",), 5)
    first, second = one.urls
    assert (first.qualifier, first.auth_type, first.cors.allow_origins, first.cors.allow_credentials) == (LATEST, "NONE", ("*",), True)
    assert (second.qualifier, second.auth_type, second.invoke_mode, second.cors) == ("live", "AWS_IAM", "RESPONSE_STREAM", None)
    assert first.origin.path == "Resources.U.Properties.AuthType"
    (invoke,) = one.event_invoke
    assert (invoke.qualifier, invoke.on_failure, invoke.maximum_retry_attempts) == ("live", "arn:aws:sqs:eu-west-1:1:q", 0)


ENVIRONMENT = """
    Parameters:
      Quiet: {Type: String, NoEcho: true, Default: s3cr3t-quiet}
      Plain: {Type: String, Default: s3cr3t-plain}
      Silent: {Type: String, NoEcho: true, Default: hush}
      Given: {Type: String, NoEcho: true}
      Host: {Type: String}
      Hosts: {Type: CommaDelimitedList}
    Resources:
      F:
        Type: AWS::Lambda::Function
        Properties:
          Runtime: a
          Role: x
          Description: !Ref Quiet
          Environment:
            Variables:
              V: %s
"""

VARIABLES = [
    ("harmless", "hello", "hello"),
    ("secret", "s3cr3t", Redacted),
    ("secret-by-parameter", "!Ref Plain", Redacted),
    ("secret-of-no-echo-parameter", "!Ref Quiet", Redacted),
    ("inside-a-string", "!Sub 'x-${Quiet}-y'", Redacted),
    ("inside-a-string-with-holes", "!Sub '${Host}-s3cr3t'", Redacted),
    ("joined-with-holes", "!Join ['', [!Ref Host, s3cr3t]]", Redacted),
    ("base64-of-a-secret-is-judged-as-it-stands", "{'Fn::Base64': s3cr3t}", "czNjcjN0"),
    ("no-echo-without-default", "!Ref Given", "${Given}"),
    ("hole", "!Sub 'https://${Host}/x'", "https://${Host}/x"),
    ("base64-with-holes", "!Base64 {'Fn::Sub': 's3cr3t-${Host}'}", "${Fn::Sub at 18:11}"),
    ("split-with-holes", "!Select [1, !Split [':', !Sub 's3cr3t:${Host}']]", "${value at 18:26[1]}"),
    ("split-of-no-echo", "!Select [1, !Split [':', !Sub '${Quiet}:${Host}']]", "${value at 18:26[1]}"),
    ("inside-a-dynamic-reference", "!Sub '{{resolve:ssm:/${Quiet}}}'", Redacted),
    ("inside-an-import", "!ImportValue {'Fn::Sub': '${Quiet}-x'}", "${Fn::Sub at 18:11}"),
    ("joining-an-open-list", "!Join [s3cr3t, !Ref Hosts]", "${value at 18:11}"),
    ("inside-a-condition", "!If [{a: s3cr3t}, b, c]", "?"),
    ("inside-a-select", "!Select [0, s3cr3t]", Redacted),
    ("stored", "'{{resolve:secretsmanager:db:SecretString:password}}'", "${resolve:secretsmanager:db:SecretString:password}"),
]


@pytest.mark.parametrize(("written", "expected"), [pytest.param(*case[1:], id=case[0]) for case in VARIABLES])
def test_a_variable_is_judged(written, expected):
    (one,) = read(ENVIRONMENT % written).functions
    value = one.environment[0].value
    assert isinstance(value, Redacted) if expected is Redacted else said(value) == expected
    assert (one.environment[0].name, one.environment[0].origin.line) == ("V", 18)


def test_a_secret_given_on_the_command_line_is_judged_too():
    (one,) = read(ENVIRONMENT % "!Ref Given", Given="s3cr3t-given").functions
    assert isinstance(one.environment[0].value, Redacted)


@pytest.mark.parametrize("written", [case[1] for case in VARIABLES])
def test_no_secret_is_anywhere_in_the_estate(written):
    estate = read((ENVIRONMENT % written).replace("Role: x", "Role: !Sub '${Quiet}'").replace("Runtime: a", "Runtime: !Ref Quiet"))
    assert "s3cr3t" not in repr(estate)


def test_an_environment_behind_a_condition():
    text = """
        Parameters: {{Open: {{Type: String}}}}
        Conditions: {{C: !Equals [!Ref Open, x], D: !Equals [a, a]}}
        Resources:
          F:
            Type: AWS::Lambda::Function
            Properties:
              Runtime: a
              Role: x
              Environment: {}
    """
    (decided,) = read(text.format("!If [D, {Variables: {V: s3cr3t}}, !Ref 'AWS::NoValue']")).functions
    assert isinstance(decided.environment[0].value, Redacted)
    (undecided,) = read(text.format("{Variables: !If [C, {V: x}, {W: y}]}")).functions
    assert isinstance(undecided.environment, Unknown)
    (gone,) = read(text.format("!If [D, !Ref 'AWS::NoValue', {Variables: {V: x}}]")).functions
    assert gone.environment == ()


def test_credentials_of_event_sources_are_judged():
    (one,) = read("""
        Resources:
          M:
            Type: AWS::Lambda::EventSourceMapping
            Properties:
              FunctionName: f
              SelfManagedEventSource: {Endpoints: {KafkaBootstrapServers: ['b:9092']}}
              Topics: [t]
              SourceAccessConfigurations:
                - {Type: BASIC_AUTH, URI: s3cr3t}
                - {Type: VPC_SUBNET, URI: 'subnet:subnet-1'}
    """).event_sources
    assert (one.source, one.source_kind) == (None, "kafka")
    assert [(entry.name, isinstance(entry.value, Redacted)) for entry in one.credentials] == [("BASIC_AUTH", True), ("VPC_SUBNET", False)]


def test_what_a_template_cannot_tell_is_missing_as_outside():
    missing = {entry.collection: entry.unknown.kind for entry in read("Resources: {A: {Type: X}}").missing}
    assert missing == dict.fromkeys(OUTSIDE, UnknownKind.OUTSIDE)


def test_a_url_of_a_function_of_another_stack_is_told():
    estate = read("""
        Parameters: {Name: {Type: String}}
        Resources:
          Open: {Type: AWS::Lambda::Url, Properties: {TargetFunctionArn: !Ref Name, AuthType: NONE}}
    """)
    (note,) = estate.notes
    assert (note.message, note.origin.line) == ("`Open` is a URL of a function that is not in this template", 4)
