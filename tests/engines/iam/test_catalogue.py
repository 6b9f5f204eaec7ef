"""What exists, and what AWS says of it. Bitsets agree with the obvious: match every action against the pattern."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.cases import cases

from buckler.engines.iam.catalogue import catalogue
from buckler.engines.iam.kleene import Doubts
from buckler.engines.iam.match import action_matches
from buckler.engines.iam.typos import closest

ACTIONS = catalogue()


def expanded(pattern):
    return set(ACTIONS.names(ACTIONS.expand(pattern)))


def patterns():
    """Patterns near real actions: one action with pieces replaced by wildcards."""
    action = st.sampled_from(ACTIONS.actions).map(ACTIONS.spelling)
    cuts = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40), st.sampled_from(["*", "?", "", "e"])), max_size=3)

    def cut(drawn):
        text, edits = drawn
        for start, stop, instead in edits:
            text = text[:start] + instead + text[max(start, stop) :]
        return text

    return st.tuples(action, cuts).map(cut)


@cases(60)  # the twin tries all actions, one by one
@given(patterns())
@example("*")
@example("*:*")
@example("lambda:*")
@example("LAMBDA:get*")
@example("*:Get*")
@example("s3:*Object")
@example("autoscaling*:*")
@example("lambda")
@example("lam*")
@example(":")
@example("")
@example("no-such-service:*")
def test_a_pattern_expands_to_what_matches_it(pattern):
    assert expanded(pattern) == {action for action in ACTIONS.actions if action_matches(pattern, action, Doubts())}


def test_bits_and_names_are_one_row():
    assert list(ACTIONS.names(ACTIONS.everything)) == list(ACTIONS.actions)
    assert list(ACTIONS.names(0)) == []
    assert all(ACTIONS.actions[number] == action for action, number in ACTIONS.index.items())


def test_an_action_that_is_not_there_has_no_bit_and_no_facts():
    assert ACTIONS.expand("lambda:EveryActionThereIs") == 0
    for question in (ACTIONS.level, ACTIONS.resource_types, ACTIONS.required_types, ACTIONS.condition_keys, ACTIONS.dependent):
        assert question("lambda:EveryActionThereIs") is None


def test_case_makes_no_difference():
    assert ACTIONS.spelling("LAMBDA:invokefunction") == "lambda:InvokeFunction"
    assert ACTIONS.knows("LAMBDA:invokefunction")
    assert ACTIONS.level("LAMBDA:invokefunction") == "Write"
    assert ACTIONS.resource_types("LAMBDA:invokefunction") == ("lambda:function",)
    assert ACTIONS.expand("LAMBDA:invokefunction") == ACTIONS.expand("lambda:InvokeFunction") != 0


@pytest.mark.parametrize(
    ("action", "level"),
    [
        ("s3:ListBucket", "List"),
        ("s3:GetObject", "Read"),
        ("s3:PutObject", "Write"),
        ("lambda:TagResource", "Tagging"),
        ("lambda:AddPermission", "Permissions management"),
        ("iam:PassRole", "Write"),
    ],
)
def test_level(action, level):
    assert ACTIONS.level(action) == level
    assert action.lower() in set(ACTIONS.names(ACTIONS.at_level(level)))


@pytest.mark.parametrize(
    ("pattern", "known"),
    [
        ("lambda:Get*", True),
        ("lambda:GetFunction", True),
        ("lambda:Obtain*", False),
        ("lambda:?", False),
        ("lambda", False),
        ("sqs:SendMessageBat*", True),
        ("ZOCALO:Anything*", True),
        ("zoca*:*", True),
        ("nobody:*", False),
        ("*", True),
    ],
)
def test_whether_a_pattern_names_anything(pattern, known):
    assert ACTIONS.knows_any(pattern) is known


def test_levels_share_out_all_actions():
    levels = [ACTIONS.at_level(level) for level in ("List", "Read", "Write", "Tagging", "Permissions management")]
    assert sum(levels) == ACTIONS.everything


def test_resource_types_and_their_arns():
    assert ACTIONS.resource_types("lambda:ListFunctions") == ()
    assert ACTIONS.resource_types("dynamodb:Query") == ("dynamodb:index", "dynamodb:table")
    assert ACTIONS.required_types("dynamodb:Query") == ("dynamodb:table",)
    assert ACTIONS.arn_patterns("lambda:function") == ("arn:*:lambda:*:*:function:*",)
    assert ACTIONS.arn_patterns("s3:object") == ("arn:*:s3:::*/*",)
    assert ACTIONS.arn_formats("s3:bucket") == ("arn:${Partition}:s3:::${BucketName}",)
    assert ACTIONS.arn_patterns("lambda:no-such-type") == ACTIONS.arn_patterns("no-such-service:x") == ()
    on_object = set(ACTIONS.names(ACTIONS.acting_on("s3:object")))
    assert "s3:getobject" in on_object
    assert "s3:listbucket" not in on_object


def test_every_action_is_on_the_types_it_names():
    for prefix in ("s3", "lambda", "autoscaling-plans", "autoscaling"):
        for kind in ACTIONS.types_of(prefix):
            expected = {action for action in expanded(f"{prefix}:*") if kind in (ACTIONS.resource_types(action) or ())}
            assert set(ACTIONS.names(ACTIONS.acting_on(kind))) == expected


def test_keys_and_dependent_actions():
    assert "lambda:FunctionUrlAuthType" in (ACTIONS.condition_keys("lambda:AddPermission") or ())
    assert "iam:PassedToService" in (ACTIONS.condition_keys("iam:PassRole") or ())
    assert ACTIONS.key_type("LAMBDA:layer") == "ArrayOfString"
    assert ACTIONS.key_type("lambda:NoSuchKey") is ACTIONS.key_type("nobody:Knows") is None
    assert "iam:PassRole" in (ACTIONS.dependent("lambda:CreateFunction") or ())
    assert ACTIONS.dependent("lambda:ListFunctions") == ()


def test_what_aws_dropped_from_its_pages_or_never_put_there_still_exists():
    assert ACTIONS.knows("evidently:GetFeature"), "dropped, with everything that was said of it"
    assert ACTIONS.knows("elastic-inference:Connect"), "named by AWS's own policies alone"
    assert ACTIONS.knows("sqs:SendMessageBatch"), "on AWS's page until 2020"
    assert ACTIONS.knows_service("elastic-inference")
    assert ACTIONS.expand("elastic-inference:Connect") == 0
    assert not ACTIONS.knows("lambda:InvokeFunctions")
    assert not ACTIONS.knows_service("eventbridge")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("lambda:InvokeFunctions", "lambda:InvokeFunction"),
        ("ec2:RunInstance", "ec2:RunInstances"),
        ("eventbridge:PutEvents", "events:PutEvents"),
        ("cloudwatchlogs:PutLogEvent", "logs:PutLogEvents"),
        ("dynamo:GetItem", "dynamodb:GetItem"),
        ("stepfunctions:StartExecution", "states:StartExecution"),
        ("lambda:PutLogEvents", "logs:PutLogEvents"),
        ("lambda:Lst*", "lambda:List*"),
        ("s3:HeadObject", "s3:GetObject"),
        ("s3:ListObjectsV2", "s3:ListBucket"),
        ("lambda:Invoke", "lambda:InvokeFunction"),
        ("lambda:Zzzzzzzzzzz", None),
        ("nobody:knows", None),
        ("InvokeFunction", None),
    ],
)
def test_closest(written, meant):
    assert closest(written) == meant
    if meant and not meant.endswith("*"):
        assert ACTIONS.spelling(meant) == meant
        assert ACTIONS.knows(meant)


def test_what_operations_mean_exists():
    from buckler.engines.iam import typos

    for operation, action in typos._OPERATIONS.items():
        assert not ACTIONS.knows(operation), operation
        assert action.lower() in ACTIONS.index
        assert ACTIONS.spelling(action) == action
    for name, prefix in typos._SERVICES.items():
        assert not ACTIONS.knows_service(name), name
        assert ACTIONS.knows_service(prefix)
