"""One action stands for all that the policies treat alike."""

from hypothesis import given
from hypothesis import strategies as st
from tests.cases import cases

from buckler.engines.iam.actions import acting_on, action_classes, shapes
from buckler.engines.iam.automata import GaveUp
from buckler.engines.iam.catalogue import catalogue
from buckler.engines.iam.kleene import Doubts
from buckler.engines.iam.match import action_matches
from buckler.model.text import Hole, Partial

_PATTERNS = st.sampled_from(
    [
        "*",
        "s3:*",
        "s3:Get*",
        "S3:GETOBJECT",
        "s3:Get*Object",
        "*:Get*",
        "lambda:Invoke?unction",
        "brandnew:*",
        "brandnew:Do",
        "s*:*",
        "broken",
        "s3:GetObjekt",
    ]
)
_LISTS = st.lists(st.lists(_PATTERNS, min_size=1, max_size=3).map(tuple), max_size=4)
_ASKED = [
    "s3:GetObject",
    "s3:PutObject",
    "s3:GetObjekt",
    "s3:GetWholeObject",
    "s3:Nonsense",
    "sqs:SendMessage",
    "brandnew:Do",
    "brandnew:DoMore",
    "other:GetIt",
    "x:y",
    "lambda:InvokeFunction",
]


def way(action, lists):
    return tuple(any(action_matches(pattern, action, Doubts()) for pattern in patterns) for patterns in lists)


@given(_LISTS)
@cases(150)
def test_every_action_has_one_that_stands_for_it(lists):
    classes, unsplit = action_classes(lists)
    assert unsplit is None
    ways = [way(one.action, lists) for one in classes]
    assert len(ways) == len(set(ways)) == len({one.action for one in classes})
    for action in _ASKED:
        assert way(action, lists) in ways
    assert sum(one.bits for one in classes) == catalogue().everything


@given(_LISTS, st.integers(min_value=0))
@cases(100)
def test_all_actions_of_a_class_are_treated_alike(lists, number):
    action = catalogue().actions[number % len(catalogue().actions)]
    one = next(one for one in action_classes(lists)[0] if one.bits >> catalogue().index[action] & 1)
    assert way(action, lists) == way(one.action, lists)


def test_an_action_nobody_knows_has_a_class_of_its_own():
    classes, _ = action_classes([("s3:*",), ("s3:GetObjekt",)])
    assert [one.action for one in classes if not one.bits] == ["s3:getobjekt"]


def test_a_hole_in_an_action_may_be_any():
    hole = Partial(parts=("s3:", Hole(ref="Verb")))
    classes, _ = action_classes([(hole,)])
    assert {one.action.partition(":")[0] == "s3" for one in classes} == {True, False}


def test_patterns_that_take_too_long_are_said_to():
    classes, unsplit = action_classes([("*:*a" + "?" * 20,), ("*:*b" + "?" * 19,)])
    assert classes
    assert isinstance(unsplit, GaveUp)


def test_resources_of_an_action_have_the_form_aws_gives():
    assert any(glob.accepts("arn:aws:s3:::b/k") for glob in shapes("s3:GetObject"))
    assert not any(glob.accepts("arn:aws:s3:::b") for glob in shapes("s3:GetObject"))
    assert [glob.accepts("*") for glob in shapes("s3:ListAllMyBuckets")] == [True]
    assert shapes("brandnew:DoIt") == ()


def test_another_action_of_the_class_acts_on_the_resource():
    bits = catalogue().expand("s3:*")
    assert acting_on(bits, "arn:aws:s3:::b") is not None
    assert acting_on(bits, "arn:aws:sqs:us-east-1:111122223333:q") is None
    assert acting_on(bits, "nonsense") is None
