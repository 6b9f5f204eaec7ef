import pytest

from buckler.data.frameworks import FRAMEWORKS, control, controls


@pytest.mark.parametrize("slug", FRAMEWORKS)
def test_every_framework_has_controls_with_titles(slug):
    assert len(controls(slug)) >= 12
    assert all(one.title and one.framework == slug and one.id == key for key, one in controls(slug).items())


@pytest.mark.parametrize(
    ("slug", "control_id", "word"),
    [
        ("fsbp", "Lambda.1", "public"),
        ("fsbp", "Lambda.2", "runtimes"),
        ("fsbp", "GuardDuty.6", "Lambda"),
        ("cis", "compute-1.1/12.5", "own role"),
        ("cis", "5.0/3.1", "CloudTrail"),
        ("owasp", "SAS-4", "Over-privileged"),
        ("mitre", "T1648", "Serverless Execution"),
        ("mitre", "T1078.004", "Cloud Accounts"),
        ("nist", "AC-6", "Least privilege"),
        ("pci", "8.6.2", "Passwords"),
    ],
)
def test_known_controls(slug, control_id, word):
    assert word in control(slug, control_id).title


def test_what_is_unknown_is_none():
    assert control("fsbp", "Lambda.999") is None
    assert control("iso", "A.1") is None
