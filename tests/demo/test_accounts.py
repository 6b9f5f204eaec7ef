"""Accounts are told apart by the credentials of the role that was assumed, in every service."""

import pytest
from botocore.exceptions import ClientError
from tests import aws

TRUST = "{}"


@pytest.mark.parametrize("account", [aws.SHOP, aws.PARTNER])
def test_the_caller_is_who_was_assumed(endpoint, account):
    assert aws.client("sts", endpoint, account=account).get_caller_identity()["Account"] == account


def test_each_account_sees_its_own_iam(endpoint):
    for account, name in ((aws.SHOP, "ours"), (aws.PARTNER, "theirs")):
        iam = aws.client("iam", endpoint, account=account)
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=TRUST)
        (role,) = iam.get_account_authorization_details(Filter=["Role"])["RoleDetailList"]
        assert role["Arn"] == f"arn:aws:iam::{account}:role/{name}"


def test_each_account_and_region_sees_its_own_functions(endpoint):
    for account in (aws.SHOP, aws.PARTNER):
        for region in ("eu-west-1", "us-east-1"):
            lam = aws.client("lambda", endpoint, account=account, region=region)
            lam.create_function(
                FunctionName="f", Runtime="python3.13", Handler="a.b", Role=f"arn:aws:iam::{account}:role/r", Code={"ZipFile": aws.zipped()}
            )
            assert [one["FunctionArn"] for one in lam.list_functions()["Functions"]] == [f"arn:aws:lambda:{region}:{account}:function:f"]


def test_another_accounts_function_is_denied_not_missing(endpoint, lam):
    with pytest.raises(ClientError) as caught:
        lam.get_function(FunctionName=f"arn:aws:lambda:eu-west-1:{aws.PARTNER}:function:f")
    assert caught.value.response["Error"]["Code"] == "AccessDeniedException"
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403


def test_a_reset_empties_every_account(endpoint):
    for account in (aws.SHOP, aws.PARTNER):
        aws.client("iam", endpoint, account=account).create_role(RoleName="r", AssumeRolePolicyDocument=TRUST)
    aws.server().reset()
    for account in (aws.SHOP, aws.PARTNER):
        assert aws.client("iam", endpoint, account=account).list_roles()["Roles"] == []
