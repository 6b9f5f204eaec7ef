"""Databases, caches and search domains as things that functions reach: where each stands, and what guards it."""

from functools import partial
from typing import Final, NamedTuple

from buckler.model.network import DataService
from buckler.model.text import Text
from buckler.model.unknown import Unknown
from buckler.sources.data_guards import Asks, Service, cache_asks, cluster_asks, database_asks, domain_asks, proxy_asks
from buckler.sources.terraform.common import common, default_bool
from buckler.sources.terraform.documents import policy_of
from buckler.sources.terraform.draft import Draft
from buckler.sources.terraform.node import Node, State


class _Kind(NamedTuple):
    service: Service
    subnet_group: str
    made_by: str
    groups: str
    name: str


_KINDS: Final = {
    "aws_db_instance": _Kind("rds", "db_subnet_group_name", "aws_db_subnet_group", "vpc_security_group_ids", "identifier"),
    "aws_rds_cluster": _Kind("rds", "db_subnet_group_name", "aws_db_subnet_group", "vpc_security_group_ids", "cluster_identifier"),
    "aws_neptune_cluster": _Kind(
        "neptune", "neptune_subnet_group_name", "aws_neptune_subnet_group", "vpc_security_group_ids", "cluster_identifier"
    ),
    "aws_docdb_cluster": _Kind("docdb", "db_subnet_group_name", "aws_docdb_subnet_group", "vpc_security_group_ids", "cluster_identifier"),
    "aws_elasticache_replication_group": _Kind(
        "elasticache", "subnet_group_name", "aws_elasticache_subnet_group", "security_group_ids", "replication_group_id"
    ),
    "aws_elasticache_cluster": _Kind(
        "elasticache", "subnet_group_name", "aws_elasticache_subnet_group", "security_group_ids", "cluster_id"
    ),
    "aws_memorydb_cluster": _Kind("memorydb", "subnet_group_name", "aws_memorydb_subnet_group", "security_group_ids", "name"),
}
_DOMAINS: Final = ("aws_opensearch_domain", "aws_elasticsearch_domain")


def read_data_services(draft: Draft) -> None:
    """Read those that name subnets and groups of the configuration; of others nobody can tell where they stand."""
    for type_, kind in _KINDS.items():
        draft.each("data_services", draft.view.plan.of(type_), partial(_placed, draft, kind))
    draft.each("data_services", draft.view.plan.of("aws_db_proxy"), _proxy)
    draft.each("data_services", draft.view.plan.of(*_DOMAINS), _domain)


def _placed(draft: Draft, kind: _Kind, node: Node) -> DataService | None:
    if node.resource.type == "aws_elasticache_cluster" and node.child("replication_group_id").state() is not State.UNSET:
        return None  # stands for its group
    name = node.text(kind.subnet_group, to="name")
    group = draft.view.found((kind.made_by,), name, "name") if name is not None else None
    subnets = group.texts("subnet_ids", to="id") if group is not None else ()
    return _service(node, kind.service, kind.name, subnets, node.texts(kind.groups, to="id"))


def _proxy(node: Node) -> DataService | None:
    return _service(node, "rds-proxy", "name", node.texts("vpc_subnet_ids", to="id"), node.texts("vpc_security_group_ids", to="id"))


def _domain(node: Node) -> DataService | None:
    place = node.block("vpc_options")
    if place is None or isinstance(place, Unknown):
        return None
    return _service(node, "opensearch", "domain_name", place.texts("subnet_ids", to="id"), place.texts("security_group_ids", to="id"))


def _service(
    node: Node, service: Service, name: str, subnets: tuple[Text, ...] | Unknown, groups: tuple[Text, ...] | Unknown
) -> DataService | None:
    if isinstance(subnets, Unknown) or isinstance(groups, Unknown) or not subnets or not groups:
        return None
    base = common(node)
    called = node.text(name)
    base["name"] = called if isinstance(called, str) else node.resource.address
    has_iam = default_bool(node.boolean("iam_database_authentication_enabled"), default=False) if service == "rds" else None
    if service == "rds-proxy":
        asks, has_iam = _proxy_asks(node)
    else:
        asks = _asks(node, service)
    return DataService(
        **base,
        service=service,
        asks=asks,
        iam_login=has_iam if isinstance(has_iam, bool) else None,
        groups=groups,
        subnets=subnets,
        policy=policy_of(node, "access_policies") if service == "opensearch" else None,
    )


def _proxy_asks(node: Node) -> tuple[Asks, bool | None]:
    ways = node.blocks("auth")
    if isinstance(ways, Unknown):
        return ways, None
    return proxy_asks([one.text("iam_auth") or "DISABLED" for one in ways], node.text("default_auth_scheme"))


def _asks(node: Node, service: Service) -> Asks:
    if service == "memorydb":
        return cluster_asks(node.text("acl_name"))
    if service == "elasticache":
        return cache_asks(has_token=_is_set(node, "auth_token"), has_users=_is_set(node, "user_group_ids"))
    if service != "opensearch":
        return database_asks(service, has_iam=default_bool(node.boolean("iam_database_authentication_enabled"), default=False))
    options = node.block("advanced_security_options")
    if options is None or isinstance(options, Unknown):
        return options or ""
    return domain_asks(
        is_on=default_bool(options.boolean("enabled"), default=False),
        lets_anybody_in=default_bool(options.boolean("anonymous_auth_enabled"), default=False),
        has_users=default_bool(options.boolean("internal_user_database_enabled"), default=False),
    )


def _is_set(node: Node, name: str) -> bool:
    """Say whether an argument is given: a token that is known after apply only is one, and so is one that is marked sensitive."""
    return node.child(name).state() is not State.UNSET
