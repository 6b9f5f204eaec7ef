"""Whole classes at once, against one request at a time: what the sets say is what `decide` says of each ARN."""

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.estates import on
from tests.reach.attack import ACCOUNT, OTHER, allow, arn, can, deny, function, graph, managed, policy, secret, trust, user

from buckler.engines.iam import Answer, decide
from buckler.model.entity import Tag
from buckler.reach.graph import Graph

NAMES = ("alpha", "beta", "gamma")
ACTIONS = (
    "sts:AssumeRole",
    "iam:PassRole",
    "iam:CreateAccessKey",
    "lambda:UpdateFunctionCode",
    "lambda:InvokeFunction",
    "secretsmanager:GetSecretValue",
    "iam:TagUser",
    "iam:TagRole",
)
RESOURCES = (
    "*", arn("role", "*"), arn("role", "a*"), arn("role", "beta"), f"arn:aws:iam::{OTHER}:role/*", arn("user", "*a"), arn("user", "gamma"),
    f"arn:aws:lambda:*:{ACCOUNT}:function:*", f"arn:aws:lambda:*:{ACCOUNT}:function:?eta", "arn:aws:secretsmanager:*:*:secret:g*", "arn:aws:*",
)  # fmt: skip
CONDITIONS = (
    {},
    {"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}},
    {"Bool": {"aws:MultiFactorAuthPresent": "true"}},
    {"StringEquals": {"aws:RequestedRegion": "eu-west-1"}},
    {"StringLike": {"aws:PrincipalArn": "*a"}},
    {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}},
    {"BoolIfExists": {"aws:SecureTransport": "false"}},
    {"StringNotEquals": {"aws:ResourceAccount": OTHER}},
    {"StringEquals": {"aws:ResourceTag/team": "a"}},
    {"StringEquals": {"aws:PrincipalTag/team": "a"}},
    {"ForAllValues:StringEquals": {"aws:TagKeys": ["team"]}},
    {"StringEquals": {"aws:RequestTag/team": "b"}},
)
PRINCIPALS = ("*", ACCOUNT, f"arn:aws:iam::{ACCOUNT}:root", arn("role", "alpha"), arn("user", "beta"), OTHER)

actions = st.lists(st.sampled_from((*ACTIONS, "*", "lambda:*", "iam:*", "sts:*")), min_size=1, max_size=2)
resources = st.lists(st.sampled_from(RESOURCES), min_size=1, max_size=2)
conditions = st.sampled_from(CONDITIONS)


tags = st.sampled_from(((), (Tag(key="team", value="a"),), (Tag(key="team", value="b"),)))


@st.composite
def statements(draw, most=3):
    found = []
    for _ in range(draw(st.integers(0, most))):
        make = deny if draw(st.integers(0, 3)) == 0 else allow
        condition = draw(conditions)
        found.append(make(draw(actions), draw(resources), **({"Condition": condition} if condition else {})))
    return found


@st.composite
def resource_policies(draw):
    if draw(st.booleans()):
        return None
    condition = draw(conditions)
    one = {"Effect": draw(st.sampled_from(("Allow", "Allow", "Deny"))), "Principal": {"AWS": draw(st.sampled_from(PRINCIPALS))}}
    return policy({**one, "Action": draw(actions), "Resource": "*", **({"Condition": condition} if condition else {})})


@st.composite
def estates(draw):
    """A few roles and users in one account, a role in another, functions, secrets; any policies."""
    trusts = [
        trust(aws=draw(st.sampled_from(PRINCIPALS))) if draw(st.booleans()) else trust(service="lambda.amazonaws.com") for _ in range(4)
    ]
    edge = managed("edge", *draw(statements()), allow("iam:*"))
    roles = [can(name, *draw(statements()), trust=trusts[number], **({"boundary": edge} if draw(st.integers(0, 4)) == 0 else {}))
             for number, name in enumerate(NAMES)]  # fmt: skip
    users = [replace(user(name, *draw(statements())), tags=draw(tags)) for name in NAMES]
    far = can("far", *draw(statements()), trust=trusts[3], arn=arn("role", "far", OTHER), account=OTHER)
    functions = [function(name, role=arn("role", name), policies=(on("$LATEST", draw(resource_policies())),)) for name in NAMES]
    secrets = [secret(name, policy=draw(resource_policies())) for name in NAMES]
    return graph(*roles, *users, far, *functions, *secrets)


def classes(of: Graph):
    return {
        "sts:AssumeRole": of.things.roles,
        "iam:PassRole": of.things.roles,
        "iam:CreateAccessKey": of.things.users,
        "lambda:UpdateFunctionCode": of.things.functions,
        "lambda:InvokeFunction": of.things.functions,
        "secretsmanager:GetSecretValue": of.data.targets("secret", ""),
    }


@settings(max_examples=60, deadline=None)
@given(estates())
def test_sets_say_what_decide_says_of_each(there):
    for principal in there.principals:
        actor = there.actors.of(principal)
        for action, targets in classes(there).items():
            sure, perhaps = there.actors.assumable(actor) if action == "sts:AssumeRole" else there.actors.over(actor, action, targets)
            assert sure & perhaps == 0
            for number, target in enumerate(targets.arns):
                if action == "iam:PassRole" and there.actors.guard(target).layers.resource_account != actor.account:
                    continue  # a role is only passed within its account, so the class has no other
                request = there.actors.request(actor, action, target)
                answer = decide(request, there.actors.layers(actor, target)).answer
                outcome = there.actors.ask(actor, action, target)
                if sure >> number & 1:
                    assert outcome.verdict == "always", (principal, action, target)
                elif perhaps >> number & 1:
                    assert answer is Answer.UNKNOWN, (principal, action, target)
                    assert outcome.is_possible, (principal, action, target)
                else:
                    assert answer is not Answer.ALLOW, (principal, action, target)
                    assert not outcome.is_possible, (principal, action, target)


@settings(max_examples=40, deadline=None)
@given(estates())
def test_every_step_of_a_walk_has_a_proof_that_replays(there):
    for start in (*there.things.function, *there.things.user):
        walk = there.walk([start], through_invocations=True)
        for one in walk.reached:
            path = there.way(walk, one)
            assert path is not None
            for edge in path.edges:
                for witness in edge.proof:
                    policies = witness.layers if witness.layers is not None else witness.policies
                    assert all(decide(request, policies).answer is Answer.ALLOW for request in witness.requests), edge.what


@settings(max_examples=40, deadline=None)
@given(estates(), st.sampled_from(ACTIONS))
def test_a_deny_never_adds_a_step(there, action):
    estate = there.analysis.estate
    for name in NAMES:
        one = there.actor(arn("role", name)).identity
        before = set(there.walk([one.arn]).steps)
        guard = policy(deny(action))
        denied = type(one)(**{field: getattr(one, field) for field in one.__struct_fields__} | {"inline": (*one.inline, guard)})
        roles = [denied if other.arn == one.arn else other for other in estate.roles]
        after = set(graph(*roles, *estate.users, *estate.functions, *estate.secrets).walk([one.arn]).steps)
        # Who administers an account has everything in it, without an edge to each.
        owned = [node.partition(":")[2] for node in before if node.startswith("administrator:")]
        assert {node for node in after if "#" not in node and not any(account in node for account in owned)} <= before
