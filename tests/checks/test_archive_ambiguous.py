import pytest
from tests.estates import DENIED, artifact, ask, verdict

from buckler.checks.archive_ambiguous import archive_ambiguous
from buckler.model.artifact import Fault
from buckler.model.finding import Finding, Gap
from buckler.model.severity import Severity


def fault(kind: str) -> Fault:
    return Fault(kind=kind, entry="a.py", detail="two entries have this name")


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param({}, None, id="an-ordinary-archive"),
        pytest.param({"faults": (fault("duplicate-name"),)}, Finding, id="two-entries-of-one-name"),
        pytest.param({"faults": (fault("traversal"),)}, Finding, id="a-name-that-leads-out"),
        pytest.param({"faults": (fault("nested-archive"),)}, None, id="an-archive-inside-is-no-attack"),
        pytest.param({"faults": (fault("prefixed-data"),)}, None, id="nor-is-a-self-extracting-one"),
        pytest.param({"inventory": DENIED}, Gap, id="could-not-be-opened"),
    ],
)
def test_verdict(facts, expected):
    assert verdict(archive_ambiguous, artifact(**facts)) is expected


def test_what_attacks_its_reader_is_worse_and_each_kind_is_told_once():
    faults = (fault("duplicate-name"), fault("duplicate-name"), fault("traversal"))
    findings = ask(archive_ambiguous, artifact(faults=faults)).findings
    assert [(one.key, one.severity) for one in findings] == [("duplicate-name", Severity.MEDIUM), ("traversal", Severity.HIGH)]
    assert findings[0].message == "two entries have this name, and 1 more of the kind"
