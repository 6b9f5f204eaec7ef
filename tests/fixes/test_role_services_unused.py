from tests.estates import allow, attached, function, policy, role
from tests.fixes.remedies import never_wider, planned

from buckler.checks.role_services_unused import role_services_unused as check
from buckler.model.iam import ServiceUse

OLD = "2024-01-01T00:00:00+00:00"
USED = (ServiceUse(service="s3", last=None), ServiceUse(service="sqs", last="2026-11-10T04:05:06+00:00"))
FULL = "arn:aws:iam::aws:policy/AmazonS3FullAccess"


def fix_of(**facts):
    return planned(check, function(), role(created=OLD, services_used=USED, **facts))


def test_the_service_goes_and_what_is_used_stays():
    own = policy(allow(["s3:*", "sqs:*"]), allow("S3:*", "arn:aws:s3:::b/*"), allow("s3:GetObject", "arn:aws:s3:::named/*"), name="own")
    fix = fix_of(inline=(own,))
    (edit,) = fix.edits
    assert (fix.proof.verdict, fix.is_safe) == ("proved", False)
    assert [one["Action"] for one in edit.after["Statement"]] == ["sqs:*", "s3:GetObject"]
    assert never_wider(edit)
    assert fix.lost == ("every action of `s3`: what runs less often than once in 90 days, and was not run meanwhile",)


def test_a_managed_policy_of_nothing_else_is_taken_off():
    fix = fix_of(attached=(attached(FULL, policy(allow("s3:*"), name=FULL)),))
    assert ([edit.do.operation for edit in fix.edits], fix.proof.verdict) == (["DetachRolePolicy"], "proved")


def test_of_a_managed_policy_of_more_the_role_gets_a_copy():
    fix = fix_of(attached=(attached(FULL, policy(allow("s3:*"), allow("sqs:*"), name=FULL)),))
    assert [edit.do.operation for edit in fix.edits] == ["PutRolePolicy", "DetachRolePolicy"]
    assert [one["Action"] for one in fix.edits[0].after["Statement"]] == ["sqs:*"]
