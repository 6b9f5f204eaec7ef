import pytest
from tests.estates import ACCOUNT, DENIED, OTHER, allow, ask, attached, function, policy, role, verdict

from buckler.checks.role_service_wildcard import role_service_wildcard
from buckler.model.finding import Finding, Gap
from buckler.model.text import hole


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param({}, None, id="nothing-granted"),
        pytest.param({"inline": (policy(allow("dynamodb:*")),)}, Finding, id="all-of-a-service"),
        pytest.param({"inline": (policy(allow(["logs:PutLogEvents", "S3:*"])),)}, Finding, id="among-others-and-in-capitals"),
        pytest.param(
            {"inline": (policy(allow("dynamodb:*", "arn:aws:dynamodb:eu-west-1:123456789012:table/orders")),)}, None, id="on-one-table"
        ),
        pytest.param({"inline": (policy(allow("dynamodb:Get*")),)}, None, id="only-reads"),
        pytest.param({"inline": (policy(allow("xray:*")),)}, None, id="a-service-that-gives-little"),
        pytest.param({"inline": (policy(allow("*")),)}, None, id="administrator-is-another-question"),
        pytest.param({"inline": (policy({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}),)}, Finding, id="power-user"),
        pytest.param({"inline": (policy(allow("s3:*"), {"Effect": "Deny", "Action": "s3:*", "Resource": "*"}),)}, None, id="taken-back"),
        pytest.param({"inline": (policy(allow("s3:*")),), "boundary": attached("arn", policy(allow("s3:Get*")))}, None, id="bounded"),
        pytest.param({"inline": (policy(allow("s3:*")),), "boundary": DENIED}, Gap, id="boundary-unreadable"),
        pytest.param({"inline": (policy(allow("s3:*", hole("Where", "--parameter Where=..."))),)}, Gap, id="resource-a-parameter"),
        pytest.param({"inline": (policy(allow("s3:*", hole("Bucket.Arn"))),)}, None, id="resource-of-the-same-template"),
        pytest.param({"attached": (attached("arn", DENIED),)}, Gap, id="document-unreadable"),
        pytest.param({"attached": DENIED}, Gap, id="attached-unreadable"),
        pytest.param({"inline": (policy(allow("s3:*", "arn:aws:s3:::*")),)}, Finding, id="every-bucket-by-its-arn"),
        pytest.param({"inline": (policy(allow("s3:*", ["arn:aws:s3:::*", "arn:aws:s3:::*/*"])),)}, Finding, id="every-bucket-and-object"),
        pytest.param({"inline": (policy(allow("sqs:*", "arn:aws:sqs:*:*:*")),)}, Finding, id="every-queue-by-its-arn"),
        pytest.param({"inline": (policy(allow("sqs:*", f"arn:aws:sqs:*:{ACCOUNT}:*")),)}, Finding, id="every-queue-of-the-account"),
        pytest.param({"inline": (policy(allow("sqs:*", f"arn:aws:sqs:*:{OTHER}:*")),)}, None, id="every-queue-of-another-account"),
        pytest.param({"inline": (policy(allow("sqs:*", f"arn:aws:sqs:us-east-1:{ACCOUNT}:*")),)}, None, id="every-queue-of-one-region"),
        pytest.param({"inline": (policy(allow("s3:*", "arn:aws:s3:::shop-*")),)}, None, id="buckets-with-a-name"),
        pytest.param({"inline": (policy(allow("s3:*", "arn:aws:sqs:*:*:*")),)}, None, id="a-resource-of-another-service"),
        pytest.param({"inline": (policy(allow("s3:*Object")),)}, None, id="actions-that-end-alike"),
        pytest.param({"inline": (policy({**allow("s3:*"), "Effect": "Deny"}),)}, None, id="denied"),
        pytest.param(
            {"inline": (policy(allow("s3:*", "arn:aws:s3:::*"), {"Effect": "Deny", "NotAction": "s3:Get*", "Resource": "*"}),)},
            None,
            id="every-bucket-but-only-to-read",
        ),
    ],
)
def test_verdict(facts, expected):
    assert verdict(role_service_wildcard, function(), role(**facts)) is expected


def test_one_finding_names_all_services():
    finding = ask(role_service_wildcard, role(inline=(policy(allow("sqs:*"), allow(["s3:*", "dynamodb:*"])),))).findings[0]
    assert finding.message == "the role may use all of `dynamodb`, `s3` and `sqs` on every resource"
    many = policy(allow(["s3:*", "sqs:*", "sns:*", "ssm:*", "kms:*"]))
    assert (
        ask(role_service_wildcard, role(inline=(many,))).findings[0].message
        == "the role may use all of `kms`, `s3`, `sns` and 2 more services on every resource"
    )


@pytest.mark.parametrize(
    ("partition", "expected"), [("aws", None), ("aws-cn", Finding), ("aws-us-gov", None)], ids=["aws", "its-own", "aws-us-gov"]
)
def test_a_role_is_asked_about_its_own_partition(partition, expected):
    arn = f"arn:aws-cn:iam::{ACCOUNT}:role/checkout-role"
    assert (
        verdict(role_service_wildcard, function(role=arn), role(arn=arn, inline=(policy(allow("s3:*", f"arn:{partition}:s3:::*")),)))
        is expected
    )
