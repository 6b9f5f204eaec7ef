"""Roles, users, groups and the policies that reach them by every way a template has."""

import pytest
from tests.sources.cfn.templates import read, said

from buckler.model.policy import Policy
from buckler.model.unknown import Unknown, UnknownKind

TRUST = "{Version: 2012-10-17, Statement: [{Effect: Allow, Principal: {Service: lambda.amazonaws.com}, Action: sts:AssumeRole}]}"
STATEMENT = "{Effect: Allow, Action: 's3:GetObject', Resource: '*'}"


def role(properties: str, more: str = ""):
    estate = read(f"""
Parameters: {{Open: {{Type: String}}}}
Conditions: {{C: !Equals [!Ref Open, x]}}
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      RoleName: worker
      AssumeRolePolicyDocument: {TRUST}
      {properties}
{more}""")
    return estate.roles[0]


def test_trust_and_inline_policies_with_their_places():
    one = role(f"Policies: [{{PolicyName: p, PolicyDocument: {{Version: 2012-10-17, Statement: {STATEMENT}}}}}]")
    assert said(one.trust.statements[0].principals[0].value) == "lambda.amazonaws.com"
    assert one.trust.version == "2012-10-17"
    (policy,) = one.inline
    assert (policy.name, policy.statements[0].actions, policy.version) == ("p", ("s3:GetObject",), "2012-10-17")
    assert policy.statements[0].origin.path == "Resources.Role.Properties.Policies.0.PolicyDocument.Statement"


WAYS = [
    ("policy", "AWS::IAM::Policy", "PolicyName: q, Roles: [!Ref Role]", "q"),
    ("policy-by-name", "AWS::IAM::Policy", "PolicyName: q, Roles: [worker]", "q"),
    ("role-policy", "AWS::IAM::RolePolicy", "PolicyName: q, RoleName: !Ref Role", "q"),
]


@pytest.mark.parametrize(("kind", "properties", "name"), [pytest.param(*case[1:], id=case[0]) for case in WAYS])
def test_policies_that_are_resources_reach_the_role(kind, properties, name):
    more = f"  P: {{Type: '{kind}', Properties: {{{properties}, PolicyDocument: {{Statement: [{STATEMENT}]}}}}}}"
    one = role("Description: x", more)
    assert [policy.name for policy in one.inline] == [name]
    assert one.inline[0].statements[0].origin.path.startswith("Resources.P.Properties.PolicyDocument.Statement")


@pytest.mark.parametrize("there", [True, False], ids=["from-the-role", "from-the-policy"])
def test_managed_policies_of_the_template(there):
    attach = "" if there else "Roles: [!Ref Role], "
    more = f"  M: {{Type: AWS::IAM::ManagedPolicy, Properties: {{{attach}PolicyDocument: {{Statement: [{STATEMENT}]}}}}}}"
    one = role("ManagedPolicyArns: [!Ref M]" if there else "Description: x", more)
    (attached,) = one.attached
    assert said(attached.arn) == "arn:${AWS::Partition}:iam::${AWS::AccountId}:policy/${M}"
    assert attached.document.statements[0].actions == ("s3:GetObject",)


@pytest.mark.parametrize(
    "arn",
    [
        "arn:aws:iam::aws:policy/AdministratorAccess",
        "!Sub 'arn:${AWS::Partition}:iam::aws:policy/AdministratorAccess'",
        "AdministratorAccess",
    ],
)
def test_managed_policies_of_aws_have_their_documents(arn):
    (attached,) = role(f"ManagedPolicyArns: [{arn}]").attached
    assert said(attached.arn).endswith(":iam::aws:policy/AdministratorAccess")
    assert attached.document.statements[0].actions == ("*",)
    assert attached.document.origin.path == "Resources.Role.Properties.ManagedPolicyArns.0"


@pytest.mark.parametrize(
    ("arn", "kind"),
    [
        ("arn:aws:iam::123456789012:policy/theirs", UnknownKind.OUTSIDE),
        ("arn:aws:iam::aws:policy/NotThereYet", UnknownKind.OUTSIDE),
        ("!Ref Open", UnknownKind.UNRESOLVED),
        ("!If [C, a, b]", UnknownKind.UNRESOLVED),
    ],
)
def test_documents_that_are_not_here_are_not_known(arn, kind):
    (attached,) = role(f"ManagedPolicyArns: [{arn}]").attached
    assert isinstance(attached.document, Unknown)
    assert attached.document.kind is kind


def test_boundary():
    assert role("Description: x").boundary is None
    assert role("PermissionsBoundary: arn:aws:iam::aws:policy/ReadOnlyAccess").boundary.document.statements
    assert isinstance(role("PermissionsBoundary: !If [C, a, b]").boundary, Unknown)


def test_what_is_not_decided_may_grant_anything():
    one = role(f"Policies: [{{PolicyName: p, PolicyDocument: {{Statement: [!If [C, {STATEMENT}, !Ref 'AWS::NoValue']]}}}}]")
    assert [len(policy.unresolved) for policy in one.inline] == [1]
    one = role(f"Policies: [!If [C, {{PolicyName: p, PolicyDocument: {{Statement: [{STATEMENT}]}}}}, !Ref 'AWS::NoValue']]")
    assert [(policy.statements, len(policy.unresolved)) for policy in one.inline] == [((), 1)]
    one = role("ManagedPolicyArns: !If [C, [a], [b]]")
    assert isinstance(one.attached, Unknown)


def test_holes_in_resources_stay_holes():
    one = role(
        "Policies: [{PolicyName: p, PolicyDocument: {Statement: [{Effect: Allow, Action: '*', Resource: !Sub 'arn:aws:s3:::${Open}/*'}]}}]"
    )
    assert said(one.inline[0].statements[0].resources[0]) == "arn:aws:s3:::${Open}/*"


def test_a_policy_written_as_json_text():
    text = '\'{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}\''
    one = role(f"Policies: [{{PolicyName: p, PolicyDocument: {text}}}]")
    assert one.inline[0].statements[0].actions == ("*",)


def test_a_malformed_document_grants_nothing_and_is_listed():
    one = role("Policies: [{PolicyName: p, PolicyDocument: [1]}]")
    assert isinstance(one.inline[0], Policy)
    assert one.inline[0].malformed


def test_users_and_groups():
    estate = read(f"""
        Resources:
          U: {{Type: AWS::IAM::User, Properties: {{UserName: ann, Groups: [ops]}}}}
          G: {{Type: AWS::IAM::Group, Properties: {{GroupName: devs, ManagedPolicyArns: ['arn:aws:iam::aws:policy/ReadOnlyAccess']}}}}
          A: {{Type: AWS::IAM::UserToGroupAddition, Properties: {{GroupName: !Ref G, Users: [!Ref U]}}}}
          P: {{Type: AWS::IAM::UserPolicy, Properties: {{UserName: !Ref U, PolicyName: p, PolicyDocument: {{Statement: [{STATEMENT}]}}}}}}
    """)
    assert (estate.users[0].name, estate.users[0].groups, len(estate.users[0].inline)) == ("ann", ("ops", "devs"), 1)
    assert len(estate.groups[0].attached) == 1


@pytest.mark.parametrize(
    "statement", ["{Effect: [Allow], Action: a}", "{Effect: {Allow: 1}, Action: a}", "x", "{Effect: Allow, Action: {a: b}}", "null"]
)
def test_malformed_statements_grant_nothing(statement):
    one = role(f"Policies: [{{PolicyName: p, PolicyDocument: {{Statement: [{statement}]}}}}]")
    assert (one.inline[0].statements, len(one.inline[0].malformed)) == ((), 1)
