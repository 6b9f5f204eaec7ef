import pytest
from tests.engines.artifact import pins
from tests.estates import ACCOUNT, FUNCTION_ARN, REGION, TODAY, ask, function, layer, layer_ref, scope, verdict

from buckler.checks.artifact_drifted import artifact_drifted
from buckler.engines.artifact.drift import compare
from buckler.model.finding import Finding, Gap
from buckler.model.result import NotAsked
from buckler.model.severity import Severity

LAYER = f"arn:aws:lambda:{REGION}:{ACCOUNT}:layer:common:7"
WAS = pins.lock(pins.function(layers=(LAYER,)), layers=(pins.layer(LAYER),))


def locked(*, was=WAS, **now):
    layers = now.pop("layers", WAS.layers)
    return compare(was, pins.lock(pins.function(**{"layers": (LAYER,), **now}), layers=layers), today=TODAY)


def there(**more):
    return function(**{"layers": (layer_ref(LAYER),), **more})


@pytest.mark.parametrize(
    ("verified", "expected"),
    [
        pytest.param(locked(), None, id="as-it-was-locked"),
        pytest.param(locked(code_sha256=pins.OTHER_CODE), Finding, id="the-code-is-another"),
        pytest.param(locked(layers=(pins.layer(LAYER, code_sha256=pins.OTHER_CODE),)), Finding, id="the-layer-holds-something-else"),
        pytest.param(locked(was=pins.lock(pins.function(layers=()), layers=())), Finding, id="a-layer-came-in"),
        pytest.param(compare(WAS, pins.lock(), today=TODAY), Finding, id="the-function-is-gone"),
        pytest.param(locked(code_signing=pins.SIGNED), None, id="more-is-asked-of-it-than-before"),
        pytest.param(
            compare(
                pins.lock(pins.function(id=FUNCTION_ARN.replace(REGION, "us-east-1")), scopes=()),
                pins.lock(pins.function(id=FUNCTION_ARN.replace(REGION, "us-east-1"), handler="other.handler"), scopes=()),
                today=TODAY,
            ),
            None,
            id="a-drift-of-another-region",
        ),
        pytest.param(locked(code_sha256=pins.DENIED), Gap, id="nobody-could-read-the-code"),
        pytest.param(None, NotAsked, id="there-is-no-lock"),
    ],
)
def test_verdict(verified, expected):
    assert verdict(artifact_drifted, scope(), there(), layer(LAYER), locked=verified) is expected


def test_each_drift_is_about_what_drifted_and_as_severe_as_its_class():
    verified = locked(handler="other.handler", layers=(pins.layer(LAYER, code_sha256=pins.OTHER_CODE),))
    found = {one.subject.kind: one for one in ask(artifact_drifted, there(), layer(LAYER), locked=verified).findings}
    assert found["layer-version"].severity is Severity.CRITICAL
    assert found["layer-version"].key == f"layer-content-changed:{LAYER}"
    assert found["function"].severity is Severity.MEDIUM
    assert found["function"].message.endswith("`other.handler`, it was `app.handler`")
    assert found["function"].evidence[0].note == "handler-changed"


def test_what_two_functions_share_is_told_once():
    verified = locked(layers=(pins.layer(LAYER, code_sha256=pins.OTHER_CODE),))
    other = function("other", arn=f"{FUNCTION_ARN}-2", layers=(layer_ref(LAYER),))
    assert len(ask(artifact_drifted, there(), other, layer(LAYER), locked=verified).findings) == 1


def test_what_could_not_be_compared_is_counted():
    verified = locked(code_sha256=pins.DENIED, role=pins.DENIED)
    (gap,) = ask(artifact_drifted, there(), layer(LAYER), locked=verified).gaps
    assert "and 1 more that `buckler verify` lists" in gap.why
    assert gap.need == "lambda:GetLayerVersion"


def test_a_function_that_was_not_looked_at_is_no_pass():
    elsewhere = pins.function(id=FUNCTION_ARN.replace(REGION, "us-east-1"))
    verified = compare(
        pins.lock(pins.function(layers=(LAYER,)), elsewhere, layers=WAS.layers),
        pins.lock(pins.function(layers=(LAYER,)), layers=WAS.layers),
        today=TODAY,
    )
    answers = ask(artifact_drifted, there(), layer(LAYER), locked=verified)
    assert not answers.findings
    assert [one.need for one in answers.not_asked] == ["--region us-east-1"]
