"""What an unknown value is: followed through modules, keys and conditionals, or left a hole."""

import pytest
from tests.sources.terraform.plans import call, const, function, plan, read, read_document, ref, resource, role

from buckler.model.text import hole, shown

UNKNOWN = hole("aws_lambda_function.shop.role")


def role_of(tmp_path, document):
    (found,) = [one for one in read_document(tmp_path, document).functions if one.address.endswith(("shop", '["a"]', "[0]"))]
    return found.role


def with_role(expression, *more, **top):
    return plan(function(unknown={"role": True}, expressions={"role": expression}), role(), role("other"), *more, **top)


@pytest.mark.parametrize(
    ("references", "expected"),
    [
        (["aws_iam_role.shop.arn", "aws_iam_role.shop"], "arn:aws:iam::${AWS::AccountId}:role/shop"),
        # A conditional whose other side, and condition, are known: `var.create ? aws_iam_role.shop.arn : var.given`.
        (["var.create", "aws_iam_role.shop.arn", "aws_iam_role.shop", "var.given"], "arn:aws:iam::${AWS::AccountId}:role/shop"),
        # Two roles: which one, nobody knows.
        (["aws_iam_role.shop.arn", "aws_iam_role.shop", "aws_iam_role.other.arn", "aws_iam_role.other"], None),
        # Locals are not in a plan.
        (["local.role", "aws_iam_role.shop.arn", "aws_iam_role.shop"], None),
        (["local.role"], None),
        (["aws_iam_role.absent.arn"], None),
        # An attribute AWS makes up that is not an identifier.
        (["aws_iam_role.shop.create_date", "aws_iam_role.shop"], None),
        ([], None),
    ],
)
def test_followed_only_when_one_thing_is_unknown(tmp_path, references, expected):
    document = with_role({"references": references}, variables={"create": {"value": True}, "given": {"value": ""}})
    for one in document["planned_values"]["root_module"]["resources"]:
        if one["type"] == "aws_iam_role":
            document["resource_changes"][1]["change"]["after_unknown"]["create_date"] = True
    assert shown(role_of(tmp_path, document)) == (expected or shown(UNKNOWN))


def test_instances_by_their_keys(tmp_path):
    document = plan(
        *(
            resource(
                f'aws_lambda_function.f["{key}"]',
                {"function_name": f"f-{key}"},
                unknown={"role": True},
                expressions={"role": {"references": ["aws_iam_role.r", "each.key"]}},
            )
            for key in "ab"
        ),
        *(resource(f'aws_iam_role.r["{key}"]', {"name": f"r-{key}"}, unknown={"arn": True}) for key in "ab"),
    )
    assert [shown(one.role).split("/")[1] for one in read_document(tmp_path, document).functions] == ["r-a", "r-b"]


def test_an_instance_by_its_index(tmp_path):
    indexed = {"references": ["aws_iam_role.r[1].arn", "aws_iam_role.r[1]", "aws_iam_role.r"]}
    document = with_role(indexed, *(resource(f"aws_iam_role.r[{index}]", {"name": f"r{index}"}, unknown={"arn": True}) for index in (0, 1)))
    assert shown(role_of(tmp_path, document)).endswith("role/r1")


def test_all_instances_of_a_list(tmp_path):
    subnets = [resource(f"aws_subnet.s[{index}]", {}, unknown={"id": True}) for index in (0, 1)]
    given = function(
        values={"vpc_config": [{}]},
        unknown={"vpc_config": [{"subnet_ids": True, "security_group_ids": True}]},
        expressions={"vpc_config": [{"subnet_ids": {"references": ["aws_subnet.s"]}, "security_group_ids": ref("local.groups")}]},
    )
    (found,) = read(tmp_path, given, *subnets).functions
    assert [shown(one) for one in found.vpc.subnet_ids] == ["${aws_subnet.s[0].id}", "${aws_subnet.s[1].id}"]
    assert "security_group_ids" in found.vpc.security_group_ids.why


def test_into_a_module_through_its_variable(tmp_path):
    inner = resource(
        'module.shop["a"].aws_lambda_function.this[0]',
        {"function_name": "inner"},
        unknown={"role": True},
        expressions={"role": ref("var.role_arn")},
    )
    document = call(plan(inner, role()), "shop", {"role_arn": ref("aws_iam_role.shop.arn")})
    estate = read_document(tmp_path, document)
    assert estate.functions[0].role == estate.roles[0].arn
    assert estate.functions[0].address == 'module.shop["a"].aws_lambda_function.this[0]'


def test_a_variable_of_a_module_that_is_constant_is_not_what_is_unknown(tmp_path):
    inner = resource(
        "module.shop.aws_lambda_function.this",
        {"function_name": "inner"},
        unknown={"role": True},
        expressions={"role": ref("var.given", "var.absent", "aws_iam_role.own.arn")},
    )
    own = resource("module.shop.aws_iam_role.own", {"name": "own"}, unknown={"arn": True})
    (found,) = read_document(tmp_path, call(plan(inner, own), "shop", {"given": const("")})).functions
    assert shown(found.role).endswith(":role/own")


def test_out_of_a_module_through_its_output(tmp_path):
    inner = resource('module.roles["a"].aws_iam_role.this', {"name": "inner"}, unknown={"arn": True})
    reference = {"references": ['module.roles["a"].arn', 'module.roles["a"]', "module.roles"]}
    document = call(with_role(reference, inner), "roles", outputs={"arn": ref("aws_iam_role.this.arn")})
    assert shown(role_of(tmp_path, document)).endswith(":role/inner")


@pytest.mark.parametrize(
    "lost", [{"references": ["module.roles"]}, {"references": ["module.roles.other"]}, {"references": ["module.absent.arn"]}]
)
def test_an_output_that_is_not_there_stays_a_hole(tmp_path, lost):
    inner = resource("module.roles.aws_iam_role.this", {"name": "inner"}, unknown={"arn": True})
    document = call(with_role(lost, inner), "roles", outputs={"arn": ref("aws_iam_role.this.arn")})
    assert role_of(tmp_path, document) == UNKNOWN


def test_each_value_is_what_the_for_each_refers_to(tmp_path):
    made = resource(
        'aws_lambda_function.f["a"]',
        {"function_name": "f"},
        unknown={"role": True},
        expressions={"role": ref("each.value")},
        for_each=ref("aws_iam_role.shop.arn"),
    )
    assert shown(role_of(tmp_path, plan(made, role()))).endswith("role/shop")


def test_modules_that_hand_things_to_each_other_in_circles_end(tmp_path):
    one = resource("module.a.aws_lambda_function.shop", {"function_name": "f"}, unknown={"role": True}, expressions={"role": ref("var.x")})
    document = call(plan(one, resource("module.b.aws_iam_role.r", {"name": "r"})), "a", {"x": ref("module.b.y")}, {"y": ref("var.x")})
    document = call(document, "b", {"x": ref("module.a.y")}, {"y": ref("var.x")})
    assert role_of(tmp_path, document) == hole("module.a.aws_lambda_function.shop.role")


def test_attributes_that_refer_to_themselves_end(tmp_path):
    alias = resource(
        "aws_lambda_alias.a", {"name": "a"}, unknown={"arn": True}, expressions={"function_name": ref("aws_lambda_alias.a.arn")}
    )
    other = resource(
        "aws_cloudwatch_event_rule.r",
        {"name": "r"},
        unknown={"arn": True},
        expressions={"event_bus_name": ref("aws_cloudwatch_event_rule.r.arn")},
    )
    source = resource(
        "aws_lambda_permission.p",
        {"function_name": "shop", "principal": "x.amazonaws.com"},
        expressions={"source_arn": ref("aws_cloudwatch_event_rule.r.arn")},
    )
    estate = read(tmp_path, function(), alias, other, source)
    assert len(estate.functions) == 1


def test_a_dynamic_block_has_values_but_no_expressions(tmp_path):
    """Terraform leaves dynamic blocks out of the configuration: what is unknown in them is not taken for unset."""
    given = function(values={"vpc_config": [{"subnet_ids": ["subnet-1"]}]}, unknown={"vpc_config": [{"security_group_ids": True}]})
    (found,) = read(tmp_path, given).functions
    assert "security_group_ids" in found.vpc.security_group_ids.why


def test_an_unknown_block_is_unknown(tmp_path):
    (found,) = read(tmp_path, function(unknown={"environment": True, "vpc_config": True, "dead_letter_config": True})).functions
    assert all(hasattr(value, "why") for value in (found.environment, found.vpc, found.dead_letter))


def test_planned_values_alone_leave_out_what_is_unknown(tmp_path):
    document = plan(function(expressions={"timeout": ref("local.x"), "role": ref("aws_iam_role.shop.arn")}), role())
    document["resource_changes"] = [change for change in document["resource_changes"] if change["type"] != "aws_lambda_function"]
    (found,) = read_document(tmp_path, document).functions
    assert (found.timeout_s.why, found.memory_mb) == ("`aws_lambda_function.shop.timeout` is known only after apply", 128)
    assert shown(found.role).endswith("role/shop")
