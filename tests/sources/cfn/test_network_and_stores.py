"""Networking with what AWS makes unasked; keys, secrets, parameters; log groups, trails, detectors."""

import pytest
from tests.sources.cfn.templates import read, said

from buckler.model.network import SecurityGroupRule
from buckler.model.unknown import Unknown, UnknownKind

NET = """
Resources:
  Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
  Pub: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.0.0/24, AvailabilityZone: !Select [0, !GetAZs ''], MapPublicIpOnLaunch: true}}
  Pri: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, CidrBlock: 10.0.1.0/24, AvailabilityZone: !Select [1, !GetAZs '']}}
  Igw: {Type: AWS::EC2::InternetGateway}
  Att: {Type: AWS::EC2::VPCGatewayAttachment, Properties: {VpcId: !Ref Vpc, InternetGatewayId: !Ref Igw}}
  Nat: {Type: AWS::EC2::NatGateway, Properties: {SubnetId: !Ref Pub, AllocationId: e}}
  RtPub: {Type: AWS::EC2::RouteTable, Properties: {VpcId: !Ref Vpc}}
  RtPri: {Type: AWS::EC2::RouteTable, Properties: {VpcId: !Ref Vpc}}
  R1: {Type: AWS::EC2::Route, Properties: {RouteTableId: !Ref RtPub, DestinationCidrBlock: 0.0.0.0/0, GatewayId: !Ref Igw}}
  R2: {Type: AWS::EC2::Route, Properties: {RouteTableId: !Ref RtPri, DestinationCidrBlock: 0.0.0.0/0, NatGatewayId: !Ref Nat}}
  A1: {Type: AWS::EC2::SubnetRouteTableAssociation, Properties: {SubnetId: !Ref Pub, RouteTableId: !Ref RtPub}}
  S3: {Type: AWS::EC2::VPCEndpoint, Properties: {VpcId: !Ref Vpc, ServiceName: !Sub 'com.amazonaws.${AWS::Region}.s3', RouteTableIds: [!Ref RtPri]}}
  Sg: {Type: AWS::EC2::SecurityGroup, Properties: {GroupDescription: x, VpcId: !Ref Vpc}}
"""


def test_a_network():
    estate = read(NET)
    (vpc,) = estate.vpcs
    assert vpc.cidrs == ("10.0.0.0/16",)
    public, private = estate.subnets
    assert (public.vpc_id, private.vpc_id) == (vpc.name, vpc.name)
    assert (public.map_public_ip, private.map_public_ip) == (True, False)
    assert public.availability_zone != private.availability_zone
    first, second, main = estate.route_tables
    assert (first.subnet_ids, first.is_main, second.subnet_ids) == ((public.name,), False, ())
    assert [(said(route.destination), said(route.target)) for route in first.routes] == [("10.0.0.0/16", "local"), ("0.0.0.0/0", "${Igw}")]
    assert [said(route.target) for route in second.routes] == ["local", "${Nat}", "${S3}"]
    assert (main.is_main, main.vpc_id, [route.target for route in main.routes]) == (True, vpc.name, ["local"])
    internet, nat = estate.gateways
    assert (internet.kind, internet.vpc_ids, nat.kind, nat.subnet_id, nat.vpc_ids) == (
        "internet",
        (vpc.name,),
        "nat",
        public.name,
        (vpc.name,),
    )
    (endpoint,) = estate.endpoints
    assert (endpoint.endpoint_type, endpoint.route_table_ids) == ("Gateway", (second.name,))
    assert endpoint.policy.statements[0].actions == ("*",)
    (acl,) = estate.network_acls
    assert acl.is_default
    assert [(entry.rule_number, entry.is_egress, entry.is_allow) for entry in acl.entries] == [
        (100, True, True), (32767, True, False), (100, False, True), (32767, False, False),
    ]  # fmt: skip


BPA = """
  Block: {Type: AWS::EC2::VPCBlockPublicAccessOptions, Properties: {InternetGatewayBlockMode: block-bidirectional}}
"""
EXCLUSIONS = """
  Whole: {Type: AWS::EC2::VPCBlockPublicAccessExclusion, Properties: {VpcId: !Ref Vpc, InternetGatewayExclusionMode: allow-egress}}
  One: {Type: AWS::EC2::VPCBlockPublicAccessExclusion, Properties: {SubnetId: !Ref Pub, InternetGatewayExclusionMode: allow-bidirectional}}
"""


def test_block_public_access():
    estate = read(NET + BPA + EXCLUSIONS)
    (block,) = estate.public_access_blocks
    assert (block.mode, block.account, block.region) == ("block-bidirectional", estate.vpcs[0].account, estate.vpcs[0].region)
    assert [(one.resource, one.mode) for one in block.exclusions] == [
        (estate.vpcs[0].name, "allow-egress"),
        (estate.subnets[0].name, "allow-bidirectional"),
    ]


def test_exclusions_alone_do_not_tell_whether_it_is_on():
    (block,) = read(NET + EXCLUSIONS).public_access_blocks
    assert isinstance(block.mode, Unknown)
    assert len(block.exclusions) == 2


FIREWALL = """
  Ours: {Type: AWS::Route53Resolver::FirewallDomainList, Properties: {Domains: ['*.example.com', example.com, !Ref AWS::StackName]}}
  All: {Type: AWS::Route53Resolver::FirewallDomainList, Properties: {Domains: ['*']}}
  Far: {Type: AWS::Route53Resolver::FirewallDomainList, Properties: {DomainFileUrl: 's3://lists/ours'}}
  Group:
    Type: AWS::Route53Resolver::FirewallRuleGroup
    Properties:
      FirewallRules:
        - {Action: ALLOW, FirewallDomainListId: !Ref Ours, Priority: 10}
        - {Action: BLOCK, BlockResponse: NODATA, FirewallDomainListId: !GetAtt All.Id, Priority: 20, Qtype: TXT}
        - {Action: BLOCK, BlockResponse: NODATA, FirewallDomainListId: rslvr-fdl-0123, Priority: 30}
        - {Action: BLOCK, BlockResponse: NODATA, FirewallDomainListId: !Ref Far, Priority: 40}
        - {Action: BLOCK, BlockResponse: NODATA, DnsThreatProtection: DNS_TUNNELING, ConfidenceThreshold: LOW, Priority: 50}
  Before: {Type: AWS::Route53Resolver::FirewallRuleGroupAssociation, Properties: {FirewallRuleGroupId: !GetAtt Group.Id, VpcId: !Ref Vpc, Priority: 101}}
  Beyond: {Type: AWS::Route53Resolver::FirewallRuleGroupAssociation, Properties: {FirewallRuleGroupId: rslvr-frg-1, VpcId: !Ref Vpc, Priority: 102}}
"""


def test_dns_firewall():
    estate = read(NET + FIREWALL)
    before, beyond = estate.dns_firewalls
    assert (before.vpc_id, before.priority, before.group) == (estate.vpcs[0].name, 101, "Group")
    told = [(one.priority, one.action, one.kind, one.name, one.query_type) for one in before.rules]
    assert told == [
        (10, "ALLOW", "domains", "Ours", ""),
        (20, "BLOCK", "domains", "All", "TXT"),
        (30, "BLOCK", "domains", "rslvr-fdl-0123", ""),
        (40, "BLOCK", "domains", "Far", ""),
        (50, "BLOCK", "protection", "DNS_TUNNELING", ""),
    ]
    ours, every, other, far, _ = (one.wildcards for one in before.rules)
    assert [said(one) for one in ours] == ["*.example.com", "${AWS::StackName}"]
    assert every == ("*",)
    assert isinstance(other, Unknown)
    assert isinstance(far, Unknown)
    assert (beyond.group, isinstance(beyond.rules, Unknown)) == ("rslvr-frg-1", True)


@pytest.mark.parametrize(("extra", "expected"), [("", True), (", EnableDnsSupport: false", False), (", EnableDnsSupport: true", True)])
def test_the_resolver_of_a_vpc(extra, expected):
    vpc = f"Resources: {{Vpc: {{Type: AWS::EC2::VPC, Properties: {{CidrBlock: 10.0.0.0/16{extra}}}}}}}"
    assert read(vpc).vpcs[0].dns_support is expected


BORDER = """
  Fw: {Type: AWS::NetworkFirewall::Firewall, Properties: {FirewallName: border, VpcId: !Ref Vpc, FirewallPolicyArn: p, SubnetMappings: []}}
  Out: {Type: AWS::EC2::Route, Properties: {RouteTableId: !Ref RtPri, DestinationCidrBlock: 10.9.0.0/16, VpcEndpointId: !Select [1, !Split [':', !Select [0, !GetAtt Fw.EndpointIds]]]}}
"""


def test_a_route_through_a_network_firewall():
    estate = read(NET + BORDER)
    firewall = next(one for one in estate.endpoints if one.firewall)
    assert (firewall.firewall, firewall.endpoint_type, firewall.vpc_id) == ("border", "GatewayLoadBalancer", estate.vpcs[0].name)
    routes = {said(route.destination): route.target for route in estate.route_tables[1].routes}
    assert routes["10.9.0.0/16"] == firewall.name


def test_a_template_that_does_not_speak_of_it_leaves_it_off():
    assert read(NET).public_access_blocks == ()


ALL_OUT = SecurityGroupRule(is_egress=True, protocol="-1", cidrs=("0.0.0.0/0",))
HTTPS_OUT = SecurityGroupRule(is_egress=True, protocol="tcp", from_port=443, to_port=443, cidrs=("10.0.0.0/8",))


@pytest.mark.parametrize(
    ("properties", "more", "expected"),
    [
        ("", "", (ALL_OUT,)),
        (", SecurityGroupEgress: []", "", (ALL_OUT,)),
        (", SecurityGroupEgress: [{IpProtocol: tcp, FromPort: 443, ToPort: '443', CidrIp: 10.0.0.0/8}]", "", (HTTPS_OUT,)),
        ("", "  E: {Type: AWS::EC2::SecurityGroupEgress, Properties: {GroupId: !GetAtt G.GroupId, IpProtocol: tcp, FromPort: 443, ToPort: 443, CidrIp: 10.0.0.0/8}}", (ALL_OUT, HTTPS_OUT)),
    ],
    ids=["none", "empty", "own", "resource-does-not-remove-the-default"],
)  # fmt: skip
def test_egress_of_a_security_group(properties, more, expected):
    estate = read(
        f"Resources:\n  G: {{Type: AWS::EC2::SecurityGroup, Properties: {{VpcId: v, GroupDescription: x{properties}}}}}\n{more}\n"
    )
    assert estate.security_groups[0].rules == expected


def test_rules_that_are_not_decided_are_not_known():
    estate = read("""
        Parameters: {O: {Type: String}}
        Conditions: {C: !Equals [!Ref O, x]}
        Resources:
          G:
            Type: AWS::EC2::SecurityGroup
            Properties: {GroupDescription: x, SecurityGroupIngress: [!If [C, {IpProtocol: -1, CidrIp: 0.0.0.0/0}, !Ref 'AWS::NoValue']]}
    """)
    assert isinstance(estate.security_groups[0].rules, Unknown)


def test_rules_between_groups():
    estate = read("""
        Resources:
          A: {Type: AWS::EC2::SecurityGroup, Properties: {GroupDescription: x}}
          B:
            Type: AWS::EC2::SecurityGroup
            Properties:
              GroupDescription: x
              SecurityGroupIngress: [{IpProtocol: tcp, FromPort: 5432, ToPort: 5432, SourceSecurityGroupId: !Ref A}]
    """)
    first, second = estate.security_groups
    assert second.rules[0].groups == (first.name,)


def test_network_acl_entries_end_with_a_denial():
    (acl,) = read("""
        Resources:
          N: {Type: AWS::EC2::NetworkAcl, Properties: {VpcId: v}}
          E: {Type: AWS::EC2::NetworkAclEntry, Properties: {NetworkAclId: !Ref N, RuleNumber: 90, Protocol: 6, RuleAction: allow, Egress: true, CidrBlock: 0.0.0.0/0, PortRange: {From: 443, To: 443}}}
          A: {Type: AWS::EC2::SubnetNetworkAclAssociation, Properties: {NetworkAclId: !Ref N, SubnetId: s-1}}
    """).network_acls
    assert [(one.rule_number, one.is_egress, one.is_allow, one.from_port) for one in acl.entries] == [
        (90, True, True, 443), (32767, True, False, None), (32767, False, False, None),
    ]  # fmt: skip
    assert acl.subnet_ids == ("s-1",)


def test_keys_secrets_and_parameters():
    estate = read("""
        Resources:
          K: {Type: AWS::KMS::Key, Properties: {EnableKeyRotation: true, KeyPolicy: {Statement: [{Effect: Allow, Principal: '*', Action: 'kms:*', Resource: '*'}]}}}
          D: {Type: AWS::KMS::Key}
          N: {Type: AWS::KMS::Alias, Properties: {AliasName: alias/shop, TargetKeyId: !Ref K}}
          S: {Type: AWS::SecretsManager::Secret, Properties: {Name: db, KmsKeyId: !GetAtt K.Arn, SecretString: s3cr3t}}
          P: {Type: AWS::SecretsManager::ResourcePolicy, Properties: {SecretId: !Ref S, ResourcePolicy: {Statement: [{Effect: Deny, Principal: '*', Action: '*', Resource: '*'}]}}}
          R: {Type: AWS::SecretsManager::RotationSchedule, Properties: {SecretId: !Ref S}}
          V: {Type: AWS::SSM::Parameter, Properties: {Name: /shop/db, Type: String, Value: s3cr3t}}
    """)
    key, default = estate.keys
    assert (key.rotation, key.aliases, key.policy.statements[0].principals[0].kind) == (True, ("alias/shop",), "*")
    assert (default.rotation, said(default.policy.statements[0].principals[0].value)) == (
        False,
        "arn:${AWS::Partition}:iam::${AWS::AccountId}:root",
    )
    (secret,) = estate.secrets
    assert (secret.kms_key, secret.rotation, secret.policy.statements[0].effect) == (key.arn, True, "Deny")
    assert said(estate.parameters[0].arn).endswith(":parameter/shop/db")
    assert "s3cr3t" not in repr(estate)


def test_log_groups_trails_and_detectors():
    estate = read("""
        Resources:
          L: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: !Sub '/aws/lambda/${F}', RetentionInDays: 30}}
          F: {Type: AWS::Lambda::Function, Properties: {Runtime: a, Role: x}}
          T:
            Type: AWS::CloudTrail::Trail
            Properties:
              IsLogging: true
              S3BucketName: b
              EventSelectors: [{ReadWriteType: WriteOnly, DataResources: [{Type: AWS::Lambda::Function, Values: [!GetAtt F.Arn]}]}]
          U:
            Type: AWS::CloudTrail::Trail
            Properties:
              IsLogging: false
              S3BucketName: b
              AdvancedEventSelectors: [{Name: n, FieldSelectors: [{Field: eventCategory, Equals: [Data]}, {Field: resources.ARN, StartsWith: [a]}]}]
          D: {Type: AWS::GuardDuty::Detector, Properties: {Enable: true, Features: [{Name: LAMBDA_NETWORK_LOGS, Status: DISABLED}]}}
          E: {Type: AWS::GuardDuty::Detector, Properties: {Enable: true}}
    """)
    (group,) = estate.log_groups
    assert (said(group.name), group.retention_days, group.kms_key) == ("/aws/lambda/${F}", 30, None)
    basic, advanced = estate.trails
    assert (basic.selectors[0].lambda_arns, basic.selectors[0].read_write) == ((estate.functions[0].arn,), "WriteOnly")
    assert (advanced.is_logging, advanced.selectors[0].fields[1].starts_with) == (False, ("a",))
    off, unsaid = estate.detectors
    assert (off.is_enabled, off.lambda_network_logs) == (True, False)
    assert isinstance(unsaid.lambda_network_logs, Unknown)
    assert "trails" in {entry.collection for entry in estate.missing}


def test_a_log_group_whose_name_hangs_on_an_open_condition_may_be_any():
    estate = read("""
        Parameters: {Stage: {Type: String}}
        Conditions: {IsProd: !Equals [!Ref Stage, prod]}
        Resources:
          Open: {Type: AWS::Logs::LogGroup, Properties: {LogGroupName: !If [IsProd, /aws/lambda/shop, other]}}
    """)
    (missing,) = [entry for entry in estate.missing if entry.collection == "log_groups" and entry.unknown.kind is UnknownKind.UNRESOLVED]
    assert "Stage" in missing.unknown.need
    unnamed = read("Resources: {Unnamed: {Type: AWS::Logs::LogGroup}}")
    assert all(entry.unknown.kind is UnknownKind.OUTSIDE for entry in unnamed.missing if entry.collection == "log_groups")


def test_layers_and_who_may_use_them():
    (layer,) = read("""
        Resources:
          L: {Type: AWS::Lambda::LayerVersion, Properties: {LayerName: tools, CompatibleRuntimes: [python3.13], Content: {S3Bucket: b, S3Key: k}}}
          P: {Type: AWS::Lambda::LayerVersionPermission, Properties: {LayerVersionArn: !Ref L, Action: lambda:GetLayerVersion, Principal: '*', OrganizationId: o-1}}
          Q: {Type: AWS::Lambda::LayerVersionPermission, Properties: {LayerVersionArn: !Ref L, Action: lambda:GetLayerVersion, Principal: '210987654321'}}
    """).layers
    public, account = layer.policy.statements
    assert (public.principals[0].kind, public.conditions[0].key, public.conditions[0].values) == ("*", "aws:PrincipalOrgID", ("o-1",))
    assert said(account.principals[0].value) == "arn:${AWS::Partition}:iam::210987654321:root"
    assert (layer.is_used, layer.compatible_runtimes) == (False, ("python3.13",))


@pytest.mark.parametrize(("vpc", "count"), [("!Ref V", 2), ("vpc-9", 0)])
def test_joining_a_service_network_writes_routes_into_every_table(vpc, count):
    tables = read(
        f"""
        Resources:
          V: {{Type: AWS::EC2::VPC, Properties: {{CidrBlock: 10.0.0.0/16}}}}
          T: {{Type: AWS::EC2::RouteTable, Properties: {{VpcId: !Ref V}}}}
          J: {{Type: AWS::VpcLattice::ServiceNetworkVpcAssociation, Properties: {{VpcIdentifier: {vpc}, ServiceNetworkIdentifier: sn-1}}}}
        """
    ).route_tables
    assert [sum(route.target == "vpc-lattice" for route in one.routes) for one in tables] == [count] * 2
