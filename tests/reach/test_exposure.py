import pytest
from tests.estates import DENIED, FUNCTION_ARN, allow, analysis, function, missing, on, policy, trigger, url

from buckler.engines.iam import Answer, decide
from buckler.model.functions import LATEST
from buckler.model.text import hole
from buckler.model.unknown import Undecided
from buckler.reach.exposure import invoked_arn, qualifier_in
from buckler.reach.foreign import account_in

PUBLIC = policy(allow("lambda:Invoke*", "*", Principal="*"))
OPEN_URL = {"urls": (url("NONE"),), "policies": (on(LATEST, PUBLIC),)}
URL_ONLY = policy(
    allow("lambda:InvokeFunctionUrl", FUNCTION_ARN, Principal="*", Condition={"StringEquals": {"lambda:FunctionUrlAuthType": "NONE"}}),
    allow("lambda:InvokeFunction", FUNCTION_ARN, Principal="*", Condition={"Bool": {"lambda:InvokedViaFunctionUrl": "true"}}),
)


def ways(*entities):
    estate = analysis(*entities)
    return [(way.kind, way.qualifier, way.public) for way in estate.exposure.ways_in(estate.estate.functions[0])]


def is_public(*entities):
    estate = analysis(*entities)
    return estate.exposure.is_public(estate.estate.functions[0])


@pytest.mark.parametrize(
    ("entities", "expected"),
    [
        pytest.param((function(),), [], id="none"),
        pytest.param((function(**OPEN_URL),), [("url", LATEST, True), ("policy", LATEST, True)], id="url-and-policy"),
        pytest.param((function(urls=(url("NONE"),), policies=(on(LATEST, URL_ONLY),)),), [("url", LATEST, True)], id="url-only"),
        pytest.param((function(urls=(url("NONE"),)),), [], id="url-without-permission"),
        pytest.param((function(policies=(on(LATEST, None), on("live", PUBLIC))),), [("policy", "live", True)], id="alias"),
        pytest.param((function(), trigger(authorizer=None)), [("api", LATEST, True)], id="open-route"),
        pytest.param((function(), trigger()), [("api", LATEST, False)], id="route-with-authorizer"),
        pytest.param(
            (function(), trigger(kind="alb", authorizer=None, function=f"{FUNCTION_ARN}:live")), [("load-balancer", "live", True)], id="alb"
        ),
        pytest.param(
            (function(), trigger(kind="alb", authorizer=None, is_private=True)), [("load-balancer", LATEST, False)], id="internal-alb"
        ),
    ],
)
def test_ways_in(entities, expected):
    assert ways(*entities) == expected


@pytest.mark.parametrize(
    "entities",
    [
        pytest.param((function(urls=DENIED),), id="urls"),
        pytest.param((function(policies=DENIED),), id="policies"),
        pytest.param((function(urls=(url("NONE"),), policies=(on(LATEST, DENIED),)),), id="policy-of-the-url"),
        pytest.param((function(), missing("triggers")), id="triggers"),
        pytest.param((function(), trigger(authorizer=DENIED)), id="authorizer"),
    ],
)
def test_what_could_not_be_read_is_never_closed(entities):
    with pytest.raises(Undecided):
        ways(*entities)
    with pytest.raises(Undecided):
        is_public(*entities)


def test_a_proven_way_in_outweighs_an_unread_one():
    assert is_public(function(**OPEN_URL), missing("triggers"))
    assert is_public(function(urls=DENIED), trigger(authorizer=None))
    assert is_public(function(urls=(url(DENIED), url("NONE", "live")), policies=(on(LATEST, PUBLIC), on("live", PUBLIC))))


def test_the_answer_is_kept():
    estate = analysis(function(**OPEN_URL))
    subject = estate.estate.functions[0]
    assert estate.exposure is estate.exposure
    assert estate.exposure.is_public(subject)
    assert estate.exposure.is_public(subject)


def test_an_opening_s_witness_replays():
    estate = analysis(function(**OPEN_URL))
    opening = estate.exposure.open_url(estate.estate.functions[0], url("NONE"))
    assert [decide(request, opening.witness.policies).answer for request in opening.witness.requests] == [Answer.ALLOW, Answer.ALLOW]


def test_qualifiers_and_arns():
    assert invoked_arn(function(), LATEST) == FUNCTION_ARN
    assert invoked_arn(function(), "live") == f"{FUNCTION_ARN}:live"
    assert (qualifier_in(FUNCTION_ARN), qualifier_in(f"{FUNCTION_ARN}:live"), qualifier_in(hole("Fn.Arn"))) == (LATEST, "live", LATEST)


@pytest.mark.parametrize(
    ("principal", "expected"),
    [
        ("111122223333", "111122223333"),
        ("arn:aws:iam::111122223333:root", "111122223333"),
        ("arn:aws:sts::111122223333:assumed-role/r/s", "111122223333"),
        ("AIDAEXAMPLE", None),
        (hole("Role.Arn"), None),
        (hole("AWS::AccountId"), None),
    ],
)
def test_the_account_of_a_principal(principal, expected):
    assert account_in(principal) == expected


@pytest.mark.parametrize("principal", [hole("Who", "--parameter Who=..."), hole("aws_lambda_permission.x.principal")])
def test_nobody_guesses_the_account_of_a_hole(principal):
    with pytest.raises(Undecided):
        account_in(principal)
