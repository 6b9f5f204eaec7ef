import json

from tests import aws
from tests.checks.test_role_shared import stack
from tests.estates import ACCOUNT, REGION, allow, attached, env, function, policy, role
from tests.fixes import leaky
from tests.fixes.remedies import planned

from buckler.app import fixing
from buckler.checks.role_shared import role_shared as check

BASIC = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
TABLE = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/orders"
FUNCTIONS = (function("orders", **stack("a"), environment=(env("TABLE", TABLE),)), function("mail", **stack("b")))


def test_an_administrator_is_left_what_all_need():
    both = (function("greet-visitors"), function("pay-invoices"))
    fix = planned(check, *both, role(inline=(policy(allow("*"), name="own"),)))
    assert (fix.proof.verdict, [edit.do.operation for edit in fix.edits]) == ("proved", ["PutRolePolicy", "DeleteRolePolicy"])


def test_each_further_purpose_gets_a_copy_of_its_own():
    shared = role(
        inline=(policy(allow("dynamodb:GetItem", TABLE), name="own"),),
        attached=(attached(BASIC, policy(allow("logs:PutLogEvents"), name=BASIC)),),
    )
    fix = planned(check, *FUNCTIONS, shared)
    assert fix.proof.verdict == "proved", fix.proof.why
    operations = [edit.do.operation for edit in fix.edits]
    assert operations[0] == "CreateRole"
    assert operations[-1] in {"UpdateFunctionConfiguration", "PutRolePolicy"}
    (moved,) = (edit for edit in fix.edits if edit.do.operation == "UpdateFunctionConfiguration")
    assert (moved.before, moved.after) == (shared.arn, f"arn:aws:iam::{ACCOUNT}:role/checkout-role-orders")
    assert [edit.undo.operation for edit in fix.edits if edit.do.operation == "AttachRolePolicy"] == ["DetachRolePolicy"]
    made = fix.edits[0]
    assert (made.undo.operation, made.before, made.after) == ("DeleteRole", None, "split from checkout-role for orders by buckler")


def test_a_name_that_is_taken_is_not_somebody_elses_role():
    shared = role(inline=(policy(allow("dynamodb:GetItem"), name="own"),))
    fix = planned(check, *FUNCTIONS, shared, role("checkout-role-orders"), role("checkout-role-mail"))
    assert (fix.proof.verdict, fix.edits) == ("advice", ())


def test_roles_are_made_and_taken_away_again(tmp_path):
    server = aws.fresh()
    iam, lam = aws.client("iam", server.endpoint), aws.client("lambda", server.endpoint)
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = {"Version": "2012-10-17", "Statement": [trust]}
    arn = iam.create_role(RoleName="shared", Path="/shop/", AssumeRolePolicyDocument=json.dumps(document))["Role"]["Arn"]
    written = {"Version": "2012-10-17", "Statement": [allow("dynamodb:GetItem", f"arn:aws:dynamodb:{aws.REGION}:{aws.SHOP}:table/orders")]}
    iam.put_role_policy(RoleName="shared", PolicyName="own", PolicyDocument=json.dumps(written))
    iam.attach_role_policy(RoleName="shared", PolicyArn=BASIC)
    for name in ("orders-in", "mail-out"):
        lam.create_function(FunctionName=name, Role=arn, Runtime="python3.14", Handler="app.handler", Code={"ZipFile": aws.zipped()})
    with aws.environment(server.endpoint):
        before = leaky.read()
        plan = leaky.plan(before, "role-shared")
        assert [fix.proof.verdict for fix in plan.fixes] == ["proved"], [fix.proof.why for fix in plan.fixes]
        made = fixing.apply_plan(plan, leaky.LIVE, tmp_path / "j", patience=leaky.QUICK)
        assert made.refused == ()
        after = leaky.read()
        assert {one.name: one.role.rpartition("/")[2] for one in after.functions} == {"mail-out": "shared", "orders-in": "shared-orders-in"}
        (own,) = (one for one in after.roles if one.name == "shared-orders-in")
        assert (own.path, [one.name for one in own.inline], [one.arn for one in own.attached]) == ("/shop/", ["own"], [BASIC])
        assert "role-shared" not in {one.check for one in leaky.findings(after)}
        assert fixing.undo_journal(tmp_path / "j", leaky.LIVE, patience=leaky.QUICK).refused == ()
        assert leaky.facts(leaky.read()) == leaky.facts(before)


def test_long_names_stay_apart():
    shared = role(inline=(policy(allow("dynamodb:GetItem", TABLE), name="own"),))
    long = "o" * 60
    fix = planned(
        check,
        function("mail", **stack("b")),
        function("mail-2", **stack("b")),
        *(function(f"{long}{n}", **stack("a")) for n in "12"),
        shared,
    )
    names = [edit.do.parameters["RoleName"] for edit in fix.edits if edit.do.operation == "CreateRole"]
    assert fix.proof.verdict == "proved", fix.proof.why
    assert len(set(names)) == len(names) == 2
    assert all(len(name) <= 64 for name in names)
