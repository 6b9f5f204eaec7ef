"""What guards databases, caches, clusters, search domains and file systems in VPCs: their own settings, of which no interface tells.

One call a region for each service; one for every five search domains, and one a file system.
"""

import json
from collections.abc import Iterator
from typing import Final, Literal, TypeAlias

from buckler.model.estate import Estate, Missing
from buckler.model.network import DataService
from buckler.model.origin import ApiOrigin
from buckler.model.policy import Policy, parse_policy
from buckler.model.unknown import Unknown
from buckler.sources.data_guards import Asks, cluster_asks, database_asks, domain_asks, proxy_asks
from buckler.sources.live.answers import Answer, batched, each, inner
from buckler.sources.live.api import Pages, Reader
from buckler.sources.live.calls import Collector
from buckler.sources.live.failures import Failure, Meaning

_COLLECTOR = Collector("data services")
_MARKER = ("Marker", "Marker")

CLUSTERS = _COLLECTOR.call(
    "elasticache", "DescribeCacheClusters", "whether caches ask for a password", result="CacheClusters", page=_MARKER
)
GROUPS = _COLLECTOR.call("elasticache", "DescribeReplicationGroups", "whether caches have users", result="ReplicationGroups", page=_MARKER)
DOMAINS = _COLLECTOR.call("opensearch", "ListDomainNames", "search domains", action="es:ListDomainNames", result="DomainNames")
DOMAIN = _COLLECTOR.call(
    "opensearch", "DescribeDomains", "policies of search domains", action="es:DescribeDomains", result="DomainStatusList"
)
FILES = _COLLECTOR.call(
    "efs",
    "DescribeFileSystems",
    "file systems",
    action="elasticfilesystem:DescribeFileSystems",
    result="FileSystems",
    page=("Marker", "NextMarker"),
)
POLICY = _COLLECTOR.call(
    "efs",
    "DescribeFileSystemPolicy",
    "policies of file systems",
    action="elasticfilesystem:DescribeFileSystemPolicy",
    result="Policy",
    none=("PolicyNotFound",),
)


INSTANCES = _COLLECTOR.call("rds", "DescribeDBInstances", "whether databases let IAM in", result="DBInstances", page=_MARKER)
PROXIES = _COLLECTOR.call("rds", "DescribeDBProxies", "whether database proxies let IAM in", result="DBProxies", page=_MARKER)
_TOKEN = ("NextToken", "NextToken")
MEMORY = _COLLECTOR.call("memorydb", "DescribeClusters", "whether MemoryDB clusters ask for a password", result="Clusters", page=_TOKEN)
MEMORY_SUBNETS = _COLLECTOR.call("memorydb", "DescribeSubnetGroups", "where MemoryDB clusters stand", result="SubnetGroups", page=_TOKEN)
KAFKA = _COLLECTOR.call(
    "kafka", "ListClustersV2", "whether Kafka clusters ask IAM", result="ClusterInfoList", page=("NextToken", "NextToken")
)


def collect(reader: Reader) -> Estate:
    """Read all services; what could not be listed of one leaves the others."""
    missing: list[Missing] = []
    each_of = (_databases, _proxies, _caches, _memory, _kafka, _domains, _files)
    found = tuple(one for read in each_of for one in read(reader, missing))
    return Estate(data_services=found, missing=tuple(missing))


# --- databases and Kafka ---------------------------------------------------------------------------------------------------


_Engine: TypeAlias = Literal["rds", "neptune", "docdb"]
_ENGINES: Final[dict[str, _Engine]] = {"neptune": "neptune", "docdb": "docdb"}


def _databases(reader: Reader, missing: list[Missing]) -> Iterator[DataService]:
    """Read the instances: those of a cluster stand for it, and Neptune's and DocumentDB's are listed among them."""
    pages = reader.pages(INSTANCES, MaxRecords=100)
    for entry in pages:
        service: _Engine = _ENGINES.get(str(entry.get("Engine", "")), "rds")
        has_iam = bool(entry.get("IAMDatabaseAuthenticationEnabled"))
        arn = str(entry.get("DBInstanceArn") or reader.arn("rds", f"db:{entry['DBInstanceIdentifier']}"))
        yield DataService(
            arn=arn,
            name=entry.get("DBClusterIdentifier") or entry["DBInstanceIdentifier"],
            account=reader.account,
            region=reader.region,
            origin=reader.origin(INSTANCES, arn),
            service=service,
            asks=database_asks(service, has_iam=has_iam),
            iam_login=None if service == "neptune" else has_iam,
            groups=tuple(sorted(one["VpcSecurityGroupId"] for one in each(entry, "VpcSecurityGroups"))),
            subnets=tuple(sorted(one["SubnetIdentifier"] for one in each(inner(entry, "DBSubnetGroup"), "Subnets"))),
        )
    missing += pages.missing("data_services")


def _proxies(reader: Reader, missing: list[Missing]) -> Iterator[DataService]:
    pages = reader.pages(PROXIES, MaxRecords=100)
    for entry in pages:
        asks, has_iam = proxy_asks([str(one.get("IAMAuth", "DISABLED")) for one in each(entry, "Auth")], entry.get("DefaultAuthScheme"))
        yield DataService(
            arn=entry["DBProxyArn"],
            name=entry["DBProxyName"],
            account=reader.account,
            region=reader.region,
            origin=reader.origin(PROXIES, entry["DBProxyArn"]),
            service="rds-proxy",
            asks=asks,
            iam_login=has_iam,
            groups=tuple(sorted(entry.get("VpcSecurityGroupIds", ()))),
            subnets=tuple(sorted(entry.get("VpcSubnetIds", ()))),
        )
    missing += pages.missing("data_services")


def _kafka(reader: Reader, missing: list[Missing]) -> Iterator[DataService]:
    pages = reader.pages(KAFKA, MaxResults=100)
    for entry in pages:
        own, serverless = inner(entry, "Provisioned"), inner(entry, "Serverless")
        place = inner(own, "BrokerNodeGroupInfo")
        places = each(serverless, "VpcConfigs")
        groups = [*place.get("SecurityGroups", ()), *(one for each_place in places for one in each_place.get("SecurityGroupIds", ()))]
        subnets = [*place.get("ClientSubnets", ()), *(one for each_place in places for one in each_place.get("SubnetIds", ()))]
        asks, has_iam = kafka_asks(inner(own or serverless, "ClientAuthentication"))
        yield DataService(
            arn=entry["ClusterArn"],
            name=entry["ClusterName"],
            account=reader.account,
            region=reader.region,
            origin=reader.origin(KAFKA, entry["ClusterArn"]),
            service="msk",
            asks=asks,
            iam_login=has_iam,
            groups=tuple(sorted(groups)),
            subnets=tuple(sorted(subnets)),
        )
    missing += pages.missing("data_services")


def kafka_asks(how: Answer) -> tuple[Literal["password", "iam", "certificate", ""], bool]:
    """Say what a cluster asks at its weakest port, and whether IAM lets anybody in. Without any setting it lets in whoever connects."""
    sasl = inner(how, "Sasl")
    has_iam, has_users = (bool(inner(sasl, name).get("Enabled")) for name in ("Iam", "Scram"))
    has_certificates = bool(inner(how, "Tls").get("Enabled"))
    if inner(how, "Unauthenticated").get("Enabled") or not (has_iam or has_users or has_certificates):
        return "", has_iam
    return ("password" if has_users else "certificate" if has_certificates else "iam"), has_iam


# --- caches ----------------------------------------------------------------------------------------------------------------


def _caches(reader: Reader, missing: list[Missing]) -> Iterator[DataService]:
    clusters = reader.pages(CLUSTERS, MaxRecords=100)
    entries = list(clusters)
    missing += clusters.missing("data_services")
    groups: Pages | None = None
    with_users: set[str] = set()
    if any(entry.get("ReplicationGroupId") for entry in entries):
        groups = reader.pages(GROUPS, MaxRecords=100)
        with_users = {str(one["ReplicationGroupId"]) for one in groups if one.get("UserGroupIds")}
    for entry in entries:
        arn = str(entry.get("ARN") or reader.arn("elasticache", f"cluster:{entry['CacheClusterId']}"))
        group = entry.get("ReplicationGroupId")
        asks: Literal["password", "iam", ""] | Unknown = "password" if entry.get("AuthTokenEnabled") or group in with_users else ""
        if asks == "" and group and groups is not None and groups.unknown is not None:
            asks = groups.unknown
        yield DataService(
            arn=arn,
            name=entry["CacheClusterId"],
            account=reader.account,
            region=reader.region,
            origin=reader.origin(CLUSTERS, arn),
            service="elasticache",
            asks=asks,
        )


def _memory(reader: Reader, missing: list[Missing]) -> Iterator[DataService]:
    clusters = reader.pages(MEMORY, MaxResults=50)
    entries = list(clusters)
    missing += clusters.missing("data_services")
    standing: dict[str, tuple[str, ...]] = {}
    if entries:
        groups = reader.pages(MEMORY_SUBNETS, MaxResults=50)
        standing = {one["Name"]: tuple(sorted(each_one["Identifier"] for each_one in each(one, "Subnets"))) for one in groups}
        missing += groups.missing("data_services")
    for entry in entries:
        yield DataService(
            arn=entry["ARN"],
            name=entry["Name"],
            account=reader.account,
            region=reader.region,
            origin=reader.origin(MEMORY, entry["ARN"]),
            service="memorydb",
            asks=cluster_asks(entry.get("ACLName")),
            groups=tuple(sorted(one["SecurityGroupId"] for one in each(entry, "SecurityGroups"))),
            subnets=standing.get(entry.get("SubnetGroupName", ""), ()),
        )


# --- search domains --------------------------------------------------------------------------------------------------------


def _domains(reader: Reader, missing: list[Missing]) -> Iterator[DataService]:
    listed = reader.read(DOMAINS)
    if isinstance(listed, Unknown):
        missing.append(reader.missing("data_services", listed))
        return
    # "An array of one to five domain names", says the API reference.
    for names in batched([str(one["DomainName"]) for one in each(listed, "DomainNames")], 5):
        answer = reader.read(DOMAIN, DomainNames=names)
        if isinstance(answer, Unknown):
            missing.append(reader.missing("data_services", answer))
            continue
        for entry in each(answer, "DomainStatusList"):
            # A domain that is on the internet has no interface in a VPC.
            if inner(entry, "VPCOptions").get("SubnetIds"):
                yield _domain(reader, entry)


def _domain(reader: Reader, entry: Answer) -> DataService:
    arn: str = entry["ARN"]
    origin = reader.origin(DOMAIN, arn)
    return DataService(
        arn=arn,
        name=entry["DomainName"],
        account=reader.account,
        region=reader.region,
        origin=origin,
        service="opensearch",
        asks=fine_grained(inner(entry, "AdvancedSecurityOptions")),
        policy=_document(entry.get("AccessPolicies"), origin),
    )


def fine_grained(options: Answer) -> Asks:
    """Say what the fine-grained access control of a search domain asks of everybody."""
    return domain_asks(
        is_on=bool(options.get("Enabled")),
        lets_anybody_in=bool(options.get("AnonymousAuthEnabled")),
        has_users=bool(options.get("InternalUserDatabaseEnabled")),
    )


def _document(text: object, origin: ApiOrigin) -> Policy | None:
    if not text:
        return None
    try:
        return parse_policy(json.loads(str(text)), origin)
    except ValueError:
        return parse_policy(None, origin)  # listed as malformed


# --- file systems ----------------------------------------------------------------------------------------------------------


def _files(reader: Reader, missing: list[Missing]) -> Iterator[DataService]:
    pages = reader.pages(FILES, MaxItems=100)
    for entry in pages:
        if not entry.get("NumberOfMountTargets"):
            continue
        identity = str(entry["FileSystemId"])
        arn = str(entry.get("FileSystemArn") or reader.arn("elasticfilesystem", f"file-system/{identity}"))
        origin = reader.origin(POLICY, arn)
        answer = reader.find(POLICY, FileSystemId=identity)
        yield DataService(
            arn=arn,
            name=identity,
            account=reader.account,
            region=reader.region,
            origin=origin,
            service="efs",
            asks="",
            policy=answer if answer is None or isinstance(answer, Unknown) else _told(answer, origin),
        )
    missing += pages.missing("data_services")


def _told(answer: Answer, origin: ApiOrigin) -> Policy | Unknown:
    return _document(answer.get("Policy"), origin) or Failure(Meaning.BROKEN, "an empty policy").unknown(POLICY)
