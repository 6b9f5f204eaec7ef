import pytest
from tests import growth
from tests.growth import allowed, assert_linear


def test_linear_work_passes():
    assert_linear(lambda size: sum(range(size)), 20_000)


def test_quadratic_work_does_not():
    with pytest.raises(AssertionError, match="times the work"):
        assert_linear(lambda size: sum(1 for _ in range(size) for _ in range(size)), 150)


def test_what_is_allowed_grows_with_the_machine_and_is_never_less(monkeypatch):
    assert allowed(2) >= 2
    monkeypatch.setattr(growth, "_LAP_SECONDS", 1e-6)
    assert allowed(2) > 1000
    monkeypatch.setattr(growth, "_LAP_SECONDS", 1e6)
    assert allowed(2) == 2
