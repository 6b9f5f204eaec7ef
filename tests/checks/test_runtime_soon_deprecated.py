from datetime import date

import pytest
from tests.estates import DENIED, function, verdict

from buckler.checks.runtime_soon_deprecated import runtime_soon_deprecated
from buckler.model.estate import Estate
from buckler.model.finding import Finding, Gap
from buckler.model.text import hole
from buckler.reach.analysis import Analysis


@pytest.mark.parametrize(
    ("runtime", "today", "expected"),
    [
        pytest.param("nodejs22.x", date(2027, 1, 30), Finding, id="ninety-days"),
        pytest.param("nodejs22.x", date(2027, 1, 29), None, id="ninety-one-days"),
        pytest.param("nodejs22.x", date(2027, 4, 29), Finding, id="the-last-day"),
        pytest.param("nodejs22.x", date(2027, 4, 30), None, id="deprecated-is-asked-elsewhere"),
        pytest.param("nodejs26.x", date(2027, 4, 30), None, id="no-date-announced"),
    ],
)
def test_days(runtime, today, expected):
    shop = function(runtime=runtime)
    finding = next(runtime_soon_deprecated(shop, Analysis(Estate(functions=(shop,)), today=today)), None)
    assert (finding and type(finding)) is expected


@pytest.mark.parametrize(
    ("runtime", "expected"),
    [
        pytest.param("python3.13", None, id="years-away"),
        pytest.param(None, None, id="container-image"),
        pytest.param(DENIED, Gap, id="unreadable"),
        pytest.param(hole("Runtime"), Gap, id="hole"),
        pytest.param("python9.9", Gap, id="not-in-the-table"),
        pytest.param("nodejs20.x", None, id="deprecated-is-asked-elsewhere"),
        pytest.param("nodejs22.x", None, id="half-a-year-away"),
    ],
)
def test_verdict(runtime, expected):
    assert verdict(runtime_soon_deprecated, function(runtime=runtime)) is expected


def test_the_finding_counts_the_days():
    shop = function(runtime="nodejs22.x")
    (finding,) = runtime_soon_deprecated(shop, Analysis(Estate(functions=(shop,)), today=date(2027, 4, 20)))
    assert isinstance(finding, Finding)
    assert finding.message == "the runtime `nodejs22.x` gets its last patches in 10 days"
