import pytest
from tests.estates import ACCOUNT, DENIED, analysis, ask, function, layer_ref, scope, verdict

from buckler.checks.layer_unknown_account import layer_unknown_account
from buckler.model.finding import Finding, Gap
from buckler.model.text import Hole, Partial, hole, join


def arn(account, name="tools:3"):
    return f"arn:aws:lambda:eu-west-1:{account}:layer:{name}"


def in_account(account):
    return Partial(parts=("arn:", Hole(ref="AWS::Partition"), ":lambda:eu-west-1:", account, ":layer:tools:1"))


@pytest.mark.parametrize(
    ("layers", "expected"),
    [
        pytest.param((), None, id="no-layers"),
        pytest.param((layer_ref(arn(ACCOUNT)),), None, id="our-own"),
        pytest.param((layer_ref(arn("017000801446", "AWSLambdaPowertoolsPythonV3-python313-x86_64:7")),), None, id="AWS's"),
        pytest.param((layer_ref(arn("464622532012", "Datadog-Extension:65")),), None, id="a-known-vendor's"),
        pytest.param((layer_ref(arn("999999999999")),), Finding, id="nobody-knows"),
        pytest.param((layer_ref(arn("644160558196")),), Finding, id="an-account-of-somebody's-tests-is-no-publisher"),
        pytest.param(DENIED, Gap, id="unreadable"),
        pytest.param((layer_ref(hole("LayerArn")),), Gap, id="the-whole-arn-is-a-hole"),
        pytest.param((layer_ref(hole("LayerArn")), layer_ref(arn("999999999999"))), Finding, id="a-hole-hides-no-finding"),
        pytest.param((layer_ref(in_account(Hole(ref="AWS::AccountId"))),), None, id="the-account-it-is-deployed-to"),
        pytest.param((layer_ref(arn("999999999999")), layer_ref(arn(ACCOUNT))), Finding, id="one-of-two"),
        pytest.param(
            (layer_ref(f"arn:aws:lambda:eu-west-1:999999999999:layer:{ACCOUNT}:1"),), Finding, id="only-the-name-is-our-account-s"
        ),
        pytest.param((layer_ref("arn:aws-cn:lambda:cn-north-1:488211338238:layer:LambdaInsightsExtension:1"),), None, id="AWS's-in-china"),
        pytest.param(
            (layer_ref(in_account(Hole(ref="Owner", need="--parameter Owner=..."))),), None, id="an-account-whoever-deploys-it-chooses"
        ),
    ],
)
def test_verdict(layers, expected):
    assert verdict(layer_unknown_account, function(layers=layers)) is expected


def test_in_a_template_the_own_account_is_a_hole():
    own = scope(kind="template", account=hole("AWS::AccountId"))
    ours = function(layers=(layer_ref(in_account(Hole(ref="AWS::AccountId"))),))
    assert verdict(layer_unknown_account, ours, own) is None
    theirs = function(layers=(layer_ref(arn("999999999999")),))
    assert verdict(layer_unknown_account, theirs, own) is Finding


def test_a_member_of_the_organisation_is_one_of_ours():
    from buckler.model.iam import Organization

    organization = Organization(id="o-1", management_account=ACCOUNT, accounts=("999999999999",), policies=())
    shop = function(layers=(layer_ref(arn("999999999999")),))
    assert list(layer_unknown_account(shop, analysis(shop, organizations=(organization,)))) == []


def test_each_layer_is_its_own_finding():
    layers = (layer_ref(arn("999999999999", "a:1")), layer_ref(join("arn:aws:lambda:", hole("AWS::Region"), ":888888888888:layer:b:1")))
    answers = ask(layer_unknown_account, function(layers=layers))
    assert [one.message for one in answers.findings] == [
        "the layer `a:1` comes from account `999999999999`, which is neither yours nor a known publisher's",
        "the layer `b:1` comes from account `888888888888`, which is neither yours nor a known publisher's",
    ]
    assert len({one.fingerprint for one in answers.findings}) == 2
