"""Always, only if, never: each is what the obvious twin says of every context."""

import itertools

from hypothesis import assume, given
from hypothesis import strategies as st
from tests.cases import cases
from tests.engines.iam.small_world import ACTIONS, CALLERS, LAYERS, RESOURCES, ROLE
from tests.estates import DENIED, allow, policy

from buckler.engines.iam import Answer, decide
from buckler.engines.iam.possible import possible
from buckler.model.finding import ContextEntry, Request
from buckler.model.layers import Layers, Unread
from buckler.model.text import hole


def asked(*statements, resource="arn:aws:s3:::b/k", **more):
    return possible(Request(principal=ROLE, action="s3:GetObject", resource=resource), Layers(identity=(policy(*statements),), **more))


def deny(**condition):
    return {**allow("*"), "Effect": "Deny", "Condition": condition}


def test_always_and_never_are_said_of_what_no_context_changes():
    assert asked(allow("s3:*")).verdict == "always"
    assert asked(allow("s3:Put*")).verdict == "never"
    assert asked(allow("s3:*", Condition={"StringLike": {"k": "*"}}), allow("s3:*", Condition={"Null": {"k": "true"}})).verdict == "always"
    contradiction = {"StringEquals": {"k": "a"}, "StringNotLike": {"k": "a*"}}
    assert asked(allow("s3:*", Condition=contradiction)).verdict == "never"


def test_only_if_says_what_is_enough_in_words_and_shows_it():
    found = asked(allow("s3:*", Condition={"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}), deny(Bool={"aws:SecureTransport": "false"}))
    assert found.verdict == "only-if"
    assert found.only_if == ("aws:SourceIp in 10.0.0.0/8", "aws:SecureTransport is not false")
    assert {entry.key: entry.values for entry in found.request.context} == {"aws:SourceIp": ("10.0.0.1",), "aws:SecureTransport": ("true",)}
    assert found.refused is not None


def test_what_nobody_could_read_is_unknown():
    assert asked(allow("s3:*", hole("Bucket"))).verdict == "unknown"
    assert asked(allow("s3:*"), unread=(Unread(layer="boundary", unknown=DENIED),)).why == DENIED.why


@given(LAYERS, st.sampled_from(CALLERS), st.sampled_from(ACTIONS), st.sampled_from(RESOURCES))
@cases(300)
def test_every_context_agrees(layers, principal, action, resource):
    request = Request(principal=principal, action=action, resource=resource)
    found = possible(request, layers)
    assert found.verdict != "unknown" or layers.unread
    answers = set()
    for values, other in itertools.product([(), ("a",), ("b",)], [(), ("a",)]):
        context = (ContextEntry(key="k", values=values), ContextEntry(key="aws:x", values=other))
        answers.add(decide(Request(principal=principal, action=action, resource=resource, context=context), layers).answer)
    # A resource may leave open in which account or region it is asked for: then these are not all contexts.
    assume(Answer.UNKNOWN not in answers)
    allows = {answer is Answer.ALLOW for answer in answers}
    assert {"always": allows == {True}, "never": allows == {False}, "only-if": allows == {True, False}}[found.verdict]
