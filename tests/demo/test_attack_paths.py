"""The shop as an attacker sees it: five hooks of one shape, and one of them leads into the payments account."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from tests import aws

from buckler import app
from buckler.app.attacking import ask_blast, ask_paths
from buckler.demo.shop import TRUTH
from buckler.demo.shop.names import PARTNER, SHOP
from buckler.demo.shop.pipeline import LINES
from buckler.model.severity import Severity
from buckler.reach.analysis import Analysis
from buckler.report import Context
from buckler.report.blast import render_blast


@pytest.fixture(scope="module")
def about(shop, tmp_path_factory):
    """Both accounts, read live into a snapshot as a user does, and made ready for questions."""
    target = tmp_path_factory.mktemp("snap") / "shop.buckler"
    where = [word for region in shop.regions for word in ("--region", region)]
    where += [word for role in shop.audit_roles for word in ("--role-arn", role)]
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    subprocess.run(
        [sys.executable, "-m", "buckler.cli.main", "snap", str(target), "--deep", *where],
        env=inherited | aws.standard_env(shop.endpoint),
        check=True,
        capture_output=True,
    )
    read = app.read_targets([target], app.ScanOptions())
    assert not read.errors
    return app.analyses(read.estates)


def administrators(blast):
    """Accounts whose administrator an attacker becomes for sure."""
    return {one.node.account for one in blast.touches if one.node.kind == "administrator" and one.path.is_certain}


HOOKS = [row for row in TRUTH if row.weakness == "internet_to_administrator" and row.subject.endswith("-hook")]


@pytest.mark.parametrize("row", HOOKS, ids=lambda row: row.subject)
def test_a_function_leads_to_an_administrator_or_not_as_told(about, row):
    blast = ask_blast(about, row.subject)
    assert any(one.node.kind == "internet" for one in blast.reached_by)
    assert bool(administrators(blast)) == (row.expected == "finding"), row.note
    assert not [one for one in blast.touches if one.node.kind == "administrator" and not one.path.is_certain]


def test_the_way_into_the_payments_account_is_three_hops_long_and_crosses_accounts(about):
    blast = ask_blast(about, "release-hook")
    assert blast.worst is Severity.CRITICAL
    (worst, *_) = (one for one in blast.becomes if one.is_administrator)
    assert [edge.kind for edge in worst.path.edges] == ["runs-as", "assume", "escalate"]
    assert [edge.target.partition(":role/")[2] for edge in worst.path.edges] == [
        "release-hook-role",
        "release-deployer",
        "settlement-runner-role",
    ]
    assert worst.path.edges[2].technique == "lambda-001"
    assert (blast.function.account, worst.node.account) == (SHOP, PARTNER)


@pytest.mark.parametrize(
    ("name", "reached"), [("preview", {"preview-deployer"}), ("docs", {"docs-deployer"}), ("mirror", set()), ("beta", set())]
)
def test_a_look_alike_ends_where_its_one_difference_is(about, name, reached):
    blast = ask_blast(about, f"{name}-hook")
    assert {one.node.name for one in blast.becomes} == reached
    assert blast.touches == ()


def test_each_hook_but_one_is_a_look_alike():
    told = {row.subject: row.expected for row in HOOKS}
    assert [told[f"{line.name}-hook"] for line in LINES] == ["finding", "safe", "safe", "safe", "safe"]


def test_only_two_functions_lead_from_the_internet_to_an_administrator(about):
    ways = ask_paths(about, "internet", "administrator:*", at_most=100)
    assert all(path.is_certain for path in ways)
    assert {path.edges[0].target.rpartition(":")[2] for path in ways} == {"checkout", "release-hook"}


@pytest.mark.parametrize("row", [row for row in TRUTH if row.weakness == "role_can_escalate"], ids=lambda row: row.subject)
def test_a_role_escalates_or_not_as_told(about, row):
    ways = [path for path in ask_paths(about, f"role:{row.subject}", "administrator:*") if path.edges[-1].kind == "admin"]
    assert bool([path for path in ways if path.is_certain]) == (row.expected == "finding"), row.note


def test_every_step_is_proved(about):
    from buckler.engines.iam import Answer, decide

    for line in LINES:
        blast = ask_blast(about, f"{line.name}-hook")
        for path in (*(one.path for one in blast.reached_by), *(one.path for one in blast.becomes), *(one.path for one in blast.touches)):
            for edge in path.edges:
                for witness in edge.proof:
                    for request in witness.requests:
                        assert decide(request, witness.layers or witness.policies).answer is Answer[witness.expect]


def test_the_picture_in_the_documentation_is_this_one(about):
    """`python -m bench.picture` draws it again."""
    drawn = (Path(__file__).parents[2] / "docs" / "blast.svg").read_text(encoding="utf-8")
    assert steady(render_blast("svg", ask_blast(about, "release-hook"), Context())) == steady(drawn)


def steady(svg):
    """AWS ends the ARN of each secret in six characters of its own."""
    return re.sub(r"webhook-\w{6}", "webhook-??????", svg)


def test_analyses_are_of_both_accounts(about):
    assert all(isinstance(one, Analysis) for one in about)
    assert {scope.account for one in about for scope in one.estate.scopes} == {SHOP, PARTNER}
