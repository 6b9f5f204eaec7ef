import pytest
from tests.estates import ACCOUNT, DENIED, REGION, ask, at, env, event_source, verdict

from buckler.checks.event_source_credentials_in_clear import event_source_credentials_in_clear
from buckler.model.finding import Finding, Gap
from buckler.model.secret import Redacted
from buckler.model.severity import Confidence, Severity
from buckler.model.stores import Secret
from buckler.model.text import hole, join

ARN = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:broker"


def redacted(confidence=Confidence.HIGH, *, is_secret=True):
    return Redacted(kind="password", is_secret=is_secret, confidence=confidence, shown="…(20 characters)", length=20)


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        pytest.param(env("BASIC_AUTH", ARN), None, id="arn"),
        pytest.param(env("BASIC_AUTH", redacted()), Finding, id="password"),
        pytest.param(env("SASL_SCRAM_512_AUTH", redacted(is_secret=False)), Finding, id="opaque-where-an-arn-belongs"),
        pytest.param(env("BASIC_AUTH", "DB_SECRET_ARN"), None, id="a-stand-in-is-harmless-by-the-detector's-word"),
        pytest.param(env("VIRTUAL_HOST", "/shop"), None, id="a-virtual-host-is-no-credential"),
        pytest.param(env("VPC_SUBNET", "subnet:subnet-1"), None, id="a-subnet-is-no-credential"),
        pytest.param(env("BASIC_AUTH", join("arn:", hole("AWS::Partition"), ":secretsmanager:x")), None, id="arn-with-a-hole"),
        pytest.param(env("BASIC_AUTH", hole("BrokerAuth")), Gap, id="hole"),
        pytest.param(env("BASIC_AUTH", DENIED), Gap, id="unreadable"),
        pytest.param(env("SASL_SCRAM_256_AUTH", redacted()), Finding, id="a-user-s-password"),
        pytest.param(env("CLIENT_CERTIFICATE_TLS_AUTH", redacted("private-key")), Finding, id="a-private-key"),
        pytest.param(env("SERVER_ROOT_CA_CERTIFICATE", redacted(is_secret=False)), None, id="a-certificate-authority-is-public"),
        pytest.param(env("BASIC_AUTH", ARN.replace("arn:aws:", "arn:aws-us-gov:")), None, id="arn-of-another-partition"),
        pytest.param(env(hole("Type", "--parameter Type=..."), redacted()), Gap, id="a-credential-whose-type-is-a-hole"),
        pytest.param(env(hole("Type", "--parameter Type=..."), ARN), None, id="an-arn-whatever-its-type"),
    ],
)
def test_verdict(entry, expected):
    assert verdict(event_source_credentials_in_clear, event_source(source_kind="mq", credentials=(entry,))) is expected


def test_a_reference_to_a_secret_of_the_same_template_is_fine():
    secret = Secret(arn=hole("Broker"), name="broker", account=ACCOUNT, region=REGION, origin=at("x"), policy=None)
    mapping = event_source(credentials=(env("BASIC_AUTH", hole("Broker")),))
    assert verdict(event_source_credentials_in_clear, mapping, secret) is None


@pytest.mark.parametrize(("value", "severity"), [(redacted(), Severity.HIGH), (redacted(Confidence.LOW), Severity.MEDIUM)])
def test_severity_follows_confidence(value, severity):
    (finding,) = ask(event_source_credentials_in_clear, event_source(credentials=(env("BASIC_AUTH", value),))).findings
    assert finding.severity is severity
    assert finding.evidence[0].is_sensitive
