"""Caches, search domains and file systems, read from the embedded AWS, and what a permission that is missing leaves open."""

import pytest
from tests.proxy import Fault, Proxy
from tests.sources.live.conftest import scan
from tests.sources.live.honest import unexplained

from buckler.model.unknown import Unknown
from buckler.reach.standing_guard import guard_of
from buckler.sources.live.data_services import fine_grained, kafka_asks


def found(estate):
    return {(one.service, one.name): one for one in estate.data_services}


def test_what_guards_them(plain):
    told = {name: guard_of(one) for name, one in found(plain).items()}
    mounted = next(name for service, name in told if service == "efs")
    assert told == {
        ("elasticache", "plain"): "nothing",
        ("elasticache", "token-001"): "password",
        ("elasticache", "users-001"): "password",
        ("opensearch", "orders"): "nothing",
        ("opensearch", "ledger"): "iam",
        ("efs", mounted): "nothing",
        ("rds", "payments"): "password",
        ("rds", "legacy"): "password",
        ("neptune", "friends"): "nothing",
        ("rds-proxy", "front"): "iam",
        ("rds-proxy", "side"): "password",
        ("memorydb", "carts"): "nothing",
        ("memorydb", "ranks"): "password",
        ("msk", "events"): "iam",
    }


def test_where_iam_lets_in_and_where_they_stand(plain):
    there = found(plain)
    assert {name: one.iam_login for (_, name), one in there.items() if one.groups} == {
        "payments": True,
        "legacy": False,
        "friends": None,
        "front": True,
        "side": False,
        "carts": None,
        "ranks": None,
        "events": True,
    }
    groups = {one.groups for one in there.values() if one.groups}
    subnets = {one.subnets for one in there.values() if one.groups}
    assert [len(each) for each in (*groups, *subnets)] == [1, 2]


@pytest.mark.parametrize(
    ("how", "told"),
    [
        ({}, ("", False)),
        ({"Sasl": {"Iam": {"Enabled": True}}}, ("iam", True)),
        ({"Sasl": {"Iam": {"Enabled": True}, "Scram": {"Enabled": True}}}, ("password", True)),
        ({"Sasl": {"Scram": {"Enabled": True}}, "Tls": {"Enabled": True}}, ("password", False)),
        ({"Tls": {"Enabled": True}}, ("certificate", False)),
        ({"Sasl": {"Iam": {"Enabled": True}}, "Unauthenticated": {"Enabled": True}}, ("", True)),
    ],
)
def test_a_kafka_cluster_is_as_open_as_its_weakest_port(how, told):
    assert kafka_asks(how) == told


def test_calls_are_by_region_domain_and_file_system(endpoint):
    with Proxy(endpoint) as proxy:
        scan(proxy.endpoint)
    operations = (
        "elasticache:DescribeCacheClusters",
        "opensearch:ListDomainNames",
        "opensearch:DescribeDomains",
        "efs:DescribeFileSystems",
        "rds:DescribeDBInstances",
        "rds:DescribeDBProxies",
        "memorydb:DescribeClusters",
        "memorydb:DescribeSubnetGroups",
        "kafka:ListClustersV2",
    )
    assert [proxy.calls[one] for one in operations] == [1] * 9


@pytest.mark.parametrize("kind", ["denied", "error", "cut"])
@pytest.mark.parametrize(
    "operation",
    [
        "elasticache:DescribeCacheClusters", "opensearch:ListDomainNames", "opensearch:DescribeDomains", "efs:DescribeFileSystems",
        "efs:DescribeFileSystemPolicy", "elasticache:DescribeReplicationGroups", "rds:DescribeDBInstances", "kafka:ListClustersV2",
        "rds:DescribeDBProxies", "memorydb:DescribeClusters", "memorydb:DescribeSubnetGroups",
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_not_known(endpoint, plain, operation, kind):
    with Proxy(endpoint, faults=[Fault(operation, kind=kind)]) as proxy:
        estate = scan(proxy.endpoint).estate
    assert unexplained(plain, estate) == []
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
