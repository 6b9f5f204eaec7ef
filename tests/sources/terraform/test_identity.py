"""Account, region and partition; states; places."""

import json

import pytest
from tests.sources.terraform.plans import const, function, judge, plan, read, read_document, resource, role

from buckler.model.text import shown
from buckler.model.unknown import UnknownKind
from buckler.sources.terraform import looks_like_plan, read_plan


def where(estate, index=0):
    found = estate.functions[index]
    return shown(found.account), shown(found.region), shown(found.arn).removeprefix("arn:").partition(":lambda:")[0]


def with_provider(settings, *more, key="aws", **top):
    document = plan(function(), *more, region="", **top)
    document["configuration"]["provider_config"][key] = {"name": "aws", "expressions": settings}
    return document


def test_nothing_told(tmp_path):
    assert where(read(tmp_path, function(), region="")) == ("${AWS::AccountId}", "${AWS::Region}", "${AWS::Partition}")


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({"region": const("eu-central-1")}, ("${AWS::AccountId}", "eu-central-1", "aws")),
        ({"region": const("cn-north-1")}, ("${AWS::AccountId}", "cn-north-1", "aws-cn")),
        ({"region": const("us-gov-west-1")}, ("${AWS::AccountId}", "us-gov-west-1", "aws-us-gov")),
        ({"region": {"references": ["var.region"]}}, ("${AWS::AccountId}", "ap-south-1", "aws")),
        ({"region": {"references": ["var.region", "var.suffix"]}}, ("${AWS::AccountId}", "${AWS::Region}", "${AWS::Partition}")),
        ({"region": const("not a region")}, ("${AWS::AccountId}", "${AWS::Region}", "${AWS::Partition}")),
        ({"allowed_account_ids": const(["111122223333"])}, ("111122223333", "${AWS::Region}", "${AWS::Partition}")),
        ({"allowed_account_ids": const(["111122223333", "444455556666"])}, ("${AWS::AccountId}", "${AWS::Region}", "${AWS::Partition}")),
        (
            {"assume_role": [{"role_arn": const("arn:aws:iam::444455556666:role/deploy")}]},
            ("444455556666", "${AWS::Region}", "aws"),
        ),
    ],
)
def test_told_by_the_provider(tmp_path, settings, expected):
    assert where(read_document(tmp_path, with_provider(settings, variables={"region": {"value": "ap-south-1"}}))) == expected


def test_a_resource_may_name_its_region(tmp_path):
    assert where(read(tmp_path, function(values={"region": "us-west-2"})))[1] == "us-west-2"


def test_what_exists_tells_the_account(tmp_path):
    existing = resource("aws_sqs_queue.q", {"name": "q", "arn": "arn:aws:sqs:eu-west-1:111122223333:q"}, actions=("no-op",))
    assert where(read(tmp_path, function(), existing))[0] == "111122223333"


def test_two_providers_of_one_account_and_one_of_another(tmp_path):
    document = plan(
        function("a"),
        function("b", provider="aws.replica"),
        function("c", provider="aws.partner"),
        resource("aws_sqs_queue.q", {"name": "q", "arn": "arn:aws:sqs:eu-west-1:111122223333:q"}, actions=("no-op",)),
    )
    providers = document["configuration"]["provider_config"]
    providers["aws.replica"] = {"name": "aws", "alias": "replica", "expressions": {"region": const("us-east-1")}}
    role_arn = const("arn:aws:iam::444455556666:role/deploy")
    providers["aws.partner"] = {
        "name": "aws",
        "alias": "partner",
        "expressions": {"region": const("eu-west-1"), "assume_role": [{"role_arn": role_arn}]},
    }
    estate = read_document(tmp_path, document)
    assert [where(estate, index)[:2] for index in range(3)] == [
        ("111122223333", "eu-west-1"),
        ("111122223333", "us-east-1"),
        ("444455556666", "eu-west-1"),
    ]


def test_what_a_plan_cannot_tell_is_missing_even_where_it_declares_some(tmp_path):
    estate = read(tmp_path, function(), resource("aws_cloudtrail.t", {"name": "t"}))
    outside = {one.collection for one in estate.missing if one.unknown.kind is UnknownKind.OUTSIDE}
    assert outside == {
        "trails",
        "detectors",
        "inspectors",
        "organizations",
        "concurrency",
        "interfaces",
        "prefix_lists",
        "dns_firewalls",
        "load_balancers",
        "data_services",
        "users",
        "groups",
    }
    assert len(estate.trails) == 1


def test_scope_and_places(tmp_path):
    estate = read(tmp_path, function())
    (scope,) = estate.scopes
    assert (scope.kind, scope.name, shown(scope.region)) == ("plan", "plan.json", "eu-west-1")
    assert (estate.functions[0].origin.file, estate.functions[0].origin.line) == ("plan.json", 0)


def test_a_plan_on_many_lines_has_lines(tmp_path):
    path = tmp_path / "plan.json"
    path.write_text(json.dumps(plan(function(), role()), indent=1))
    estate = read_plan(path, judge=judge, shown="plan.json")
    lines = path.read_text().splitlines()
    assert '"aws_lambda_function.shop"' in lines[estate.functions[0].origin.line - 1]
    assert '"aws_iam_role.shop"' in lines[estate.roles[0].origin.line - 1]


@pytest.mark.parametrize("version", ["0.1", "0.2", "1.0", "1.1", "1.2"])
def test_formats(tmp_path, version):
    document = plan(function())
    document["format_version"] = version
    assert len(read_document(tmp_path, document).functions) == 1


class TestState:
    """`terraform show -json` of a state: everything is known, nothing is configured."""

    def state(self, *resources):
        listed = [
            {key: one[key] for key in ("address", "mode", "type", "name", "index")}
            | {"values": one["values"], "sensitive_values": one["sensitive"]}
            for one in resources
        ]
        return {"format_version": "1.0", "terraform_version": "1.11.4", "values": {"root_module": {"resources": listed}}}

    def test_reads_like_a_plan(self, tmp_path):
        made = function(
            values={
                "arn": "arn:aws:lambda:eu-west-1:111122223333:function:shop",
                "role": "arn:aws:iam::111122223333:role/shop",
                "environment": [{"variables": {"STAGE": "prod", "KEY": "prod"}}],
                "timeout": 30,
            },
            sensitive={"environment": [{"variables": {"KEY": True}}]},
        )
        document = self.state(made, role(arn="arn:aws:iam::111122223333:role/shop", id="shop"))
        assert looks_like_plan(json.dumps(document).encode())
        estate = read_document(tmp_path, document)
        (found,) = estate.functions
        assert (found.arn, found.role, found.timeout_s) == ("arn:aws:lambda:eu-west-1:111122223333:function:shop", estate.roles[0].arn, 30)
        assert [type(one.value).__name__ for one in found.environment] == ["Redacted", "str"]
        assert (found.account, found.region) == ("111122223333", "eu-west-1")

    def test_whether_a_url_was_made_public_stands_in_no_state(self, tmp_path):
        url = resource("aws_lambda_function_url.u", {"function_name": "shop", "authorization_type": "NONE"})
        (found,) = read_document(tmp_path, self.state(function(), url)).functions
        assert len(found.policy_of("$LATEST").unresolved) == 1
