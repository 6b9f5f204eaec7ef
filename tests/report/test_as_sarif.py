import json

import jsonschema
import msgspec
import pytest
from tests.report import results

from buckler.model.result import Ignored
from buckler.report import Context, render


@pytest.fixture(scope="module")
def official(request):
    text = (request.config.rootpath / "tests/report/schemas/sarif-2.1.0-rtm.5.json").read_text()
    return jsonschema.Draft4Validator(json.loads(text), format_checker=jsonschema.Draft4Validator.FORMAT_CHECKER)


def sarif(scan, **context):
    return json.loads(render("sarif", scan, Context(**{"excerpt": results.excerpt, "pages": results.pages(scan), **context})))


def run(scan, **context):
    return sarif(scan, **context)["runs"][0]


@pytest.mark.parametrize("scan", [results.shop(), results.hostile(), results.result()], ids=["shop", "hostile", "empty"])
@pytest.mark.parametrize("pages", [None, {}], ids=["pages", "no-pages"])
def test_it_satisfies_the_official_schema(official, scan, pages):
    official.validate(sarif(scan, **({} if pages is None else {"pages": pages})))


def test_the_official_schema_can_fail(official):
    log = sarif(results.shop())
    log["runs"][0]["results"][0]["level"] = "fatal"
    assert not official.is_valid(log)


def test_a_finding_in_a_file_names_its_line():
    found = run(results.shop())["results"][2]
    assert found["ruleId"] == "function-url-public"
    assert found["level"] == "error"
    assert found["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "template.yaml", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 12, "startColumn": 9, "snippet": {"text": results.TEMPLATE[11]}},
    }
    assert found["relatedLocations"][0]["physicalLocation"]["region"]["startLine"] == 19


def test_a_live_finding_has_its_arn_and_a_stand_in_file():
    location = run(results.shop())["results"][1]["locations"][0]
    assert location["logicalLocations"] == [{"name": "checkout", "fullyQualifiedName": results.arn("checkout"), "kind": "resource"}]
    assert location["physicalLocation"]["artifactLocation"]["uri"] == "aws/123456789012/eu-west-1/function/checkout"
    assert location["physicalLocation"]["region"] == {"startLine": 1}


def test_rules_carry_the_page_and_what_github_reads():
    scan = results.shop()
    one = run(scan)
    rule = one["tool"]["driver"]["rules"][one["results"][0]["ruleIndex"]]
    assert rule["id"] == one["results"][0]["ruleId"] == "role-administrator"
    assert rule["name"] == "RoleAdministrator"
    assert rule["properties"]["security-severity"] == "9.5"
    assert "**Fix.** do this instead." in rule["help"]["markdown"]
    secret = next(rule for rule in one["tool"]["driver"]["rules"] if rule["id"] == "secret-in-environment")
    assert "external/cwe/cwe-798" in secret["properties"]["tags"]


def test_fingerprints_do_not_know_lines():
    def fingerprints(scan):
        return [one["partialFingerprints"]["buckler/v1"] for one in run(scan)["results"]]

    first, second = (
        results.result([results.finding("x", results.template("F"), "m", results.line(number, 1, "n"))]) for number in (3, 300)
    )
    assert fingerprints(first) == fingerprints(second)


@pytest.mark.parametrize(("where", "kind"), [("buckler.toml:12", "external"), ("template.yaml:13", "inSource")])
def test_ignored_findings_are_suppressed_results(where, kind):
    scan = results.shop()
    ignored = msgspec.structs.replace(scan.ignored[0], where=where)
    assert isinstance(ignored, Ignored)
    found = run(msgspec.structs.replace(scan, ignored=(ignored,)))["results"]
    assert found[0]["suppressions"] == []
    assert found[-1]["suppressions"] == [
        {"kind": kind, "status": "accepted", "justification": f"public API by design (until 2027-01-31), in {where}"}
    ]


def test_gaps_and_unasked_questions_are_notifications():
    invocation = run(results.shop())["invocations"][0]
    said = [one["descriptor"]["id"] for one in invocation["toolExecutionNotifications"]]
    assert (said.count("unanswered"), said.count("not-asked"), said.count("target")) == (5, 2, 1)
    assert invocation["toolExecutionNotifications"][0]["message"]["text"] == (
        "function invoice: AccessDenied on lambda:GetPolicy (grant lambda:GetPolicy)"
    )
    assert not invocation["executionSuccessful"]


def test_a_name_cannot_become_a_link():
    scan = results.result([results.finding("x", results.live("[free](https://evil.invalid)"), "m {0}")])
    assert "\\[free\\](https://evil.invalid)" in run(scan)["results"][0]["message"]["text"]
    assert "{{0}}" in run(scan)["results"][0]["message"]["text"]


@pytest.mark.parametrize(
    ("file", "uri"), [("a b/ü.yaml", "a%20b/%C3%BC.yaml"), ("./x.yaml", "x.yaml"), ("c:x.yaml", "c%3Ax.yaml"), ("../up.yaml", "../up.yaml")]
)
def test_paths_become_uris(file, uri):
    scan = results.result([results.finding("x", results.template("F", file), "m", results.line(1, 1, "n", file=file))])
    assert run(scan)["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == uri


def test_absolute_paths_below_the_working_folder_become_relative(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for file, expected in ((tmp_path / "t.yaml", "t.yaml"), (tmp_path.parent / "t.yaml", f"file://{tmp_path.parent}/t.yaml")):
        scan = results.result([results.finding("x", results.template("F"), "m", results.line(1, 1, "n", file=str(file)))])
        assert run(scan)["results"][0]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == expected
