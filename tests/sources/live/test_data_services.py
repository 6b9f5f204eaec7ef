"""Caches, search domains and file systems, read from the embedded AWS, and what a permission that is missing leaves open."""

import pytest
from tests.proxy import Fault, Proxy
from tests.sources.live.conftest import scan
from tests.sources.live.honest import unexplained

from buckler.model.unknown import Unknown
from buckler.reach.standing_guard import guard_of
from buckler.sources.live.data_services import fine_grained


def found(estate):
    return {(one.service, one.name): one for one in estate.data_services}


def test_what_guards_them(endpoint):
    told = {name: guard_of(one) for name, one in found(scan(endpoint).estate).items()}
    mounted = next(name for service, name in told if service == "efs")
    assert told == {
        ("elasticache", "plain"): "nothing",
        ("elasticache", "token-001"): "password",
        ("elasticache", "users-001"): "password",
        ("opensearch", "orders"): "nothing",
        ("opensearch", "ledger"): "iam",
        ("efs", mounted): "nothing",
    }


def test_calls_are_by_region_domain_and_file_system(endpoint):
    with Proxy(endpoint) as proxy:
        scan(proxy.endpoint)
    operations = (
        "elasticache:DescribeCacheClusters",
        "opensearch:ListDomainNames",
        "opensearch:DescribeDomains",
        "efs:DescribeFileSystems",
    )
    assert [proxy.calls[one] for one in operations] == [1, 1, 1, 1]


@pytest.mark.parametrize("kind", ["denied", "error", "cut"])
@pytest.mark.parametrize(
    "operation",
    [
        "elasticache:DescribeCacheClusters", "opensearch:ListDomainNames", "opensearch:DescribeDomains", "efs:DescribeFileSystems",
        "efs:DescribeFileSystemPolicy", "elasticache:DescribeReplicationGroups",
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_not_known(endpoint, operation, kind):
    whole = scan(endpoint).estate
    with Proxy(endpoint, faults=[Fault(operation, kind=kind)]) as proxy:
        estate = scan(proxy.endpoint).estate
    assert unexplained(whole, estate) == []
    if operation == "efs:DescribeFileSystemPolicy":
        assert [isinstance(one.policy, Unknown) for (service, _), one in found(estate).items() if service == "efs"] == [True]
    elif operation == "elasticache:DescribeReplicationGroups":
        told = {name: guard_of(one) for (service, name), one in found(estate).items() if service == "elasticache"}
        assert told == {"plain": "nothing", "token-001": "password", "users-001": ""}
    else:
        assert "data_services" in {one.collection for one in estate.missing}


@pytest.mark.parametrize(
    ("options", "asks"),
    [
        ({}, ""),
        ({"Enabled": False, "InternalUserDatabaseEnabled": True}, ""),
        ({"Enabled": True, "InternalUserDatabaseEnabled": True}, "password"),
        ({"Enabled": True, "InternalUserDatabaseEnabled": False}, "iam"),
        ({"Enabled": True, "InternalUserDatabaseEnabled": True, "AnonymousAuthEnabled": True}, ""),
    ],
)
def test_fine_grained_access_control_asks_everybody(options, asks):
    assert fine_grained(options) == asks
