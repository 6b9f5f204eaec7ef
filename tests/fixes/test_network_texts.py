"""Networks mended in the text of templates and configurations: outbound rules, endpoint policies, a second zone, guarded routes."""

from collections import Counter

import pytest

from buckler.app import ScanOptions, read_targets
from buckler.app.fixing import plan_fixes, write_texts
from buckler.model.fix import NO_REMEDY, Wishes
from buckler.model.severity import Persona

HEAD = """\
Resources:
  Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
  A: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.1.0/24, AvailabilityZone: eu-west-1a}}
  B: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.2.0/24, AvailabilityZone: eu-west-1b}}
  Subnets: {Type: AWS::RDS::DBSubnetGroup, Properties: {DBSubnetGroupDescription: x, SubnetIds: [!Ref A, !Ref B]}}
  Orders:
    Type: AWS::RDS::DBInstance
    Properties:
      Engine: postgres
      DBInstanceIdentifier: orders
      DBSubnetGroupName: !Ref Subnets
      VPCSecurityGroups: [!GetAtt Db.GroupId]
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: sts:AssumeRole}]
  Pay:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: python3.14
      Handler: a.b
      Code: {ZipFile: x}
      Role: !GetAtt Role.Arn
      Environment: {Variables: {DB_HOST: !GetAtt Orders.Endpoint.Address, DB_PORT: "5432"}}
      VpcConfig:
        SubnetIds:
          - !Ref A
        SecurityGroupIds: [!GetAtt Fn.GroupId]
  Db:
    Type: AWS::EC2::SecurityGroup
    Properties:
      VpcId: !Ref Vpc
      GroupDescription: db
      SecurityGroupIngress: [{IpProtocol: tcp, FromPort: 5432, ToPort: 5432, %s}]
  Fn:
    Type: AWS::EC2::SecurityGroup
    Properties:
      GroupDescription: fn
      VpcId: !Ref Vpc
"""
BY_RANGE, BY_GROUP = HEAD % "CidrIp: 10.0.0.0/16", HEAD % "SourceSecurityGroupId: !GetAtt Fn.GroupId"
ALL = """\
      SecurityGroupEgress: # all
        - {IpProtocol: "-1", CidrIp: 0.0.0.0/0}
"""
APART = """\
  Out:
    Type: AWS::EC2::SecurityGroupEgress
    Properties: {GroupId: !GetAtt Fn.GroupId, IpProtocol: "-1", CidrIp: 0.0.0.0/0}
"""
ENDPOINT = """\
  Secrets:
    Type: AWS::EC2::VPCEndpoint
    Properties:
      VpcId: !Ref Vpc
      ServiceName: com.amazonaws.eu-west-1.secretsmanager
      VpcEndpointType: Interface
      SubnetIds: [!Ref A]
"""
POLICY = """\
      PolicyDocument: {Statement: [{Effect: Allow, Principal: "*", Action: "*", Resource: "*"}]}
"""
RULE = [
    '+         - Description: "environment DB_HOST"',
    "+           IpProtocol: tcp",
    "+           FromPort: 5432",
    "+           ToPort: 5432",
    "+           DestinationSecurityGroupId:",
    "+             Fn::GetAtt: [Db, GroupId]",
]
BESIDE = [
    "+   FnToDb5432:",
    '+     Type: "AWS::EC2::SecurityGroupEgress"',
    "+     Properties:",
    "+       GroupId:",
    "+         Fn::GetAtt: [Fn, GroupId]",
    '+       Description: "environment DB_HOST"',
    "+       IpProtocol: tcp",
    "+       FromPort: 5432",
    "+       ToPort: 5432",
    "+       DestinationSecurityGroupId:",
    "+         Fn::GetAtt: [Db, GroupId]",
    "+       SecurityGroupEgress:",
    '+         - Description: "nothing; without a rule EC2 lets everything out"',
    '+           IpProtocol: "-1"',
    "+           CidrIp: 127.0.0.1/32",
]
OURS = [
    '+         Version: "2012-10-17"',
    "+         Statement:",
    "+           - Effect: Allow",
    '+             Principal: "*"',
    '+             Action: "*"',
    '+             Resource: "*"',
    "+             Condition:",
    "+               StringEquals:",
    "+                 aws:PrincipalAccount:",
    '+                   Ref: "AWS::AccountId"',
    "+                 aws:ResourceAccount:",
    '+                   Ref: "AWS::AccountId"',
]
PERMISSION = """\
  Anyone:
    Type: AWS::Lambda::Permission
    Properties: {FunctionName: !Ref Pay, Action: "lambda:InvokeFunction", Principal: %s}
"""
LAYER = """\
  Layer:
    Type: AWS::Lambda::LayerVersion
    Properties: {Content: {S3Bucket: b, S3Key: k}}
  Given:
    Type: AWS::Lambda::LayerVersionPermission
    Properties: {LayerVersionArn: !Ref Layer, Action: "lambda:GetLayerVersion", Principal: %s}
"""
TEMPLATES = [
    pytest.param("security-group-open-egress", BY_RANGE, ["+       SecurityGroupEgress:", *RULE], id="rules-where-there-were-none"),
    pytest.param(
        "security-group-open-egress",
        BY_RANGE + ALL,
        ["-       SecurityGroupEgress: # all", '-         - {IpProtocol: "-1", CidrIp: 0.0.0.0/0}', "+       SecurityGroupEgress:", *RULE],
        id="rules-in-the-place-of-others",
    ),
    pytest.param(
        "security-group-open-egress",
        BY_RANGE + APART,
        [*(f"- {line}" for line in APART.splitlines()), "+       SecurityGroupEgress:", *RULE],
        id="rules-that-are-resources-go",
    ),
    pytest.param("security-group-open-egress", BY_GROUP, BESIDE, id="groups-that-name-each-other"),
    pytest.param("vpc-endpoint-policy-open", BY_RANGE + ENDPOINT, ["+       PolicyDocument:", *OURS], id="a-policy-where-there-was-none"),
    pytest.param(
        "vpc-endpoint-policy-open",
        BY_RANGE + ENDPOINT + POLICY,
        [f"- {POLICY.rstrip()}", "+       PolicyDocument:", *OURS],
        id="a-policy-in-the-place-of-another",
    ),
    pytest.param("single-availability-zone", BY_RANGE, ["+           - Ref: B"], id="a-second-zone"),
    pytest.param(
        "policy-open-to-anyone",
        BY_RANGE + PERMISSION % '"*"',
        [f"- {line}" for line in (PERMISSION % '"*"').splitlines()],
        id="a-permission-of-anyone",
    ),
    pytest.param(
        "policy-open-to-account",
        BY_RANGE + PERMISSION % '"999988887777"',
        [f"- {line}" for line in (PERMISSION % '"999988887777"').splitlines()],
        id="a-permission-of-an-account",
    ),
    pytest.param(
        "layer-version-public",
        BY_RANGE + LAYER % '"*"',
        [f"- {line}" for line in (LAYER % '"*"').splitlines()[3:]],
        id="a-public-layer",
    ),
    pytest.param(
        "layer-version-shared",
        BY_RANGE + LAYER % '"999988887777"',
        [f"- {line}" for line in (LAYER % '"999988887777"').splitlines()[3:]],
        id="a-shared-layer",
    ),
]
MAIN = """\
resource "aws_vpc" "v" { cidr_block = "10.0.0.0/16" }

resource "aws_subnet" "a" {
  vpc_id            = aws_vpc.v.id
  cidr_block        = "10.0.1.0/24"
  availability_zone = "eu-west-1a"
}

resource "aws_subnet" "b" {
  vpc_id            = aws_vpc.v.id
  cidr_block        = "10.0.2.0/24"
  availability_zone = "eu-west-1b"
}

resource "aws_security_group" "db" {
  vpc_id = aws_vpc.v.id
  ingress {
    from_port   = 5432
    to_port     = 5432
    protocol    = "tcp"
    %s
  }
}

resource "aws_db_subnet_group" "s" {
  subnet_ids = [aws_subnet.a.id, aws_subnet.b.id]
}

resource "aws_db_instance" "orders" {
  identifier             = "orders"
  engine                 = "postgres"
  db_subnet_group_name   = aws_db_subnet_group.s.name
  vpc_security_group_ids = [aws_security_group.db.id]
}

resource "aws_iam_role" "r" {
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "lambda.amazonaws.com" } }]
  })
}

resource "aws_lambda_function" "pay" {
  function_name = "pay"
  role          = aws_iam_role.r.arn
  runtime       = "python3.14"
  handler       = "a.b"
  filename      = "x.zip"
  environment { variables = { %s } }
  vpc_config {
    subnet_ids         = [aws_subnet.a.id]
    security_group_ids = [aws_security_group.fn.id]
  }
}
"""
USES = 'DB_HOST = aws_db_instance.orders.address, DB_PORT = "5432"'
RANGE = MAIN % ('cidr_blocks = ["10.0.0.0/16"]', USES)
INLINE = """
resource "aws_security_group" "fn" {
  vpc_id = aws_vpc.v.id

  egress {
    from_port   = 0
    to_port     = 0
    protocol    = "-1"
    cidr_blocks = ["0.0.0.0/0"]
  }
}
"""
OUTSIDE = """
resource "aws_security_group" "fn" {
  vpc_id = aws_vpc.v.id
}

resource "aws_security_group_rule" "all" {
  security_group_id = aws_security_group.fn.id
  type              = "egress"
  from_port         = 0
  to_port           = 0
  protocol          = "-1"
  cidr_blocks       = ["0.0.0.0/0"]
}
"""
SECRETS = """
resource "aws_vpc_endpoint" "secrets" {
  vpc_id            = aws_vpc.v.id
  service_name      = "com.amazonaws.eu-west-1.secretsmanager"
  vpc_endpoint_type = "Interface"
}
"""
API = """
resource "aws_api_gateway_rest_api" "api" { name = "api" }

resource "aws_api_gateway_resource" "p" {
  rest_api_id = aws_api_gateway_rest_api.api.id
  parent_id   = aws_api_gateway_rest_api.api.root_resource_id
  path_part   = "pay"
}

resource "aws_api_gateway_method" "other" {
  rest_api_id   = aws_api_gateway_rest_api.api.id
  resource_id   = aws_api_gateway_resource.p.id
  http_method   = "GET"
  authorization = "AWS_IAM"
}

resource "aws_api_gateway_method" "post" {
  rest_api_id   = aws_api_gateway_rest_api.api.id
  resource_id   = aws_api_gateway_resource.p.id
  http_method   = "POST"
  authorization = "NONE"
}

resource "aws_api_gateway_integration" "post" {
  rest_api_id             = aws_api_gateway_rest_api.api.id
  resource_id             = aws_api_gateway_resource.p.id
  http_method             = aws_api_gateway_method.post.http_method
  integration_http_method = "POST"
  type                    = "AWS_PROXY"
  uri                     = aws_lambda_function.pay.invoke_arn
}

resource "aws_lambda_permission" "api" {
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.pay.function_name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_api_gateway_rest_api.api.execution_arn}/*"
}
"""
HTTP = """
resource "aws_apigatewayv2_api" "web" {
  name          = "web"
  protocol_type = "HTTP"
}

resource "aws_apigatewayv2_integration" "pay" {
  api_id           = aws_apigatewayv2_api.web.id
  integration_type = "AWS_PROXY"
  integration_uri  = aws_lambda_function.pay.invoke_arn
}

resource "aws_apigatewayv2_route" "pay" {
  api_id    = aws_apigatewayv2_api.web.id
  route_key = "POST /pay"
  target    = "integrations/${aws_apigatewayv2_integration.pay.id}"
}

resource "aws_lambda_permission" "web" {
  action        = "lambda:InvokeFunction"
  function_name = aws_lambda_function.pay.function_name
  principal     = "apigateway.amazonaws.com"
  source_arn    = "${aws_apigatewayv2_api.web.execution_arn}/*"
}
"""
CONFIGURATIONS = [
    pytest.param(
        "security-group-open-egress",
        RANGE + INLINE,
        [
            *("-     from_port   = 0", "-     to_port     = 0", '-     protocol    = "-1"', '-     cidr_blocks = ["0.0.0.0/0"]'),
            '+     description     = "environment DB_HOST"',
            *("+     from_port       = 5432", "+     to_port         = 5432", '+     protocol        = "tcp"'),
            "+     security_groups = [aws_security_group.db.id]",
        ],
        id="a-block-in-the-place-of-another",
    ),
    pytest.param(
        "security-group-open-egress",
        RANGE.replace(USES, 'MODE = "x"') + INLINE,
        [*(f"- {line}" for line in INLINE.splitlines()[4:10]), "+   egress = []"],
        id="nothing-is-used",
    ),
    pytest.param(
        "security-group-open-egress",
        RANGE + OUTSIDE,
        [
            *(f"- {line}" for line in OUTSIDE.splitlines()[5:]),
            '+ resource "aws_vpc_security_group_egress_rule" "fn_to_db_5432" {',
            "+   security_group_id            = aws_security_group.fn.id",
            '+   description                  = "environment DB_HOST"',
            '+   ip_protocol                  = "tcp"',
            "+   from_port                    = 5432",
            "+   to_port                      = 5432",
            "+   referenced_security_group_id = aws_security_group.db.id",
            "+ }",
        ],
        id="resources-in-the-place-of-others",
    ),
    pytest.param(
        "vpc-endpoint-policy-open",
        RANGE + INLINE + SECRETS,
        [
            "+   policy            = jsonencode({",
            '+     Version   = "2012-10-17"',
            "+     Statement = [{",
            '+       Effect    = "Allow"',
            '+       Principal = "*"',
            '+       Action    = "*"',
            '+       Resource  = "*"',
            "+       Condition = {",
            "+         StringEquals = {",
            '+           "aws:PrincipalAccount" = data.aws_caller_identity.current.account_id',
            '+           "aws:ResourceAccount"  = data.aws_caller_identity.current.account_id',
            "+         }",
            "+       }",
            "+     }]",
            "+   })",
            '+ data "aws_caller_identity" "current" {}',
        ],
        id="a-policy-of-an-endpoint",
    ),
    pytest.param(
        "single-availability-zone",
        RANGE + INLINE,
        ["-     subnet_ids         = [aws_subnet.a.id]", "+     subnet_ids         = [aws_subnet.a.id, aws_subnet.b.id]"],
        id="a-second-zone",
    ),
    pytest.param(
        "api-route-unauthenticated",
        RANGE + INLINE + API,
        ['-   authorization = "NONE"', '+   authorization = "AWS_IAM"'],
        id="a-method-of-a-rest-api",
    ),
    pytest.param(
        "api-route-unauthenticated",
        RANGE + INLINE + HTTP,
        ['+   authorization_type = "AWS_IAM"'],
        id="a-route-of-an-http-api",
    ),
]


def plan_of(path, check):
    options = ScanOptions(persona=Persona.AUDITOR, today="2026-11-26", only=(check,))
    return plan_fixes(read_targets([path], options).estates, options, Wishes())


def changes(before, after):
    """Lines that are gone, and lines that are new: blank ones aside."""
    old, new = (Counter(line for line in text.splitlines() if line.strip()) for text in (before, after))
    return sorted([f"- {line}" for line in (old - new).elements()] + [f"+ {line}" for line in (new - old).elements()])


def mended(path, target, check, text, newline):
    path.write_bytes(text.replace("\n", newline).encode())
    plan = plan_of(target, check)
    assert [(fix.proof.verdict, fix.proof.why) for fix in plan.fixes] == [("proved", "")]
    write_texts(plan)
    after = path.read_bytes().decode()
    assert after.count("\n") == after.count(newline)
    assert plan_of(target, check).fixes == ()
    return after


def differ(text, after, wanted):
    gone, new = ("\n".join(line[2:] for line in wanted if line[0] == sign) for sign in "-+")
    assert changes(text, after) == changes(gone, new)


@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["lf", "crlf"])
@pytest.mark.parametrize(("check", "text", "wanted"), TEMPLATES)
def test_a_template_is_mended(tmp_path, check, text, wanted, newline):
    path = tmp_path / "template.yaml"
    differ(text, mended(path, path, check, text, newline), wanted)


@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["lf", "crlf"])
@pytest.mark.parametrize(("check", "text", "wanted"), CONFIGURATIONS)
def test_a_configuration_is_mended(tmp_path, check, text, wanted, newline):
    differ(text, mended(tmp_path / "main.tf", tmp_path, check, text, newline), wanted)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        pytest.param(
            MAIN % ("security_groups = [aws_security_group.fn.id]", USES) + INLINE, "which Terraform takes for a circle", id="a-circle"
        ),
        pytest.param(
            RANGE
            + INLINE.replace(
                "vpc_id = aws_vpc.v.id\n\n  egress {", 'vpc_id = aws_vpc.v.id\n\n  dynamic "egress" {\n    for_each = [1]\n    content {'
            ).replace("  }\n}", "  }\n  }\n}"),
            "not written as blocks",
            id="a-dynamic-block",
        ),
    ],
)
def test_a_group_that_terraform_could_not_make_is_advice(tmp_path, text, why):
    (tmp_path / "main.tf").write_text(text)
    (fix,) = plan_of(tmp_path, "security-group-open-egress").fixes
    assert fix.proof.verdict == "advice"
    assert why in fix.proof.why


def test_a_permission_that_something_depends_on_stays(tmp_path):
    path = tmp_path / "template.yaml"
    path.write_text(BY_RANGE + PERMISSION % '"*"' + "  After: {Type: AWS::SNS::Topic, DependsOn: Anyone}\n")
    (fix,) = plan_of(path, "policy-open-to-anyone").fixes
    assert (fix.proof.verdict, fix.proof.why) == ("advice", "`Anyone` is named elsewhere in the template")


def test_a_check_without_a_remedy_says_so(tmp_path):
    path = tmp_path / "template.yaml"
    path.write_text(BY_RANGE)
    fixes = plan_of(path, "default-network-acl-used").fixes
    assert {fix.proof.why for fix in fixes} == {NO_REMEDY}
