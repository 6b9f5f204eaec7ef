"""Bad input: one clear error with its place, never a value, never a crash."""

import copy
import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.shared import DATA
from tests.sources.terraform.plans import function, judge, plan, read, read_document, ref, resource, role

from buckler.errors import SourceError
from buckler.model.unknown import Unknown, UnknownKind
from buckler.sources.terraform import looks_like_plan, read_plan

SECRET = "hunter2-hunter2"


def error_of(tmp_path, content: bytes) -> SourceError:
    path = tmp_path / "plan.json"
    path.write_bytes(content)
    with pytest.raises(SourceError) as caught:
        read_plan(path, judge=judge, shown="plan.json")
    error = caught.value
    assert error.place.startswith("plan.json")
    assert error.error
    assert error.cause
    assert error.hint
    assert SECRET not in str(error)
    return error


WHOLE = json.dumps(plan(function(values={"environment": [{"variables": {"KEY": SECRET}}]})))


@pytest.mark.parametrize(
    ("content", "cause"),
    [
        (b"", "byte 0"),
        (WHOLE.encode()[:-40], "breaks off or is malformed at byte"),
        (WHOLE.replace('"KEY": "', '"KEY": ').encode(), "malformed at byte"),
        (b'{"a": "\xff\xfe"}', "byte 7 is not utf-8"),
        (b"\x00\x01\x02", "malformed at byte"),
        (b"[1, 2]", "the JSON is not an object"),
        (b'"text"', "the JSON is not an object"),
        (b"{}", "no `format_version`"),
        (b'{"format_version": "1.2"}', "no `format_version`"),
        (b'{"format_version": 1.2, "planned_values": {}}', "no `format_version`"),
        (b'{"AWSTemplateFormatVersion": "2010-09-09", "Resources": {}}', "no `format_version`"),
        (b"PK\x03\x04tfplan", "zip archive"),
        (b'{"version": 4, "terraform_version": "1.11.4", "serial": 1, "lineage": "x", "resources": []}', "Terraform's own"),
        (b'{"@level":"info","@message":"Terraform 1.11.4"}\n{"@level":"info"}', "terraform plan -json"),
        (b"[" * 5000 + b"]" * 5000, "no plan of Terraform is"),
        (json.dumps(plan(function())).replace('"1.2"', '"2.0"').encode(), "0.1, 0.2, 1.0, 1.1, 1.2"),
    ],
    ids=lambda value: value[:20] if isinstance(value, str) else None,
)
def test_what_is_not_a_plan(tmp_path, content, cause):
    assert cause in error_of(tmp_path, content).cause


def test_the_place_of_a_syntax_error_is_line_and_column(tmp_path):
    assert error_of(tmp_path, b'{\n  "format_version": x\n}').place == "plan.json:2:21"


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(SourceError) as caught:
        read_plan(tmp_path / "absent.json", judge=judge)
    assert caught.value.cause == "No such file or directory"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_plans_written_by_powershell(tmp_path, encoding):
    path = tmp_path / "plan.json"
    path.write_bytes(json.dumps(plan(function())).encode(encoding))
    assert looks_like_plan(path.read_bytes()[:4096])
    assert len(read_plan(path, judge=judge).functions) == 1


@pytest.mark.parametrize(
    "head", [b"", b"{}", b"[]", b"\xff\xfe", b'{"format_version"', b'{"AWSTemplateFormatVersion": 1}', b"Resources:\n  A: {}"]
)
def test_what_does_not_look_like_a_plan(head):
    assert not looks_like_plan(head)


@pytest.mark.parametrize(
    ("path", "value", "named"),
    [
        (("planned_values",), SECRET, "planned_values"),
        (("planned_values", "root_module"), SECRET, "planned_values.root_module"),
        (("planned_values", "root_module", "resources"), SECRET, "planned_values.root_module.resources"),
        (("planned_values", "root_module", "resources", 0), SECRET, "planned_values.root_module.resources[0]"),
        (("planned_values", "root_module", "resources", 0, "type"), 5, "planned_values.root_module.resources[0].type"),
        (("planned_values", "root_module", "resources", 0, "address"), None, "planned_values.root_module.resources[0].address"),
        (("resource_changes",), {}, "resource_changes"),
        (("resource_changes", 0), SECRET, "resource_changes[0]"),
        (("resource_changes", 0, "change"), SECRET, "resource_changes[0].change"),
        (("resource_changes", 0, "change", "actions"), SECRET, "resource_changes[0].change.actions"),
        (("configuration",), SECRET, "configuration"),
        (("configuration", "root_module", "resources"), SECRET, "configuration.root_module.resources"),
        (("configuration", "root_module", "resources", 0, "expressions"), SECRET, "configuration.root_module.resources[0].expressions"),
        (("configuration", "root_module", "module_calls"), {"a": SECRET}, "configuration.root_module.module_calls.a"),
        (("prior_state",), SECRET, "prior_state"),
        (("variables",), SECRET, "variables"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_a_wrong_type_in_the_structure_is_named_by_its_path(tmp_path, path, value, named):
    document = plan(function())
    place = document
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    assert f"`{named}`" in error_of(tmp_path, json.dumps(document).encode()).cause


@pytest.mark.parametrize(
    ("broken", "collection"),
    [
        (function("broken", values={"timeout": SECRET}), "functions"),
        (function("broken", values={"environment": SECRET}), "functions"),
        (function("broken", values={"environment": [{"variables": {"X": [SECRET]}}]}), "functions"),
        (function("broken", values={"vpc_config": [{"subnet_ids": SECRET}]}), "functions"),
        (function("broken", values={"runtime": {SECRET: 1}}), "functions"),
        (role("broken", assume_role_policy=[SECRET]), "roles"),
        (resource("aws_security_group.broken", {"ingress": [{"from_port": SECRET}]}), "security_groups"),
        (resource("aws_lambda_layer_version.broken", {"compatible_runtimes": SECRET}), "layers"),
        (resource("aws_lambda_event_source_mapping.broken", {"function_name": "shop", "enabled": SECRET}), "event_sources"),
        (resource("aws_cloudtrail.broken", {"is_multi_region_trail": SECRET}), "trails"),
        (resource("aws_cloudwatch_log_group.broken", {"retention_in_days": SECRET}), "log_groups"),
        (resource("aws_kms_key.broken", {"is_enabled": SECRET}), "keys"),
        (resource("aws_lambda_permission.broken", {"function_name": [SECRET]}), "functions"),
        (resource("aws_lb_listener.broken", {"default_action": SECRET}), "triggers"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_one_malformed_resource_is_noted_and_the_rest_goes_on(tmp_path, broken, collection):
    estate = read(tmp_path, function(), broken, role())
    assert [one.name for one in estate.functions] == ["shop"]
    (note,) = [one for one in estate.notes if "malformed" in one.message]
    assert note.message.startswith(f"`{broken['address']}` is malformed")
    (missing,) = [one for one in estate.missing if one.unknown.kind is UnknownKind.UNRESOLVED]
    assert missing.collection == collection
    assert SECRET not in repr(estate)


def test_a_malformed_permission_may_have_granted_anything(tmp_path):
    broken = resource("aws_lambda_permission.broken", {"function_name": ["shop"]})
    (found,) = read(tmp_path, function(), broken).functions
    assert [type(one) for one in found.policy_of("$LATEST").unresolved] == [Unknown]


def test_a_resource_whose_values_are_no_object(tmp_path):
    document = plan(function(), function("other"))
    document["resource_changes"][0]["change"]["after"] = SECRET
    estate = read_document(tmp_path, document)
    assert [one.name for one in estate.functions] == ["other"]
    assert [one.collection for one in estate.missing if one.unknown.kind is UnknownKind.UNRESOLVED] == ["functions"]


def test_what_may_make_functions_and_is_not_read_is_noted(tmp_path):
    estate = read(tmp_path, resource("aws_cloudformation_stack.s", {"name": "s", "template_body": SECRET}))
    assert [note.message for note in estate.notes] == ["`aws_cloudformation_stack.s` may make functions, and is not looked into"]


def test_what_will_be_deleted_is_left_out(tmp_path):
    document = plan(function(), function("gone", actions=("delete",)), function("left", actions=("forget",)))
    deposed = copy.deepcopy(document["resource_changes"][0]) | {"deposed": "abc", "address": "aws_lambda_function.old"}
    document["resource_changes"].append(deposed)
    assert [one.name for one in read_document(tmp_path, document).functions] == ["shop"]


# --- mutations ---------------------------------------------------------------------------------------------------------

JUNK = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False), st.text(max_size=8), st.just([]), st.just({}), st.just([None]),
    st.just({"references": ["local.x"]}), st.just({"references": [1, "", "[", "module", "var", "data.x", "each.value", "aws_iam_role.shop"]}),
    st.just([[[]]]), st.just({"a": {"b": [1]}}), st.just(10**30),
)  # fmt: skip


def _places(tree, path=()):
    yield path
    if isinstance(tree, dict):
        for key, value in tree.items():
            yield from _places(value, (*path, key))
    elif isinstance(tree, list):
        for index, value in enumerate(tree):
            yield from _places(value, (*path, index))


def _samples() -> list[dict]:
    samples = [
        plan(
            function(
                values={
                    "environment": [{"variables": {"A": "b"}}],
                    "vpc_config": [{"subnet_ids": ["s"], "security_group_ids": ["g"]}],
                    "layers": ["l"],
                },
                expressions={"role": ref("aws_iam_role.shop.arn")},
            ),
            role(),
            resource("aws_lambda_permission.p", {"function_name": "shop", "principal": "*", "action": "lambda:InvokeFunction"}),
            resource("aws_lambda_function_url.u", {"function_name": "shop", "authorization_type": "NONE"}),
            resource("aws_lambda_alias.a", {"name": "a", "function_name": "shop", "function_version": "1"}),
            resource("aws_security_group.g", {"name": "g", "egress": [{"protocol": "-1", "cidr_blocks": ["0.0.0.0/0"]}]}),
            resource(
                "aws_security_group_rule.r",
                {"type": "egress", "protocol": "tcp"},
                expressions={"security_group_id": ref("aws_security_group.g.id")},
            ),
            resource("module.m.aws_iam_role.r", {"name": "r"}),
        )
    ]
    real = sorted((DATA / "tfplan").glob("*.json"))
    samples.extend(json.loads(path.read_text()) for path in real[::6])
    return samples


SAMPLES = _samples()
PLACES = [list(_places(sample)) for sample in SAMPLES]


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_mutated_plan_reads_or_is_refused(data, tmp_path_factory):
    index = data.draw(st.integers(0, len(SAMPLES) - 1))
    document = copy.deepcopy(SAMPLES[index])
    for _ in range(data.draw(st.integers(1, 4))):
        path = data.draw(st.sampled_from(PLACES[index]))
        junk = data.draw(JUNK)
        place = document
        try:
            for step in path[:-1]:
                place = place[step]
            if path:
                place[path[-1]] = copy.deepcopy(junk)
        except (KeyError, IndexError, TypeError):
            continue  # An earlier mutation took the place away.
    _reads_or_refuses(tmp_path_factory.getbasetemp() / "mutated.json", json.dumps(document).encode())


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.one_of(st.binary(max_size=200), st.integers(0, len(WHOLE)).map(lambda cut: WHOLE.encode()[:cut])))
def test_bytes_read_or_are_refused(content, tmp_path_factory):
    _reads_or_refuses(tmp_path_factory.getbasetemp() / "bytes.json", content)


def _reads_or_refuses(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    looks_like_plan(content[:4096])
    said = "read"
    try:
        read_plan(path, judge=judge)
    except SourceError as error:
        said = str(error)
    assert said
    assert SECRET not in said
