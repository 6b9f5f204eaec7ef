"""Roles, users, groups and their policies."""

import json

import pytest
from tests.sources.terraform.plans import const, function, plan, read, read_document, ref, resource, role

from buckler.model.policy import Policy
from buckler.model.text import shown
from buckler.model.unknown import Unknown, UnknownKind

ALLOW = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]})


def roles(tmp_path, *resources):
    return {shown(one.name): one for one in read(tmp_path, *resources).roles}


def actions(policy):
    return [action for statement in policy.statements for action in statement.actions]


def test_trust_inline_and_boundary(tmp_path):
    found = roles(
        tmp_path,
        role(
            path="/service/",
            max_session_duration=7200,
            permissions_boundary="arn:aws:iam::aws:policy/ReadOnlyAccess",
            inline_policy=[{"name": "own", "policy": ALLOW}],
            managed_policy_arns=["arn:aws:iam::aws:policy/AdministratorAccess"],
        ),
    )["shop"]
    assert shown(found.arn) == "arn:aws:iam::${AWS::AccountId}:role/service/shop"
    assert (found.region, found.path, found.max_session_s) == ("", "/service/", 7200)
    assert [(one.kind, one.value) for one in found.trust.statements[0].principals] == [("Service", "lambda.amazonaws.com")]
    assert [(policy.name, actions(policy)) for policy in found.inline] == [("own", ["s3:GetObject"])]
    assert [(one.arn, actions(one.document)) for one in found.attached] == [("arn:aws:iam::aws:policy/AdministratorAccess", ["*"])]
    assert isinstance(found.boundary.document, Policy)


def test_everything_that_gives_a_role_a_policy(tmp_path):
    own = resource("aws_iam_policy.p", {"name": "p", "policy": ALLOW}, unknown={"arn": True})
    found = roles(
        tmp_path,
        role(),
        role("other"),
        own,
        resource("aws_iam_role_policy.i", {"name": "inline", "policy": ALLOW}, expressions={"role": ref("aws_iam_role.shop.id")}),
        resource("aws_iam_role_policy_attachment.a", {"role": "shop"}, expressions={"policy_arn": ref("aws_iam_policy.p.arn")}),
        resource(
            "aws_iam_policy_attachment.b",
            {"name": "b", "roles": ["shop", "other"], "policy_arn": "arn:aws:iam::aws:policy/job-function/Billing"},
        ),
        resource(
            "aws_iam_role_policy_attachments_exclusive.c",
            {"role_name": "other", "policy_arns": ["arn:aws:iam::111122223333:policy/elsewhere"]},
        ),
    )
    assert [policy.name for policy in found["shop"].inline] == ["inline"]
    assert [shown(one.arn).rpartition(":")[2] for one in found["shop"].attached] == ["policy/p", "policy/job-function/Billing"]
    assert actions(found["shop"].attached[0].document) == ["s3:GetObject"]
    outside = found["other"].attached[0].document
    assert (outside.kind, found["other"].attached[1].arn) == (UnknownKind.OUTSIDE, "arn:aws:iam::aws:policy/job-function/Billing")


@pytest.mark.parametrize(
    "stray",
    [
        resource("aws_iam_role_policy.i", {"policy": ALLOW}, expressions={"role": ref("local.role")}),
        resource(
            "aws_iam_role_policy_attachment.a",
            {"policy_arn": "arn:aws:iam::aws:policy/AdministratorAccess"},
            expressions={"role": ref("local.role")},
        ),
        resource(
            "aws_iam_policy_attachment.a",
            {"policy_arn": "arn:aws:iam::aws:policy/AdministratorAccess"},
            expressions={"roles": ref("local.roles")},
        ),
        resource("aws_iam_role_policy.i", {"policy": ALLOW, "role": ["a list"]}),
    ],
    ids=["inline", "attached", "shared", "malformed"],
)
def test_a_policy_of_an_unknown_role_may_be_anyones(tmp_path, stray):
    for found in roles(tmp_path, role(), role("other"), stray).values():
        assert [len(policy.unresolved) for policy in found.inline] == [1]


def test_a_policy_of_a_role_elsewhere_is_noted(tmp_path):
    estate = read(tmp_path, role(), resource("aws_iam_role_policy.i", {"policy": ALLOW, "role": "elsewhere"}))
    assert estate.roles[0].inline == ()
    assert [note.message for note in estate.notes] == ["`aws_iam_role_policy.i` belongs to a role that is not in this plan"]


@pytest.mark.parametrize("expression", [ref("aws_s3_bucket.b.arn"), {}, ref("data.aws_iam_policy_document.absent.json")])
def test_a_document_nobody_knows_may_grant_anything(tmp_path, expression):
    inline = resource("aws_iam_role_policy.i", {"name": "i", "role": "shop"}, unknown={"policy": True}, expressions={"policy": expression})
    (policy,) = roles(tmp_path, role(), inline)["shop"].inline
    assert (policy.statements, len(policy.unresolved)) == ((), 1)


def test_a_document_that_is_none_grants_nothing_and_is_listed(tmp_path):
    (policy,) = roles(tmp_path, role(), resource("aws_iam_role_policy.i", {"name": "i", "role": "shop", "policy": "{not json"}))[
        "shop"
    ].inline
    assert (policy.statements, policy.malformed) == ((), ("the document is not an object",))


class TestPolicyDocument:
    """`data.aws_iam_policy_document`, which Terraform reads only during apply when something in it is unknown."""

    def document(self, tmp_path, statement, expressions=None, *more, unknown=None, **values):
        data = resource(
            "data.aws_iam_policy_document.d",
            {"statement": [statement], **values},
            unknown={"json": True, "statement": [unknown or {}], "version": True, "source_policy_documents": True},
            expressions={"statement": [{key: const(value) for key, value in statement.items()} | (expressions or {})]},
        )
        inline = resource(
            "aws_iam_role_policy.i",
            {"name": "i", "role": "shop"},
            unknown={"policy": True},
            expressions={"policy": ref("data.aws_iam_policy_document.d.json")},
        )
        (policy,) = roles(tmp_path, role(), inline, data, *more)["shop"].inline
        return policy

    def test_whole(self, tmp_path):
        policy = self.document(
            tmp_path,
            {
                "sid": "One",
                "actions": ["s3:GetObject"],
                "resources": ["arn:aws:s3:::b/&{aws:username}/*"],
                "principals": [{"type": "AWS", "identifiers": ["111122223333"]}, {"type": "Service", "identifiers": ["x.amazonaws.com"]}],
                "condition": [
                    {"test": "StringEquals", "variable": "aws:PrincipalOrgID", "values": ["o-1"]},
                    {"test": "StringEquals", "variable": "aws:SourceAccount", "values": ["1", "2"]},
                ],
            },
        )
        (statement,) = policy.statements
        assert policy.version == "2012-10-17"
        assert (statement.effect, statement.sid, statement.actions) == ("Allow", "One", ("s3:GetObject",))
        assert statement.resources == ("arn:aws:s3:::b/${aws:username}/*",)
        assert [(one.kind, one.value) for one in statement.principals] == [("AWS", "111122223333"), ("Service", "x.amazonaws.com")]
        assert [(one.key, one.values) for one in statement.conditions] == [
            ("aws:PrincipalOrgID", ("o-1",)),
            ("aws:SourceAccount", ("1", "2")),
        ]
        assert statement.origin.path == "data.aws_iam_policy_document.d.statement"

    def test_conditions_of_one_test_and_variable_are_one(self, tmp_path):
        conditions = [{"test": "StringEquals", "variable": "aws:SourceAccount", "values": [one]} for one in ("1", "2")]
        policy = self.document(tmp_path, {"actions": ["s3:*"], "resources": ["*"], "condition": conditions})
        assert [(one.key, one.values) for one in policy.statements[0].conditions] == [("aws:SourceAccount", ("1", "2"))]

    def test_not_fields_and_deny(self, tmp_path):
        (statement,) = self.document(
            tmp_path,
            {
                "effect": "Deny",
                "not_actions": ["iam:*"],
                "not_resources": ["arn:x"],
                "not_principals": [{"type": "*", "identifiers": ["*"]}],
            },
        ).statements
        assert (statement.effect, statement.actions, statement.not_actions) == ("Deny", None, ("iam:*",))
        assert (statement.not_resources, statement.not_principals[0].kind) == (("arn:x",), "*")

    def test_what_refers_to_one_arn_begins_with_it(self, tmp_path):
        bucket = resource("aws_s3_bucket.b", {"bucket": "b"}, unknown={"arn": True})
        policy = self.document(
            tmp_path,
            {"actions": ["s3:*"], "resources": [None, None]},
            {"resources": ref("aws_s3_bucket.b.arn")},
            bucket,
            unknown={"resources": [True, True]},
        )
        assert [shown(one) for one in policy.statements[0].resources] == [
            f"arn:aws:s3:::b${{data.aws_iam_policy_document.d.statement[0].resources[{index}]}}" for index in (0, 1)
        ]

    def test_what_refers_to_anything_else_is_a_hole(self, tmp_path):
        policy = self.document(
            tmp_path, {"actions": ["s3:*"], "resources": [None]}, {"resources": ref("local.x")}, unknown={"resources": [True]}
        )
        assert [shown(one) for one in policy.statements[0].resources] == ["${data.aws_iam_policy_document.d.statement[0].resources[0]}"]

    @pytest.mark.parametrize("field", ["actions", "resources", "principals"])
    def test_a_list_unknown_as_a_whole_makes_the_statement_unresolved(self, tmp_path, field):
        policy = self.document(tmp_path, {"sid": "x", "actions": ["s3:*"], field: None}, {field: ref("local.x")}, unknown={field: True})
        assert (policy.statements, len(policy.unresolved)) == ((), 1)

    def test_unknown_statements_are_unresolved(self, tmp_path):
        data = resource("data.aws_iam_policy_document.d", {}, unknown={"json": True, "statement": True})
        inline = resource(
            "aws_iam_role_policy.i", {"name": "i", "role": "shop"}, expressions={"policy": ref("data.aws_iam_policy_document.d.json")}
        )
        (policy,) = roles(tmp_path, role(), inline, data)["shop"].inline
        assert (policy.statements, len(policy.unresolved)) == ((), 1)

    def test_documents_are_merged_by_sid(self, tmp_path):
        def data(name, sid, action, expressions=None, unknown=None, **values):
            return resource(
                f"data.aws_iam_policy_document.{name}",
                {"statement": [{"sid": sid, "actions": [action], "resources": ["*"]}], **values},
                unknown={"json": True, **(unknown or {})},
                expressions={"statement": [{"actions": const([action])}], **(expressions or {})},
            )

        known = json.dumps({"Statement": {"Sid": "Known", "Effect": "Allow", "Action": "c:*", "Resource": "*"}})
        inline = resource(
            "aws_iam_role_policy.i", {"name": "i", "role": "shop"}, expressions={"policy": ref("data.aws_iam_policy_document.top.json")}
        )
        (policy,) = roles(
            tmp_path,
            role(),
            inline,
            data("base", "Base", "a:*"),
            data("over", "Own", "d:*"),
            data(
                "top",
                "Own",
                "b:*",
                {
                    "source_policy_documents": ref("data.aws_iam_policy_document.base.json"),
                    "override_policy_documents": ref("data.aws_iam_policy_document.over.json"),
                },
                {"source_policy_documents": [True, False], "override_policy_documents": [True]},
                source_policy_documents=[None, known],
                override_policy_documents=[None],
            ),
        )["shop"].inline
        assert [(one.sid, one.actions) for one in policy.statements] == [("Base", ("a:*",)), ("Known", ("c:*",)), ("Own", ("d:*",))]

    def test_a_document_that_merges_itself_ends(self, tmp_path):
        data = resource(
            "data.aws_iam_policy_document.d",
            {"source_policy_documents": [None]},
            unknown={"json": True, "source_policy_documents": [True]},
            expressions={"source_policy_documents": ref("data.aws_iam_policy_document.d.json")},
        )
        inline = resource(
            "aws_iam_role_policy.i", {"name": "i", "role": "shop"}, expressions={"policy": ref("data.aws_iam_policy_document.d.json")}
        )
        (policy,) = roles(tmp_path, role(), inline, data)["shop"].inline
        assert policy.unresolved


def test_users_and_groups(tmp_path):
    estate = read(
        tmp_path,
        resource("aws_iam_user.u", {"name": "u"}, unknown={"arn": True, "id": True}),
        resource("aws_iam_group.g", {"name": "g"}, unknown={"arn": True, "id": True}),
        resource("aws_iam_user_policy.up", {"name": "up", "user": "u", "policy": ALLOW}),
        resource("aws_iam_group_policy.gp", {"name": "gp", "policy": ALLOW}, expressions={"group": ref("aws_iam_group.g.id")}),
        resource("aws_iam_user_policy_attachment.ua", {"user": "u", "policy_arn": "arn:aws:iam::aws:policy/AdministratorAccess"}),
        resource("aws_iam_group_policy_attachment.ga", {"group": "g", "policy_arn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}),
        resource("aws_iam_user_group_membership.m", {"user": "u", "groups": ["g"]}),
    )
    (user,), (group,) = estate.users, estate.groups
    assert ([one.name for one in user.inline], [one.arn for one in user.attached]) == (
        ["up"],
        ["arn:aws:iam::aws:policy/AdministratorAccess"],
    )
    assert ([one.name for one in group.inline], len(group.attached), user.groups) == (["gp"], 1, ("g",))


def test_unknown_membership(tmp_path):
    member = resource("aws_iam_group_membership.m", {"group": "g"}, expressions={"users": ref("local.users")})
    (user,) = read(tmp_path, resource("aws_iam_user.u", {"name": "u"}), member).users
    assert isinstance(user.groups, Unknown)


def test_the_account_is_taken_from_the_identity_terraform_read(tmp_path):
    document = plan(function(expressions={"role": ref("aws_iam_role.shop.arn")}), role())
    identity = {
        "address": "data.aws_caller_identity.me",
        "mode": "data",
        "type": "aws_caller_identity",
        "name": "me",
        "values": {"account_id": "111122223333"},
    }
    document["prior_state"] = {"values": {"root_module": {"resources": [identity]}}}
    document["configuration"]["root_module"]["resources"].append(
        {"address": "data.aws_caller_identity.me", "provider_config_key": "aws", "expressions": {}}
    )
    estate = read_document(tmp_path, document)
    assert estate.roles[0].arn == "arn:aws:iam::111122223333:role/shop"
    assert estate.functions[0].arn == "arn:aws:lambda:eu-west-1:111122223333:function:shop"
    assert estate.scopes[0].account == "111122223333"
