import csv
import io

import pytest
from tests.report import results

from buckler.report import Context, render
from buckler.report.as_csv import COLUMNS


def rows(scan):
    text = render("csv", scan, Context())
    assert text.count("\n") == text.count("\r\n")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_findings_ignored_and_unanswered_are_rows():
    found = rows(results.shop())
    assert [row["status"] for row in found] == ["open"] * 12 + ["ignored"] + ["unanswered"] * 5
    assert found[2] | {"fingerprint": "", "fix": ""} == {
        "status": "open",
        "check": "function-url-public",
        "severity": "high",
        "confidence": "high",
        "kind": "function",
        "subject": "Checkout",
        "arn": "arn:aws:lambda:${AWS::Region}:${AWS::AccountId}:function:Checkout",
        "account": "${AWS::AccountId}",
        "region": "${AWS::Region}",
        "place": "template.yaml:12:9",
        "message": "the URL of `$LATEST` answers anyone on the internet",
        "evidence": "AuthType is NONE; and the policy lets anyone in",
        "fix": "",
        "fix_is_safe": "no",
        "reason": "",
        "frameworks": "fsbp:Lambda.1 mitre:T1190 owasp-serverless:SAS-2",
        "fingerprint": "",
    }
    assert found[12]["reason"] == "public API by design"
    assert found[13]["fix"] == "lambda:GetPolicy"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", "\r=", "  =", "＝"])
def test_no_cell_is_a_formula(start):
    scan = results.result([results.finding("x", results.live(f"{start}cmd|'/c calc'!A1"), f"{start}1+1")])
    (row,) = rows(scan)
    for cell in (row["subject"], row["message"]):
        assert cell.startswith("'")


def test_a_hostile_name_stays_in_its_cell():
    for row in rows(results.hostile()):
        assert set(row) == set(COLUMNS)
        assert all(cell.isprintable() for cell in row.values())
