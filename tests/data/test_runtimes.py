import datetime as dt

import pytest
from botocore.session import get_session

from buckler.data.runtimes import MADE, runtime, runtimes


def test_every_identifier_of_the_service_model_is_known():
    enum = get_session().get_service_model("lambda").shape_for("Runtime").enum
    assert set(enum) - set(runtimes()) <= {"custom"}


@pytest.mark.parametrize("name", sorted(runtimes()))
def test_dates_are_in_order(name):
    row = runtime(name)
    dates = [day for day in (row.create_blocked, row.update_blocked) if day]
    assert dates == sorted(dates)
    assert all(dt.date(2016, 1, 1) <= day < dt.date(2031, 1, 1) for day in dates)
    # Before 2020 AWS blocked creation ahead of the day it called the end.
    if row.deprecated and row.create_blocked and row.deprecated >= dt.date(2020, 6, 1):
        assert row.deprecated <= row.create_blocked


@pytest.mark.parametrize("name", sorted(runtimes()))
def test_a_successor_is_a_living_runtime_of_the_same_language(name):
    row = runtime(name)
    if row.successor is None:
        assert not row.is_deprecated(MADE)
        return
    successor = runtime(row.successor)
    assert not successor.is_deprecated(MADE)
    assert row.language in {successor.language, "go"}


@pytest.mark.parametrize(
    ("name", "system", "language", "deprecated", "update_blocked"),
    [
        ("python2.7", "AL1", "python", True, True),
        ("python3.9", "AL2", "python", True, False),
        ("python3.14", "AL2023", "python", False, False),
        ("nodejs24.x", "AL2023", "nodejs", False, False),
        ("nodejs4.3-edge", "AL1", "nodejs", True, True),
        ("java25", "AL2023", "java", False, False),
        ("dotnet10", "AL2023", "dotnet", False, False),
        ("ruby3.4", "AL2023", "ruby", False, False),
        ("provided.al2", "AL2", "provided", True, False),
        ("provided.al2023", "AL2023", "provided", False, False),
    ],
)
def test_known_facts(name, system, language, deprecated, update_blocked):
    row = runtime(name)
    assert (row.operating_system, row.language) == (system, language)
    assert (row.is_deprecated(MADE), row.is_update_blocked(MADE)) == (deprecated, update_blocked)


def test_an_unannounced_date_is_not_a_past_one():
    future = runtime("nodejs26.x")
    assert future.deprecated is None
    assert not future.is_deprecated(dt.date(2099, 1, 1))


def test_a_runtime_newer_than_the_table_is_not_known():
    assert runtime("python9.9") is None
