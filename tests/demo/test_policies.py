"""Policies and URLs belong to a qualifier, and are written as AWS writes them."""

import json

import pytest


@pytest.fixture
def versioned(lam, make):
    make(Publish=True)
    lam.create_alias(FunctionName="checkout", Name="live", FunctionVersion="1")
    return lam


def statements(lam, **where):
    return json.loads(lam.get_policy(FunctionName="checkout", **where)["Policy"])["Statement"]


def allow(lam, sid="s", principal="*", action="lambda:InvokeFunction", **more):
    lam.add_permission(FunctionName="checkout", StatementId=sid, Action=action, Principal=principal, **more)


@pytest.mark.parametrize(
    ("added", "written"),
    [
        pytest.param({"principal": "*"}, {"Principal": "*"}, id="anyone"),
        pytest.param({"principal": "999988887777"}, {"Principal": {"AWS": "arn:aws:iam::999988887777:root"}}, id="account"),
        pytest.param(
            {"principal": "arn:aws:iam::999988887777:role/x"}, {"Principal": {"AWS": "arn:aws:iam::999988887777:role/x"}}, id="role"
        ),
        pytest.param({"principal": "s3.amazonaws.com"}, {"Principal": {"Service": "s3.amazonaws.com"}}, id="service"),
        pytest.param(
            {"principal": "s3.amazonaws.com", "SourceArn": "arn:aws:s3:::b", "SourceAccount": "123456789012"},
            {"Condition": {"StringEquals": {"AWS:SourceAccount": "123456789012"}, "ArnLike": {"AWS:SourceArn": "arn:aws:s3:::b"}}},
            id="source-arn-and-account",
        ),
        pytest.param(
            {"PrincipalOrgID": "o-a1b2c3d4e5"}, {"Condition": {"StringEquals": {"aws:PrincipalOrgID": "o-a1b2c3d4e5"}}}, id="organisation"
        ),
        pytest.param(
            {"action": "lambda:InvokeFunctionUrl", "FunctionUrlAuthType": "NONE"},
            {"Action": "lambda:InvokeFunctionUrl", "Condition": {"StringEquals": {"lambda:FunctionUrlAuthType": "NONE"}}},
            id="url-auth-type",
        ),
        pytest.param({"InvokedViaFunctionUrl": True}, {"Condition": {"Bool": {"lambda:InvokedViaFunctionUrl": "true"}}}, id="via-url-only"),
        pytest.param(
            {"principal": "alexa-appkit.amazon.com", "EventSourceToken": "t"},
            {"Condition": {"StringEquals": {"lambda:EventSourceToken": "t"}}},
            id="event-source-token",
        ),
    ],
)
def test_a_permission_becomes_the_statement_aws_writes(lam, make, added, written):
    make()
    allow(lam, **added)
    (statement,) = statements(lam)
    assert statement["Sid"] == "s"
    assert statement["Effect"] == "Allow"
    assert statement["Resource"] == "arn:aws:lambda:eu-west-1:123456789012:function:checkout"
    assert {member: statement.get(member) for member in written} == written
    assert ("Condition" in statement) == ("Condition" in written)


def test_each_qualifier_has_a_policy_of_its_own(versioned):
    allow(versioned, "on-function")
    allow(versioned, "on-alias", Qualifier="live")
    allow(versioned, "on-version", Qualifier="1")
    assert [one["Sid"] for one in statements(versioned)] == ["on-function"]
    assert [one["Sid"] for one in statements(versioned, Qualifier="live")] == ["on-alias"]
    assert [one["Sid"] for one in statements(versioned, Qualifier="1")] == ["on-version"]
    assert statements(versioned, Qualifier="live")[0]["Resource"].endswith(":function:checkout:live")


@pytest.mark.parametrize("qualifier", [None, "live", "1"])
def test_a_qualifier_without_policy_has_none_whatever_the_others_have(versioned, qualifier):
    for other in {None, "live", "1"} - {qualifier}:
        allow(versioned, **({"Qualifier": other} if other else {}))
    with pytest.raises(versioned.exceptions.ResourceNotFoundException):
        statements(versioned, **({"Qualifier": qualifier} if qualifier else {}))


def test_latest_by_name_takes_no_policy(versioned):
    with pytest.raises(versioned.exceptions.InvalidParameterValueException, match=r"\$LATEST"):
        allow(versioned, Qualifier="$LATEST")


def test_the_last_statement_removed_is_the_policy_gone(versioned):
    allow(versioned, "one", Qualifier="live")
    allow(versioned, "two", Qualifier="live")
    versioned.remove_permission(FunctionName="checkout", StatementId="one", Qualifier="live")
    assert [one["Sid"] for one in statements(versioned, Qualifier="live")] == ["two"]
    versioned.remove_permission(FunctionName="checkout", StatementId="two", Qualifier="live")
    with pytest.raises(versioned.exceptions.ResourceNotFoundException):
        statements(versioned, Qualifier="live")
    with pytest.raises(versioned.exceptions.ResourceNotFoundException):
        versioned.remove_permission(FunctionName="checkout", StatementId="two", Qualifier="live")


def test_a_statement_id_is_taken_once_per_qualifier(versioned):
    allow(versioned)
    allow(versioned, Qualifier="live")
    with pytest.raises(versioned.exceptions.ResourceConflictException):
        allow(versioned)


def test_a_whole_policy_can_be_put_and_read_both_ways(versioned):
    arn = "arn:aws:lambda:eu-west-1:123456789012:function:checkout:live"
    deny = {"Sid": "d", "Effect": "Deny", "Principal": "*", "Action": "lambda:InvokeFunction", "Resource": arn}
    versioned.put_resource_policy(ResourceArn=arn, Policy=json.dumps({"Version": "2012-10-17", "Statement": [deny]}))
    assert statements(versioned, Qualifier="live") == [deny]
    assert json.loads(versioned.get_resource_policy(ResourceArn=arn)["Policy"])["Statement"] == [deny]
    versioned.delete_resource_policy(ResourceArn=arn)
    with pytest.raises(versioned.exceptions.ResourceNotFoundException):
        versioned.get_resource_policy(ResourceArn=arn)


CORS = {
    "AllowOrigins": ["*"],
    "AllowMethods": ["GET"],
    "AllowHeaders": ["x"],
    "ExposeHeaders": ["y"],
    "AllowCredentials": True,
    "MaxAge": 60,
}


def test_urls_of_function_and_alias_are_two_and_listed_together(versioned):
    versioned.create_function_url_config(FunctionName="checkout", AuthType="AWS_IAM")
    versioned.create_function_url_config(
        FunctionName="checkout", Qualifier="live", AuthType="NONE", Cors=CORS, InvokeMode="RESPONSE_STREAM"
    )
    listed = {
        one["FunctionArn"].rpartition(":")[2]: one
        for one in versioned.list_function_url_configs(FunctionName="checkout")["FunctionUrlConfigs"]
    }
    assert {name: one["AuthType"] for name, one in listed.items()} == {"checkout": "AWS_IAM", "live": "NONE"}
    assert listed["live"]["Cors"] == CORS
    assert "Cors" not in listed["checkout"]
    assert listed["checkout"]["FunctionUrl"] != listed["live"]["FunctionUrl"]
    alone = versioned.get_function_url_config(FunctionName="checkout", Qualifier="live")
    assert {member: alone[member] for member in listed["live"]} == listed["live"]


def test_a_url_can_be_changed_and_taken_away(versioned):
    versioned.create_function_url_config(FunctionName="checkout", AuthType="NONE")
    versioned.update_function_url_config(FunctionName="checkout", AuthType="AWS_IAM")
    assert versioned.get_function_url_config(FunctionName="checkout")["AuthType"] == "AWS_IAM"
    versioned.delete_function_url_config(FunctionName="checkout")
    assert versioned.list_function_url_configs(FunctionName="checkout")["FunctionUrlConfigs"] == []


def test_deleting_an_alias_takes_its_policy_and_url(versioned):
    allow(versioned, Qualifier="live")
    versioned.create_function_url_config(FunctionName="checkout", Qualifier="live", AuthType="NONE")
    versioned.delete_alias(FunctionName="checkout", Name="live")
    assert versioned.list_function_url_configs(FunctionName="checkout")["FunctionUrlConfigs"] == []
    versioned.create_alias(FunctionName="checkout", Name="live", FunctionVersion="1")
    with pytest.raises(versioned.exceptions.ResourceNotFoundException):
        statements(versioned, Qualifier="live")
