"""The fast twin answers as the obvious one does, for every layer and in every kind of doubt."""

from bench.oracle.shrink import shrink
from bench.oracle.worlds import World
from hypothesis import HealthCheck, given
from hypothesis import strategies as st
from tests.cases import cases, scaled
from tests.engines.iam import worlds
from tests.engines.iam.seeded import Seeded

from buckler.engines.iam import decide
from buckler.engines.iam.access import Access, Guard
from buckler.engines.iam.answer import Answer
from buckler.engines.iam.compiled import Library
from buckler.engines.iam.context import Context
from buckler.engines.iam.targets import Targets
from buckler.model.finding import Request
from buckler.model.layers import Layers
from buckler.model.policy import Policy, Principal, Statement


@cases(500, suppress_health_check=list(HealthCheck))
@given(worlds.layers, worlds.requests)
def test_twins_agree(layers: Layers, request: Request) -> None:
    fast, slow = _answers(layers, request)
    assert _same(fast, slow), (fast, slow)


def test_twins_agree_on_many_worlds_more() -> None:
    seeded = Seeded(scaled(1))
    for number in range(scaled(5000)):
        layers, request = seeded.world()
        if not _same(*_answers(layers, request)):
            small = shrink(World(request, layers), lambda some: [not _same(*_answers(one.layers, one.request)) for one in some])
            raise AssertionError(f"world {number}: {_answers(small.layers, small.request)} of {small}")


def test_a_hole_beside_the_account_may_be_the_caller() -> None:
    """World 243,837 of a night: a certain form of naming the caller does not settle the other forms."""
    named = (Principal(kind="AWS", value=worlds.HOLE), Principal(kind="AWS", value=f"arn:aws:iam::{worlds.A}:root"))
    statement = Statement(effect="Allow", principals=named, actions=("*",), resources=("*",), origin=worlds.HERE)
    layers = Layers(resource=Policy(statements=(statement,), version="2012-10-17", origin=worlds.HERE))
    request = Request(principal=worlds.SESSION, action="s3:GetObject", resource=worlds.FUNCTION)
    assert _answers(layers, request) == (Answer.UNKNOWN, Answer.UNKNOWN)


def _answers(layers: Layers, request: Request) -> tuple[Answer, Answer]:
    library = Library()
    return Access(request.principal, layers, library).decide(request, Guard(layers, library)), decide(request, layers).answer


def _same(fast: Answer, slow: Answer) -> bool:
    """A refusal is one, explicit or not: where both would do, the twins may name either when something is unread."""
    refusals = {Answer.DENY, Answer.IMPLICIT_DENY}
    return fast is slow or {fast, slow} == refusals


@cases(200, suppress_health_check=list(HealthCheck))
@given(worlds.layers, worlds.requests, st.lists(st.sampled_from(worlds.RESOURCES[:-1]), min_size=1))
def test_a_class_of_targets_is_answered_as_each_of_them(layers: Layers, request: Request, arns: list[str]) -> None:
    _class_is_as_each(layers, request, arns)


def test_many_classes_of_targets_more() -> None:
    seeded = Seeded(scaled(2))
    for _ in range(scaled(1000)):
        layers, request = seeded.world()
        _class_is_as_each(layers, request, list(seeded.some(worlds.RESOURCES[:-1], 1, 4)))


def _class_is_as_each(layers: Layers, request: Request, arns: list[str]) -> None:
    library = Library()
    own = Layers(identity=layers.identity, boundary=layers.boundary, session=layers.session, scp=layers.scp, endpoint=layers.endpoint)
    access = Access(request.principal, own, library)
    targets = Targets(arns)
    sure, maybe = access.over(request.action, targets, Context(request))
    for index, arn in enumerate(targets.arns):
        one = Request(principal=request.principal, action=request.action, resource=arn, context=request.context)
        slow = decide(one, own)
        if access.kind not in {"user", "role", "role-session"} or not _is_ordinary(one):
            continue
        expected = {Answer.ALLOW: (1, 0), Answer.UNKNOWN: (0, 1)}.get(slow.answer, (0, 0))
        assert (sure >> index & 1, maybe >> index & 1) == expected, (arn, slow.answer)


def _is_ordinary(request: Request) -> bool:
    """Classes are of resources of one's own account, and of actions whose resources need not agree."""
    is_at_home = worlds.B not in request.principal and worlds.B not in request.resource
    return is_at_home and request.action not in {"sts:AssumeRole", "sts:AssumeRoleWithWebIdentity", "kms:Decrypt"}
