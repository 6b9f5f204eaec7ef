import json

import pytest
from tests.shared import shared

from buckler.data.techniques import parse_techniques, technique_table
from buckler.engines.iam.catalogue import catalogue

PATHFINDING = "pathfinding/pathfinding.json"

ENTRY = """
[resources]
function = "arn:{partition}:lambda:{region}:{account}:function:{name}"

[[technique]]
id = "x-1"
kind = "new-passrole"
name = "a name"
grants = ["iam:PassRole on role with iam:PassedToService = lambda.amazonaws.com", "lambda:CreateFunction on new function"]
when = ["role trusts lambda.amazonaws.com"]
yields = "role"
does = "passes {role}"
"""


def test_every_known_path_is_there_with_the_actions_it_needs():
    paths = json.loads(shared(PATHFINDING).read_text(encoding="utf-8"))["paths"]
    ours = {one.id: one for one in technique_table().techniques}
    assert {path["id"]: {required["action"] for required in path["required"]} for path in paths} == {
        path["id"]: set(ours[path["id"]].actions) for path in paths
    }
    assert {path["id"]: path["category"] for path in paths} == {path["id"]: ours[path["id"]].kind for path in paths}


def test_what_pathfinding_says_must_be_trusted_is_looked_up():
    for path in json.loads(shared(PATHFINDING).read_text(encoding="utf-8"))["paths"]:
        prose = json.dumps(path["prerequisites"])
        for when in technique_table().technique(path["id"]).when:
            if when.what == "role trusts" and "trusts " in prose and ".amazonaws.com" in prose:
                assert any(service in prose for service in when.services), path["id"]


def test_the_ways_of_lambda_that_other_lists_lack():
    ours = {one.id for one in technique_table().techniques}
    assert {
        "lambda-layer",
        "lambda-own-layer",
        "lambda-environment",
        "lambda-swap-role",
        "lambda-url",
        "lambda-feed",
        "lambda-alias",
        "lambda-repoint",
        "lambda-layer-version",
        "lambda-image",
        "lambda-object",
        "lambda-unsign",
        "lambda-resign",
        "lambda-loosen-signing",
    } <= ours


def test_every_action_exists_as_written():
    wrong = {
        action: catalogue().spelling(action)
        for one in technique_table().techniques
        for action in one.actions
        if not catalogue().knows(action) or catalogue().spelling(action) != action
    }
    # AWS closed Data Pipeline and Glue's development endpoints to newcomers; their actions are still in the reference.
    assert wrong == {}


def test_the_resources_are_arns_their_actions_act_on():
    table = technique_table()
    for one in table.techniques:
        for need in one.grants:
            if need.target.resource:
                assert table.resources[need.target.resource].count(":") >= 5


def test_a_grant_with_context():
    technique = parse_techniques(ENTRY).technique("x-1")
    passing, making = technique.grants
    assert passing.context == (("iam:PassedToService", "lambda.amazonaws.com"),)
    assert (passing.target.variable, making.target.kind, making.target.resource) == ("role", "new", "function")
    assert technique.when[0].services == ("lambda.amazonaws.com",)
    assert technique.variable == "role"


def test_a_key_without_a_value_is_a_key_the_request_does_not_have():
    (need, *_) = technique_table().technique("lambda-environment").grants
    assert need.context == (("lambda:Layer", ""),)


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        ('yields = "role"', 'yields = "gold"'),
        ('kind = "new-passrole"', 'kind = "magic"'),
        ("lambda:CreateFunction on new function", "lambda:CreateFunction on new planet"),
        ("lambda:CreateFunction on new function", "lambda:CreateFunction at new function"),
        ("iam:PassRole on role", "iam:PassRole on thing"),
        ("role trusts lambda.amazonaws.com", "the moon is full"),
        ("{role}", "{hole}"),
        ('yields = "role"', 'yields = "user"'),
        ('name = "a name"', 'title = "a name"'),
    ],
)
def test_a_word_nobody_can_look_up_is_an_error(line, wrong):
    with pytest.raises(ValueError, match="x-1"):
        parse_techniques(ENTRY.replace(line, wrong))


def test_two_techniques_with_one_id_are_an_error():
    with pytest.raises(ValueError, match="share an id"):
        parse_techniques(ENTRY + ENTRY.split("[[technique]]")[1].join(["[[technique]]", ""]))
