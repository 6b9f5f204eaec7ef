"""The fast twin answers as the obvious one does, for every layer and in every kind of doubt."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.engines.iam import worlds

from buckler.engines.iam import decide
from buckler.engines.iam.access import Access, Guard
from buckler.engines.iam.answer import Answer
from buckler.engines.iam.compiled import Library
from buckler.engines.iam.context import Context
from buckler.engines.iam.targets import Targets
from buckler.model.finding import Request
from buckler.model.layers import Layers


@settings(max_examples=3000, deadline=None, suppress_health_check=list(HealthCheck))
@given(worlds.layers, worlds.requests)
def test_twins_agree(layers: Layers, request: Request) -> None:
    library = Library()
    fast = Access(request.principal, layers, library).decide(request, Guard(layers, library))
    slow = decide(request, layers)
    assert _same(fast, slow.answer), (fast, slow.answer, slow.layer)


def _same(fast: Answer, slow: Answer) -> bool:
    """A refusal is one, explicit or not: where both would do, the twins may name either when something is unread."""
    refusals = {Answer.DENY, Answer.IMPLICIT_DENY}
    return fast is slow or {fast, slow} == refusals


@settings(max_examples=500, deadline=None, suppress_health_check=list(HealthCheck))
@given(worlds.layers, worlds.requests, st.lists(st.sampled_from(worlds.RESOURCES[:-1]), min_size=1))
def test_a_class_of_targets_is_answered_as_each_of_them(layers: Layers, request: Request, arns: list[str]) -> None:
    library = Library()
    own = Layers(identity=layers.identity, boundary=layers.boundary, session=layers.session, scp=layers.scp, endpoint=layers.endpoint)
    access = Access(request.principal, own, library)
    targets = Targets(arns)
    sure, maybe = access.over(request.action, targets, Context(request))
    for index, arn in enumerate(targets.arns):
        one = Request(principal=request.principal, action=request.action, resource=arn, context=request.context)
        slow = decide(one, own)
        if not slow.answer or access.kind not in {"user", "role", "role-session"} or not _is_ordinary(one):
            continue
        expected = {Answer.ALLOW: (1, 0), Answer.UNKNOWN: (0, 1)}.get(slow.answer, (0, 0))
        assert (sure >> index & 1, maybe >> index & 1) == expected, (arn, slow.answer)


def _is_ordinary(request: Request) -> bool:
    return request.action not in {"sts:AssumeRole", "sts:AssumeRoleWithWebIdentity", "kms:Decrypt"} and worlds.B not in request.principal
