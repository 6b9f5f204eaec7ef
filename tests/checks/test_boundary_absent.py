import pytest
from tests.estates import DENIED, OTHER, allow, ask, attached, policy, role, verdict
from tests.reach.attack import arn, trust

from buckler.checks.boundary_absent import boundary_absent
from buckler.model.finding import Finding, Gap

BOUNDARY = attached(arn("policy", "limits"), policy(allow(["s3:*", "logs:*"])))


def others(having, lacking=0):
    with_one = tuple(role(f"with-{number}", boundary=BOUNDARY) for number in range(having))
    return (
        *with_one,
        *(role(f"without-{number}", boundary=BOUNDARY, trust=trust(service="ec2.amazonaws.com")) for number in range(lacking)),
    )


@pytest.mark.parametrize(
    ("around", "facts", "expected"),
    [
        pytest.param(others(3), {}, Finding, id="three-in-four"),
        pytest.param(others(9), {}, Finding, id="nine-in-ten"),
        pytest.param(others(2), {}, None, id="too-few-to-be-a-custom"),
        pytest.param(others(0), {}, None, id="nobody-has-one"),
        pytest.param(others(3), {"boundary": BOUNDARY}, None, id="it-has-one"),
        pytest.param(others(2, lacking=9), {}, None, id="others-are-not-for-functions"),
        pytest.param(others(3), {"trust": trust(service="ec2.amazonaws.com")}, None, id="it-is-not-for-functions"),
        pytest.param(others(3), {"is_service_linked": True}, None, id="service-linked"),
        pytest.param(others(3), {"account": OTHER}, None, id="in-another-account"),
        pytest.param(others(4), {"boundary": DENIED}, Gap, id="boundary-unreadable"),
        pytest.param(others(3), {"trust": DENIED}, None, id="too-few-known-to-be-for-functions"),
        pytest.param(others(4), {"trust": DENIED}, Gap, id="trust-unreadable"),
    ],
)
def test_verdict(around, facts, expected):
    assert verdict(boundary_absent, *around, role("site-role", **facts)) is expected


def test_half_is_no_custom():
    lacking = [role(f"bare-{number}") for number in range(4)]
    assert verdict(boundary_absent, *others(4), *lacking) is None


def test_what_it_says():
    finding = ask(boundary_absent, *others(3), role("site-role")).findings[0]
    assert finding.message == "the role has no permissions boundary, as 3 of the 4 roles for functions here have"
