"""Databases, caches and search domains as things that functions reach: where each stands, and what guards it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from buckler.model.network import DataService
from buckler.model.text import Text
from buckler.model.unknown import Unknown
from buckler.sources.cfn.resource import Resource
from buckler.sources.cfn.template import Template
from buckler.sources.cfn.tree import Map
from buckler.sources.cfn.values import to_flag, to_text, to_texts
from buckler.sources.data_guards import Asks, Service, cache_asks, cluster_asks, database_asks, domain_asks, proxy_asks


class _Kind(NamedTuple):
    service: Service
    subnet_group: str
    groups: str


_KINDS: Final = {
    "AWS::RDS::DBInstance": _Kind("rds", "DBSubnetGroupName", "VPCSecurityGroups"),
    "AWS::RDS::DBCluster": _Kind("rds", "DBSubnetGroupName", "VpcSecurityGroupIds"),
    "AWS::Neptune::DBCluster": _Kind("neptune", "DBSubnetGroupName", "VpcSecurityGroupIds"),
    "AWS::DocDB::DBCluster": _Kind("docdb", "DBSubnetGroupName", "VpcSecurityGroupIds"),
    "AWS::ElastiCache::ReplicationGroup": _Kind("elasticache", "CacheSubnetGroupName", "SecurityGroupIds"),
    "AWS::ElastiCache::CacheCluster": _Kind("elasticache", "CacheSubnetGroupName", "VpcSecurityGroupIds"),
    "AWS::MemoryDB::Cluster": _Kind("memorydb", "SubnetGroupName", "SecurityGroupIds"),
}
_SUBNETS: Final = {
    "AWS::RDS::DBSubnetGroup": "SubnetIds",
    "AWS::Neptune::DBSubnetGroup": "SubnetIds",
    "AWS::DocDB::DBSubnetGroup": "SubnetIds",
    "AWS::ElastiCache::SubnetGroup": "SubnetIds",
    "AWS::MemoryDB::SubnetGroup": "SubnetIds",
}


def data_services(template: Template) -> Iterator[DataService]:
    """Read those that name subnets and groups of the template; of others nobody can tell where they stand."""
    subnets = dict(_subnet_groups(template))
    for type_, kind in _KINDS.items():
        for resource in template.of_type(type_):
            # Instances of a cluster stand where it does.
            if resource.has("DBClusterIdentifier") and type_ == "AWS::RDS::DBInstance":
                continue
            name = resource.text(kind.subnet_group)
            standing = subnets.get(name, ()) if name is not None and not isinstance(name, Unknown) else ()
            groups = resource.texts(kind.groups)
            if standing and groups and not isinstance(groups, Unknown):
                yield _service(resource, kind.service, standing, groups)
    for resource in template.of_type("AWS::RDS::DBProxy"):
        told = (resource.texts("VpcSubnetIds"), resource.texts("VpcSecurityGroupIds"))
        if all(one and not isinstance(one, Unknown) for one in told):
            yield _service(resource, "rds-proxy", *told)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - as was asked
    for resource in template.of_type("AWS::OpenSearchService::Domain", "AWS::Elasticsearch::Domain"):
        place = resource.get("VPCOptions")
        told = (to_texts(place.get("SubnetIds")), to_texts(place.get("SecurityGroupIds"))) if isinstance(place, Map) else (None, None)
        if all(one and not isinstance(one, Unknown) for one in told):
            yield _service(resource, "opensearch", *told)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType] - as was asked


def _subnet_groups(template: Template) -> Iterator[tuple[Text, tuple[Text, ...]]]:
    for resource in template.of_type(*_SUBNETS):
        name, subnets = to_text(template.ref(resource.id)), resource.texts(_SUBNETS[resource.type])
        if name is not None and not isinstance(name, Unknown) and subnets and not isinstance(subnets, Unknown):
            yield name, subnets


def _service(resource: Resource, service: Service, subnets: tuple[Text, ...], groups: tuple[Text, ...]) -> DataService:
    base = resource.common()
    base["name"] = base["name"] if isinstance(base["name"], str) else resource.id
    has_iam: bool | Unknown | None = None
    if service == "rds-proxy":
        asks, has_iam = _proxy(resource)
    else:
        asks = _asks(resource, service)
    if service == "rds":
        has_iam = resource.flag("EnableIAMDatabaseAuthentication", default=False)
    return DataService(
        **base,
        service=service,
        asks=asks,
        iam_login=has_iam if isinstance(has_iam, bool) else None,
        groups=groups,
        subnets=subnets,
        policy=resource.policy("AccessPolicies") if service == "opensearch" else None,
    )


def _proxy(resource: Resource) -> tuple[Asks, bool | None]:
    entries = resource.list("Auth")
    if isinstance(entries, Unknown):
        return entries, None
    ways = [to_text(one.get("IAMAuth")) or "DISABLED" if isinstance(one, Map) else None for one in entries or ()]
    return proxy_asks(ways, resource.text("DefaultAuthScheme"))


def _asks(resource: Resource, service: Service) -> Asks:
    if service == "memorydb":
        return cluster_asks(resource.text("ACLName"))
    if service == "elasticache":
        return cache_asks(has_token=_is_set(resource, "AuthToken"), has_users=_is_set(resource, "UserGroupIds"))
    if service != "opensearch":
        return database_asks(service, has_iam=resource.flag("IamAuthEnabled", default=False))
    options = resource.get("AdvancedSecurityOptions")
    if isinstance(options, Unknown):
        return options
    told = options if isinstance(options, Map) else Map()
    return domain_asks(
        is_on=to_flag(told.get("Enabled"), default=False),
        lets_anybody_in=to_flag(told.get("AnonymousAuthEnabled"), default=False),
        has_users=to_flag(told.get("InternalUserDatabaseEnabled"), default=False),
    )


def _is_set(resource: Resource, key: str) -> bool | Unknown:
    value = resource.get(key)
    return value if isinstance(value, Unknown) else value is not None
