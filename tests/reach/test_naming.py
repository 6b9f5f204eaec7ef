"""Which principal, function or resource a name means; and what is said when it means none, or several."""

import pytest
from msgspec.structs import replace
from tests.estates import ACCOUNT, DENIED, OTHER, function
from tests.reach.attack import arn, can, estate, parameter, secret, store, user

from buckler.errors import UsageError
from buckler.model.text import Hole, Partial
from buckler.reach.naming import matching, names_of, only, principal_named, resource_named


def refused(call, *arguments):
    with pytest.raises(UsageError) as caught:
        call(*arguments)
    return caught.value


ABOUT = estate(
    user("ann", address="aws_iam_user.ann"),
    can("checkout-role"),
    can("deploy", address="DeployRole"),
    function(address="Checkout"),
    secret("orders"),
    store("bucket", "assets"),
    parameter("/shop/password"),
)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param("ann", arn("user", "ann"), id="name"),
        pytest.param("aws_iam_user.ann", arn("user", "ann"), id="terraform-address"),
        pytest.param("DeployRole", arn("role", "deploy"), id="logical-id"),
        pytest.param(arn("role", "deploy"), arn("role", "deploy"), id="arn"),
        pytest.param("checkout", arn("role", "checkout-role"), id="function-means-its-role"),
        pytest.param("Checkout", arn("role", "checkout-role"), id="logical-id-of-a-function"),
        pytest.param(f"arn:aws:lambda:eu-west-1:{ACCOUNT}:function:checkout", arn("role", "checkout-role"), id="arn-of-a-function"),
        pytest.param(f"arn:aws:sts::{ACCOUNT}:assumed-role/deploy/x", f"arn:aws:sts::{ACCOUNT}:assumed-role/deploy/x", id="session"),
        pytest.param("*", "*", id="anyone"),
        pytest.param("s3.amazonaws.com", "s3.amazonaws.com", id="service"),
        pytest.param(OTHER, f"arn:aws:iam::{OTHER}:root", id="account"),
        pytest.param(arn("role", "theirs", OTHER), arn("role", "theirs", OTHER), id="arn-of-somebody-else"),
    ],
)
def test_a_principal(name, expected):
    assert principal_named(name, [ABOUT])[1] == expected


@pytest.mark.parametrize(
    ("name", "ending"),
    [
        ("checkout", ":function:checkout"),
        ("Checkout", ":function:checkout"),
        ("deploy", ":role/deploy"),
        ("ann", ":user/ann"),
        ("orders", ":secret:orders-abcdef"),
        ("assets", ":::assets"),
        ("/shop/password", ":parameter/shop/password"),
        ("arn:aws:s3:::elsewhere/x", "arn:aws:s3:::elsewhere/x"),
        ("*", "*"),
    ],
)
def test_a_resource(name, ending):
    assert resource_named(name, ABOUT).endswith(ending)


def test_a_secret_is_called_without_the_six_characters_of_aws():
    about = estate(secret("payroll-AbCdEf"), secret("pay-AbCdEf"))
    assert resource_named("payroll", about) == resource_named("payroll-AbCdEf", about)
    assert names_of(about.estate.secrets) == ("pay", "payroll")


def test_an_arn_is_meant_before_an_address_and_an_address_before_a_name():
    one, two = store("bucket", "a", address="b"), store("bucket", "b")
    assert matching("b", [one, two]) == [one]
    assert matching("arn:aws:s3:::b", [one, two]) == [two]


def test_nothing_without_address_is_meant_by_an_empty_name():
    assert matching("", [store("bucket", "a")]) == []


def test_a_name_with_a_hole_is_called_by_its_address():
    hole = Partial(parts=("app-", Hole(ref="AWS::StackName")))
    assert resource_named("Assets", estate(replace(store("bucket", "x", address="Assets"), name=hole))) == "arn:aws:s3:::x"


def test_a_mistyped_name_says_which_is_near():
    refusal = refused(principal_named, "deplyo", [ABOUT])
    assert (refusal.error, refusal.hint) == ("there is no principal `deplyo`", "a similar one exists: `deploy`")


def test_a_name_that_is_near_to_nothing_says_what_there_is():
    assert refused(resource_named, "zzzzzzzzzzzz", estate(user("ann"), can("deploy"))).hint == "these can be named, or an ARN: ann, deploy"
    many = estate(*(user(f"user-{number}") for number in range(9)), roles=())
    assert refused(resource_named, "zzzzzzzzzzzz", many).hint.endswith("user-0, user-1, user-2, user-3, user-4 and 4 more")
    assert refused(resource_named, "zzzzzzzzzzzz", estate(roles=())).hint == "name a resource by its ARN"


def test_a_name_of_several_says_which():
    theirs = user("ann", arn=arn("user", "ann", OTHER), account=OTHER)
    refusal = refused(principal_named, "ann", [ABOUT, estate(theirs)])
    assert refusal.error == "`ann` is the name of 2 principals"
    assert refusal.cause == f"`{arn('user', 'ann')}`, `{arn('user', 'ann', OTHER)}`"
    assert refusal.hint == "name it by its ARN"


def test_a_role_and_a_function_of_one_name_the_role_is_the_principal():
    about = estate(can("checkout"), can("checkout-role"), function())
    assert principal_named("checkout", [about])[1] == arn("role", "checkout")
    assert refused(resource_named, "checkout", about).error == "`checkout` is the name of 2 resources"


def test_a_function_whose_role_nobody_read_is_its_role_all_the_same():
    about = estate(function(), roles=())
    assert principal_named("checkout", [about])[1] == arn("role", "checkout-role")


def test_a_function_whose_role_is_not_known_is_nobody():
    refusal = refused(principal_named, "checkout", [estate(function(role=DENIED))])
    assert (refusal.error, refusal.cause) == ("the execution role of `checkout` is not known", DENIED.why)
    imported = function(role=Partial(parts=(Hole(ref="Fn::ImportValue:shared"),)))
    assert refused(principal_named, "checkout", [estate(imported)]).cause == "it is `${Fn::ImportValue:shared}`"


def test_a_long_list_of_the_same_is_cut():
    same = [(ABOUT, store("bucket", "a", arn=f"arn:aws:s3:::a{number}")) for number in range(5)]
    assert refused(only, "a", "bucket", same, ()).cause.endswith("`arn:aws:s3:::a2` ...")
