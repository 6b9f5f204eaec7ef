"""Who may invoke: statements as AWS stores them."""

import pytest
from tests.sources.terraform.plans import function, read, ref, resource

from buckler.model.text import shown

ARN = "arn:aws:lambda:eu-west-1:${AWS::AccountId}:function:shop"


def permission(values=None, **kwargs):
    return resource(
        "aws_lambda_permission.x",
        {"function_name": "shop", "action": "lambda:InvokeFunction", "principal": "s3.amazonaws.com", "statement_id": "S"} | (values or {}),
        **kwargs,
    )


def statement_of(tmp_path, permission, *more, qualifier="$LATEST"):
    (found,) = read(tmp_path, function(), permission, *more).functions
    policy = found.policy_of(qualifier)
    assert policy.unresolved == ()
    (statement,) = policy.statements
    return statement


def conditions(statement):
    return [(one.operator, one.key, *(shown(value) for value in one.values)) for one in statement.conditions]


@pytest.mark.parametrize(
    ("principal", "kind", "value"),
    [
        ("s3.amazonaws.com", "Service", "s3.amazonaws.com"),
        ("444455556666", "AWS", "arn:aws:iam::444455556666:root"),
        ("arn:aws:iam::444455556666:role/x", "AWS", "arn:aws:iam::444455556666:role/x"),
        ("*", "*", "*"),
    ],
)
def test_principal(tmp_path, principal, kind, value):
    (found,) = statement_of(tmp_path, permission({"principal": principal})).principals
    assert (found.kind, found.value) == (kind, value)


def test_principal_of_the_plan(tmp_path):
    given = permission({"principal": None}, unknown={"principal": True}, expressions={"principal": ref("aws_iam_role.caller.arn")})
    caller = resource("aws_iam_role.caller", {"name": "caller"}, unknown={"arn": True})
    (found,) = statement_of(tmp_path, given, caller).principals
    assert (found.kind, shown(found.value)) == ("AWS", "arn:aws:iam::${AWS::AccountId}:role/caller")


def test_principal_nobody_knows_is_unresolved(tmp_path):
    given = permission({"principal": None}, unknown={"principal": True}, expressions={"principal": ref("local.who")})
    policy = read(tmp_path, function(), given).functions[0].policy_of("$LATEST")
    assert (policy.statements, len(policy.unresolved)) == ((), 1)


def test_every_condition(tmp_path):
    given = permission(
        {
            "source_arn": "arn:aws:s3:::bucket",
            "source_account": "111122223333",
            "principal_org_id": "o-abc",
            "function_url_auth_type": "AWS_IAM",
            "event_source_token": "amzn1.ask",
            "invoked_via_function_url": True,
        }
    )
    assert sorted(conditions(statement_of(tmp_path, given))) == [
        ("ArnLike", "AWS:SourceArn", "arn:aws:s3:::bucket"),
        ("Bool", "lambda:InvokedViaFunctionUrl", "true"),
        ("StringEquals", "AWS:SourceAccount", "111122223333"),
        ("StringEquals", "aws:PrincipalOrgID", "o-abc"),
        ("StringEquals", "lambda:EventSourceToken", "${aws_lambda_permission.x.event_source_token}"),
        ("StringEquals", "lambda:FunctionUrlAuthType", "AWS_IAM"),
    ]


@pytest.mark.parametrize(
    ("reference", "source", "expected"),
    [
        ("aws_s3_bucket.b.arn", resource("aws_s3_bucket.b", {"bucket": "b"}, unknown={"arn": True}), "arn:aws:s3:::b"),
        (
            "aws_cloudwatch_event_rule.r.arn",
            resource("aws_cloudwatch_event_rule.r", {"name": "r", "event_bus_name": "default"}, unknown={"arn": True}),
            "arn:aws:events:eu-west-1:${AWS::AccountId}:rule/r",
        ),
        (
            "aws_cloudwatch_event_rule.r.arn",
            resource("aws_cloudwatch_event_rule.r", {"name": "r", "event_bus_name": "own"}, unknown={"arn": True}),
            "arn:aws:events:eu-west-1:${AWS::AccountId}:rule/own/r",
        ),
        # What follows an API's ARN is not in the plan.
        (
            "aws_apigatewayv2_api.a.execution_arn",
            resource("aws_apigatewayv2_api.a", {"name": "a"}, unknown={"execution_arn": True, "id": True}),
            "arn:aws:execute-api:eu-west-1:${AWS::AccountId}:${aws_apigatewayv2_api.a.id}${aws_lambda_permission.x.source_arn}",
        ),
        ("local.source", resource("aws_s3_bucket.b", {"bucket": "b"}), "${aws_lambda_permission.x.source_arn}"),
    ],
    ids=["bucket", "rule", "rule-of-bus", "api", "local"],
)
def test_source_arn_of_the_plan(tmp_path, reference, source, expected):
    given = permission(expressions={"source_arn": ref(reference)})
    assert conditions(statement_of(tmp_path, given, source)) == [("ArnLike", "AWS:SourceArn", expected)]


@pytest.mark.parametrize(
    "named",
    ["shop", "function:shop", "111122223333:function:shop", "arn:aws:lambda:eu-west-1:111122223333:function:shop"],
)
def test_the_function_is_found_by_every_way_to_name_it(tmp_path, named):
    statement = statement_of(tmp_path, permission({"function_name": named}))
    assert shown(statement.resources[0]) == ARN


def test_a_function_of_the_same_name_in_another_account_is_another(tmp_path):
    existing = resource("aws_sqs_queue.q", {"name": "q", "arn": "arn:aws:sqs:eu-west-1:111122223333:q"}, actions=("no-op",))
    for named in (
        "444455556666:function:shop",
        "arn:aws:lambda:eu-west-1:444455556666:function:shop",
        "arn:aws:lambda:us-east-1:111122223333:function:shop",
    ):
        estate = read(tmp_path, function(), existing, permission({"function_name": named}))
        assert estate.functions[0].policy_of("$LATEST") is None
        assert len(estate.notes) == 1


def test_an_arn_written_out_is_the_function_of_that_name_when_the_plan_tells_no_region(tmp_path):
    given = permission({"function_name": "arn:aws:lambda:eu-west-1:111122223333:function:shop:live"})
    (found,) = read(tmp_path, function(), given, region="").functions
    assert len(found.policy_of("live").statements) == 1
    elsewhere = permission({"function_name": "arn:aws:lambda:eu-west-1:111122223333:function:other"})
    assert len(read(tmp_path, function(), elsewhere, region="").notes) == 1


def test_a_qualifier_keeps_its_own_policy(tmp_path):
    alias = resource("aws_lambda_alias.live", {"name": "live", "function_name": "shop", "function_version": "1"})
    statement = statement_of(tmp_path, permission({"qualifier": "live"}), alias, qualifier="live")
    assert shown(statement.resources[0]) == f"{ARN}:live"
    (found,) = read(tmp_path, function(), permission({"function_name": "shop:live"}), alias).functions
    assert (found.policy_of("$LATEST"), len(found.policy_of("live").statements)) == (None, 1)


def test_a_permission_of_an_unknown_function_may_be_anyones(tmp_path):
    stray = permission({"function_name": None}, unknown={"function_name": True}, expressions={"function_name": ref("local.name")})
    for found in read(tmp_path, function(), function("other"), stray).functions:
        assert len(found.policy_of("$LATEST").unresolved) == 1


def test_it_is_only_of_those_its_expression_mentions(tmp_path):
    stray = permission(
        {"function_name": None},
        unknown={"function_name": True},
        expressions={"function_name": {"references": ["aws_lambda_function.shop", "local.key"]}},
    )
    shop, other = read(tmp_path, function(), function("other"), stray).functions
    assert len(shop.policy_of("$LATEST").unresolved) == 1
    assert other.policy_of("$LATEST") is None


class TestUrlWithoutAuthorization:
    """The provider adds statements that stand in no plan."""

    def url(self, actions=("create",), auth="NONE", **values):
        return resource("aws_lambda_function_url.u", {"function_name": "shop", "authorization_type": auth, **values}, actions=actions)

    def test_since_6_28_both(self, tmp_path):
        (found,) = read(tmp_path, function(), self.url()).functions
        public, invoke = found.policy_of("$LATEST").statements
        assert (public.sid, public.actions, conditions(public)) == (
            "FunctionURLAllowPublicAccess",
            ("lambda:InvokeFunctionUrl",),
            [("StringEquals", "lambda:FunctionUrlAuthType", "NONE")],
        )
        assert (invoke.sid, invoke.actions, conditions(invoke)) == (
            "FunctionURLAllowInvokeAction",
            ("lambda:InvokeFunction",),
            [("Bool", "lambda:InvokedViaFunctionUrl", "true")],
        )
        assert {statement.principals[0].kind for statement in (public, invoke)} == {"*"}

    def test_before_only_the_first(self, tmp_path):
        old = function()
        del old["unknown"]["response_streaming_invoke_arn"]
        (found,) = read(tmp_path, old, self.url()).functions
        assert [statement.sid for statement in found.policy_of("$LATEST").statements] == ["FunctionURLAllowPublicAccess"]

    def test_on_the_alias_it_is_of(self, tmp_path):
        (found,) = read(tmp_path, function(), self.url(qualifier="live")).functions
        assert found.policy_of("$LATEST") is None
        assert {shown(one.resources[0]) for one in found.policy_of("live").statements} == {f"{ARN}:live"}

    @pytest.mark.parametrize("actions", [("no-op",), ("update",)])
    def test_of_a_url_that_exists_nobody_knows(self, tmp_path, actions):
        (found,) = read(tmp_path, function(), self.url(actions)).functions
        policy = found.policy_of("$LATEST")
        assert (policy.statements, len(policy.unresolved)) == ((), 1)

    def test_replaced_is_created(self, tmp_path):
        (found,) = read(tmp_path, function(), self.url(("delete", "create"))).functions
        assert len(found.policy_of("$LATEST").statements) == 2

    def test_none_with_authorization(self, tmp_path):
        assert read(tmp_path, function(), self.url(auth="AWS_IAM")).functions[0].policy_of("$LATEST") is None
