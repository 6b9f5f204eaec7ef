"""What OCSF requires is written down here from its schema, not taken from the code under test.

Source: github.com/ocsf/ocsf-schema at 1.5.0: events/base_event.json, events/findings/{finding,compliance_finding,detection_finding}.json,
objects/{metadata,product,finding_info,compliance,cloud,account,resource_details,evidences,analytic,remediation}.json.
"""

import json
from datetime import UTC, datetime

import pytest
from tests.report import results

from buckler.report import Context, render

WHEN = datetime(2026, 11, 25, 10, 0, tzinfo=UTC)
REQUIRED = {"activity_id", "category_uid", "class_uid", "finding_info", "metadata", "severity_id", "time", "type_uid"}
SEVERITIES = {0: "Unknown", 1: "Informational", 2: "Low", 3: "Medium", 4: "High", 5: "Critical", 6: "Fatal", 99: "Other"}
STATUSES = {1: "New", 2: "In Progress", 3: "Suppressed", 4: "Resolved", 5: "Archived", 6: "Deleted"}
COMPLIANCE_STATUSES = {1: "Pass", 2: "Warning", 3: "Fail"}
DETECTION_ONLY = {"evidences", "is_alert"}


def events(scan, areas=None):
    import msgspec

    pages = results.pages(scan)
    for check, area in (areas or {}).items():
        pages[check] = msgspec.structs.replace(pages[check], area=area)
    return json.loads(render("ocsf", scan, Context(pages=pages, now=WHEN)))


def violations(event):
    """Say what OCSF 1.5.0 does not like about an event."""
    wrong = [f"{name} is required" for name in REQUIRED - event.keys()]
    compliance = event["class_uid"] == 2003
    if event["class_uid"] not in {2003, 2004} or event["category_uid"] != event["class_uid"] // 1000:
        wrong.append("class or category")
    if event["type_uid"] != event["class_uid"] * 100 + event["activity_id"]:
        wrong.append("type_uid")
    if SEVERITIES.get(event["severity_id"]) != event["severity"] or STATUSES.get(event["status_id"]) != event["status"]:
        wrong.append("an id and its caption differ")
    if not isinstance(event["time"], int) or event["time"] < 10**12:
        wrong.append("time is milliseconds since 1970")
    if not event["metadata"].get("version") or not {"name", "vendor_name"} <= event["metadata"]["product"].keys():
        wrong.append("metadata")
    if not event["finding_info"].get("uid"):
        wrong.append("finding_info.uid")
    if ("cloud" in event["metadata"]["profiles"]) != ("cloud" in event):
        wrong.append("the cloud profile and its attribute come together")
    if "cloud" in event and not event["cloud"].get("provider"):
        wrong.append("cloud.provider")
    if compliance and (not event.get("compliance", {}).get("standards") or event["compliance"]["status_id"] not in COMPLIANCE_STATUSES):
        wrong.append("compliance")
    if compliance and DETECTION_ONLY & event.keys():
        wrong.append("an attribute of detection findings")
    if not compliance and "compliance" in event:
        wrong.append("an attribute of compliance findings")
    if any(set(one) != {"data"} for one in event.get("evidences", ())):
        wrong.append("evidences need one of their attributes")
    if "remediation" in event and not event["remediation"].get("desc"):
        wrong.append("remediation.desc")
    return wrong


@pytest.mark.parametrize("scan", [results.shop(), results.hostile()], ids=["shop", "hostile"])
@pytest.mark.parametrize("area", ["exposure", "logging"])
def test_required_attributes(scan, area):
    found = events(scan, dict.fromkeys(results.pages(scan), area))
    assert found
    assert {index: wrong for index, event in enumerate(found) if (wrong := violations(event))} == {}


def test_ways_in_are_detections_and_missing_controls_are_compliance():
    found = events(results.shop(), {"no-data-events": "logging"})
    classes = {one["metadata"]["event_code"]: one["class_uid"] for one in found if not one["finding_info"]["uid"].startswith("gap/")}
    assert classes["function-url-public"] == 2004
    assert classes["no-data-events"] == 2003
    control = next(one for one in found if one["metadata"]["event_code"] == "no-data-events")
    assert control["compliance"] | {"status_detail": ""} == {
        "standards": ["mitre"],
        "requirements": ["mitre:T1562.008"],
        "control": "no-data-events",
        "status_id": 3,
        "status": "Fail",
        "status_detail": "",
    }
    assert control["finding_info"]["attacks"] == [
        {"technique": {"uid": "T1562", "name": "T1562"}, "sub_technique": {"uid": "T1562.008", "name": "T1562.008"}}
    ]


def test_gaps_are_warnings_of_missing_information_and_nothing_passes():
    found = events(results.shop())
    gaps = [one for one in found if one["finding_info"]["uid"].startswith("gap/")]
    assert len(gaps) == 5
    assert {(one["class_uid"], one["compliance"]["status"], one["severity_id"]) for one in gaps} == {(2003, "Warning", 1)}
    assert gaps[0]["remediation"] == {"desc": "grant lambda:GetPolicy"}


def test_ignored_findings_are_suppressed():
    (ignored,) = (one for one in events(results.shop()) if one["status_id"] == 3)
    assert ignored["status_detail"] == "public API by design (buckler.toml:12, until 2027-01-31)"


def test_live_findings_say_where_in_the_cloud_and_templates_do_not_pretend():
    live, template = events(results.shop())[1:3]
    assert live["cloud"] == {
        "provider": "AWS",
        "account": {"uid": "123456789012", "name": "123456789012", "type_id": 10, "type": "AWS Account"},
        "region": "eu-west-1",
    }
    assert live["resources"][0]["uid"] == results.arn("checkout")
    assert live["time"] == 1795600800000
    assert "cloud" not in template
    assert template["resources"][0]["data"]["file"] == "template.yaml"
