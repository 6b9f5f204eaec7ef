"""The scan of the shop, over HTTP as a user runs it, finds what was planted and leaves the look-alikes alone."""

import json
import os
import subprocess
import sys
from collections import defaultdict

import pytest
from tests import aws

from buckler.checks import all_checks
from buckler.demo.shop import TRUTH

# A role is orphaned only when no region has a function that runs as it; asking all regions takes a minute.
ASKED_IN_ALL_REGIONS = {("role_orphaned", "finding")}


@pytest.fixture(scope="module")
def report(shop, tmp_path_factory):
    """The findings of a deep scan of both accounts and regions, as JSON."""
    target = tmp_path_factory.mktemp("scan") / "findings.json"
    (target.parent / "root.pem").write_bytes(shop.signer_root)
    (target.parent / "buckler.toml").write_text('[signing]\nsigner-roots = ["root.pem"]\n')
    where = [word for region in shop.regions for word in ("--region", region)] + [
        word for role in shop.audit_roles for word in ("--role-arn", role)
    ]
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "buckler.cli.main",
            "scan",
            "--deep",
            "--code",
            "--persona",
            "auditor",
            "--format",
            "json",
            "--output",
            str(target),
            *where,
        ],
        env=inherited | aws.standard_env(shop.endpoint) | {"XDG_CACHE_HOME": str(target.parent), "XDG_DATA_HOME": str(target.parent)},
        cwd=target.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    return json.loads(target.read_text())


@pytest.fixture(scope="module")
def messages(report):
    """(check, subject's id) -> messages."""
    found = defaultdict(list)
    for finding in report["findings"]:
        found[finding["check"].replace("-", "_"), finding["resource"]["id"]].append(finding["message"])
    return found


@pytest.mark.parametrize(
    "row", TRUTH, ids=lambda row: "-".join(part for part in (row.weakness, row.subject, row.qualifier, row.expected) if part)
)
def test_the_scan_agrees_with_the_table(shop, report, messages, row):
    if (row.weakness, row.expected) in ASKED_IN_ALL_REGIONS:
        assert any(
            one["check"] == row.weakness.replace("_", "-") and "--all-regions" in one["need"] for one in report["coverage"]["not_asked"]
        )
        return
    told = [message for message in messages[row.weakness, shop.subject(row)] if not row.qualifier or f"`{row.qualifier}`" in message]
    assert bool(told) == (row.expected == "finding"), row.note


def test_the_table_names_checks():
    """A mistyped weakness would never be found, and pass for safe."""
    assert {row.weakness for row in TRUTH} <= {check.id.replace("-", "_") for check in all_checks()}


def test_nothing_in_the_shop_is_unreadable(report):
    """But a layer that is not there any more; and this machine knows no advisories."""
    why = {(gap["subject"].rpartition(":layer:")[2] if gap["check"] != "vulnerable-package" else "", gap["why"]) for gap in report["gaps"]}
    assert why == {
        ("shop-utils:3", "the layer version is gone"),
        ("", "the layer version is gone"),
        ("", "there is no database of vulnerabilities on this machine"),
    }


def test_the_tampered_layer_names_all_who_run_it(report):
    found = [one for one in report["findings"] if one["check"] == "artifact-modified"]
    (finding,) = [one for one in found if ":layer:" in one["subject"]]
    assert finding["reach"].startswith("runs in `checkout`, `order-export`, `stock-projector`, `stock-updater`, `thumbnailer`: ")
    assert finding["severity"] == "critical"


def test_no_planted_secret_is_told(report):
    from buckler.demo.shop import secrets

    text = json.dumps(report)
    for value in (secrets.AWS_KEY, secrets.STRIPE_KEY, secrets.SLACK_TOKEN, secrets.GITHUB_TOKEN, secrets.DATABASE_URL):
        assert value not in text
    assert secrets.PRIVATE_KEY.splitlines()[1] not in text
    assert "correct-horse-battery" not in text
