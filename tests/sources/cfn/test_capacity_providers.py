"""Machines of functions on Managed Instances."""

import pytest
from tests.shared import shared
from tests.sources.cfn import templates
from tests.sources.cfn.templates import read, said

from buckler.model.functions import VpcConfig
from buckler.model.unknown import Unknown, UnknownKind
from buckler.sources.cfn import read_template

FLEET = """
Parameters:
  Subnets: {{Type: 'List<AWS::EC2::Subnet::Id>'}}
Resources:
  Operator: {{Type: AWS::IAM::Role, Properties: {{AssumeRolePolicyDocument: {{Version: '2012-10-17', Statement: []}}}}}}
  Group: {{Type: AWS::EC2::SecurityGroup, Properties: {{GroupDescription: x}}}}
  Fleet:
    Type: AWS::Lambda::CapacityProvider
    Properties:
      CapacityProviderName: fleet
      VpcConfig: {vpc}
      PermissionsConfig: {{CapacityProviderOperatorRoleArn: !GetAtt Operator.Arn}}
      KmsKeyArn: arn:aws:kms:eu-west-1:123456789012:key/1
      InstanceRequirements: {{Architectures: [arm64]}}
  Steady:
    Type: AWS::Lambda::Function
    Properties:
      Role: !GetAtt Operator.Arn
      Code: {{ZipFile: x}}
      CapacityProviderConfig: {{LambdaManagedInstancesCapacityProviderConfig: {{CapacityProviderArn: !GetAtt Fleet.Arn}}}}
"""


def test_a_capacity_provider_is_found_from_its_function():
    estate = read(FLEET.format(vpc="{SubnetIds: [subnet-1, subnet-2], SecurityGroupIds: [!Ref Group]}"))
    (fleet,), (steady,), (role,), (group,) = estate.capacity_providers, estate.functions, estate.roles, estate.security_groups
    assert fleet.arn == steady.capacity_provider
    assert (fleet.name, fleet.state, fleet.architectures) == ("fleet", None, ("arm64",))
    assert fleet.operator_role == role.arn
    assert fleet.kms_key == "arn:aws:kms:eu-west-1:123456789012:key/1"
    assert fleet.vpc.subnet_ids == ("subnet-1", "subnet-2")
    assert fleet.vpc.security_group_ids == (group.name,)


@pytest.mark.parametrize("vpc", ["{SubnetIds: [subnet-1]}", "{SubnetIds: [subnet-1], SecurityGroupIds: []}"])
def test_no_groups_are_the_default_group_which_no_template_shows(vpc):
    (fleet,) = read(FLEET.format(vpc=vpc)).capacity_providers
    assert isinstance(fleet.vpc, VpcConfig)
    assert isinstance(fleet.vpc.security_group_ids, Unknown)
    assert fleet.vpc.security_group_ids.kind is UnknownKind.UNRESOLVED


@pytest.mark.parametrize("vpc", ["{}", "{SubnetIds: !Ref Subnets, SecurityGroupIds: [sg-1]}", "{'Fn::ImportValue': net}"])
def test_subnets_that_the_template_does_not_say_are_unknown(vpc):
    (fleet,) = read(FLEET.format(vpc=vpc)).capacity_providers
    subnets = fleet.vpc if isinstance(fleet.vpc, Unknown) else fleet.vpc.subnet_ids
    assert isinstance(subnets, Unknown) or [said(one) for one in subnets] == ["${Subnets}"]


def test_what_sam_makes_of_its_own_type():
    path = shared("sam_golden") / "input" / "capacity_provider_with_mulitple_functions.yaml"
    estate = read_template(path, judge=templates.judge, parameters={}, shown=path.name)
    (fleet,) = estate.capacity_providers
    assert {function.capacity_provider for function in estate.functions} == {fleet.arn}
    assert fleet.operator_role in {role.arn for role in estate.roles}
