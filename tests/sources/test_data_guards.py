"""What is not known of a guard is not known, but where another setting decides."""

import pytest

from buckler.model.unknown import Unknown, UnknownKind
from buckler.sources.data_guards import cache_asks, database_asks, domain_asks

OPEN = Unknown(kind=UnknownKind.UNRESOLVED, why="a parameter", need="--parameter")


@pytest.mark.parametrize(
    ("token", "users", "asks"),
    [(False, False, ""), (True, OPEN, "password"), (OPEN, True, "password"), (OPEN, False, OPEN), (False, OPEN, OPEN)],
)
def test_caches(token, users, asks):
    assert cache_asks(has_token=token, has_users=users) == asks


@pytest.mark.parametrize(
    ("settings", "asks"),
    [
        ((False, OPEN, OPEN), ""),
        ((OPEN, True, OPEN), ""),
        ((OPEN, False, True), OPEN),
        ((True, OPEN, True), OPEN),
        ((True, False, OPEN), OPEN),
        ((True, False, True), "password"),
        ((True, False, False), "iam"),
    ],
)
def test_domains(settings, asks):
    is_on, lets_in, users = settings
    assert domain_asks(is_on=is_on, lets_anybody_in=lets_in, has_users=users) == asks


def test_databases():
    assert (database_asks("rds", has_iam=OPEN), database_asks("docdb", has_iam=False)) == ("password", "password")
    assert [database_asks("neptune", has_iam=one) for one in (True, False, OPEN)] == ["iam", "", OPEN]
