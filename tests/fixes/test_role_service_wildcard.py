import pytest
from tests.estates import allow, attached, function, policy, role
from tests.fixes.remedies import planned

from buckler.checks.role_service_wildcard import role_service_wildcard as check
from buckler.data.function_actions import FUNCTION_ACTIONS
from buckler.engines.iam.catalogue import catalogue

SQS = sorted(f"sqs:{one}" for one in FUNCTION_ACTIONS["sqs"])
FULL = "arn:aws:iam::aws:policy/AmazonSQSFullAccess"


def test_the_statement_keeps_all_but_the_wildcard():
    both = policy(allow(["sqs:*", "ec2:DescribeVpcs"], Sid="queues"), allow("xray:PutTraceSegments"), name="own")
    fix = planned(check, function(), role(inline=(both,)))
    (edit,) = fix.edits
    assert fix.proof.verdict == "proved"
    assert edit.after["Statement"][0] == {"Sid": "queues", "Effect": "Allow", "Action": [*SQS, "ec2:DescribeVpcs"], "Resource": "*"}
    assert edit.after["Statement"][1] == edit.before["Statement"][1]


def test_of_a_managed_policy_the_role_gets_a_narrower_copy_before_it_is_taken_off():
    fix = planned(check, function(), role(attached=(attached(FULL, policy(allow("sqs:*"), name=FULL)),)))
    written, taken = fix.edits
    assert fix.proof.verdict == "proved"
    assert (written.do.operation, taken.do.operation, taken.undo.operation) == ("PutRolePolicy", "DetachRolePolicy", "AttachRolePolicy")
    assert written.do.parameters["PolicyName"] == "buckler-AmazonSQSFullAccess"


def test_what_functions_do_with_a_service_is_not_known_of_every_one():
    fix = planned(check, function(), role(inline=(policy(allow("guardduty:*"), name="own"),)))
    assert (fix.proof.verdict, fix.proof.why) == ("advice", "what it uses only its code tells")


@pytest.mark.parametrize("service", FUNCTION_ACTIONS)
def test_the_table_names_actions_that_there_are_and_that_hand_out_no_rights(service):
    levels = [catalogue().level(f"{service}:{name}") for name in FUNCTION_ACTIONS[service]]
    assert None not in levels
    assert "Permissions management" not in levels
    assert list(FUNCTION_ACTIONS[service]) == sorted(FUNCTION_ACTIONS[service])
