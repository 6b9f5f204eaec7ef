"""Saved answers of AWS become one estate, and a broken file takes nothing else with it."""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.estates import TODAY

from buckler.app import ScanOptions, read_targets
from buckler.engines.iam.answer import Answer
from buckler.errors import SourceError
from buckler.model.estate import Estate
from buckler.model.unknown import Unknown, UnknownKind
from buckler.reach.analysis import Analysis
from buckler.sources.saved import load, looks_like_saved

ACCOUNT = "123456789012"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/app/worker"
USER = f"arn:aws:iam::{ACCOUNT}:user/ann"
MANAGED = f"arn:aws:iam::{ACCOUNT}:policy/read"
FUNCTION = f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:shop"


def document(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(action: str, resource: str = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


DETAILS = {
    "UserDetailList": [
        {"Arn": USER, "UserName": "ann", "Path": "/", "GroupList": ["dev"], "AttachedManagedPolicies": [], "UserPolicyList": []}
    ],
    "GroupDetailList": [
        {
            "Arn": f"arn:aws:iam::{ACCOUNT}:group/dev",
            "GroupName": "dev",
            "Path": "/",
            "GroupPolicyList": [{"PolicyName": "p", "PolicyDocument": document(allow("lambda:UpdateFunctionCode"))}],
            "AttachedManagedPolicies": [],
        }
    ],
    "RoleDetailList": [
        {
            "Arn": ROLE,
            "RoleName": "worker",
            "Path": "/app/",
            "AssumeRolePolicyDocument": document(
                {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
            ),
            "RolePolicyList": [],
            "AttachedManagedPolicies": [{"PolicyName": "read", "PolicyArn": MANAGED}],
            "RoleLastUsed": {"LastUsedDate": "2026-01-02T03:04:05+00:00"},
        }
    ],
    "Policies": [
        {
            "Arn": MANAGED,
            "PolicyVersionList": [{"IsDefaultVersion": True, "Document": document(allow("s3:GetObject", "arn:aws:s3:::data/*"))}],
        }
    ],
}
FUNCTIONS = {
    "Functions": [
        {"FunctionArn": FUNCTION, "FunctionName": "shop", "Role": ROLE, "Runtime": "python3.13", "Version": "$LATEST"},
        {"FunctionArn": f"{FUNCTION}:1", "FunctionName": "shop", "Role": ROLE, "Runtime": "python3.12", "Version": "1"},
    ]
}
POLICIES = {
    FUNCTION: document({"Effect": "Allow", "Principal": "*", "Action": "lambda:InvokeFunction", "Resource": FUNCTION}),
    f"{FUNCTION}:live": json.dumps(document({"Effect": "Allow", "Principal": "*", "Action": "lambda:InvokeFunction", "Resource": "*"})),
    "arn:aws:s3:::data": document(
        {"Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::data/private/*"}
    ),
}
CONTROL = {
    "ServiceControlPolicies": [[document(allow("*"))], [document(allow("*"), {"Effect": "Deny", "Action": "lambda:*", "Resource": "*"})]]
}


def saved(folder: Path, **contents: object) -> Path:
    for name, content in contents.items():
        (folder / f"{name}.json").write_text(json.dumps(content))
    return folder


def estate(folder: Path) -> Estate:
    (only,) = read_targets([folder], ScanOptions()).estates
    return only


def ask(folder: Path, principal: str, action: str, resource: str) -> Answer:
    access = Analysis(estate(folder), today=TODAY).access
    return access.decide(access.request(principal, action, resource)).answer


def test_principals_have_managed_and_group_policies(tmp_path: Path) -> None:
    saved(tmp_path, iam=DETAILS)
    assert ask(tmp_path, ROLE, "s3:GetObject", "arn:aws:s3:::data/a") is Answer.ALLOW
    assert ask(tmp_path, ROLE, "s3:PutObject", "arn:aws:s3:::data/a") is Answer.IMPLICIT_DENY
    assert ask(tmp_path, USER, "lambda:UpdateFunctionCode", FUNCTION) is Answer.ALLOW


def test_files_together_are_one_estate(tmp_path: Path) -> None:
    saved(tmp_path, iam=DETAILS, functions=FUNCTIONS, policies=POLICIES)
    found = estate(tmp_path)
    (function,) = found.functions
    assert function.role == ROLE
    assert [version.version for version in function.versions if not isinstance(function.versions, Unknown)] == ["1"]
    assert [one.qualifier for one in function.policies if not isinstance(function.policies, Unknown)] == ["$LATEST", "live"]
    assert ask(tmp_path, ROLE, "s3:GetObject", "arn:aws:s3:::data/private/a") is Answer.DENY


def test_control_policies_bind_level_by_level(tmp_path: Path) -> None:
    saved(tmp_path, iam=DETAILS, control=CONTROL)
    assert ask(tmp_path, USER, "lambda:UpdateFunctionCode", FUNCTION) is Answer.DENY
    assert ask(tmp_path, ROLE, "s3:GetObject", "arn:aws:s3:::data/a") is Answer.ALLOW


def test_the_management_account_is_not_bound(tmp_path: Path) -> None:
    saved(tmp_path, iam=DETAILS, control={**CONTROL, "ManagementAccount": ACCOUNT})
    assert ask(tmp_path, USER, "lambda:UpdateFunctionCode", FUNCTION) is Answer.ALLOW


def test_what_no_file_tells_is_missing(tmp_path: Path) -> None:
    found = estate(saved(tmp_path, iam=DETAILS))
    missing = {one.collection: one.unknown.kind for one in found.missing}
    assert missing["functions"] is UnknownKind.OUTSIDE
    assert missing["trails"] is UnknownKind.OUTSIDE
    assert "roles" not in missing


def test_what_the_list_does_not_tell_of_a_function_is_unknown(tmp_path: Path) -> None:
    (function,) = estate(saved(tmp_path, functions={"Functions": FUNCTIONS["Functions"][:1]})).functions
    for name in ("urls", "policies", "aliases", "versions", "event_invoke", "tags"):
        value = getattr(function, name)
        assert isinstance(value, Unknown), name
        assert value.kind is UnknownKind.OUTSIDE, name


def test_a_list_of_policies_with_accounts(tmp_path: Path) -> None:
    entries = [{"Resource": "arn:aws:s3:::data", "Policy": POLICIES["arn:aws:s3:::data"], "Account": ACCOUNT}]
    (store,) = estate(saved(tmp_path, policies=entries)).stores
    assert (store.kind, store.account) == ("bucket", ACCOUNT)


def test_a_function_known_by_its_policy_alone_claims_nothing_else(tmp_path: Path) -> None:
    (function,) = estate(saved(tmp_path, policies={FUNCTION: POLICIES[FUNCTION]})).functions
    assert isinstance(function.role, Unknown)


def test_a_broken_file_takes_nothing_else_with_it(tmp_path: Path) -> None:
    saved(tmp_path, iam=DETAILS, functions={"Functions": [{"FunctionArn": "shop"}]})
    read = read_targets([tmp_path], ScanOptions())
    assert [error.cause for error in read.errors] == ["`FunctionArn` is missing or malformed"]
    assert len(read.estates[0].roles) == 1


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('{"RoleDetailList": [', id="truncated"),
        pytest.param('{"RoleDetailList": "many"}', id="not a list"),
        pytest.param('{"RoleDetailList": [{"Arn": 7}]}', id="a number for an ARN"),
        pytest.param('{"RoleDetailList": []}', id="names no account"),
        pytest.param('{"ResourcePolicies": 3}', id="policies that are a number"),
        pytest.param('{"RoleDetailList": ' + "[" * 100_000, id="nested without end"),
    ],
)
def test_bad_input_is_one_error(tmp_path: Path, text: str) -> None:
    path = tmp_path / "bad.json"
    path.write_text(text)
    (error,) = read_targets([path], ScanOptions()).errors
    assert error.hint
    assert "bad.json" in error.target


def test_no_secret_survives_an_error(tmp_path: Path) -> None:
    path = tmp_path / "functions.json"
    path.write_text('{"Functions": [{"FunctionArn": "x", "Environment": {"Variables": {"K": "sk_live_abcdefghijklmnop"}}')
    with pytest.raises(SourceError) as caught:
        load(path, "functions.json")
    assert "sk_live" not in str(caught.value)


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        pytest.param(b'{"RoleDetailList": []', True, id="details"),
        pytest.param(b'{ "arn:aws:s3:::x": {', True, id="policies by ARN"),
        pytest.param(b'[{"Resource": "arn:aws:s3:::x"', True, id="policies in a list"),
        pytest.param(b'{"Functions": [{"FunctionArn": ', True, id="functions"),
        pytest.param(b'{"Resources": {"F": {"Type": "AWS::Lambda::Function"}}}', False, id="a template"),
        pytest.param(b'{"format_version": "1.2", "Functions": "FunctionArn"', False, id="a plan"),
        pytest.param(b"", False, id="nothing"),
        pytest.param(b'{"name": "package"}', False, id="any other JSON"),
    ],
)
def test_sniffing(head: bytes, expected: bool) -> None:
    assert looks_like_saved(head) is expected
