import pytest
from tests.estates import ACCOUNT, DENIED, REGION, at, env, function, verdict

from buckler.checks.environment_without_customer_key import environment_without_customer_key
from buckler.model.finding import Finding, Gap
from buckler.model.secret import Redacted
from buckler.model.severity import Confidence
from buckler.model.stores import KmsKey
from buckler.model.text import hole, join

KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/11111111-2222-3333-4444-555555555555"


def redacted(*, is_secret):
    return Redacted(kind="opaque", is_secret=is_secret, confidence=Confidence.LOW, shown="…(20 characters)", length=20)


def key(*, ours):
    return KmsKey(
        arn=KEY, name=KEY[-36:], account=ACCOUNT, region=REGION, origin=at("kms:DescribeKey"), policy=None, is_customer_managed=ours
    )


SECRET = env("DB_PASSWORD", redacted(is_secret=True))


@pytest.mark.parametrize(
    ("facts", "others", "expected"),
    [
        pytest.param({"environment": (SECRET,)}, (), Finding, id="secret-under-the-default-key"),
        pytest.param({"environment": (env("API_KEY", redacted(is_secret=False)),)}, (), Finding, id="named-like-a-secret"),
        pytest.param({"environment": (env("DB_PASSWORD", hole("Password")),)}, (), Finding, id="named-like-a-secret-with-a-hole"),
        pytest.param({"environment": (env("DB_PASSWORD", DENIED),)}, (), Finding, id="named-like-a-secret-with-an-unknown-value"),
        pytest.param({"environment": (env("TABLE", "orders"), env("HASH", redacted(is_secret=False)))}, (), None, id="harmless"),
        pytest.param({"environment": (env("API_TOKEN", "arn:aws:secretsmanager:x"),)}, (), None, id="reference"),
        pytest.param({"environment": (env("API_TOKEN", join("arn:aws:x:", hole("N"))),)}, (), None, id="reference-with-a-hole"),
        pytest.param({"environment": (SECRET,), "kms_key": KEY}, (), None, id="a-key-of-ours"),
        pytest.param({"environment": (SECRET,), "kms_key": KEY}, (key(ours=True),), None, id="a-key-of-ours-that-was-read"),
        pytest.param({"environment": (SECRET,), "kms_key": KEY}, (key(ours=False),), Finding, id="a-key-of-AWS"),
        pytest.param({"environment": (SECRET,), "kms_key": "alias/aws/lambda"}, (), Finding, id="the-default-key-by-name"),
        pytest.param({"environment": (SECRET,), "kms_key": DENIED}, (), Gap, id="key-unreadable"),
        pytest.param({"environment": DENIED}, (), Gap, id="environment-unreadable"),
        pytest.param({"environment": ()}, (), None, id="no-variables"),
        pytest.param({"environment": (SECRET,), "kms_key": hole("Key.Arn")}, (), None, id="a-key-of-the-same-template"),
        pytest.param({"environment": (SECRET,), "kms_key": "alias/shop"}, (), None, id="a-key-of-ours-by-its-alias"),
        pytest.param(
            {"environment": (SECRET,), "kms_key": f"arn:aws-cn:kms:{REGION}:{ACCOUNT}:alias/aws/lambda"},
            (),
            Finding,
            id="the-default-key-by-arn",
        ),
        pytest.param({"environment": (SECRET,), "kms_key": KEY}, (key(ours=DENIED),), Gap, id="whose-key-it-is-unreadable"),
        pytest.param({"environment": (env("TABLE", "orders"),), "kms_key": DENIED}, (), None, id="harmless-whatever-the-key"),
    ],
)
def test_verdict(facts, others, expected):
    assert verdict(environment_without_customer_key, function(**facts), *others) is expected
