"""All policies that have a say in a request, and the request as AWS would see it."""

import pytest
from tests.estates import ACCOUNT, DENIED, OTHER, ROLE_ARN, allow, attached, function, on, policy
from tests.reach.attack import arn, can, deny, estate, group, managed, secret, trust, user
from tests.reach.test_control import MANAGEMENT, ROOT, control, organization

from buckler.engines.iam import Answer
from buckler.model.entity import Tag
from buckler.model.finding import ContextEntry, Request
from buckler.reach.access import follows, session_arn

SECRET = f"arn:aws:secretsmanager:eu-west-1:{ACCOUNT}:secret:orders-abcdef"
READ = "secretsmanager:GetSecretValue"


def answer(analysis, principal, action=READ, resource=SECRET, **context):
    return analysis.access.decide(
        analysis.access.request(principal, action, resource, {key.replace("__", ":"): value for key, value in context.items()})
    ).answer


def context_of(request):
    return {entry.key: entry.values for entry in request.context}


def test_a_principal_is_found_by_its_arn_and_by_its_session():
    about = estate(can("deploy", allow(READ), path="/ci/", arn=f"arn:aws:iam::{ACCOUNT}:role/ci/deploy"), user("ann"))
    access = about.access
    assert access.find(arn("user", "ann")).name == "ann"
    # The ARN of a session does not show the path of its role.
    assert access.find(f"arn:aws:sts::{ACCOUNT}:assumed-role/deploy/anything").name == "deploy"
    assert access.find(f"arn:aws:sts::{OTHER}:assumed-role/deploy/anything") is None
    assert access.find(arn("user", "bob")) is None


@pytest.mark.parametrize(
    "ann",
    [
        pytest.param(user("ann", allow(READ)), id="inline"),
        pytest.param(user("ann", attached=(managed("read", allow(READ)),)), id="managed"),
        pytest.param(user("ann", groups=("readers",)), id="of-a-group"),
    ],
)
def test_whatever_a_user_holds_has_a_say(ann):
    assert answer(estate(ann, group("readers", allow(READ)), secret("orders")), arn("user", "ann")) is Answer.ALLOW


def test_a_group_of_another_account_is_not_meant():
    theirs = group("readers", allow(READ), account=OTHER)
    assert answer(estate(user("ann", groups=("readers",)), theirs, secret("orders")), arn("user", "ann")) is Answer.UNKNOWN


@pytest.mark.parametrize(
    "ann",
    [
        pytest.param(user("ann", inline=DENIED), id="inline"),
        pytest.param(user("ann", attached=DENIED), id="attached"),
        pytest.param(user("ann", attached=(attached("arn:aws:iam::aws:policy/X", DENIED),)), id="document"),
        pytest.param(user("ann", groups=DENIED), id="groups"),
        pytest.param(user("ann", groups=("gone",)), id="group-not-read"),
        pytest.param(user("ann", allow(READ), boundary=DENIED), id="boundary"),
    ],
)
def test_what_could_not_be_read_is_no_answer(ann):
    assert answer(estate(ann, secret("orders")), arn("user", "ann")) is Answer.UNKNOWN


def test_a_deny_that_was_read_wins_over_what_was_not():
    ann = user("ann", deny(READ), attached=DENIED)
    assert answer(estate(ann, secret("orders")), arn("user", "ann")) is Answer.DENY


def test_a_boundary_limits_and_grants_nothing():
    bound = attached(arn("policy", "limit"), policy(allow("s3:*")))
    assert answer(estate(user("ann", allow(READ), boundary=bound), secret("orders")), arn("user", "ann")) is Answer.IMPLICIT_DENY
    only = attached(arn("policy", "limit"), policy(allow(READ)))
    assert answer(estate(user("ann", boundary=only), secret("orders")), arn("user", "ann")) is Answer.IMPLICIT_DENY


def test_service_control_policies_bind_members_and_not_service_linked_roles():
    denied = organization(control("root", (ROOT,), policy(allow("*"), deny(READ))))
    about = estate(
        can("r", allow(READ)), can("AWSServiceRoleForX", allow(READ), is_service_linked=True), secret("orders"), organizations=(denied,)
    )
    assert answer(about, arn("role", "r")) is Answer.DENY
    assert answer(about, arn("role", "AWSServiceRoleForX")) is Answer.ALLOW
    theirs = organization(control("root", (ROOT,), policy(deny(READ))), management_account=ACCOUNT, accounts=(ACCOUNT, MANAGEMENT))
    about = estate(can("r", allow(READ)), secret("orders"), organizations=(theirs,))
    assert answer(about, arn("role", "r")) is Answer.ALLOW


def test_unread_control_policies_are_not_applied_and_are_told():
    about = estate(can("r", allow(READ)), secret("orders"), organizations=(organization(policies=DENIED),))
    assert answer(about, arn("role", "r")) is Answer.ALLOW
    assert about.access.untold(ACCOUNT) == DENIED
    assert about.access.untold(OTHER) is None


def test_resource_control_policies_bind_what_is_done_to_the_resource():
    denied = organization(control("root", (ROOT,), policy({**deny(READ), "Principal": "*"}), "RESOURCE_CONTROL_POLICY"))
    assert answer(estate(can("r", allow(READ)), secret("orders"), organizations=(denied,)), arn("role", "r")) is Answer.DENY


def test_the_resource_has_its_say():
    closed = secret("orders", policy=policy({**deny(READ), "Principal": "*"}))
    assert answer(estate(can("r", allow(READ)), closed), arn("role", "r")) is Answer.DENY
    assert answer(estate(can("r", allow(READ)), secret("orders", policy=DENIED)), arn("role", "r")) is Answer.UNKNOWN


def test_a_principal_nobody_read_is_not_one_without_policies():
    lets = secret("orders", policy=policy({**allow(READ), "Principal": {"AWS": f"arn:aws:iam::{OTHER}:root"}}))
    about = estate(lets)
    assert answer(about, f"arn:aws:iam::{OTHER}:role/theirs") is Answer.UNKNOWN


# --- the request ---------------------------------------------------------------------------------------------------------


def test_a_role_asks_as_its_session():
    about = estate(can("r", allow(READ)))
    request = about.access.request(arn("role", "r"), READ, SECRET)
    assert request.principal == session_arn(about.estate.roles[0]) == f"arn:aws:sts::{ACCOUNT}:assumed-role/r/session"
    assert context_of(request)["aws:PrincipalArn"] == (arn("role", "r"),)
    # No second factor, and it is certain that there is none.
    assert context_of(request)["aws:MultiFactorAuthPresent"] == ()


def test_of_a_user_nobody_knows_the_second_factor():
    request = estate(user("ann")).access.request(arn("user", "ann"), READ, SECRET)
    assert "aws:MultiFactorAuthPresent" not in context_of(request)


def test_what_the_caller_says_wins():
    request = estate(user("ann")).access.request(arn("user", "ann"), READ, SECRET, {"aws:SecureTransport": ("false",)})
    assert context_of(request)["aws:SecureTransport"] == ("false",)


def test_tags_of_principal_and_resource_are_in_it():
    ann = user("ann", allow(READ, Condition={"StringEquals": {"aws:PrincipalTag/team": "${aws:ResourceTag/team}"}}),
               tags=(Tag(key="team", value="orders"),))  # fmt: skip
    same, other = (secret("orders", tags=(Tag(key="team", value=team),)) for team in ("orders", "payroll"))
    assert answer(estate(ann, same), arn("user", "ann")) is Answer.ALLOW
    assert answer(estate(ann, other), arn("user", "ann")) is Answer.IMPLICIT_DENY


def test_the_organisation_is_in_it():
    request = estate(user("ann"), organizations=(organization(),)).access.request(arn("user", "ann"), READ, SECRET)
    assert context_of(request)["aws:PrincipalOrgID"] == context_of(request)["aws:ResourceOrgID"] == ("o-example1234",)


def test_invoking_by_the_api_is_not_coming_by_the_url():
    by_url = {"Effect": "Allow", "Principal": "*", "Action": "lambda:InvokeFunction", "Resource": "*"} | {
        "Condition": {"Bool": {"lambda:InvokedViaFunctionUrl": "true"}}
    }
    about = estate(can("r", allow("s3:*")), function(policies=(on("$LATEST", policy(by_url)),)))
    function_arn = about.estate.functions[0].arn
    assert answer(about, arn("role", "r"), "lambda:InvokeFunction", function_arn) is Answer.IMPLICIT_DENY
    assert answer(about, arn("role", "r"), "lambda:InvokeFunction", function_arn, lambda__InvokedViaFunctionUrl=("true",)) is Answer.ALLOW


def test_assuming_asks_the_trust_policy():
    about = estate(user("ann", allow("sts:AssumeRole")), can("admin", allow("*"), trust=trust(aws=arn("user", "ann"))))
    assert answer(about, arn("user", "ann"), "sts:AssumeRole", arn("role", "admin")) is Answer.ALLOW
    about = estate(user("ann", allow("sts:AssumeRole")), can("admin", allow("*"), trust=trust(service="lambda.amazonaws.com")))
    assert answer(about, arn("user", "ann"), "sts:AssumeRole", arn("role", "admin")) is Answer.IMPLICIT_DENY


@pytest.mark.parametrize(
    ("key", "values", "action", "expected"),
    [
        ("aws:PrincipalArn", ("x",), READ, True),
        ("aws:CalledVia", (), READ, True),
        ("aws:SecureTransport", ("true",), READ, True),
        ("aws:SecureTransport", ("false",), READ, False),
        ("aws:MultiFactorAuthPresent", ("true",), READ, False),
        ("iam:PassedToService", ("lambda.amazonaws.com",), "iam:PassRole", False),
        ("lambda:InvokedViaFunctionUrl", ("false",), "lambda:InvokeFunction", True),
        ("lambda:InvokedViaFunctionUrl", ("false",), "lambda:InvokeFunctionUrl", False),
    ],
)
def test_a_key_that_follows_from_the_rest_need_not_be_said(key, values, action, expected):
    assert follows(ContextEntry(key=key, values=values), Request(principal=ROLE_ARN, action=action, resource="*")) is expected
