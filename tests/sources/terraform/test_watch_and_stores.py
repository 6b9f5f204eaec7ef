"""Trails, log groups, detectors, Inspector; keys, secrets, parameters; signing and layers."""

import json

import pytest
from tests.sources.terraform.plans import function, read, ref, resource

from buckler.model.policy import Policy
from buckler.model.text import hole, shown
from buckler.model.unknown import Unknown
from buckler.model.watch import EventSelector, FieldSelector

ALLOW = json.dumps({"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]})


def trail(tmp_path, values, **kwargs):
    (found,) = read(tmp_path, function(), resource("aws_cloudtrail.t", {"name": "t", "s3_bucket_name": "b", **values}, **kwargs)).trails
    return found


def test_a_trail_with_the_providers_defaults(tmp_path):
    found = trail(tmp_path, {})
    assert shown(found.arn) == "arn:aws:cloudtrail:eu-west-1:${AWS::AccountId}:trail/t"
    assert (found.is_logging, found.is_multi_region, found.is_organization, found.log_file_validation) == (True, False, False, False)
    assert (found.home_region, found.selectors, found.kms_key) == ("eu-west-1", (EventSelector(),), None)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (
            {
                "event_selector": [
                    {
                        "read_write_type": "WriteOnly",
                        "include_management_events": False,
                        "data_resource": [
                            {"type": "AWS::Lambda::Function", "values": ["arn:aws:lambda"]},
                            {"type": "AWS::S3::Object", "values": ["arn:aws:s3"]},
                        ],
                    }
                ]
            },
            (EventSelector(read_write="WriteOnly", include_management=False, lambda_arns=("arn:aws:lambda",)),),
        ),
        (
            {
                "advanced_event_selector": [
                    {
                        "name": "lambda",
                        "field_selector": [
                            {"field": "eventCategory", "equals": ["Data"]},
                            {"field": "resources.ARN", "starts_with": ["arn:aws:lambda:eu-west-1:"], "not_equals": ["x"]},
                        ],
                    }
                ]
            },
            (
                EventSelector(
                    name="lambda",
                    fields=(
                        FieldSelector(field="eventCategory", equals=("Data",)),
                        FieldSelector(field="resources.ARN", starts_with=("arn:aws:lambda:eu-west-1:",), not_equals=("x",)),
                    ),
                ),
            ),
        ),
    ],
    ids=["basic", "advanced"],
)
def test_selectors(tmp_path, values, expected):
    assert trail(tmp_path, values).selectors == expected


def test_a_selector_for_a_function_of_the_plan_meets_it(tmp_path):
    estate = read(
        tmp_path,
        function(),
        resource(
            "aws_cloudtrail.t",
            {"name": "t", "event_selector": [{"data_resource": [{"type": "AWS::Lambda::Function", "values": [None]}]}]},
            unknown={"event_selector": [{"data_resource": [{"values": [True]}]}]},
            expressions={"event_selector": [{"data_resource": [{"values": ref("aws_lambda_function.shop.arn")}]}]},
        ),
    )
    assert estate.trails[0].selectors[0].lambda_arns == (estate.functions[0].arn,)


def test_selectors_nobody_knows(tmp_path):
    assert isinstance(trail(tmp_path, {}, unknown={"event_selector": True}).selectors, Unknown)


@pytest.mark.parametrize(("values", "days"), [({}, None), ({"retention_in_days": 0}, None), ({"retention_in_days": 14}, 14)])
def test_log_groups(tmp_path, values, days):
    (found,) = read(tmp_path, resource("aws_cloudwatch_log_group.l", {"name": "/aws/lambda/shop", **values})).log_groups
    assert (found.name, found.retention_days, found.kms_key) == ("/aws/lambda/shop", days, None)


@pytest.mark.parametrize(
    ("status", "expected"), [(None, Unknown), ("ENABLED", True), ("DISABLED", False)], ids=["not-said", "enabled", "disabled"]
)
def test_detectors(tmp_path, status, expected):
    detector = resource("aws_guardduty_detector.d", {"enable": True}, unknown={"id": True, "arn": True})
    feature = resource(
        "aws_guardduty_detector_feature.f",
        {"name": "LAMBDA_NETWORK_LOGS", "status": status},
        expressions={"detector_id": ref("aws_guardduty_detector.d.id")},
    )
    (found,) = read(tmp_path, detector, *([feature] if status else [])).detectors
    assert found.is_enabled is True
    assert isinstance(found.lambda_network_logs, Unknown) if expected is Unknown else found.lambda_network_logs is expected


def test_inspector(tmp_path):
    enabler = resource("aws_inspector2_enabler.i", {"account_ids": ["111122223333", "444455556666"], "resource_types": ["EC2", "LAMBDA"]})
    found = read(tmp_path, enabler).inspectors
    assert [(one.account, one.lambda_standard, one.lambda_code) for one in found] == [
        ("111122223333", True, False),
        ("444455556666", True, False),
    ]


class TestKeys:
    KEY = resource("aws_kms_key.k", {}, unknown={"arn": True, "id": True, "key_id": True, "policy": True})

    def test_defaults(self, tmp_path):
        alias = resource("aws_kms_alias.a", {"name": "alias/shop"}, expressions={"target_key_id": ref("aws_kms_key.k.key_id")})
        (found,) = read(tmp_path, self.KEY, alias).keys
        assert (found.is_enabled, found.rotation, found.is_customer_managed, found.aliases) == (True, False, True, ("alias/shop",))
        (statement,) = found.policy.statements
        assert (shown(statement.principals[0].value), statement.actions) == ("arn:aws:iam::${AWS::AccountId}:root", ("kms:*",))

    def test_policy_beside_the_key(self, tmp_path):
        policy = resource("aws_kms_key_policy.p", {"policy": ALLOW}, expressions={"key_id": ref("aws_kms_key.k.id")})
        (found,) = read(tmp_path, self.KEY, policy).keys
        assert found.policy.statements[0].principals[0].kind == "*"

    def test_a_policy_of_an_unknown_key(self, tmp_path):
        policy = resource("aws_kms_key_policy.p", {"policy": ALLOW}, expressions={"key_id": ref("local.key")})
        (found,) = read(tmp_path, self.KEY, policy).keys
        assert found.policy.unresolved

    def test_a_functions_key_is_found_by_its_arn(self, tmp_path):
        estate = read(tmp_path, function(expressions={"kms_key_arn": ref("aws_kms_key.k.arn")}), self.KEY)
        assert estate.functions[0].kms_key == estate.keys[0].arn


def test_secrets(tmp_path):
    secret = resource("aws_secretsmanager_secret.s", {"name": "s"}, unknown={"arn": True, "id": True, "policy": True})
    policy = resource(
        "aws_secretsmanager_secret_policy.p", {"policy": ALLOW}, expressions={"secret_arn": ref("aws_secretsmanager_secret.s.arn")}
    )
    rotation = resource(
        "aws_secretsmanager_secret_rotation.r", {"rotation_rules": []}, expressions={"secret_id": ref("aws_secretsmanager_secret.s.id")}
    )
    (bare,) = read(tmp_path, secret).secrets
    assert (bare.policy, bare.rotation, bare.kms_key) == (None, False, None)
    assert shown(bare.arn).startswith("arn:aws:secretsmanager:eu-west-1:${AWS::AccountId}:secret:s-${")
    (full,) = read(tmp_path, secret, policy, rotation).secrets
    assert (isinstance(full.policy, Policy), full.rotation) == (True, True)


@pytest.mark.parametrize(("name", "arn"), [("p", ":parameter/p"), ("/a/p", ":parameter/a/p")])
def test_parameters(tmp_path, name, arn):
    (found,) = read(
        tmp_path, resource("aws_ssm_parameter.p", {"name": name, "type": "SecureString", "key_id": "alias/x"}, unknown={"arn": True})
    ).parameters
    assert (found.type, found.kms_key, shown(found.arn).endswith(arn)) == ("SecureString", "alias/x", True)


def test_code_signing(tmp_path):
    estate = read(
        tmp_path,
        function(expressions={"code_signing_config_arn": ref("aws_lambda_code_signing_config.c.arn")}),
        resource(
            "aws_signer_signing_profile.p",
            {"name": "p", "signature_validity_period": [{"type": "YEARS", "value": 1}]},
            unknown={"arn": True, "version_arn": True, "status": True},
        ),
        resource(
            "aws_lambda_code_signing_config.c",
            {
                "allowed_publishers": [{"signing_profile_version_arns": [None]}],
                "policies": [{"untrusted_artifact_on_deployment": "Enforce"}],
            },
            unknown={"arn": True, "config_id": True, "allowed_publishers": [{"signing_profile_version_arns": [True]}]},
            expressions={"allowed_publishers": [{"signing_profile_version_arns": ref("aws_signer_signing_profile.p.version_arn")}]},
        ),
        resource(
            "aws_lambda_code_signing_config.d",
            {"allowed_publishers": [{"signing_profile_version_arns": []}]},
            unknown={"arn": True, "policies": True},
        ),
    )
    config, warns = estate.code_signing_configs
    (profile,) = estate.signing_profiles
    assert estate.functions[0].code_signing_config == config.arn
    assert (config.publishers, config.untrusted_artifact_on_deployment) == ((profile.version_arn,), "Enforce")
    assert (warns.publishers, warns.untrusted_artifact_on_deployment) == ((), "Warn")
    assert (profile.status, profile.signature_validity_days) == ("Active", 365)


@pytest.mark.parametrize(
    ("values", "principal", "conditions"),
    [
        ({"principal": "*"}, ("*", "*"), []),
        ({"principal": "*", "organization_id": "o-1"}, ("*", "*"), [("aws:PrincipalOrgID", ("o-1",))]),
        ({"principal": "444455556666"}, ("AWS", "arn:aws:iam::444455556666:root"), []),
    ],
)
def test_layers_and_who_may_use_them(tmp_path, values, principal, conditions):
    layer = resource(
        "aws_lambda_layer_version.l",
        {"layer_name": "l", "compatible_runtimes": ["python3.13"]},
        unknown={"arn": True, "layer_arn": True, "version": True},
    )
    share = resource(
        "aws_lambda_layer_version_permission.p", {"layer_name": "l", "action": "lambda:GetLayerVersion", "statement_id": "s", **values}
    )
    (found,) = read(tmp_path, layer, share).layers
    assert (found.exists, found.is_used, found.version, found.compatible_runtimes) == (True, False, None, ("python3.13",))
    (statement,) = found.policy.statements
    assert (statement.principals[0].kind, statement.principals[0].value) == principal
    assert [(one.key, one.values) for one in statement.conditions] == conditions


def test_a_layer_nobody_shares_has_no_policy(tmp_path):
    (found,) = read(tmp_path, resource("aws_lambda_layer_version.l", {"layer_name": "l"}, unknown={"arn": True, "version": True})).layers
    assert (found.policy, found.name) == (None, "l")
    assert found.arn.parts[-1] == hole("aws_lambda_layer_version.l.version").parts[0]


def test_a_share_of_an_unknown_layer_may_be_of_each(tmp_path):
    layer = resource("aws_lambda_layer_version.l", {"layer_name": "l"}, unknown={"arn": True, "version": True})
    share = resource("aws_lambda_layer_version_permission.p", {"principal": "*"}, expressions={"layer_name": ref("local.layer")})
    (found,) = read(tmp_path, layer, share).layers
    assert found.policy.unresolved
