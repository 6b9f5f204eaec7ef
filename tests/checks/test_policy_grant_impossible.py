import pytest
from tests.estates import DENIED, allow, ask, attached, function, policy, role, verdict

from buckler.checks.policy_grant_impossible import policy_grant_impossible
from buckler.model.finding import Finding, Gap
from buckler.model.text import hole, join

AWS = "arn:aws:iam::aws:policy/AmazonSomethingFullAccess"
BUCKET = "arn:aws:s3:::uploads"
OBJECTS = f"{BUCKET}/*"
READ = ["s3:GetObject", "s3:ListBucket"]


def on(actions, resources):
    return policy(allow(actions, resources))


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param({}, None, id="nothing-granted"),
        pytest.param({"inline": (on("s3:GetObject", BUCKET),)}, Finding, id="objects-of-a-bucket-without-slash"),
        pytest.param({"inline": (on(READ, OBJECTS),)}, Finding, id="a-list-of-objects"),
        pytest.param({"inline": (on(READ, [BUCKET, OBJECTS]),)}, None, id="both"),
        pytest.param({"inline": (on("s3:GetObject", [BUCKET, OBJECTS]),)}, None, id="bucket-beside-its-objects"),
        pytest.param({"inline": (on("s3:GetObject", f"{BUCKET}*"),)}, None, id="a-star-is-enough"),
        pytest.param({"inline": (on(READ, BUCKET), on(READ, OBJECTS))}, None, id="shared-out-over-two-statements"),
        pytest.param({"inline": (on("s3:GetObject", [OBJECTS, "arn:aws:s3:::exports"]),)}, Finding, id="one-of-two-buckets"),
        pytest.param({"inline": (on("lambda:ListFunctions", "arn:aws:lambda:*:*:function:f"),)}, Finding, id="a-list-of-one"),
        pytest.param({"inline": (on("lambda:ListFunctions", "arn:aws:lambda:*:*:function:*"),)}, None, id="a-list-of-all"),
        pytest.param({"inline": (on("s3:GetObject", join("arn:aws:s3:::", hole("Uploads"))),)}, Finding, id="a-bucket-of-the-template"),
        pytest.param({"inline": (on("s3:GetObject", hole("What", "--parameter What=...")),)}, None, id="a-parameter"),
        pytest.param({"inline": (on("s3:HeadObject", BUCKET),)}, None, id="unknown-action-is-another-question"),
        pytest.param({"attached": (attached(AWS, on("s3:GetObject", BUCKET)),)}, None, id="aws-own"),
        pytest.param({"inline": DENIED}, Gap, id="unreadable"),
    ],
)
def test_verdict(facts, expected):
    assert verdict(policy_grant_impossible, function(), role(**facts)) is expected


def test_says_what_to_write():
    (finding,) = ask(policy_grant_impossible, function(), role(inline=(on(READ, BUCKET),))).findings
    assert finding.message == "`s3:GetObject` acts on none of the resources of its statement"
    assert finding.remedy.text == f"Grant `s3:GetObject` on `{OBJECTS}`."
    (finding,) = ask(policy_grant_impossible, function(), role(inline=(on("kms:Decrypt", "arn:aws:sqs:*:*:q"),))).findings
    assert "arn:${Partition}:kms:${Region}:${Account}:key/${KeyId}" in finding.remedy.text


def test_a_deny_denies_less():
    deny = policy({"Effect": "Deny", "Action": "s3:DeleteObject", "Resource": BUCKET})
    (finding,) = ask(policy_grant_impossible, function(), role(inline=(deny,))).findings
    assert finding.evidence[0].note == "so this denies less than it says"


def test_says_the_same_once():
    assert len(ask(policy_grant_impossible, function(), role(inline=(on("s3:GetObject", BUCKET),) * 2)).findings) == 1
