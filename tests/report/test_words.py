import json

import pytest
from tests.report import results

from buckler.model.finding import Request, Witness
from buckler.report.words import answer, by_severity, count, entities, is_permission, needs, policy_snippet, scopes, seconds, witness


@pytest.mark.parametrize(
    ("need", "said"),
    [
        ("lambda:GetPolicy", "grant lambda:GetPolicy"),
        ("network-firewall:ListFirewalls", "grant network-firewall:ListFirewalls"),
        ("--parameter Stage=...", "pass --parameter Stage=..."),
        ("--deep", "pass --deep"),
        ("a value for var.name", "needs a value for var.name"),
        ("aws:SourceArn is not known", "aws:SourceArn is not known"),
        ("lambda:Get*", "lambda:Get*"),
    ],
)
def test_what_to_do_about_a_need(need, said):
    assert answer(need) == said
    assert is_permission(need) == said.startswith("grant")


def test_needs_are_grouped_most_first():
    grouped = needs(results.shop().gaps)
    assert [(one.need, len(one.gaps)) for one in grouped] == [
        ("lambda:GetPolicy", 3),
        ("--parameter RoleArn=...", 1),
        ("kms:GetKeyPolicy", 1),
    ]


def test_counts_and_their_nouns():
    assert [count(number, "finding") for number in (0, 1, 2, 1_000)] == ["0 findings", "1 finding", "2 findings", "1,000 findings"]
    assert entities(1, "security_groups") == "1 security group"
    assert entities(2, "security_groups") == "2 security groups"
    assert [seconds(value) for value in (0.04, 9.94, 75.4)] == ["0.0 s", "9.9 s", "75 s"]
    assert scopes(results.shop()) == "1 region and 1 template"
    assert list(by_severity(results.shop().findings).values()) == [1, 3, 1, 7]


def test_a_witness_in_one_line():
    request = Request(principal="arn:aws:iam::210987654321:root", action="lambda:InvokeFunction", resource="*")
    assert witness(Witness(requests=(request,), policies=(), expect="DENY")) == "InvokeFunction as arn:aws:iam::210987654321:root -> deny"


def test_a_witness_of_many_requests_stays_one_line():
    requests = tuple(Request(principal="*", action=f"iam:Do{number}", resource="*") for number in range(9))
    assert witness(Witness(requests=requests, policies=())) == "Do0 + Do1 + Do2 + 6 more as nobody -> allow"


def test_the_policy_to_paste_is_a_policy():
    assert json.loads(policy_snippet(["kms:GetKeyPolicy", "lambda:GetPolicy", "kms:GetKeyPolicy"]))["Statement"][0]["Action"] == [
        "kms:GetKeyPolicy",
        "lambda:GetPolicy",
    ]
