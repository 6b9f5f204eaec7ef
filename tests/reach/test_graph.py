"""Who becomes whom: chains, accounts, boundaries, and what an administrator implies."""

import pytest
from tests.estates import alias, scope, version
from tests.reach.attack import ACCOUNT, OTHER, REGION, allow, arn, can, deny, function, graph, group, managed, role, techniques, trust, user

from buckler.engines.iam import Answer, decide
from buckler.model.finding import Witness
from buckler.model.iam import Organization, OrgPolicy
from buckler.model.origin import ApiOrigin
from buckler.model.policy import parse_policy
from buckler.model.unknown import Unknown, UnknownKind
from buckler.reach.blast import blast
from buckler.reach.graph import Graph

ADMIN = f"administrator:{ACCOUNT}"
ME, ANN = arn("role", "me"), arn("user", "ann")


def steps(of: Graph, start: str, end: str) -> list[str]:
    """What an attacker does to get from one node to another, [] when there is no way."""
    walk = of.walk([start])
    if end not in walk.steps:
        return []
    path = of.way(walk, end)
    return [] if path is None else [edge.what for edge in path.edges]


def is_certain(of: Graph, start: str, end: str) -> bool:
    path = of.way(of.walk([start]), end)
    return path is not None and path.is_certain


def replays(witness: Witness) -> bool:
    policies = witness.layers if witness.layers is not None else witness.policies
    return all(decide(request, policies).answer is Answer.ALLOW for request in witness.requests)


def org(*documents: dict) -> Organization:
    """An organisation whose root has a policy besides AWS's own."""
    origin = ApiOrigin(call="organizations:DescribePolicy", arn="")
    guard = parse_policy({"Version": "2012-10-17", "Statement": list(documents)}, origin)
    full = parse_policy({"Version": "2012-10-17", "Statement": [allow("*")]}, origin)
    common = {"kind": "SERVICE_CONTROL_POLICY", "targets": ("r-1",)}
    return Organization(
        id="o-1",
        management_account="999999999999",
        accounts=(ACCOUNT, OTHER, "999999999999"),
        parents=((ACCOUNT, "r-1"), (OTHER, "r-1")),
        policies=(
            OrgPolicy(id="p-full", name="full", document=full, **common),
            OrgPolicy(id="p-1", name="guard", document=guard, **common),
        ),
    )


# --- one principal, by policies that only look alike (the shapes of iam-vulnerable's own test cases) -----------------------

SERVICE_ADMIN = can("high", allow("*"), trust=trust(service=["ec2.amazonaws.com", "lambda.amazonaws.com", "cloudformation.amazonaws.com"]))
OLD = {"DateLessThan": {"aws:TokenIssueTime": "2020-01-01T00:00:01Z"}}
NEW = {"DateGreaterThan": {"aws:TokenIssueTime": "2020-01-01T00:00:01Z"}}

CASES = [
    pytest.param([allow("iam:CreatePolicyVersion")], True, id="new-version-of-its-policy"),
    pytest.param([allow(["iam:PassRole", "ec2:RunInstances"])], True, id="instance-with-a-role"),
    pytest.param([allow(["iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"])], True, id="function-with-a-role"),
    pytest.param([allow(["iam:PassRole", "cloudformation:CreateStack"])], True, id="stack-with-a-role"),
    pytest.param([allow("cloudformation:UpdateStack")], True, id="stack-that-has-a-role"),
    pytest.param([allow("ssm:StartSession")], True, id="session-on-an-instance"),
    pytest.param([allow("iam:PassRole"), allow("ec2:RunInstances")], True, id="two-statements"),
    pytest.param([allow("iam:CreatePolicyVersion", f"arn:aws:iam::*:policy/{'own'}*")], True, id="resource-that-fits"),
    pytest.param([allow("iam:CreatePolicyVersion", Condition=NEW)], True, id="condition-that-fits"),
    pytest.param([{"Effect": "Allow", "NotAction": ["iam:Update*", "iam:Create*", "iam:Attach*"], "Resource": "*"}], True, id="not-action"),
    pytest.param([allow("iam:*"), deny("iam:*")], False, id="fp-allow-and-deny"),
    pytest.param([deny("iam:*")], False, id="fp-deny-alone"),
    pytest.param([allow("iam:CreatePolicyVersion", "arn:aws:iam::aws:policy/own*")], False, id="fp-resource-of-aws"),
    pytest.param([allow("iam:CreatePolicyVersion", Condition=OLD)], False, id="fp-condition-nobody-meets"),
    pytest.param([allow("iam:PassRole")], False, id="fp-passing-alone"),
    pytest.param([allow("ec2:RunInstances")], False, id="fp-running-alone"),
    pytest.param([allow("iam:Get*"), allow("lambda:List*")], False, id="fp-reading"),
]


@pytest.mark.parametrize(("statements", "escalates"), CASES)
def test_roles(statements, escalates):
    one = role("me", attached=(managed("own", *statements),), trust=trust(aws=f"arn:aws:iam::{ACCOUNT}:user/somebody"))
    assert bool(steps(graph(one, SERVICE_ADMIN), ME, ADMIN)) is escalates


@pytest.mark.parametrize(("statements", "escalates"), CASES)
def test_users(statements, escalates):
    one = user("ann", attached=(managed("own", *statements),))
    assert bool(steps(graph(one, SERVICE_ADMIN), ANN, ADMIN)) is escalates


def test_allow_and_deny_in_two_policies():
    one = user("ann", attached=(managed("own", allow("iam:*")), managed("guard", deny("iam:*"))))
    assert steps(graph(one), ANN, ADMIN) == []


def test_a_user_has_what_its_group_has():
    there = graph(user("ann", groups=("team",)), group("team", attached=(managed("teams", allow("iam:CreatePolicyVersion")),)))
    assert steps(there, ANN, ADMIN) == ["writes a new version of a policy attached to itself that allows everything"]


def test_a_user_who_joins_the_administrators():
    there = graph(user("ann", allow("iam:AddUserToGroup")), group("admins", allow("*")))
    assert steps(there, ANN, ADMIN) == ["adds itself to `admins`"]


# --- administrators ----------------------------------------------------------------------------------------------------------


def test_administrators_are_told_by_what_they_may_do():
    there = graph(can("me", allow("iam:*")), can("almost", allow("iam:*"), deny("iam:PassRole")), can("readers", allow("iam:Get*")))
    assert {one: there.administers(there.actors.of(one)) for one in sorted(there.principals)} == {
        arn("role", "almost"): False,
        ME: True,
        arn("role", "readers"): False,
    }


def test_an_administrator_has_one_edge():
    there = graph(can("me", allow("*")), *(can(f"r{number}", allow("s3:*")) for number in range(20)), function("shop", role=ME))
    assert there.walk([ME]).reached == (ME, ADMIN)
    assert there.moves(there.actors.of(ME)) == ()


def test_a_boundary_takes_back_what_a_role_grants_itself():
    edge = managed("edge", allow(["iam:PutRolePolicy", "s3:*"]))
    there = graph(can("me", allow("iam:PutRolePolicy"), boundary=edge))
    walk = there.walk([ME])
    assert ADMIN not in walk.steps
    assert f"{ME}#granted" in walk.steps


def test_a_boundary_that_can_be_taken_off():
    edge = managed("edge", allow(["iam:*"]), deny("iam:CreatePolicyVersion"))
    there = graph(can("me", allow("*"), boundary=edge))
    assert steps(there, ME, ADMIN) == ["takes its permissions boundary off"]


def test_a_service_control_policy_holds_back_everybody_in_the_account():
    guard = org(deny("iam:PutRolePolicy"))
    assert steps(graph(can("me", allow("iam:PutRolePolicy")), organizations=(guard,)), ME, ADMIN) == []
    assert steps(graph(can("me", allow("iam:PutRolePolicy")), organizations=(org(deny("s3:*")),)), ME, ADMIN) != []


@pytest.mark.parametrize(
    ("denied", "expected"),
    [
        pytest.param("iam:CreateAccessKey", True, id="keys of users, which nobody may make"),
        pytest.param(["iam:PutRolePolicy", "iam:CreatePolicyVersion"], True, id="all but one way to grant"),
        pytest.param(["iam:Put*", "iam:Attach*", "iam:Create*"], False, id="every way to grant"),
    ],
)
def test_what_an_organisation_forbids_to_everyone_makes_nobody_less_of_an_administrator(denied, expected):
    there = graph(can("me", allow("*")), organizations=(org(deny(denied)),))
    walk = there.walk([ME])
    assert (ADMIN in walk.certain) is expected
    if expected:
        path = there.way(walk, ADMIN)
        assert path is not None
        assert all(replays(witness) for edge in path.edges for witness in edge.proof)


def test_a_role_of_its_own_making():
    there = graph(can("me", allow(["iam:CreateRole", "iam:AttachRolePolicy"], f"arn:aws:iam::{ACCOUNT}:role/app-*")))
    assert steps(there, ME, ADMIN) == ["makes a role with AdministratorAccess that trusts it, and assumes it"]


# --- chains and accounts -----------------------------------------------------------------------------------------------------


def test_trusts_in_a_circle_end():
    a, b, c = (arn("role", name) for name in "abc")
    there = graph(
        can("a", allow("sts:AssumeRole"), trust=trust(aws=c)),
        can("b", allow("sts:AssumeRole"), trust=trust(aws=a)),
        can("c", allow("sts:AssumeRole"), trust=trust(aws=b)),
    )
    assert set(there.walk([a]).steps) == {a, b, c}


def test_a_role_named_in_the_trust_needs_no_permission_of_its_own():
    there = graph(can("me", allow("s3:Get*")), can("target", allow("s3:*"), trust=trust(aws=ME)))
    assert steps(there, ME, arn("role", "target")) == ["assumes `target`"]


@pytest.mark.parametrize(
    ("statements", "trusted", "reached"),
    [
        pytest.param([allow("sts:AssumeRole")], f"arn:aws:iam::{ACCOUNT}:root", True, id="both-sides"),
        pytest.param([allow("s3:*")], f"arn:aws:iam::{ACCOUNT}:root", False, id="only-the-other-side"),
        pytest.param([allow("s3:*")], ME, False, id="named-but-in-another-account"),
        pytest.param([allow("sts:AssumeRole")], f"arn:aws:iam::{OTHER}:root", False, id="only-its-own-side"),
        pytest.param([allow("sts:AssumeRole", arn("role", "else", OTHER))], f"arn:aws:iam::{ACCOUNT}:root", False, id="another-role"),
    ],
)
def test_across_accounts_both_sides_must_allow(statements, trusted, reached):
    target = can("target", allow("*"), trust=trust(aws=trusted), arn=arn("role", "target", OTHER), account=OTHER)
    there = graph(can("me", *statements), target, scope(), scope(account=OTHER))
    assert bool(steps(there, ME, f"administrator:{OTHER}")) is reached


def test_three_hops_across_two_accounts():
    deploy = can("deploy", allow("sts:AssumeRole"))
    target = can("target", allow("*"), trust=trust(aws=arn("role", "deploy")), arn=arn("role", "target", OTHER), account=OTHER)
    there = graph(
        can("me", allow(["iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"])), deploy, target, function("shop", role=ME)
    )
    shop = next(iter(there.things.function))
    assert steps(there, shop, f"administrator:{OTHER}") == [
        "runs as `me`",
        "passes `deploy` to a new function and invokes it",
        "assumes `target`",
        f"may change every permission in {OTHER}",
    ]
    assert is_certain(there, shop, f"administrator:{OTHER}")


@pytest.mark.parametrize(
    ("statements", "boundary"), [([], True), ([deny("sts:*")], False), ([deny("*")], True)], ids=["bound", "denied", "both"]
)
@pytest.mark.parametrize("trusted", ["*", arn("role", "aaa")])
def test_an_administrator_leaves_its_account_unhindered_by_what_others_in_it_may(statements, boundary, trusted):
    """It lifts their boundaries and Denies, or makes a principal that has none."""
    bound = {"boundary": managed("edge", allow("iam:*"))} if boundary else {}
    hindered = can("aaa", *statements, **bound)
    far = can("far", allow("*"), trust=trust(aws=trusted), arn=arn("role", "far", OTHER), account=OTHER)
    there = graph(hindered, can("me", allow("*")), far, scope(), scope(account=OTHER))
    assert steps(there, ME, f"administrator:{OTHER}")[1:2] == ["acts as `aaa` and assumes `far`"]


def test_an_administrator_goes_on_to_accounts_that_trust_somebody_in_its_own():
    pipeline = can("pipeline", allow("s3:*"))
    target = can("target", allow("s3:*"), trust=trust(aws=arn("role", "pipeline")), arn=arn("role", "target", OTHER), account=OTHER)
    there = graph(can("me", allow("*")), pipeline, target)
    assert steps(there, ME, target.arn)[-1] == "acts as `pipeline` and assumes `target`"


def test_a_condition_nobody_can_settle_stays():
    condition = {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}
    there = graph(can("me", allow("sts:AssumeRole", Condition=condition)), can("target", trust=trust(aws=f"arn:aws:iam::{ACCOUNT}:root")))
    path = there.way(there.walk([ME]), arn("role", "target"))
    assert path.edges[0].only_if == ("aws:SourceIp is 10.0.0.1",)


def test_an_external_id_in_a_policy_is_no_obstacle():
    opened = trust(aws=f"arn:aws:iam::{ACCOUNT}:root", Condition={"StringEquals": {"sts:ExternalId": "blue"}})
    there = graph(can("me", allow("sts:AssumeRole")), can("target", trust=opened))
    path = there.way(there.walk([ME]), arn("role", "target"))
    assert path.is_certain
    context = path.edges[0].proof[0].requests[0].context
    assert {entry.key: entry.values for entry in context}["sts:ExternalId"] == ("blue",)


def test_a_trust_nobody_could_read_leaves_the_step_open():
    unread = Unknown(kind=UnknownKind.UNRESOLVED, why="the trust is known only after apply", need="apply")
    there = graph(can("me", allow("sts:AssumeRole")), can("silent", allow("s3:*")), role("target", trust=unread))
    path = there.way(there.walk([ME]), arn("role", "target"))
    assert path.edges[0].unread == (unread,)
    assert steps(there, arn("role", "silent"), arn("role", "target")) == []


def test_a_certain_way_is_shown_before_a_shorter_uncertain_one():
    opened = trust(aws=[f"arn:aws:iam::{ACCOUNT}:root"], Condition={"Bool": {"aws:MultiFactorAuthPresent": "true"}})
    there = graph(
        user("ann", allow("sts:AssumeRole"), allow(["iam:CreateAccessKey", "iam:DeleteAccessKey"])),
        user("bob", allow("iam:UpdateAssumeRolePolicy")),
        can("target", allow("*"), trust=opened),
    )
    assert steps(there, ANN, arn("role", "target"))[0].startswith("makes an access key for `bob`")


def test_every_proof_replays():
    shop = function("shop", role=ME)
    there = graph(
        shop,
        can("me", allow(["iam:PassRole", "lambda:*", "sts:AssumeRole"]), allow("iam:PutRolePolicy", arn("role", "open"))),
        can("open", allow("s3:*"), trust=trust(aws=f"arn:aws:iam::{ACCOUNT}:root")),
        can("high", allow("*")),
        function("other", role=arn("role", "open")),
        user("ann"),
    )
    walk = there.walk([shop.arn])
    proofs = [proof for one in walk.reached for edge in there.way(walk, one).edges for proof in edge.proof]
    assert len(proofs) > 5
    assert all(replays(proof) for proof in proofs)


def test_everything_of_the_table_is_no_bother_to_somebody_who_may_do_nothing():
    there = graph(can("me"), can("high", allow("*")))
    assert there.walk([ME]).reached == (ME,)


@pytest.mark.parametrize(
    ("resource", "asked"),
    [
        pytest.param("shop", "shop", id="itself"),
        pytest.param("shop:*", "shop:$LATEST", id="any-qualifier"),
        pytest.param("shop:live", "shop:live", id="an-alias"),
        pytest.param("shop:7", "shop:7", id="a-version"),
        pytest.param("shop:blue", "", id="an-alias-it-does-not-have"),
        pytest.param("*:live", "shop:live", id="that-alias-of-any"),
    ],
)
def test_invoking_by_a_qualified_arn(resource, asked):
    """IAM asks for the ARN that is called, with its qualifier."""
    head = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:"
    shop = function("shop", role=arn("role", "me"), aliases=(alias("live"),), versions=(version("7"),))
    there = graph(user("ann", allow("lambda:InvokeFunction", head + resource)), can("me", allow("s3:*")), shop)
    step = there.walk([arn("user", "ann")], through_invocations=True).steps.get(head + "shop")
    assert (step is not None) is bool(asked)
    assert not step or there.edge(step).proof[0].requests[0].resource == head + asked
    found = blast(there.analysis.estate.functions[0], there.analysis)
    assert [one.node.name for one in found.reached_by] == (["ann"] if asked else [])


def test_new_code_runs_as_latest():
    head = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:shop"
    shop = function("shop", role=arn("role", "me"), aliases=(alias("live"),))
    for resource, works in ((head + ":*", True), (head + ":live", False)):
        ann = user("ann", allow("lambda:UpdateFunctionCode", head), allow("lambda:InvokeFunction", resource))
        assert ("lambda-004" in techniques(graph(ann, can("me", allow("s3:*")), shop), arn("user", "ann"))) is works
