import xml.etree.ElementTree as ET

import msgspec
import pytest
from tests.report import results

from buckler.report import Context, render


def suites(scan):
    root = ET.fromstring(render("junit", scan, Context()))  # noqa: S314 - our own output
    assert root.tag == "testsuites"
    return {suite.get("name"): suite for suite in root}


def outcomes(suite):
    return [(case.get("name"), next((child.tag for child in case if child.tag != "system-out"), "passed")) for case in suite]


@pytest.mark.parametrize("scan", [results.shop(), results.hostile(), results.result()], ids=["shop", "hostile", "empty"])
def test_the_counts_are_those_of_the_cases(scan):
    for suite in suites(scan).values():
        said = [outcome for _name, outcome in outcomes(suite)]
        assert suite.get("tests") == str(len(said))
        assert suite.get("failures") == str(said.count("failure"))
        assert suite.get("skipped", "0") == str(said.count("skipped"))
        assert suite.get("errors") == str(said.count("error"))


def test_a_finding_fails_and_a_gap_is_skipped():
    found = suites(results.shop())
    assert outcomes(found["function-url-public"]) == [
        (f"function {results.arn('checkout')}", "failure"),
        ("function Checkout in template.yaml", "failure"),
    ]
    assert outcomes(found["alias-exposed"]) == [(f"function {results.arn(name)}", "skipped") for name in ("invoice", "mailer", "pay")]
    failure = found["function-url-public"].find("testcase/failure")
    assert failure.get("type") == "high"
    assert "  --> lambda:GetPolicy arn:aws:lambda:eu-west-1:123456789012:function:checkout: and the policy lets anyone in" in failure.text


def test_an_ignored_finding_and_unasked_questions_are_skipped():
    found = suites(results.shop())
    assert outcomes(found["cors-any-origin"]) == [("function Checkout in template.yaml", "skipped")]
    assert ("not asked", "skipped") in outcomes(found["no-data-events"])


def test_a_check_without_anything_to_say_passes():
    scan = results.result()
    coverage = msgspec.structs.replace(scan.coverage, checks=("layer-public",), questions=3, answered=3)
    assert outcomes(suites(msgspec.structs.replace(scan, coverage=coverage))["layer-public"]) == [("every subject", "passed")]


def test_only_a_subject_that_was_answered_may_pass():
    gap = results.gap("layer-public", results.live("pay"), "lambda:GetLayerVersionPolicy")
    assert outcomes(suites(results.result(gaps=(gap,)))["layer-public"]) == [(f"function {results.arn('pay')}", "skipped")]


def test_a_finding_beside_a_gap_fails_and_still_tells_of_the_gap():
    subject = results.live("pay")
    scan = results.result([results.finding("x", subject, "m")], gaps=(results.gap("x", subject, "lambda:GetPolicy"),))
    (case,) = suites(scan)["x"]
    assert [child.tag for child in case] == ["failure", "system-out"]
    assert "grant lambda:GetPolicy" in case.find("system-out").text


def test_a_target_that_could_not_be_read_is_an_error():
    assert outcomes(suites(results.shop())["targets"]) == [("broken.yaml", "error")]
