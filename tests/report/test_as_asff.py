import json
from datetime import UTC, datetime

import botocore.session
import pytest
from botocore.validate import ParamValidator
from tests.report import results

from buckler.model.finding import Subject
from buckler.report import Context, remarks, render

WHEN = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)


def asff(scan):
    return json.loads(render("asff", scan, Context(pages=results.pages(scan), now=WHEN)))


@pytest.fixture(scope="module")
def shape():
    return botocore.session.get_session().get_service_model("securityhub").operation_model("BatchImportFindings").input_shape


@pytest.mark.parametrize("scan", [results.shop(), results.hostile()], ids=["shop", "hostile"])
def test_security_hub_takes_the_parameters(shape, scan):
    findings = asff(scan)
    assert findings
    assert not ParamValidator().validate({"Findings": findings}, shape).has_errors()


def test_the_validation_can_fail(shape):
    (finding, *_) = asff(results.shop())
    del finding["ProductArn"]
    assert ParamValidator().validate({"Findings": [finding]}, shape).has_errors()


def test_one_finding():
    found = next(one for one in asff(results.shop()) if one["GeneratorId"] == "buckler/function-url-public")
    assert found["AwsAccountId"] == "123456789012"
    assert found["ProductArn"] == "arn:aws:securityhub:eu-west-1:123456789012:product/123456789012/default"
    assert found["Severity"] == {"Label": "HIGH", "Original": "high"}
    assert found["CreatedAt"] == "2026-11-25T10:00:00.000Z"
    assert found["Resources"] == [{"Type": "AwsLambdaFunction", "Id": results.arn("checkout"), "Partition": "aws", "Region": "eu-west-1"}]
    assert found["Compliance"] == {"Status": "FAILED", "RelatedRequirements": ["fsbp:Lambda.1", "mitre:T1190", "owasp-serverless:SAS-2"]}


def test_a_global_resource_is_imported_where_the_account_was_read():
    role = next(one for one in asff(results.shop()) if one["GeneratorId"] == "buckler/role-administrator")
    assert role["ProductArn"].split(":")[3] == "eu-west-1"


def test_a_gap_is_not_available_and_never_passed():
    gaps = [one for one in asff(results.shop()) if one["Compliance"]["Status"] == "NOT_AVAILABLE"]
    assert len(gaps) == 4
    assert {one["Severity"]["Label"] for one in gaps} == {"INFORMATIONAL"}
    assert "PASSED" not in render("asff", results.shop(), Context())


def test_templates_have_no_account_and_are_said_to_be_left_out():
    assert len(asff(results.shop())) == 9 + 4
    assert remarks("asff", results.shop()) == (
        "4 findings and gaps left out of ASFF: Security Hub needs an account id, which a template does not tell",
    )
    assert remarks("json", results.shop()) == ()


def test_limits_of_the_format():
    long = Subject(kind="function", id="i" * 900, name="n" * 900, arn="arn:" + "a" * 900, account="123456789012", region="eu-west-1")
    frameworks = tuple(f"framework:{index}-{'x' * 80}" for index in range(40))
    scan = results.result([results.finding("x", long, "m" * 3000, frameworks=frameworks)])
    (found,) = asff(scan)
    assert len(found["Title"]) <= 256
    assert len(found["Description"]) <= 1024
    assert len(found["Resources"][0]["Id"]) <= 512
    assert len(found["Compliance"]["RelatedRequirements"]) == 32
    assert all(len(one) <= 64 for one in found["Compliance"]["RelatedRequirements"])


def test_identities_are_stable_and_unique():
    first, second = asff(results.shop()), asff(results.shop())
    assert [one["Id"] for one in first] == [one["Id"] for one in second]
    assert len({one["Id"] for one in first}) == len(first)


def test_other_partitions():
    subject = Subject(
        kind="function",
        id="f",
        name="f",
        arn="arn:aws-cn:lambda:cn-north-1:123456789012:function:f",
        account="123456789012",
        region="cn-north-1",
    )
    (found,) = asff(results.result([results.finding("x", subject, "m")]))
    assert found["ProductArn"].startswith("arn:aws-cn:securityhub:cn-north-1:")
    assert found["Resources"][0]["Partition"] == "aws-cn"
