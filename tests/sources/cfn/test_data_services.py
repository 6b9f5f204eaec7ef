"""Databases, caches and search domains in templates."""

import pytest
from tests.estates import TODAY
from tests.sources.cfn.templates import read

from buckler.model.text import shown
from buckler.model.unknown import Unknown
from buckler.reach.analysis import Analysis
from buckler.reach.network_targets import standing

SUBNETS = """
  Subnets: {Type: AWS::%s, Properties: {SubnetIds: [!Ref A, subnet-2]}}
  A: {Type: AWS::EC2::Subnet, Properties: {VpcId: vpc-1, CidrBlock: 10.0.1.0/24}}
"""


def service_of(text):
    found = read("Resources:" + text).data_services
    return found[0] if found else None


@pytest.mark.parametrize(
    ("group", "kind", "properties", "wanted"),
    [
        pytest.param(
            "RDS::DBSubnetGroup", "RDS::DBInstance", "{DBInstanceIdentifier: orders, DBSubnetGroupName: !Ref Subnets, VPCSecurityGroups: [sg-1]}",
            ("rds", "orders", "password", False), id="instance",
        ),
        pytest.param(
            "RDS::DBSubnetGroup", "RDS::DBCluster",
            "{EnableIAMDatabaseAuthentication: true, DBSubnetGroupName: !Ref Subnets, VpcSecurityGroupIds: [sg-1]}",
            ("rds", "Db", "password", True), id="cluster-with-iam",
        ),
        pytest.param(
            "Neptune::DBSubnetGroup", "Neptune::DBCluster", "{DBSubnetGroupName: !Ref Subnets, VpcSecurityGroupIds: [sg-1]}",
            ("neptune", "Db", "", None), id="neptune-lets-everybody-in",
        ),
        pytest.param(
            "Neptune::DBSubnetGroup", "Neptune::DBCluster",
            "{IamAuthEnabled: true, DBSubnetGroupName: !Ref Subnets, VpcSecurityGroupIds: [sg-1]}",
            ("neptune", "Db", "iam", None), id="neptune-with-iam",
        ),
        pytest.param(
            "DocDB::DBSubnetGroup", "DocDB::DBCluster", "{DBSubnetGroupName: !Ref Subnets, VpcSecurityGroupIds: [sg-1]}",
            ("docdb", "Db", "password", None), id="documents",
        ),
        pytest.param(
            "ElastiCache::SubnetGroup", "ElastiCache::ReplicationGroup",
            "{ReplicationGroupId: sessions, CacheSubnetGroupName: !Ref Subnets, SecurityGroupIds: [sg-1]}",
            ("elasticache", "sessions", "", None), id="cache-without-a-password",
        ),
        pytest.param(
            "ElastiCache::SubnetGroup", "ElastiCache::ReplicationGroup",
            "{AuthToken: '{{resolve:secretsmanager:t}}', CacheSubnetGroupName: !Ref Subnets, SecurityGroupIds: [sg-1]}",
            ("elasticache", "Db", "password", None), id="cache-with-one",
        ),
        pytest.param(
            "MemoryDB::SubnetGroup", "MemoryDB::Cluster",
            "{ClusterName: carts, ACLName: open-access, SubnetGroupName: !Ref Subnets, SecurityGroupIds: [sg-1]}",
            ("memorydb", "carts", "", None), id="open-memory",
        ),
        pytest.param(
            "MemoryDB::SubnetGroup", "MemoryDB::Cluster", "{ACLName: staff, SubnetGroupName: !Ref Subnets, SecurityGroupIds: [sg-1]}",
            ("memorydb", "Db", "password", None), id="memory-with-users",
        ),
        pytest.param(
            "RDS::DBSubnetGroup", "RDS::DBProxy",
            "{DBProxyName: front, Auth: [{IAMAuth: REQUIRED}], VpcSubnetIds: [!Ref A, subnet-2], VpcSecurityGroupIds: [sg-1]}",
            ("rds-proxy", "front", "iam", True), id="proxy-with-iam",
        ),
        pytest.param(
            "RDS::DBSubnetGroup", "RDS::DBProxy",
            "{Auth: [{IAMAuth: REQUIRED}, {}], VpcSubnetIds: [!Ref A, subnet-2], VpcSecurityGroupIds: [sg-1]}",
            ("rds-proxy", "Db", "password", True), id="proxy-with-a-password-too",
        ),
    ],
)  # fmt: skip
def test_where_it_stands_and_what_guards_it(group, kind, properties, wanted):
    found = service_of(SUBNETS % group + f"  Db: {{Type: AWS::{kind}, Properties: {properties}}}\n")
    assert (found.service, found.name, found.asks, found.iam_login) == wanted
    assert ([shown(one) for one in found.subnets], found.groups, found.address) == (["${A}", "subnet-2"], ("sg-1",), "Db")


@pytest.mark.parametrize(
    ("options", "asks"),
    [
        pytest.param("", "", id="policy-only"),
        pytest.param("AdvancedSecurityOptions: {Enabled: true, InternalUserDatabaseEnabled: true},", "password", id="users"),
        pytest.param("AdvancedSecurityOptions: {Enabled: true},", "iam", id="roles"),
        pytest.param("AdvancedSecurityOptions: {Enabled: true, AnonymousAuthEnabled: true},", "", id="anybody-for-now"),
    ],
)
def test_search_domains(options, asks):
    policy = "AccessPolicies: {Statement: [{Effect: Allow, Principal: '*', Action: 'es:*', Resource: '*'}]}"
    place = "VPCOptions: {SubnetIds: [subnet-1], SecurityGroupIds: [sg-1]}"
    found = service_of(f"\n  Db: {{Type: AWS::OpenSearchService::Domain, Properties: {{{options} {place}, {policy}}}}}\n")
    assert (found.service, found.asks, found.subnets, found.groups) == ("opensearch", asks, ("subnet-1",), ("sg-1",))
    assert [one.actions for one in found.policy.statements] == [("es:*",)]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("  Db: {Type: AWS::RDS::DBInstance, Properties: {VPCSecurityGroups: [sg-1]}}\n", id="in-no-subnets-of-the-template"),
        pytest.param(
            "  Db: {Type: AWS::RDS::DBInstance, Properties: {DBSubnetGroupName: elsewhere, VPCSecurityGroups: [sg-1]}}\n", id="elsewhere"
        ),
        pytest.param("  Db: {Type: AWS::RDS::DBInstance, Properties: {DBSubnetGroupName: !Ref Subnets}}\n", id="default-group"),
        pytest.param(
            "  Db: {Type: AWS::RDS::DBInstance, Properties: {DBClusterIdentifier: c, DBSubnetGroupName: !Ref Subnets, VPCSecurityGroups: [sg-1]}}\n",
            id="instance-of-a-cluster",
        ),
        pytest.param("  Db: {Type: AWS::OpenSearchService::Domain, Properties: {}}\n", id="on-the-internet"),
    ],
)
def test_what_stands_nowhere_that_is_known(text):
    assert service_of(SUBNETS % "RDS::DBSubnetGroup" + text) is None


def test_a_setting_that_is_not_resolved_is_not_known():
    text = (
        "Parameters: {Iam: {Type: String}}\nResources:"
        + SUBNETS % "Neptune::DBSubnetGroup"
        + (
            "  Db: {Type: AWS::Neptune::DBCluster, Properties: {IamAuthEnabled: !Ref Iam, DBSubnetGroupName: !Ref Subnets, VpcSecurityGroupIds: [sg-1]}}\n"
        )
    )
    (found,) = read(text).data_services
    assert isinstance(found.asks, Unknown)


def test_of_a_database_in_subnets_that_are_not_the_templates_its_group_is_the_target():
    text = """Resources:
  Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
  A: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.1.0/24, AvailabilityZone: eu-west-1a}}
  Group:
    Type: AWS::EC2::SecurityGroup
    Properties:
      VpcId: !Ref Vpc
      GroupDescription: x
      SecurityGroupIngress: [{IpProtocol: tcp, FromPort: 5432, ToPort: 5432, CidrIp: 10.0.0.0/16}]
  Subnets: {Type: AWS::RDS::DBSubnetGroup, Properties: {SubnetIds: [%s]}}
  Db:
    Type: AWS::RDS::DBInstance
    Properties: {DBInstanceIdentifier: orders, DBSubnetGroupName: !Ref Subnets, VPCSecurityGroups: [!GetAtt Group.GroupId]}
"""
    for subnet, wanted in (("!Ref A", {"Db"}), ("subnet-1", {"${Group}"})):
        told = standing(Analysis(read(text % subnet), today=TODAY))
        assert {one.target.id for one in told} & {"Db", "${Group}"} == wanted
