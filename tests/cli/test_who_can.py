"""`buckler who-can`: its JSON, what it notes, and its errors. What it prints is in test_why."""

import json

import pytest
from tests.cli.asked import ALL, ASKED

READ = "secretsmanager:GetSecretValue"


def test_the_json_has_a_shape(asked):
    document = json.loads(asked(*ASKED["who_can"], "--format", "json").out)
    assert document["schema"] == "buckler/who-can/1"
    (answer,) = document["answers"]
    assert set(answer) == {"action", "resource", "asked", "may", "notes"}
    assert {tuple(sorted(one)) for one in answer["may"]} == {("kind", "only_if", "principal", "statements", "sure", "why")}
    assert [one["principal"].rpartition("/")[2] for one in answer["may"]] == ["report", "ann"]
    # Nobody read the function's own policy, but such a policy can only add.
    assert [one["sure"] for one in answer["may"]] == [True, True]


def test_nobody_is_an_answer(asked):
    done = asked("who-can", "iam:AttachRolePolicy", "report", *ALL)
    assert done.code == 0
    assert done.out.startswith("0 may: iam:AttachRolePolicy on arn:aws:iam::123456789012:role/report\n")


def test_a_secret_is_called_without_its_random_ending(asked):
    (answer,) = json.loads(asked("who-can", READ, "payroll", *ALL, "--format", "json").out)["answers"]
    assert answer["resource"].endswith(":secret:payroll-AbCdEf")
    assert [one["principal"].rpartition("/")[2] for one in answer["may"]] == ["report"]


def test_what_was_not_read_is_noted(asked):
    done = asked("who-can", "s3:GetObject", "arn:aws:s3:::assets/x", "account.json", width=500)
    assert "note: `arn:aws:s3:::assets/x` is not among what was read" in done.out
    assert "note: service control policies of 123456789012 are not applied" in done.out


@pytest.mark.parametrize(
    ("arguments", "error", "hint"),
    [
        pytest.param((READ, "payrol"), "there is no resource `payrol`", "`payroll`", id="mistyped-resource"),
        pytest.param(("secretsmanager:*", "payroll"), "`secretsmanager:*` is many actions", "ask for one of them", id="pattern"),
        pytest.param(("GetSecretVlue", "payroll"), "`GetSecretVlue` is not an action", f"`{READ}`", id="no-service"),
        pytest.param((READ, "payroll", "--all-regions"), "--all-regions is for the live account", "leave out", id="live-option"),
    ],
)
def test_a_mistake_is_told_with_what_may_be_meant(asked, arguments, error, hint):
    done = asked("who-can", *arguments, *ALL)
    assert (done.code, done.out) == (2, "")
    assert f"error: {error}" in done.err
    assert hint in done.err.partition("hint: ")[2]


def test_a_file_where_a_name_should_stand_is_told(asked):
    done = asked("who-can", "lambda:InvokeFunction", "account.json")
    assert done.code == 2
    assert "error: `account.json` is a file, and stands where RESOURCE should be named" in done.err
    assert "hint: buckler who-can ACTION RESOURCE account.json" in done.err
