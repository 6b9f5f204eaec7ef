"""Judging one named string. Every planted secret is invented, and put together at run time so that no scanner of this repository sees one."""

import pytest

from buckler.engines.secrets import is_secret_name, judge
from buckler.model.secret import Redacted

ACCESS_KEY_ID = "AKIA" + "QYLPMN5HFZ2TW3VB"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LOG_LEVEL", "INFO"),
        ("TABLE_NAME", "orders-prod"),
        ("AWS_REGION", "eu-central-1"),
        ("DB_SECRET_ARN", "arn:aws:secretsmanager:us-east-1:123456789012:secret:prod/db-AbCdEf"),
        ("API_URL", "https://abc123def4.execute-api.us-east-1.amazonaws.com/prod"),
        ("TOKEN_TTL", "3600"),
        ("DB_PASSWORD_PARAM", "/prod/db/password"),
        ("DB_PASSWORD", "<your-password>"),
        ("DB_PASSWORD", "{{resolve:secretsmanager:prod/db:SecretString:password}}"),
        ("DB_PASSWORD", "buckler:secretsmanager:arn:aws:secretsmanager:us-east-1:123456789012:secret:db-AbCdEf"),
        ("AWS_ACCESS_KEY_ID", "AKIA" + "IOSFODNN7EXAMPLE"),
    ],
)
def test_harmless_values_are_kept(name, value):
    assert judge(name, value) == value


@pytest.mark.parametrize(
    ("name", "value", "kind", "shown"),
    [
        ("ANYTHING", ACCESS_KEY_ID, "aws-access-key-id", "AKIA…(20 characters)"),
        ("DB_PASSWORD", "changeme", "weak-password", "…(8 characters)"),
        ("DB_PASSWORD", "hunter2", "password", "…(7 characters)"),
        ("DATABASE_URL", "postgres://u:" + "Xy12@db.internal/x", "password-in-url", "postgres://…(31 characters)"),
    ],
)
def test_secrets_leave_only_their_public_prefix(name, value, kind, shown):
    verdict = judge(name, value)
    assert isinstance(verdict, Redacted)
    assert (verdict.kind, verdict.is_secret, verdict.shown, verdict.length) == (kind, True, shown, len(value))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        *(
            (name, True)
            for name in (
                "DB_PASSWORD",
                "stripeApiKey",
                "DBPassword",
                "dbpasswd",
                "JWT_SECRET",
                "GITHUB_TOKEN",
                "PASSWORD_MYSQL",
                "API_KEY_PROD",
            )
        ),
        *(
            (name, False)
            for name in (
                "DB_SECRET_ARN",
                "TOKEN_TTL",
                "PASSWORD_MIN_LENGTH",
                "PRIMARY_KEY",
                "KEYBOARD",
                "MONKEY",
                "PASSTHROUGH",
                "SECRET_NAME",
            )
        ),
    ],
)
def test_secret_names(name, expected):
    assert is_secret_name(name) is expected
