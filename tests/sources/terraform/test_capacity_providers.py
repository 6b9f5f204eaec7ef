"""Machines of functions on Managed Instances."""

import pytest
from tests.sources.terraform.plans import judge, read, ref, resource, shared

from buckler.model.functions import VpcConfig
from buckler.model.text import shown
from buckler.model.unknown import Unknown, UnknownKind
from buckler.sources.terraform import read_plan

PERMISSIONS = [{"capacity_provider_operator_role_arn": "arn:aws:iam::111122223333:role/operator"}]


def fleet(tmp_path, values, **more):
    given = {"name": "fleet", "permissions_config": PERMISSIONS, **values}
    (found,) = read(tmp_path, resource("aws_lambda_capacity_provider.fleet", given, **more)).capacity_providers
    return found


def test_a_capacity_provider(tmp_path):
    vpc = [{"subnet_ids": ["subnet-1", "subnet-2"], "security_group_ids": ["sg-1"]}]
    found = fleet(tmp_path, {"vpc_config": vpc, "kms_key_arn": "arn:aws:kms:eu-west-1:111122223333:key/1"})
    assert (found.name, found.state, found.architectures) == ("fleet", None, ())
    assert shown(found.arn).endswith(":capacity-provider:fleet")
    assert (found.vpc.subnet_ids, found.vpc.security_group_ids) == (("subnet-1", "subnet-2"), ("sg-1",))
    assert found.operator_role == "arn:aws:iam::111122223333:role/operator"
    assert found.kms_key == "arn:aws:kms:eu-west-1:111122223333:key/1"


def test_no_groups_are_the_default_group_which_no_plan_shows(tmp_path):
    found = fleet(tmp_path, {"vpc_config": [{"subnet_ids": ["subnet-1"], "security_group_ids": []}]})
    assert isinstance(found.vpc, VpcConfig)
    assert found.vpc.security_group_ids.kind is UnknownKind.UNRESOLVED


@pytest.mark.parametrize(
    ("values", "more"),
    [
        pytest.param({"vpc_config": [], "permissions_config": []}, {}, id="left-out"),
        pytest.param({}, {"unknown": {"vpc_config": True, "permissions_config": True}}, id="after-apply"),
    ],
)
def test_what_the_plan_does_not_say_is_unknown(tmp_path, values, more):
    given = {"name": "fleet", **values}
    (found,) = read(tmp_path, resource("aws_lambda_capacity_provider.fleet", given, **more)).capacity_providers
    assert isinstance(found.vpc, Unknown)
    assert isinstance(found.operator_role, Unknown)


def test_a_list_of_subnets_that_is_known_after_apply(tmp_path):
    vpc = [{"security_group_ids": ["sg-1"]}]
    found = fleet(
        tmp_path,
        {"vpc_config": vpc},
        unknown={"vpc_config": [{"subnet_ids": True}]},
        expressions={"vpc_config": [{"subnet_ids": ref("module.net.subnets")}]},
    )
    subnets = found.vpc.subnet_ids
    assert isinstance(subnets, Unknown) or "subnet" in shown(subnets[0])


def test_a_real_plan():
    path = shared("sp-lambda-managed-instances-nodejs-tf.json")
    estate = read_plan(path, judge=judge, shown=path.name)
    (found,), (function,) = estate.capacity_providers, estate.functions
    assert function.capacity_provider == found.arn
    assert found.operator_role in {role.arn for role in estate.roles}
    assert set(found.vpc.subnet_ids) <= {subnet.name for subnet in estate.subnets}
    assert set(found.vpc.security_group_ids) <= {group.name for group in estate.security_groups}
