import pytest
from tests.estates import DENIED, NOT_ASKED, ask, env, function, verdict, version

from buckler.checks.secret_in_environment import secret_in_environment
from buckler.model.finding import Finding, Gap
from buckler.model.result import NotAsked
from buckler.model.secret import Redacted
from buckler.model.severity import Confidence, Severity
from buckler.model.text import Hole, Partial, hole, join


def redacted(kind="password", confidence=Confidence.HIGH, *, is_secret=True):
    return Redacted(kind=kind, is_secret=is_secret, confidence=confidence, shown="…(20 characters)", length=20)


SECRET = env("DB_PASSWORD", redacted())
ARN = Partial(parts=("arn:aws:secretsmanager:", Hole(ref="AWS::Region"), ":123456789012:secret:db"))


def resolved(field):
    return join("{{resolve:secretsmanager:", hole("Secret"), f":SecretString:{field}}}}}")


DSN = "postgres://{{resolve:secretsmanager:db:SecretString:username}}:{{resolve:secretsmanager:db:SecretString:password}}@db"


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param({}, None, id="no-variables"),
        pytest.param({"environment": (SECRET,)}, Finding, id="password"),
        pytest.param({"environment": (env("X", redacted("opaque", is_secret=False)),)}, None, id="opaque-is-not-a-secret"),
        pytest.param({"environment": (env("TABLE", "orders"),)}, None, id="harmless"),
        pytest.param({"environment": (env("DB_PASSWORD", "arn:aws:secretsmanager:eu-west-1:1:secret:x"),)}, None, id="reference"),
        pytest.param({"versions": (version("3", environment=(SECRET,)),)}, Finding, id="only-an-old-version-holds-it"),
        pytest.param({"environment": DENIED}, Gap, id="environment-unreadable"),
        pytest.param({"versions": DENIED}, Gap, id="versions-unreadable"),
        pytest.param({"versions": (version("1", environment=NOT_ASKED),)}, NotAsked, id="versions-not-asked"),
        pytest.param({"environment": (SECRET,), "versions": DENIED}, Finding, id="proven-in-latest-whatever-the-versions-hold"),
        pytest.param({"environment": (env("DB_PASSWORD", hole("DbPassword")),)}, Gap, id="hole-under-a-secret-name"),
        pytest.param({"environment": (env("DB_PASSWORD", DENIED),)}, Gap, id="unknown-under-a-secret-name"),
        pytest.param({"environment": (env("TABLE", hole("Table")),)}, None, id="hole-under-a-harmless-name"),
        pytest.param({"environment": (env("API_TOKEN", ARN),)}, None, id="arn-with-holes-under-a-secret-name"),
        pytest.param(
            {"environment": (env("API_TOKEN", Partial(parts=("buckler:ssm:", Hole(ref="Token")))),)}, None, id="reference-with-a-hole"
        ),
        pytest.param(
            {"environment": (env("PW", "{{resolve:secretsmanager:db:SecretString:password}}"),)}, Finding, id="resolved-at-deployment"
        ),
        pytest.param(
            {"environment": (env("PW", hole("resolve:secretsmanager:db:SecretString:password")),)}, Finding, id="resolved-kept-as-a-hole"
        ),
        pytest.param(
            {"environment": (env("USER", hole("resolve:secretsmanager:db:SecretString:username")),)}, None, id="user-name-as-a-hole"
        ),
        pytest.param({"environment": (env("USER", "{{resolve:secretsmanager:db:SecretString:username}}"),)}, None, id="resolved-user-name"),
        pytest.param({"environment": (env("STAGE", "{{resolve:ssm:/shop/stage}}"),)}, None, id="resolved-plain-parameter"),
        pytest.param({"versions": (version("1", environment=DENIED),)}, Gap, id="environment-of-a-version-unreadable"),
        pytest.param({"environment": (env(hole("Name"), redacted()),)}, Finding, id="password-under-a-name-that-is-a-hole"),
        pytest.param({"environment": (env("PW", "{{resolve:secretsmanager:db}}"),)}, Finding, id="resolved-whole-secret"),
        pytest.param(
            {"environment": (env("PW", "{{resolve:secretsmanager:db:SecretString:user-password}}"),)},
            Finding,
            id="resolved-password-of-a-user",
        ),
        pytest.param(
            {"environment": (env("USER", "{{resolve:secretsmanager:db:SecretString:username:AWSPREVIOUS}}"),)},
            None,
            id="resolved-former-user-name",
        ),
        pytest.param({"environment": (env("DSN", DSN),)}, Finding, id="resolved-password-behind-the-user-name"),
        pytest.param(
            {
                "environment": (
                    env(
                        "DSN",
                        join(
                            "postgres://",
                            hole("resolve:secretsmanager:db:SecretString:username"),
                            ":",
                            hole("resolve:secretsmanager:db:SecretString:password"),
                            "@db",
                        ),
                    ),
                )
            },
            Finding,
            id="resolved-password-behind-the-user-name-as-holes",
        ),
        pytest.param({"environment": (env("DSN", DSN.replace(":password}}", ":host}}")),)}, None, id="resolved-user-name-and-host"),
        pytest.param({"environment": (env("PW", resolved("password")),)}, Finding, id="resolved-password-of-a-secret-with-a-hole"),
        pytest.param({"environment": (env("USER", resolved("username")),)}, None, id="resolved-user-name-of-a-secret-with-a-hole"),
    ],
)
def test_verdict(facts, expected):
    assert verdict(secret_in_environment, function(**facts)) is expected


def test_one_finding_per_variable_that_names_the_versions():
    shop = function(
        environment=(SECRET,),
        versions=(version("2", environment=(SECRET,)), version("1", environment=(SECRET, env("KEY", redacted("stripe-key"))))),
    )
    first, second = ask(secret_in_environment, shop).findings
    assert (first.key, first.message) == ("DB_PASSWORD", "the variable `DB_PASSWORD` holds a password, and versions 2, 1 keep it")
    assert (second.key, second.message) == ("KEY", "the variable `KEY` of published version 1 holds a secret (stripe-key)")
    assert [one.note for one in first.evidence] == ["password", "in version 2: password", "in version 1: password"]
    assert all(one.is_sensitive for one in (*first.evidence, *second.evidence))


@pytest.mark.parametrize(
    ("confidence", "severity"), [(Confidence.HIGH, Severity.HIGH), (Confidence.MEDIUM, Severity.MEDIUM), (Confidence.LOW, Severity.MEDIUM)]
)
def test_severity_follows_confidence(confidence, severity):
    (finding,) = ask(secret_in_environment, function(environment=(env("KEY", redacted(confidence=confidence)),))).findings
    assert (finding.severity, finding.confidence) == (severity, confidence)


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("password", "a password"),
        ("opaque", "a secret"),
        ("high-entropy", "what looks like a secret"),
        ("github-token", "a secret (github-token)"),
    ],
)
def test_the_kind_is_said_in_words(kind, words):
    (finding,) = ask(secret_in_environment, function(environment=(env("X", redacted(kind)),))).findings
    assert finding.message == f"the variable `X` holds {words}"


def test_an_unread_environment_is_still_a_gap_beside_a_finding():
    answers = ask(secret_in_environment, function(environment=(SECRET,), versions=DENIED))
    assert (len(answers.findings), len(answers.gaps)) == (1, 1)
