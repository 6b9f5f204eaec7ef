"""`aws_lambda_function` and what belongs to it."""

import pytest
from tests.sources.terraform.plans import const, function, read, ref, resource, role

from buckler.model.functions import CodeObject, LoggingConfig, RuntimeManagement
from buckler.model.secret import Redacted
from buckler.model.severity import Confidence
from buckler.model.text import Partial, hole, shown
from buckler.model.unknown import Unknown, UnknownKind


def one(tmp_path, *more, **kwargs):
    (found,) = read(tmp_path, function(**kwargs), *more).functions
    return found


def test_what_is_not_configured_has_the_documented_default(tmp_path):
    found = one(tmp_path, values={"timeout": None, "memory_size": None, "package_type": None, "vpc_config": [], "environment": []})
    assert (found.package_type, found.timeout_s, found.memory_mb, found.architectures) == ("Zip", 3, 128, ("x86_64",))
    assert (found.tracing, found.recursive_loop, found.runtime_management) == (
        "PassThrough",
        "Terminate",
        RuntimeManagement(update_on="Auto"),
    )
    assert (found.environment, found.layers, found.vpc, found.kms_key, found.dead_letter) == ((), (), None, None, None)
    assert (found.code_signing_config, found.reserved_concurrency, found.urls, found.event_invoke) == (None, None, (), ())
    assert [(entry.qualifier, entry.policy) for entry in found.policies] == [("$LATEST", None)]


def test_computed_and_not_configured_is_the_default_and_not_unknown(tmp_path):
    """The provider marks optional computed fields and blocks as unknown when the configuration does not have them."""
    computed = ("architectures", "memory_size", "code_sha256", "tracing_config", "logging_config")
    found = one(tmp_path, unknown=dict.fromkeys(computed, True))
    assert (found.architectures, found.memory_mb, found.code_sha256) == (("x86_64",), 128, None)
    assert (found.tracing, found.logging) == ("PassThrough", LoggingConfig())


@pytest.mark.parametrize(
    ("values", "field", "expected"),
    [
        ({"timeout": 900}, "timeout_s", 900),
        ({"memory_size": 1769}, "memory_mb", 1769),
        ({"tracing_config": [{"mode": "Active"}]}, "tracing", "Active"),
        (
            {"dead_letter_config": [{"target_arn": "arn:aws:sqs:eu-west-1:111122223333:dead"}]},
            "dead_letter",
            "arn:aws:sqs:eu-west-1:111122223333:dead",
        ),
        ({"reserved_concurrent_executions": -1}, "reserved_concurrency", None),
        ({"reserved_concurrent_executions": 0}, "reserved_concurrency", 0),
        ({"snap_start": [{"apply_on": "PublishedVersions"}]}, "snap_start", "PublishedVersions"),
        ({"kms_key_arn": "arn:aws:kms:eu-west-1:111122223333:key/k"}, "kms_key", "arn:aws:kms:eu-west-1:111122223333:key/k"),
        ({"architectures": ["arm64"]}, "architectures", ("arm64",)),
        ({"tenancy_config": [{"tenant_isolation_mode": "PER_TENANT"}]}, "tenant_isolation", "PER_TENANT"),
        ({"durable_config": [{"execution_timeout": 3600}]}, "is_durable", True),
        ({"vpc_config": [{"subnet_ids": [], "security_group_ids": []}]}, "vpc", None),
        ({"file_system_config": []}, "file_systems", ()),
        (
            {"file_system_config": [{"arn": "arn:aws:elasticfilesystem:eu-west-1:111122223333:access-point/fsap-1"}]},
            "file_systems",
            ("arn:aws:elasticfilesystem:eu-west-1:111122223333:access-point/fsap-1",),
        ),
        (
            {"code_signing_config_arn": "arn:aws:lambda:eu-west-1:111122223333:code-signing-config:c"},
            "code_signing_config",
            "arn:aws:lambda:eu-west-1:111122223333:code-signing-config:c",
        ),
        (
            {"capacity_provider_config": [{"lambda_managed_instances_capacity_provider_config": [{"capacity_provider_arn": "arn:x"}]}]},
            "capacity_provider",
            "arn:x",
        ),
    ],
)
def test_configured(tmp_path, values, field, expected):
    assert getattr(one(tmp_path, values=values), field) == expected


def test_image(tmp_path):
    uri = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/shop:latest"
    found = one(tmp_path, values={"package_type": "Image", "image_uri": uri, "runtime": None})
    assert (found.package_type, found.runtime, found.handler, found.image.uri) == ("Image", None, None, uri)
    unknown = one(tmp_path, values={"package_type": "Image"}, expressions={"image_uri": ref("aws_ecr_repository.shop.repository_url")})
    assert unknown.image.uri == hole("aws_lambda_function.shop.image_uri")


def test_where_the_package_lies(tmp_path):
    assert one(tmp_path, values={"filename": "shop.zip"}).code_object is None
    named = one(tmp_path, values={"s3_bucket": "artifacts", "s3_key": "shop.zip"}).code_object
    assert named == CodeObject(bucket="artifacts", key="shop.zip")
    pinned = one(tmp_path, values={"s3_bucket": "artifacts", "s3_key": "shop.zip", "s3_object_version": "3"}).code_object
    assert pinned.version == "3"
    later = one(tmp_path, values={"s3_key": "shop.zip"}, expressions={"s3_bucket": ref("aws_s3_bucket.artifacts.id")}).code_object
    assert isinstance(later.bucket, Partial)


def test_arn_is_made_of_its_pieces_and_references_meet_it(tmp_path):
    estate = read(tmp_path, function(expressions={"role": ref("aws_iam_role.shop.arn")}), role())
    (found,) = estate.functions
    assert shown(found.arn) == "arn:aws:lambda:eu-west-1:${AWS::AccountId}:function:shop"
    assert found.role == estate.roles[0].arn
    assert shown(found.role) == "arn:aws:iam::${AWS::AccountId}:role/shop"
    assert (found.address, shown(found.origin.path)) == ("aws_lambda_function.shop", "aws_lambda_function.shop")


def test_a_name_nobody_knows_is_a_hole_named_after_the_address(tmp_path):
    made = resource("aws_lambda_function.shop", {"runtime": "python3.13"}, expressions={"function_name": ref("random_pet.x.id")})
    permission = resource(
        "aws_lambda_permission.s3",
        {"action": "lambda:InvokeFunction", "principal": "s3.amazonaws.com"},
        expressions={"function_name": ref("aws_lambda_function.shop.function_name")},
    )
    (found,) = read(tmp_path, made, permission).functions
    assert found.name == hole("aws_lambda_function.shop")
    assert found.policy_of("$LATEST").statements[0].resources == (found.arn,)


def test_network_layers_and_logging(tmp_path):
    estate = read(
        tmp_path,
        function(
            values={
                "vpc_config": [{"subnet_ids": [None, None], "security_group_ids": [None]}],
                "layers": ["arn:aws:lambda:eu-west-1:580247275435:layer:LambdaInsightsExtension:53", None],
                "logging_config": [{"log_format": "JSON", "log_group": "/shop"}],
            },
            unknown={"vpc_config": [{"subnet_ids": [True, True], "security_group_ids": [True]}], "layers": [False, True]},
            expressions={
                "vpc_config": [
                    {"subnet_ids": ref("aws_subnet.a.id", "aws_subnet.b.id"), "security_group_ids": ref("aws_security_group.g.id")}
                ],
                "layers": ref("aws_lambda_layer_version.l.arn"),
            },
        ),
        *(
            resource(
                f"aws_subnet.{name}",
                {"availability_zone": f"eu-west-1{name}"},
                unknown={"id": True},
                expressions={"vpc_id": ref("aws_vpc.v.id")},
            )
            for name in "ab"
        ),
        resource("aws_security_group.g", {}, unknown={"id": True}),
        resource("aws_vpc.v", {"cidr_block": "10.0.0.0/16"}, unknown={"id": True}),
        resource("aws_lambda_layer_version.l", {"layer_name": "own"}, unknown={"arn": True, "version": True}),
    )
    (found,) = estate.functions
    assert [shown(subnet) for subnet in found.vpc.subnet_ids] == ["${aws_subnet.a.id}", "${aws_subnet.b.id}"]
    assert {subnet.name for subnet in estate.subnets} == set(found.vpc.subnet_ids)
    assert found.vpc.security_group_ids == (estate.security_groups[0].name,)
    assert found.vpc.vpc_id == estate.vpcs[0].name
    assert found.layers[1].arn == estate.layers[0].arn
    assert estate.layers[0].is_used
    assert (found.logging.format, found.logging.log_group) == ("JSON", "/shop")


def test_urls_aliases_versions_and_their_settings(tmp_path):
    (found,) = read(
        tmp_path,
        function(values={"publish": True}, unknown={"version": True}),
        resource(
            "aws_lambda_alias.live",
            {"name": "live", "function_name": "shop", "routing_config": [{"additional_version_weights": {"2": 0.1}}]},
            expressions={"function_version": ref("aws_lambda_function.shop.version")},
        ),
        resource(
            "aws_lambda_function_url.live",
            {"authorization_type": "AWS_IAM", "qualifier": "live", "cors": [{"allow_origins": ["*"], "allow_credentials": True}]},
            expressions={"function_name": ref("aws_lambda_function.shop.arn")},
        ),
        resource(
            "aws_lambda_provisioned_concurrency_config.live",
            {"function_name": "shop", "qualifier": "live", "provisioned_concurrent_executions": 5},
        ),
        resource(
            "aws_lambda_function_event_invoke_config.shop",
            {"function_name": "shop", "maximum_retry_attempts": 0, "destination_config": [{"on_failure": [{}], "on_success": []}]},
            unknown={"destination_config": [{"on_failure": [{"destination": True}]}]},
            expressions={"destination_config": [{"on_failure": [{"destination": ref("aws_sqs_queue.dead.arn")}]}]},
        ),
        resource("aws_sqs_queue.dead", {"name": "dead"}, unknown={"arn": True}),
        resource("aws_lambda_function_recursion_config.shop", {"function_name": "shop", "recursive_loop": "Allow"}),
        resource("aws_lambda_runtime_management_config.shop", {"function_name": "shop", "update_runtime_on": "FunctionUpdate"}),
    ).functions
    (alias,) = found.aliases
    (version,) = found.versions
    assert (alias.name, alias.routing, alias.provisioned_concurrency, alias.version) == ("live", ("2",), 5, version.version)
    (url,) = found.urls
    assert (url.qualifier, url.auth_type, url.cors.allow_origins, url.cors.allow_credentials) == ("live", "AWS_IAM", ("*",), True)
    (invoke,) = found.event_invoke
    assert (invoke.qualifier, shown(invoke.on_failure), invoke.maximum_retry_attempts) == (
        "$LATEST",
        "arn:aws:sqs:eu-west-1:${AWS::AccountId}:dead",
        0,
    )
    assert (found.recursive_loop, found.runtime_management.update_on) == ("Allow", "FunctionUpdate")
    assert [entry.qualifier for entry in found.policies] == ["$LATEST", "live", version.version]


@pytest.mark.parametrize(
    ("kind", "field"),
    [
        ("aws_lambda_function_url", "urls"),
        ("aws_lambda_alias", "aliases"),
        ("aws_lambda_function_event_invoke_config", "event_invoke"),
        ("aws_lambda_function_recursion_config", "recursive_loop"),
        ("aws_lambda_runtime_management_config", "runtime_management"),
    ],
)
def test_a_part_of_which_nobody_knows_whose_it_is_makes_the_field_unknown(tmp_path, kind, field):
    stray = resource(f"{kind}.x", {"name": "x", "authorization_type": "NONE"}, expressions={"function_name": ref("local.name")})
    (found,) = read(tmp_path, function(), stray).functions
    assert isinstance(getattr(found, field), Unknown)


def test_a_part_of_somebody_elses_function_is_noted(tmp_path):
    estate = read(tmp_path, function(), resource("aws_lambda_alias.x", {"name": "x", "function_name": "other"}))
    assert estate.functions[0].aliases == ()
    assert [note.message for note in estate.notes] == ["`aws_lambda_alias.x` belongs to a function that is not in this plan"]


class TestEnvironment:
    def variables(self, tmp_path, values=None, *more, unknown=None, sensitive=None, references=()):
        (found,) = read(
            tmp_path,
            function(
                values={"environment": [{"variables": values or {}}]},
                unknown={"environment": [{"variables": unknown or {}}]},
                sensitive={"environment": [{"variables": sensitive or {}}]},
                expressions={"environment": [{"variables": ref(*references)}]},
            ),
            *more,
        ).functions
        return (
            found.environment
            if isinstance(found.environment, Unknown)
            else {variable.name: variable.value for variable in found.environment}
        )

    def test_values_are_judged_at_birth(self, tmp_path):
        found = self.variables(tmp_path, {"STAGE": "prod", "TOKEN": "a secret of some length"})
        assert found["STAGE"] == "prod"
        assert isinstance(found["TOKEN"], Redacted)

    @pytest.mark.parametrize("sensitive", [True, {"STAGE": True}])
    def test_a_sensitive_value_is_never_kept(self, tmp_path, sensitive):
        found = self.variables(tmp_path, {"STAGE": "prod"}, sensitive=sensitive)
        assert found["STAGE"] == Redacted(kind="opaque", is_secret=False, confidence=Confidence.LOW, shown="(sensitive)", length=4)

    def test_an_unknown_value_is_a_hole(self, tmp_path):
        found = self.variables(tmp_path, {"STAGE": "prod"}, unknown={"QUEUE": True}, references=("local.queue",))
        assert found == {"STAGE": "prod", "QUEUE": hole("aws_lambda_function.shop.environment[0].variables.QUEUE")}

    def test_the_one_unknown_value_is_what_its_expression_refers_to(self, tmp_path):
        queue = resource("aws_sqs_queue.q", {"name": "q"}, unknown={"arn": True, "url": True})
        found = self.variables(tmp_path, {}, queue, unknown={"QUEUE_ARN": True}, references=("aws_sqs_queue.q.arn",))
        assert shown(found["QUEUE_ARN"]) == "arn:aws:sqs:eu-west-1:${AWS::AccountId}:q"

    def test_a_value_that_comes_from_a_secret_is_a_secret(self, tmp_path):
        password = resource("random_password.db", {}, unknown={"result": True})
        found = self.variables(tmp_path, {}, password, unknown={"X": True}, references=("random_password.db.result",))
        assert found["X"] == Redacted(
            kind="generated-password", is_secret=True, confidence=Confidence.HIGH, shown="${random_password.db.result}", length=0
        )

    def test_among_several_sources_the_name_decides(self, tmp_path):
        more = (
            resource("random_password.db", {}, unknown={"result": True}),
            resource("aws_sqs_queue.q", {}, unknown={"url": True, "id": True}),
        )
        found = self.variables(
            tmp_path,
            {},
            *more,
            unknown={"DB_PASSWORD": True, "QUEUE": True},
            references=("random_password.db.result", "aws_sqs_queue.q.url"),
        )
        assert (found["DB_PASSWORD"].is_secret, found["DB_PASSWORD"].confidence) == (True, Confidence.MEDIUM)
        assert isinstance(found["QUEUE"], Partial)

    def test_unknown_names_make_the_whole_environment_unknown(self, tmp_path):
        found = self.variables(tmp_path, unknown=True)
        assert (found.kind, "environment" in found.why) == (UnknownKind.UNRESOLVED, True)

    def test_values_are_nowhere_in_an_estate(self, tmp_path):
        estate = read(
            tmp_path,
            function(
                values={"environment": [{"variables": {"KEY": "hunter2-hunter2"}}], "tags": {"Token": "hunter2-hunter2"}},
                sensitive={"environment": [{"variables": {"KEY": True}}]},
            ),
            resource(
                "aws_lambda_permission.x",
                {
                    "function_name": "shop",
                    "action": "lambda:InvokeFunction",
                    "principal": "alexa.amazon.com",
                    "event_source_token": "hunter2-hunter2",
                },
            ),
            resource("aws_ssm_parameter.p", {"name": "/p", "type": "SecureString", "value": "hunter2-hunter2"}),
            variables={"password": {"value": "hunter2-hunter2"}},
        )
        assert "hunter2" not in repr(estate)


def test_constants_are_read_as_written(tmp_path):
    found = one(tmp_path, values={"handler": "x.y"}, expressions={"handler": const("x.y")})
    assert (found.name, found.runtime, found.handler) == ("shop", "python3.13", "x.y")
