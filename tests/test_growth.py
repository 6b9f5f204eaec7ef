import pytest
from tests.growth import assert_linear


def test_linear_work_passes():
    assert_linear(lambda size: sum(range(size)), 20_000)


def test_quadratic_work_does_not():
    with pytest.raises(AssertionError, match="times the work"):
        assert_linear(lambda size: sum(1 for _ in range(size) for _ in range(size)), 150)
