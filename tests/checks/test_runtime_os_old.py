from datetime import date

import pytest
from tests.estates import DENIED, function, verdict

from buckler.checks.runtime_os_old import runtime_os_old
from buckler.model.estate import Estate
from buckler.model.finding import Finding, Gap
from buckler.model.severity import Persona
from buckler.model.text import hole
from buckler.reach.analysis import Analysis


@pytest.mark.parametrize(
    ("runtime", "expected"),
    [
        pytest.param("python3.11", Finding, id="managed-on-amazon-linux-2"),
        pytest.param("python3.13", None, id="managed-on-amazon-linux-2023"),
        pytest.param("provided.al2023", None, id="custom-on-amazon-linux-2023"),
        pytest.param("provided.al2", None, id="deprecated-is-asked-elsewhere"),
        pytest.param(None, None, id="container-image"),
        pytest.param(DENIED, Gap, id="unreadable"),
        pytest.param("python9.9", Gap, id="not-in-the-table"),
        pytest.param("java8.al2", Finding, id="the-old-system-in-its-name"),
        pytest.param("java8.al2023", None, id="the-new-system-in-its-name"),
        pytest.param("provided", None, id="amazon-linux-1-is-deprecated-too"),
        pytest.param(hole("Runtime"), Gap, id="hole"),
    ],
)
def test_verdict(runtime, expected):
    assert verdict(runtime_os_old, function(runtime=runtime)) is expected


def test_custom_runtimes_count_until_their_day():
    shop = function(runtime="provided.al2")
    (finding,) = runtime_os_old(shop, Analysis(Estate(functions=(shop,)), today=date(2026, 7, 1)))
    assert finding.message == "the runtime `provided.al2` stands on Amazon Linux 2"


def test_it_is_for_auditors():
    assert runtime_os_old.persona is Persona.AUDITOR
