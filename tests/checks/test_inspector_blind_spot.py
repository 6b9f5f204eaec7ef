import pytest
from tests.estates import DENIED, OTHER, ask, function, inspector, missing, role, scope, verdict

from buckler.checks.inspector_blind_spot import inspector_blind_spot
from buckler.model.entity import Tag
from buckler.model.finding import Finding, Gap
from buckler.model.origin import FileOrigin

KEY = "arn:aws:kms:eu-west-1:123456789012:key/1"
LEFT_OUT = (Tag(key="InspectorExclusion", value="LambdaStandardScanning"),)
OLD, NEW = "2026-01-05T10:00:00Z", "2026-11-20T10:00:00Z"


def worked(last):
    return role(last_used=last)


@pytest.mark.parametrize(
    ("facts", "others", "expected"),
    [
        pytest.param({}, (inspector(),), None, id="scanned"),
        pytest.param({"kms_key": KEY}, (inspector(),), Finding, id="customer-managed-key"),
        pytest.param({"tags": LEFT_OUT}, (inspector(),), Finding, id="left-out-by-tag"),
        pytest.param({"tags": (Tag(key="InspectorExclusion", value="LambdaCodeScanning"),)}, (inspector(),), None, id="code-scanning-only"),
        pytest.param({"tags": (Tag(key="team", value="LambdaStandardScanning"),)}, (inspector(),), None, id="another-tag"),
        pytest.param({"last_modified": OLD}, (inspector(), worked(OLD)), Finding, id="idle"),
        pytest.param({"last_modified": NEW}, (inspector(), worked(OLD)), None, id="updated"),
        pytest.param({"last_modified": OLD}, (inspector(), worked(NEW)), None, id="its-role-works"),
        pytest.param({"last_modified": OLD}, (inspector(), worked(None)), None, id="nobody-tells-of-its-role"),
        pytest.param({"last_modified": OLD}, (inspector(),), None, id="role-of-another-account"),
        pytest.param({"kms_key": KEY}, (inspector(lambda_standard=False),), None, id="off-is-another-question"),
        pytest.param({"kms_key": KEY}, (), None, id="no-status"),
        pytest.param({"kms_key": KEY}, (inspector(account=OTHER),), None, id="on-in-another-account"),
        pytest.param({"kms_key": KEY}, (missing("inspectors"),), Gap, id="unreadable"),
        pytest.param({"kms_key": KEY}, (inspector(lambda_standard=DENIED),), Gap, id="status-unreadable"),
        pytest.param({"kms_key": DENIED}, (inspector(),), Gap, id="key-unreadable"),
        pytest.param({"tags": DENIED}, (inspector(),), Gap, id="tags-unreadable"),
        pytest.param({"kms_key": DENIED, "tags": LEFT_OUT}, (inspector(),), Finding, id="one-reason-is-enough"),
    ],
)
def test_verdict(facts, others, expected):
    assert verdict(inspector_blind_spot, function(**facts), *others) is expected


def test_a_file_says_nothing_of_inspector():
    place = FileOrigin(file="a.yaml", line=1)
    here = function(kms_key=KEY, origin=place)
    assert verdict(inspector_blind_spot, here, scope(kind="template", name="a.yaml", origin=place)) is None


def test_all_reasons_are_named_and_the_finding_is_stable():
    facts = {"kms_key": KEY, "tags": LEFT_OUT, "last_modified": OLD}
    (finding,) = ask(inspector_blind_spot, function(**facts), inspector(), worked(OLD)).findings
    assert finding.message == (
        "Inspector does not scan it: its tag leaves it out and it is encrypted with a customer managed key and nothing invoked or updated it "
        "since 2026-08-27"
    )
    assert [one.note for one in finding.evidence] == [
        "the tag InspectorExclusion is LambdaStandardScanning",
        f"KMSKeyArn is {KEY}",
        "updated on 2026-01-05, and its role was last used on 2026-01-05",
        "though Lambda scanning is on here",
    ]
    (again,) = ask(inspector_blind_spot, function(kms_key=KEY), inspector()).findings
    assert again.fingerprint == finding.fingerprint
