import json

import jsonschema
import msgspec
import pytest
from tests.report import results

from buckler.report import Context, render
from buckler.report.document import schema
from buckler.report.shape import Document

PUBLISHED = "docs/reference/findings.schema.json"


def decoded(scan):
    return json.loads(render("json", scan, Context()))


def test_the_published_schema_is_current(request):
    path = request.config.rootpath / PUBLISHED
    assert json.loads(path.read_text()) == schema(), "regenerate it: python -m buckler.report.document"


@pytest.mark.parametrize("scan", [results.shop(), results.hostile(), results.result()], ids=["shop", "hostile", "empty"])
def test_what_is_written_validates(scan):
    jsonschema.Draft202012Validator(schema()).validate(decoded(scan))


def test_the_schema_can_fail():
    document = decoded(results.shop())
    document["findings"][0]["severity"] = "apocalyptic"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft202012Validator(schema()).validate(document)


def test_it_decodes_into_its_own_types():
    text = render("json", results.shop(), Context())
    assert len(msgspec.json.decode(text, type=Document).findings) == 12


def test_the_contract_for_scripts():
    document = decoded(results.shop())
    assert document["schema"] == "buckler/findings/1"
    first = document["findings"][1]
    assert {key: first[key] for key in ("check", "subject", "severity", "confidence", "key")} == {
        "check": "function-url-public",
        "subject": results.arn("checkout"),
        "severity": "high",
        "confidence": "high",
        "key": "$LATEST",
    }
    assert first["evidence"][0]["place"] == f"lambda:ListFunctionUrlConfigs {results.arn('checkout')}"
    assert first["evidence"][0]["origin"] == {
        "kind": "api",
        "call": "lambda:ListFunctionUrlConfigs",
        "arn": results.arn("checkout"),
        "account": results.ACCOUNT,
        "region": results.REGION,
    }
    assert document["findings"][2]["evidence"][0]["origin"]["line"] == 12
    assert document["gaps"][0] | {"resource": None} == {
        "check": "alias-exposed",
        "subject": results.arn("invoice"),
        "resource": None,
        "why": "AccessDenied on lambda:GetPolicy",
        "need": "lambda:GetPolicy",
        "kind": "denied",
    }
    assert document["ignored"][0]["reason"] == "public API by design"
    assert document["summary"]["not_asked"] == 41
    assert document["coverage"]["scopes"][0]["unread"] == {"detectors": "AccessDenied on guardduty:ListDetectors"}


def test_a_witness_is_written_as_aws_writes_policies():
    witness = decoded(results.shop())["findings"][1]["witness"]
    assert witness["requests"][0]["context"] == {"lambda:FunctionUrlAuthType": ["NONE"]}
    assert witness["policies"][0]["Statement"][0] == {
        "Sid": "Url",
        "Effect": "Allow",
        "Principal": "*",
        "Action": ["lambda:InvokeFunctionUrl"],
        "Resource": [results.arn("checkout")],
        "Condition": {"StringEquals": {"lambda:FunctionUrlAuthType": ["NONE"]}},
    }
    assert witness["policies"][0]["Statement"][1]["Principal"] == {"AWS": ["*"]}


def test_two_scans_differ_only_in_seconds():
    slow = msgspec.structs.replace(results.shop(), seconds=7.0)
    left, right = (render("json", scan, Context()).splitlines() for scan in (results.shop(), slow))
    assert [pair for pair in zip(left, right, strict=True) if pair[0] != pair[1]] == [('  "seconds": 0.41,', '  "seconds": 7.0,')]


def test_hostile_names_come_through_whole_but_cannot_move_a_cursor():
    text = render("json", results.hostile(), Context())
    assert all(line.isprintable() for line in text.split("\n"))
    name = json.loads(text)["findings"][0]["resource"]["name"]
    assert name == results.HOSTILE.replace("\ud800", "\\ud800")  # no UTF-8 text can hold half a surrogate pair


def test_astral_characters_without_a_glyph_survive():
    scan = results.result([results.finding("x", results.live("a\U000e0041b"), "m")])
    assert decoded(scan)["findings"][0]["resource"]["name"] == "a\U000e0041b"
