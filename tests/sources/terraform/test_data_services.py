"""Databases, caches and search domains in Terraform."""

import pytest
from tests.sources.terraform.plans import read, ref, resource

POLICY = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "es:*", "Resource": "*"}]}'


def made(tmp_path, kind, values, group="aws_db_subnet_group", names="db_subnet_group_name", groups="vpc_security_group_ids", more=()):
    subnets = resource(f"{group}.s", {"name": "s", "subnet_ids": ["subnet-1", "subnet-2"]}, unknown={"id": True})
    told = {names: "s", groups: ["sg-1"], **values}
    found = read(tmp_path, subnets, resource(f"{kind}.db", told, unknown={"id": True, "arn": True}), *more).data_services
    return found[0] if found else None


@pytest.mark.parametrize(
    ("kind", "values", "more", "wanted"),
    [
        pytest.param("aws_db_instance", {"identifier": "orders"}, {}, ("rds", "orders", "password", False), id="instance"),
        pytest.param(
            "aws_rds_cluster",
            {"iam_database_authentication_enabled": True},
            {},
            ("rds", "aws_rds_cluster.db", "password", True),
            id="cluster",
        ),
        pytest.param(
            "aws_neptune_cluster",
            {"cluster_identifier": "graph"},
            {"group": "aws_neptune_subnet_group", "names": "neptune_subnet_group_name"},
            ("neptune", "graph", "", None),
            id="neptune",
        ),
        pytest.param(
            "aws_docdb_cluster",
            {"cluster_identifier": "docs"},
            {"group": "aws_docdb_subnet_group"},
            ("docdb", "docs", "password", None),
            id="documents",
        ),
        pytest.param(
            "aws_elasticache_replication_group",
            {"replication_group_id": "sessions"},
            {"group": "aws_elasticache_subnet_group", "names": "subnet_group_name", "groups": "security_group_ids"},
            ("elasticache", "sessions", "", None),
            id="cache",
        ),
        pytest.param(
            "aws_memorydb_cluster",
            {"name": "carts", "acl_name": "open-access"},
            {"group": "aws_memorydb_subnet_group", "names": "subnet_group_name", "groups": "security_group_ids"},
            ("memorydb", "carts", "", None),
            id="open-memory",
        ),
        pytest.param(
            "aws_db_proxy",
            {"name": "front", "vpc_subnet_ids": ["subnet-1", "subnet-2"], "auth": [{"iam_auth": "REQUIRED"}]},
            {},
            ("rds-proxy", "front", "iam", True),
            id="proxy-with-iam",
        ),
        pytest.param(
            "aws_db_proxy",
            {"name": "front", "vpc_subnet_ids": ["subnet-1", "subnet-2"], "auth": [{"iam_auth": "DISABLED"}]},
            {},
            ("rds-proxy", "front", "password", False),
            id="proxy-with-passwords",
        ),
        pytest.param(
            "aws_elasticache_replication_group",
            {"replication_group_id": "sessions", "user_group_ids": ["admins"]},
            {"group": "aws_elasticache_subnet_group", "names": "subnet_group_name", "groups": "security_group_ids"},
            ("elasticache", "sessions", "password", None),
            id="cache-with-users",
        ),
    ],
)
def test_where_it_stands_and_what_guards_it(tmp_path, kind, values, more, wanted):
    found = made(tmp_path, kind, values, **more)
    assert (found.service, found.name, found.asks, found.iam_login) == wanted
    assert (found.subnets, found.groups, found.address) == (("subnet-1", "subnet-2"), ("sg-1",), f"{kind}.db")


def test_a_subnet_group_is_followed_by_reference(tmp_path):
    group = resource("aws_db_subnet_group.s", {"subnet_ids": ["subnet-1"]}, unknown={"id": True, "name": True})
    database = resource(
        "aws_db_instance.db",
        {"vpc_security_group_ids": ["sg-1"]},
        unknown={"id": True, "arn": True, "db_subnet_group_name": True},
        expressions={"db_subnet_group_name": ref("aws_db_subnet_group.s.name")},
    )
    (found,) = read(tmp_path, group, database).data_services
    assert found.subnets == ("subnet-1",)


def test_search_domains(tmp_path):
    values = {
        "domain_name": "logs",
        "vpc_options": [{"subnet_ids": ["subnet-1"], "security_group_ids": ["sg-1"]}],
        "access_policies": POLICY,
    }
    (found,) = read(tmp_path, resource("aws_opensearch_domain.d", values, unknown={"id": True, "arn": True})).data_services
    assert (found.service, found.name, found.asks, found.subnets) == ("opensearch", "logs", "", ("subnet-1",))
    assert [one.actions for one in found.policy.statements] == [("es:*",)]


@pytest.mark.parametrize(
    ("options", "asks"),
    [
        ({"enabled": True}, "iam"),
        ({"enabled": True, "internal_user_database_enabled": True}, "password"),
        ({"enabled": True, "anonymous_auth_enabled": True}, ""),
        ({"enabled": False}, ""),
    ],
)
def test_fine_grained_access_control(tmp_path, options, asks):
    place = [{"subnet_ids": ["subnet-1"], "security_group_ids": ["sg-1"]}]
    values = {"domain_name": "logs", "vpc_options": place, "advanced_security_options": [options]}
    (found,) = read(tmp_path, resource("aws_opensearch_domain.d", values, unknown={"id": True, "arn": True})).data_services
    assert found.asks == asks


def test_what_stands_nowhere_that_is_known(tmp_path):
    assert made(tmp_path, "aws_db_instance", {"db_subnet_group_name": "elsewhere"}) is None
    assert made(tmp_path, "aws_db_instance", {"vpc_security_group_ids": []}) is None
    member = {"cluster_id": "a", "replication_group_id": "sessions"}
    more = {"group": "aws_elasticache_subnet_group", "names": "subnet_group_name", "groups": "security_group_ids"}
    assert made(tmp_path, "aws_elasticache_cluster", member, **more) is None
