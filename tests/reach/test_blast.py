"""What owning one function leads to."""

import pytest
from tests.estates import env, event_source, on, scope, url
from tests.reach.attack import (
    ACCOUNT,
    OTHER,
    REGION,
    allow,
    arn,
    can,
    deny,
    estate,
    function,
    key,
    parameter,
    policy,
    role,
    secret,
    store,
    trust,
    user,
)
from tests.reach.test_graph import replays

from buckler.model.secret import Redacted
from buckler.model.severity import Confidence, Severity
from buckler.model.text import hole, join
from buckler.model.unknown import Unknown, UnknownKind
from buckler.reach.blast import blast

ME = arn("role", "me")
SHOP = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:shop"
SECRET = env("DB_PASSWORD", Redacted(kind="named-secret", is_secret=True, confidence=Confidence.HIGH, shown="...", length=20))


def of(*entities, **more):
    """The blast radius of the function `shop`, whose role is `me`; statements are its role's."""
    statements = [one for one in entities if isinstance(one, dict)]
    others = [one for one in entities if not isinstance(one, dict)]
    there = estate(function("shop", role=ME, **more), can("me", *statements), *others)
    return blast(next(one for one in there.estate.functions if one.name == "shop"), there)


def touched(found):
    return {(touch.node.kind, touch.node.name): touch.access for touch in found.touches}


# --- data --------------------------------------------------------------------------------------------------------------------


def test_a_function_that_can_do_nothing():
    found = of(allow("logs:PutLogEvents"))
    assert (found.becomes, found.touches, found.worst) == ((), (), Severity.LOW)
    assert found.summary == "owning `shop` gives an attacker nothing beyond the function itself"


def test_what_it_touches_is_ranked_by_harm():
    found = of(
        allow("s3:ListBucket", "arn:aws:s3:::logs"),
        allow("secretsmanager:GetSecretValue"),
        allow(["dynamodb:GetItem", "dynamodb:DeleteItem"]),
        allow("sqs:ReceiveMessage"),
        store("bucket", "logs"), secret("prod/db"), store("table", "orders"), store("queue", "jobs"),
    )  # fmt: skip
    assert [(touch.node.name, touch.harm.value) for touch in found.touches] == [
        ("prod/db", "high"),
        ("orders", "medium"),
        ("jobs", "medium"),
        ("logs", "low"),
    ]
    assert touched(found)["table", "orders"] == ("read", "delete")
    assert found.summary == "owning `shop` gives an attacker the secret `prod/db` and 3 more in 2 steps"


def test_every_touch_is_proved():
    found = of(allow("s3:*", ["arn:aws:s3:::data", "arn:aws:s3:::data/*"]), store("bucket", "data"))
    (touch,) = found.touches
    assert touch.access == ("list", "read", "write", "delete", "permissions")
    proofs = touch.path.edges[-1].proof
    assert len(proofs) == 5
    assert all(replays(proof) for proof in proofs)


@pytest.mark.parametrize(
    ("statements", "access"),
    [
        pytest.param([allow("s3:GetObject", "arn:aws:s3:::data/reports/*")], ("read",), id="a-part-of-a-bucket"),
        pytest.param([allow("s3:GetObject", "arn:aws:s3:::data")], None, id="objects-of-a-bucket-without-a-slash"),
        pytest.param([allow("s3:GetObject", "arn:aws:s3:::other/*")], None, id="another-bucket"),
        pytest.param([allow("s3:*", "arn:aws:s3:::data/*"), deny("s3:Delete*")], ("read", "write"), id="without-deletion"),
    ],
)
def test_buckets(statements, access):
    assert touched(of(*statements, store("bucket", "data"))).get(("bucket", "data")) == access


def test_a_bucket_policy_lets_the_role_in_by_name():
    opened = policy({"Effect": "Allow", "Principal": {"AWS": ME}, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::data/*"})
    assert touched(of(allow("logs:*"), store("bucket", "data", policy=opened))) == {("bucket", "data"): ("read",)}


def test_a_pattern_stands_for_what_is_not_listed():
    found = of(
        allow(["s3:GetObject", "s3:PutObject"], "arn:aws:s3:::orders/*"), allow("sqs:SendMessage", f"arn:aws:sqs:*:{ACCOUNT}:jobs-*")
    )
    assert touched(found) == {("bucket", "orders"): ("read", "write"), ("queue", "jobs-*"): ("write",)}
    assert {touch.node.id for touch in found.touches} == {"arn:aws:s3:::orders", f"arn:aws:sqs:*:{ACCOUNT}:jobs-*"}


def test_many_alike_are_counted():
    found = of(allow("dynamodb:GetItem"), *(store("table", f"t{number}") for number in range(40)))
    assert [(touch.node.name, touch.node.count) for touch in found.touches] == [("*", 40)]


def test_the_key_of_a_secret_is_needed_too():
    locked = key("k1", policy({"Effect": "Allow", "Principal": {"AWS": arn("role", "other")}, "Action": "kms:*", "Resource": "*"}))
    one = secret("prod/db", kms_key=locked.arn)
    assert touched(of(allow("secretsmanager:GetSecretValue"), allow("kms:Decrypt"), one, locked)) == {}
    opened = key("k1")
    assert ("secret", "prod/db") not in touched(of(allow("secretsmanager:GetSecretValue"), one, opened))
    both = of(allow("secretsmanager:GetSecretValue"), allow("kms:Decrypt"), one, opened)
    assert {proof.requests[0].action for proof in both.touches[0].path.edges[-1].proof} >= {"secretsmanager:GetSecretValue", "kms:Decrypt"}


def test_a_parameter_in_clear_is_no_secret():
    found = of(allow("ssm:GetParameter"), parameter("/app/level", type="String"), parameter("/app/token"))
    assert {touch.node.name: touch.harm for touch in found.touches} == {"/app/level": Severity.MEDIUM, "/app/token": Severity.HIGH}


def test_secrets_in_the_environment_of_another_function():
    other = function("billing", role=arn("role", "billing"), environment=(SECRET,))
    found = of(allow("lambda:GetFunctionConfiguration"), other, function("plain", role=arn("role", "billing")), can("billing"))
    assert [(touch.node.name, touch.path.edges[-1].kind, touch.harm) for touch in found.touches] == [
        ("billing", "read-secret", Severity.HIGH)
    ]


# --- principals --------------------------------------------------------------------------------------------------------------


def test_an_administrator():
    found = of(allow("*"), secret("prod/db"))
    assert (found.worst, found.runs_as.name, found.becomes) == (Severity.CRITICAL, "me", ())
    assert [(touch.node.kind, touch.path.steps) for touch in found.touches] == [("administrator", 2)]
    assert found.summary == f"owning `shop` makes an attacker administrator of {ACCOUNT} in 2 steps"


def test_whom_it_becomes_and_what_they_touch():
    reader = can("reader", allow("secretsmanager:GetSecretValue"), trust=trust(aws=f"arn:aws:iam::{ACCOUNT}:root"))
    found = of(allow("sts:AssumeRole"), reader, secret("prod/db"))
    assert [(become.node.name, become.is_administrator, become.path.steps) for become in found.becomes] == [("reader", False, 2)]
    (touch,) = found.touches
    assert (touch.via, touch.path.steps) == (reader.arn, 3)


def test_many_reached_alike_are_counted_administrators_named():
    others = [can(f"r{number:03}", allow("s3:*")) for number in range(60)]
    found = of(allow(["iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"]), *others, can("zz-admin", allow("*")))
    assert found.becomes[0].node.name == "zz-admin"
    assert found.becomes[0].is_administrator
    assert sum(become.node.count for become in found.becomes) == 61
    assert len(found.becomes) < 20


def test_a_conditional_way_makes_no_critical():
    condition = {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}
    high = can("high", allow("*"), trust=trust(aws=f"arn:aws:iam::{ACCOUNT}:root"))
    found = of(allow("sts:AssumeRole", Condition=condition), high)
    assert found.worst is Severity.HIGH
    assert found.summary.startswith("owning `shop` may make an attacker administrator")


def test_a_role_that_was_not_read():
    there = estate(function("shop", role=arn("role", "gone")), can("me"))
    found = blast(there.estate.functions[0], there)
    assert found.runs_as is None
    assert found.gaps[0].why.startswith("the execution role")
    assert found.summary.startswith("what owning `shop` gives an attacker is not known")


def test_policies_nobody_could_read_are_told():
    unread = Unknown(kind=UnknownKind.DENIED, why="AccessDenied on iam:GetRolePolicy", need="iam:GetRolePolicy")
    there = estate(function("shop", role=ME), role("me", inline=unread))
    found = blast(there.estate.functions[0], there)
    assert unread in found.gaps


def test_it_is_the_same_each_time():
    entities = (allow(["iam:PassRole", "lambda:*", "s3:*"]), *(can(f"r{number}", allow("s3:*")) for number in range(30)), secret("a"))
    assert of(*entities) == of(*entities)


# --- who gets in ---------------------------------------------------------------------------------------------------------------


def reached_by(found):
    return [(reacher.node.id, [edge.kind for edge in reacher.path.edges]) for reacher in found.reached_by]


def test_an_open_url():
    opened = policy({"Effect": "Allow", "Principal": "*", "Action": ["lambda:InvokeFunctionUrl", "lambda:InvokeFunction"], "Resource": "*"})
    found = of(allow("s3:*"), urls=(url("NONE"),), policies=(on("$LATEST", opened),))
    assert reached_by(found)[0] == ("internet", ["invoke"])
    assert all(replays(proof) for proof in found.reached_by[0].path.edges[0].proof)


def test_another_account():
    opened = policy({"Effect": "Allow", "Principal": {"AWS": "999988887777"}, "Action": "lambda:UpdateFunctionCode", "Resource": "*"})
    found = of(allow("s3:*"), policies=(on("$LATEST", opened),))
    assert ("account:999988887777", ["change-code"]) in reached_by(found)


def test_a_queue_anybody_may_write_to():
    jobs = store("queue", "jobs", policy=policy({"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": "*"}))
    found = of(allow("sqs:ReceiveMessage"), jobs, event_source(function=SHOP, source=jobs.arn))
    assert ("internet", ["write", "invoke"]) in reached_by(found)
    assert (jobs.arn, ["invoke"]) in reached_by(found)


def test_principals_that_invoke_it_or_change_its_code():
    found = of(
        allow("s3:*"), user("ann", allow("lambda:InvokeFunction", SHOP)), can("deployer", allow(["lambda:UpdateFunctionCode", "lambda:InvokeFunction"])),
        can("stranger", allow("lambda:InvokeFunction", SHOP + "ping")), can("admin", allow("*")),
    )  # fmt: skip
    assert reached_by(found) == [(arn("role", "deployer"), ["change-code"]), (arn("user", "ann"), ["invoke"])]


def test_two_accounts():
    target = can("target", allow("*"), trust=trust(aws=ME), arn=arn("role", "target", OTHER), account=OTHER)
    found = of(allow("sts:AssumeRole"), target, scope(), scope(account=OTHER))
    assert found.summary == f"owning `shop` makes an attacker administrator of {OTHER} in 3 steps"


def test_a_bucket_that_a_parameter_names():
    name = join("arn:aws:s3:::", hole("Uploads", need="--parameter Uploads=..."))
    statement = policy({"Effect": "Allow", "Action": ["s3:GetObject", "s3:ListBucket"], "Resource": [name, join(name, "/*")]})
    there = estate(function("shop", role=ME), role("me", inline=(statement,)))
    (touch,) = blast(there.estate.functions[0], there).touches
    assert (touch.node.id, touch.access) == ("arn:aws:s3:::${Uploads}", ("list", "read"))
    assert all(replays(proof) for proof in touch.path.edges[-1].proof)


@pytest.mark.parametrize("index", ["/index/*", "/index/by-day"])
def test_the_indexes_of_a_table_are_the_table(index):
    orders = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/orders"
    reads = allow(["dynamodb:GetItem", "dynamodb:Query"], [orders, orders + index])
    assert list(touched(of(reads, store("table", "orders")))) == [("table", "orders")]
    assert list(touched(of(reads))) == [("table", "orders")]


def test_an_index_alone_is_worth_its_table():
    found = of(allow("dynamodb:Query", f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/orders/index/by-day"), store("table", "orders"))
    assert touched(found) == {("table", "orders"): ("read",)}
    assert all(replays(proof) for touch in found.touches for edge in touch.path.edges for proof in edge.proof)
