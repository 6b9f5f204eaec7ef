"""Each technique fires with what it needs and with nothing less, and the look-alikes are told apart."""

import pytest
from tests.estates import alias, code_signing_config, event_source, layer_ref
from tests.reach.attack import (
    ACCOUNT,
    REGION,
    allow,
    arn,
    can,
    deny,
    function,
    graph,
    group,
    managed,
    policy,
    role,
    store,
    techniques,
    trust,
    user,
)

from buckler.data.techniques import Technique, technique_table
from buckler.model.functions import CodeObject, ImageRef
from buckler.model.origin import ApiOrigin

TABLE = technique_table()
SERVICES = sorted({service for one in TABLE.techniques for when in one.when for service in when.services})
IDS = [one.id for one in TABLE.techniques]
ATTACKER, VICTIM = arn("role", "attacker"), arn("role", "victim")
LAYER = f"arn:aws:lambda:{REGION}:{ACCOUNT}:layer:tools:3"
SIGNING = f"arn:aws:lambda:{REGION}:{ACCOUNT}:code-signing-config:csc-1"
IMAGE = ImageRef(uri=f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/shop:latest", origin=ApiOrigin(call="", arn=""))


def around(technique: Technique, actions: set[str]):
    """An estate in which the technique works for who may do *actions*."""
    statements = [allow(sorted(actions))] if actions else [allow("s3:GetObject")]
    preconditions = {when.what for when in technique.when}
    wants_user = "self is a user" in preconditions
    facts = {"role": VICTIM, "aliases": (alias("live"),), "layers": (layer_ref(LAYER),)}
    if "function enforces signing" in preconditions:
        facts["code_signing_config"] = SIGNING
    if technique.id == "lambda-object":
        facts["code_object"] = CodeObject(bucket="artifacts", key="shop.zip")
    if technique.id == "lambda-image":
        facts |= {"image": IMAGE, "package_type": "Image", "runtime": None, "layers": ()}
    more = {"boundary": managed("edge", allow("*"))} if "self has a boundary" in preconditions else {}
    asks = {"Condition": {"StringEquals": {"aws:PrincipalTag/team": "a"}}} if "conditions ask for tags" in preconditions else {}
    opened = trust(aws=[f"arn:aws:iam::{ACCOUNT}:root"])
    attached = {"attached": (managed("own", *statements),), "inline": ()}
    attacker = user("attacker", groups=("team",), **attached, **more) if wants_user else role("attacker", **attached, **more)
    return graph(
        attacker,
        user("bob", attached=(managed("bobs", allow("s3:ListBucket", **asks)),)),
        group("team", allow("s3:ListBucket")),
        can("victim", allow("dynamodb:*"), trust=trust(service=SERVICES)),
        role("open", trust=opened, attached=(managed("opens", allow("s3:ListBucket")),)),
        function("shop", **facts),
        event_source(function=f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:shop"),
        code_signing_config(arn=SIGNING, untrusted_artifact_on_deployment="Enforce"),
    ), attacker.arn


@pytest.mark.parametrize("technique_id", IDS)
def test_it_works_with_all_it_needs(technique_id):
    technique = TABLE.technique(technique_id)
    assert technique_id in techniques(*around(technique, set(technique.actions)))


@pytest.mark.parametrize("technique_id", IDS)
def test_it_does_not_work_with_any_less(technique_id):
    technique = TABLE.technique(technique_id)
    for lacking in technique.actions:
        assert technique_id not in techniques(*around(technique, set(technique.actions) - {lacking})), lacking


@pytest.mark.parametrize("technique_id", IDS)
def test_a_deny_takes_it_back(technique_id):
    technique = TABLE.technique(technique_id)
    for denied in technique.actions:
        denying = [allow(sorted(technique.actions)), deny(denied)]
        of, who = around(technique, set(technique.actions))
        one = of.actor(who).identity
        boundary = {"boundary": one.boundary}
        again = user("attacker", groups=("team",), attached=(managed("own", *denying),), **boundary) if ":user/" in who else role(
            "attacker", attached=(managed("own", *denying),), **boundary
        )  # fmt: skip
        estate = of.analysis.estate
        others = [other for other in (*estate.roles, *estate.users) if other.arn != who]
        there = graph(again, *others, *estate.groups, *estate.functions, *estate.event_sources, *estate.code_signing_configs)
        assert technique_id not in techniques(there, who), denied


PASS, MAKE = "iam:PassRole", ["lambda:CreateFunction", "lambda:InvokeFunction"]


@pytest.mark.parametrize(
    ("statements", "used"),
    [
        pytest.param([allow(PASS), allow(MAKE)], True, id="two-statements-are-one-principal"),
        pytest.param(
            [allow(PASS, Condition={"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}), allow(MAKE)], False, id="only-to-ec2"
        ),
        pytest.param(
            [allow(PASS, Condition={"StringLike": {"iam:PassedToService": "lambda.*"}}), allow(MAKE)], True, id="to-lambda-by-pattern"
        ),
        pytest.param([allow(PASS, arn("role", "other-*")), allow(MAKE)], False, id="only-other-roles"),
        pytest.param([allow(PASS, arn("role", "vic*")), allow(MAKE)], True, id="the-role-by-pattern"),
        pytest.param([allow(PASS), allow(MAKE, f"arn:aws:lambda:*:{ACCOUNT}:function:dev-*")], True, id="a-name-it-may-choose"),
        pytest.param(
            [allow(PASS), allow(MAKE[0], "arn:aws:lambda:*:*:function:a-*"), allow(MAKE[1], "arn:aws:lambda:*:*:function:b-*")],
            False,
            id="no-name-fits-both",
        ),
        pytest.param([{"Effect": "Allow", "NotAction": "iam:Create*", "Resource": "*"}], True, id="everything-but-something-else"),
        pytest.param([{"Effect": "Allow", "NotAction": "iam:Pass*", "Resource": "*"}], False, id="everything-but-passing"),
        pytest.param(
            [{"Effect": "Allow", "Action": PASS, "NotResource": arn("role", "victim")}, allow(MAKE)], False, id="every-role-but-that-one"
        ),
        pytest.param([allow(PASS), allow(MAKE), deny("iam:*")], False, id="denied-in-the-same-policy"),
    ],
)
def test_passing_a_role_to_a_new_function(statements, used):
    there = graph(can("attacker", *statements), can("victim", allow("*")), function("shop", role=ATTACKER))
    assert ("lambda-001" in techniques(there, ATTACKER)) is used


def test_a_role_that_does_not_trust_lambda_cannot_be_passed_to_it():
    there = graph(can("attacker", allow([PASS, *MAKE])), can("victim", allow("*"), trust=trust(service="ec2.amazonaws.com")))
    assert techniques(there, ATTACKER) == set()


@pytest.mark.parametrize(
    ("resource", "used"),
    [
        pytest.param("*", True, id="any"),
        pytest.param("arn:aws:iam::*:policy/own", True, id="its-own"),
        pytest.param("arn:aws:iam::aws:policy/own", False, id="aws-owns-it"),
        pytest.param(f"arn:aws:iam::{ACCOUNT}:policy/other", False, id="somebody-else-has-it"),
    ],
)
def test_a_new_version_of_its_own_policy(resource, used):
    one = role("attacker", attached=(managed("own", allow("iam:CreatePolicyVersion", resource)),))
    assert ("iam-001" in techniques(graph(one), ATTACKER)) is used


def test_a_policy_of_aws_cannot_be_given_a_new_version():
    one = role("attacker", attached=(managed("PowerUserAccess", allow("iam:CreatePolicyVersion"), account="aws"),))
    assert "iam-001" not in techniques(graph(one), ATTACKER)


@pytest.mark.parametrize(
    ("condition", "used"),
    [
        pytest.param({"DateGreaterThan": {"aws:TokenIssueTime": "2020-01-01T00:00:01Z"}}, True, id="issued-after-2020"),
        pytest.param({"DateLessThan": {"aws:TokenIssueTime": "2020-01-01T00:00:01Z"}}, False, id="issued-before-2020"),
        pytest.param({"Bool": {"aws:MultiFactorAuthPresent": "true"}}, False, id="a-second-factor-no-session-has"),
        pytest.param({"StringEquals": {"aws:RequestTag/team": "blue"}}, True, id="a-tag-it-chooses"),
    ],
)
def test_conditions_of_a_session(condition, used):
    one = role("attacker", attached=(managed("own", allow("iam:CreatePolicyVersion", Condition=condition)),))
    assert ("iam-001" in techniques(graph(one), ATTACKER)) is used


def test_users_too():
    there = graph(user("ann", allow(["iam:CreateLoginProfile", "iam:PutUserPolicy"])), user("bob", allow("s3:*")))
    assert {"iam-004", "iam-007"} <= techniques(there, arn("user", "ann"))


def test_a_role_has_no_user_policy_and_a_user_no_role_policy():
    assert "iam-007" not in techniques(graph(can("attacker", allow("iam:Put*"))), ATTACKER)
    assert "iam-005" not in techniques(graph(user("ann", allow("iam:Put*"))), arn("user", "ann"))


def test_code_of_a_function_that_enforces_signing():
    signed = function("shop", role=VICTIM, code_signing_config=SIGNING)
    enforcing = code_signing_config(arn=SIGNING, untrusted_artifact_on_deployment="Enforce")
    code = ["lambda:UpdateFunctionCode", "lambda:InvokeFunction"]
    assert techniques(graph(can("attacker", allow(code)), can("victim", allow("s3:*")), signed, enforcing), ATTACKER) == set()
    warning = code_signing_config(arn=SIGNING, untrusted_artifact_on_deployment="Warn")
    assert "lambda-004" in techniques(graph(can("attacker", allow(code)), can("victim", allow("s3:*")), signed, warning), ATTACKER)
    more = [*code, "lambda:DeleteFunctionCodeSigningConfig"]
    assert "lambda-unsign" in techniques(graph(can("attacker", allow(more)), can("victim", allow("s3:*")), signed, enforcing), ATTACKER)


def test_a_layer_condition_keeps_the_attackers_layer_out():
    own = {"ForAllValues:StringLike": {"lambda:Layer": f"arn:aws:lambda:*:{ACCOUNT}:layer:*:*"}}
    one = can("attacker", allow("lambda:UpdateFunctionConfiguration", Condition=own), allow("lambda:GetLayerVersion"))
    found = techniques(graph(one, can("victim", allow("s3:*")), function("shop", role=VICTIM)), ATTACKER)
    assert "lambda-layer" not in found


def test_an_image_deployed_by_digest_cannot_be_replaced():
    pinned = ImageRef(uri=f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com/shop@sha256:{'0' * 64}", origin=ApiOrigin(call="", arn=""))
    shop = function("shop", role=VICTIM, image=pinned, package_type="Image", runtime=None)
    assert "lambda-image" not in techniques(graph(can("attacker", allow("ecr:*")), can("victim", allow("s3:*")), shop), ATTACKER)


@pytest.mark.parametrize(
    ("where", "resource", "used"),
    [
        pytest.param(CodeObject(bucket="artifacts", key="shop.zip"), "arn:aws:s3:::artifacts/*", True, id="the-bucket"),
        pytest.param(CodeObject(bucket="artifacts", key="shop.zip"), "arn:aws:s3:::artifacts/shop.zip", True, id="the-object"),
        pytest.param(CodeObject(bucket="artifacts", key="shop.zip"), "arn:aws:s3:::artifacts/other.zip", False, id="another-object"),
        pytest.param(CodeObject(bucket="artifacts", key="shop.zip"), "arn:aws:s3:::artifacts", False, id="the-bucket-is-no-object"),
        pytest.param(CodeObject(bucket="artifacts", key="shop.zip", version="3"), "*", False, id="a-version-stays-as-it-is"),
        pytest.param(None, "*", False, id="code-not-from-s3"),
    ],
)
def test_a_package_is_taken_from_where_it_lies(where, resource, used):
    there = graph(
        can("attacker", allow("s3:PutObject", resource)), can("victim", allow("s3:*")), function("shop", role=VICTIM, code_object=where)
    )
    assert ("lambda-object" in techniques(there, ATTACKER)) is used


def test_the_policy_of_the_bucket_has_its_say():
    where = CodeObject(bucket="artifacts", key="shop.zip")
    shop = function("shop", role=VICTIM, code_object=where)
    refusing = policy({"Effect": "Deny", "Principal": "*", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::artifacts/*"})
    letting = policy({"Effect": "Allow", "Principal": {"AWS": ATTACKER}, "Action": "s3:PutObject", "Resource": "arn:aws:s3:::artifacts/*"})
    for statement, document, used in ((allow("s3:PutObject"), refusing, False), (allow("sqs:SendMessage"), letting, True)):
        there = graph(can("attacker", statement), can("victim", allow("s3:*")), shop, store("bucket", "artifacts", policy=document))
        assert ("lambda-object" in techniques(there, ATTACKER)) is used


def test_the_policy_of_a_repository_may_let_in_who_has_no_word_of_its_own():
    actions = sorted(TABLE.technique("lambda-image").actions - {"ecr:GetAuthorizationToken"})
    letting = policy({"Effect": "Allow", "Principal": {"AWS": ATTACKER}, "Action": actions})
    shop = function("shop", role=VICTIM, image=IMAGE, package_type="Image", runtime=None)
    there = graph(
        can("attacker", allow("ecr:GetAuthorizationToken")), can("victim", allow("s3:*")), shop, store("repository", "shop", policy=letting)
    )
    assert "lambda-image" in techniques(there, ATTACKER)


def test_a_replaced_package_works_at_the_next_deployment():
    where = CodeObject(bucket="artifacts", key="shop.zip")
    there = graph(can("attacker", allow("s3:PutObject")), can("victim", allow("s3:*")), function("shop", role=VICTIM, code_object=where))
    edge = there.edge(there.walk([ATTACKER]).steps[there.things.functions.arns[0]])
    assert edge.kind == "change-code"
    assert edge.only_if == ("`shop` is deployed again from the same object",)
    assert edge.what == "replaces the package of `shop` in S3 and waits for the next deployment"


def test_what_nobody_lists_may_be_there_all_the_same():
    there = graph(
        can("attacker", allow([PASS, "lambda:CreateFunction", "lambda:InvokeFunction"], [arn("role", "app-*"), "arn:aws:lambda:*:*:*"]))
    )
    actor = there.actor(ATTACKER)
    supposed = there.prover.suppose(actor, TABLE.technique("lambda-001"))
    assert supposed is not None
    assert supposed.outcomes[0].request.resource == arn("role", "app-7q4z")
    assert "there is such a role" in supposed.only_if
    assert there.prover.suppose(actor, TABLE.technique("ec2-001")) is None
