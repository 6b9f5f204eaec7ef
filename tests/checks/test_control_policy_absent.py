import pytest
from tests.estates import ACCOUNT, DENIED, OTHER, REGION, allow, ask, missing, policy, scope, verdict
from tests.reach.attack import deny

from buckler.checks.control_policy_absent import control_policy_absent
from buckler.model.finding import Finding, Gap
from buckler.model.iam import Organization, OrgPolicy

FULL = OrgPolicy(
    id="p-FullAWSAccess", name="FullAWSAccess", kind="SERVICE_CONTROL_POLICY", targets=("r-1", "ou-1", ACCOUNT, OTHER),
    document=policy(allow("*")),
)  # fmt: skip


def limiting(*targets, document=None, kind="SERVICE_CONTROL_POLICY"):
    return OrgPolicy(id="p-1", name="no-keys", kind=kind, targets=targets, document=document or policy(deny("iam:CreateAccessKey")))


def organization(*policies, **more):
    defaults = {
        "id": "o-1",
        "management_account": "999999999999",
        "accounts": (ACCOUNT, OTHER, "999999999999"),
        "parents": ((ACCOUNT, "ou-1"), (OTHER, "r-1"), ("ou-1", "r-1"), ("999999999999", "r-1")),
        "policies": (FULL, *policies),
    }
    return Organization(**{**defaults, **more})


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        pytest.param((), None, id="no-organisation"),
        pytest.param((organization(),), None, id="uses-none"),
        pytest.param((organization(limiting(OTHER)),), Finding, id="another-account-has-one"),
        pytest.param((organization(limiting(ACCOUNT)),), None, id="it-has-one"),
        pytest.param((organization(limiting("ou-1")),), None, id="its-unit-has-one"),
        pytest.param((organization(limiting("r-1")),), None, id="the-root-has-one"),
        pytest.param((organization(limiting("ou-2")),), Finding, id="another-unit-has-one"),
        pytest.param((organization(limiting()),), None, id="written-and-attached-nowhere"),
        pytest.param((organization(limiting(OTHER, document=policy(allow("*")))),), None, id="another-that-allows-everything"),
        pytest.param((organization(limiting(OTHER, kind="RESOURCE_CONTROL_POLICY")),), None, id="of-another-kind"),
        pytest.param((organization(limiting(OTHER), management_account=ACCOUNT),), None, id="management-account"),
        pytest.param((organization(policies=DENIED),), Gap, id="policies-unreadable"),
        pytest.param((organization(limiting(ACCOUNT, document=DENIED)),), Gap, id="its-policy-unreadable"),
    ],
)
def test_verdict(found, expected):
    assert verdict(control_policy_absent, scope(), organizations=found) is expected


def test_an_organisation_nobody_could_read():
    assert verdict(control_policy_absent, scope(), missing("organizations", region="")) is Gap


def test_an_account_is_asked_about_once():
    scopes = (scope(), scope(name=f"{ACCOUNT}/us-east-1", region="us-east-1"))
    answers = ask(control_policy_absent, scopes=scopes, organizations=(organization(limiting(OTHER)),))
    assert [finding.subject.region for finding in answers.findings] == [REGION]
    assert answers.findings[0].message == f"no service control policy limits account `{ACCOUNT}`, though the organisation has `no-keys`"


def test_a_file_says_nothing_about_the_organisation():
    assert verdict(control_policy_absent, scope(kind="template"), organizations=(organization(limiting(OTHER)),)) is None
