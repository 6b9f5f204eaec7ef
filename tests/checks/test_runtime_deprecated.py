from datetime import date

import pytest
from tests.estates import DENIED, alias, ask, function, verdict, version

from buckler.checks.runtime_deprecated import runtime_deprecated
from buckler.model.estate import Estate
from buckler.model.finding import Finding, Gap
from buckler.model.severity import Severity
from buckler.model.text import hole, join
from buckler.reach.analysis import Analysis

OLD = (version("1", runtime="python3.8"), version("2", runtime="python3.13"))


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param({"runtime": "python3.13"}, None, id="supported"),
        pytest.param({"runtime": "python3.8"}, Finding, id="deprecated"),
        pytest.param({"runtime": "python2.7"}, Finding, id="blocked"),
        pytest.param({"runtime": "python3.11"}, None, id="its-day-is-still-to-come"),
        pytest.param({"runtime": None, "package_type": "Image"}, None, id="container-image"),
        pytest.param({"runtime": DENIED}, Gap, id="unreadable"),
        pytest.param({"runtime": hole("Runtime")}, Gap, id="hole"),
        pytest.param({"runtime": "python9.9"}, Gap, id="not-in-the-table"),
        pytest.param({"versions": OLD}, None, id="an-old-version-nobody-serves"),
        pytest.param({"versions": OLD, "aliases": (alias("live", "1"),)}, Finding, id="an-alias-serves-the-old-version"),
        pytest.param({"versions": OLD, "aliases": (alias("live", "2", routing=("1",)),)}, Finding, id="an-alias-sends-it-some-traffic"),
        pytest.param({"versions": OLD, "aliases": (alias("live", "2"),)}, None, id="an-alias-serves-the-new-version"),
        pytest.param({"aliases": DENIED}, Gap, id="aliases-unreadable"),
        pytest.param({"versions": DENIED, "aliases": (alias("live", "1"),)}, Gap, id="versions-unreadable"),
        pytest.param({"runtime": "python3.8", "aliases": DENIED}, Finding, id="proven-whatever-the-aliases-serve"),
        pytest.param({"runtime": "python3.12"}, None, id="the-next-number"),
        pytest.param({"runtime": "java8.al2"}, None, id="a-longer-name-that-lives-on"),
        pytest.param({"runtime": "java8"}, Finding, id="the-shorter-name-does-not"),
        pytest.param({"runtime": join("python", hole("Version"))}, Gap, id="number-is-a-hole"),
        pytest.param({"versions": OLD, "aliases": (alias("live", "$LATEST"),)}, None, id="an-alias-of-latest"),
        pytest.param({"versions": (version("1", runtime=None),), "aliases": (alias("live", "1"),)}, None, id="an-alias-serves-an-image"),
    ],
)
def test_verdict(facts, expected):
    assert verdict(runtime_deprecated, function(**facts)) is expected


@pytest.mark.parametrize(
    ("runtime", "today", "severity"),
    [
        pytest.param("dotnet8", date(2026, 11, 25), Severity.LOW, id="fifteen-days"),
        pytest.param("python3.9", date(2026, 11, 25), Severity.MEDIUM, id="eleven-months"),
        pytest.param("dotnet8", date(2027, 2, 1), Severity.MEDIUM, id="creation-blocked"),
        pytest.param("python2.7", date(2026, 11, 25), Severity.MEDIUM, id="updates-blocked"),
    ],
)
def test_severity_follows_the_stage(runtime, today, severity):
    shop = function(runtime=runtime)
    (finding,) = runtime_deprecated(shop, Analysis(Estate(functions=(shop,)), today=today))
    assert finding.severity is severity


def test_the_message_says_the_stage_and_the_way_out():
    first, second = ask(runtime_deprecated, function(runtime="python3.8"), function("b", runtime="python2.7")).findings
    assert first.message == "the runtime `python3.8` has had no security patches since 2024-10-14"
    assert second.message == "the runtime `python2.7` cannot be updated any more"
    assert first.remedy.text == "move the function to `python3.14`"


@pytest.mark.parametrize(("today", "found"), [(date(2026, 11, 9), False), (date(2026, 11, 10), True)])
def test_its_day_is_the_first_without_patches(today, found):
    shop = function(runtime="dotnet8")
    assert bool(list(runtime_deprecated(shop, Analysis(Estate(functions=(shop,)), today=today)))) is found
