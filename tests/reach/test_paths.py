"""Ways from one kind of thing to another."""

import pytest
from tests.estates import event_source, on, url
from tests.reach.attack import ACCOUNT, REGION, allow, arn, can, estate, function, policy, secret, store, trust, user
from tests.reach.test_graph import replays

from buckler.errors import UsageError
from buckler.reach.blast import blast
from buckler.reach.graph import graph_of
from buckler.reach.paths import paths

OPEN = policy({"Effect": "Allow", "Principal": "*", "Action": ["lambda:InvokeFunctionUrl", "lambda:InvokeFunction"], "Resource": "*"})
FRONT, BACK = (f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}" for name in ("front", "back"))
ROOT = trust(aws=f"arn:aws:iam::{ACCOUNT}:root")


def shop():
    """An open function that may invoke another, whose role reads a secret and assumes an administrator."""
    return estate(
        function("front", role=arn("role", "front"), urls=(url("NONE"),), policies=(on("$LATEST", OPEN),)),
        function("back", role=arn("role", "back")),
        can("front", allow("lambda:InvokeFunction", BACK)),
        can("back", allow("secretsmanager:GetSecretValue"), allow("sts:AssumeRole")),
        can("admin", allow("*"), trust=ROOT),
        user("ann", allow("lambda:InvokeFunction", FRONT)),
        secret("prod/db"),
    )


def told(found):
    return [[(edge.kind, edge.target.rpartition(":")[2]) for edge in path.edges] for path in found]


def test_from_the_internet_to_secrets():
    found = paths(shop(), "internet", "secret:*")
    assert told(found)[0] == [
        ("invoke", "front"),
        ("runs-as", "role/front"),
        ("invoke", "back"),
        ("runs-as", "role/back"),
        ("read-secret", "prod/db-abcdef"),
    ]
    assert found[0].is_certain
    assert all(replays(proof) for path in found for edge in path.edges for proof in edge.proof)


@pytest.mark.parametrize(
    ("source", "target", "steps"),
    [
        pytest.param("internet", "administrator", 6, id="to-administrator"),
        pytest.param("internet", f"administrator:{ACCOUNT}", 6, id="of-an-account"),
        pytest.param("user:*", "secret:prod/*", 5, id="from-a-user-by-pattern"),
        pytest.param("ann", "back", 3, id="by-name"),
        pytest.param("function:back", arn("role", "admin"), 2, id="from-a-function-to-an-arn"),
        pytest.param(arn("role", "front"), "role:ad*", 3, id="from-an-arn"),
    ],
)
def test_selectors(source, target, steps):
    found = paths(shop(), source, target)
    assert found
    assert found[0].steps == steps


def test_no_path_is_no_error():
    assert paths(shop(), "function:back", "user:ann") == ()
    closed = estate(function("back", role=arn("role", "back")), can("back", allow("s3:GetObject", "arn:aws:s3:::data/*")))
    assert paths(closed, "internet", "bucket:*") == ()
    assert paths(closed, "function:back", "secret:*") == ()


@pytest.mark.parametrize(("source", "target"), [("internt", "secret:*"), ("internet", "prod/dbb"), ("role:nobody", "secret:*")])
def test_a_selector_that_means_nothing_is_an_error(source, target):
    with pytest.raises(UsageError, match="nothing in the estate"):
        paths(shop(), source, target)


def test_a_typo_gets_the_closest_name():
    with pytest.raises(UsageError) as caught:
        paths(shop(), "internet", "role/backk")
    assert caught.value.hint


def test_through_a_queue_anybody_may_write_to():
    jobs = store("queue", "jobs", policy=policy({"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*"}))
    there = estate(
        function("back", role=arn("role", "back")),
        can("back", allow("secretsmanager:GetSecretValue")),
        jobs,
        secret("prod/db"),
        event_source(function=BACK, source=jobs.arn),
    )
    assert told(paths(there, "internet", "secret:*")) == [
        [("write", "jobs"), ("invoke", "back"), ("runs-as", "role/back"), ("read-secret", "prod/db-abcdef")]
    ]


def test_a_principal_reaches_a_function_through_a_bucket():
    uploads = store("bucket", "uploads", notifies=(BACK,))
    there = estate(
        function("back", role=arn("role", "back")), can("back", allow("s3:*")), user("ann", allow("s3:PutObject", "arn:aws:s3:::uploads/*")), uploads
    )  # fmt: skip
    assert told(paths(there, "ann", "function:back")) == [[("write", "uploads"), ("invoke", "back")]]


def test_as_many_as_asked_for():
    functions = [
        function(f"f{number}", role=arn("role", "back"), urls=(url("NONE"),), policies=(on("$LATEST", OPEN),)) for number in range(5)
    ]
    there = estate(*functions, can("back", allow("secretsmanager:GetSecretValue")), secret("prod/db"))
    assert len(paths(there, "internet", "secret:*")) == 5
    assert len(paths(there, "internet", "secret:*", at_most=2)) == 2


def _broken(analysis):
    """The step from `back` to `admin` as a bug of ours would leave it: counted on, without a proof."""
    graph = graph_of(analysis)
    step = graph.walk([arn("role", "back")]).steps[arn("role", "admin")]
    graph._edges[(step.source, step.target, step.kind, step.move.technique.id)] = None
    return analysis


def test_a_step_without_proof_costs_its_paths_only():
    gaps = []
    broken = _broken(shop())
    assert not paths(broken, "internet", "administrator", gaps=gaps)
    assert [gap.kind.name for gap in gaps] == ["FAILED"]
    assert "could not be proved, our bug" in gaps[0].why
    gaps.clear()
    assert paths(broken, "internet", "secret:*", gaps=gaps)


def test_nor_the_blast_radius():
    found = blast(function("back", role=arn("role", "back")), _broken(shop()))
    assert [touch.node.name for touch in found.touches] == ["prod/db"]
    assert any("could not be proved" in gap.why for gap in found.gaps)
