"""Rules of the house for checks: two files each, one name, four kinds of cases, mapped controls exist, pages are current."""

import inspect
from importlib import import_module
from pathlib import Path

import pytest

from buckler.checks import all_checks
from buckler.cli.explain import markdown
from buckler.data.frameworks import control
from buckler.model.finding import Finding, Gap
from buckler.model.result import NotAsked

ROOT = Path(__file__).parents[2]
CHECKS = all_checks()


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.id)
class TestEachCheck:
    def test_has_its_own_test(self, check):
        name = check.id.replace("-", "_")
        assert (ROOT / "src" / "buckler" / "checks" / f"{name}.py").is_file()
        assert (ROOT / "tests" / "checks" / f"test_{name}.py").is_file()

    def test_is_tried_on_a_bad_a_good_and_an_unreadable_case_and_on_a_near_miss(self, check):
        verdicts = _expected(check.id.replace("-", "_"))
        assert Finding in verdicts, "a bad case"
        assert Gap in verdicts or NotAsked in verdicts, "an unreadable case"
        # What makes a miss near is for its reader to say; that something besides the plainly good case must pass is for us.
        assert verdicts.count(None) > 1, "a good case and a near miss: facts that look like the bad ones and must not be flagged"

    def test_maps_to_controls_that_exist(self, check):
        for mapped in check.maps:
            framework, _, number = mapped.partition(":")
            assert control(framework, number) is not None, mapped

    def test_has_a_page_that_is_current(self, check):
        page = ROOT / "docs" / "checks" / f"{check.id}.md"
        assert page.is_file(), "run `make golden`"
        assert page.read_text() == markdown(check.page), "stale: run `make golden`"

    def test_messages_follow_the_conventions(self, check):
        assert (
            check.page.title[0].islower()
            or check.page.title[0] in "`A-Z"
            or check.page.title.split()[0].isupper()
            or check.page.title[0].isupper()
        )
        assert "\n" not in check.page.title
        assert len(check.page.title) <= 120

    def test_source_stays_small(self, check):
        assert len(inspect.getsource(inspect.getmodule(check.question)).splitlines()) <= 160


def test_no_page_of_a_check_that_is_gone():
    pages = {path.stem for path in (ROOT / "docs" / "checks").glob("*.md")} - {"index"}
    assert pages == {check.id for check in CHECKS}


def test_the_issue_s_areas_are_all_asked_about():
    assert {check.area for check in CHECKS} >= {
        "exposure",
        "role",
        "layers",
        "signing",
        "environment",
        "network",
        "logging",
        "runtime",
        "monitoring",
        "resilience",
    }


def _expected(name):
    """List what the tables of a check's test expect: the last value of every case."""
    tests = vars(import_module(f"tests.checks.test_{name}")).values()
    tables = [mark.args[1] for test in tests for mark in getattr(test, "pytestmark", ()) if mark.name == "parametrize"]
    return [getattr(case, "values", case)[-1] for table in tables for case in table if isinstance(case, tuple)]
