"""Lines are masked before anybody sees them. All secrets are invented and put together at run time."""

import random
import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from buckler.engines.secrets import redact_line

ACCESS_KEY_ID = "AKIA" + "QYLPMN5HFZ2TW3VB"
RANDOM = "".join(random.Random(3).choices(string.ascii_letters + string.digits, k=40))  # noqa: S311 - repeatable
SECRET_KEY = "wJalrXUtnFEMI/K7MDENG/" + "bPxRfiCYzKbQv9Lm2T"


@pytest.mark.parametrize(
    ("line", "secret"),
    [
        ("  DB_PASSWORD: hunter2x", "hunter2x"),
        ('password = "correct horse battery"', "correct horse"),
        ("    'dbPassword': 'x y z!',", "x y z!"),
        ("url = 'postgres://bob:s3cr3t@db/app'", "s3cr3t"),
        ("git clone https://" + RANDOM + "@github.com/a/b", RANDOM),
        (f"key {ACCESS_KEY_ID} found", ACCESS_KEY_ID[4:]),
        (f"export AWS_SECRET_ACCESS_KEY={SECRET_KEY}", SECRET_KEY),
        (f"# {SECRET_KEY}", SECRET_KEY),
        (f"const t = '{RANDOM}';", RANDOM),
        ('"PrivateKey": "-----BEGIN RSA ' + "PRIVATE KEY-----\\nMIIEow" + RANDOM * 4 + '\\n-----END"', RANDOM),
        ("MIIEow" + RANDOM + RANDOM[:18], RANDOM),
        ("mysql --password hunter2x -u root", "hunter2x"),
        ("mysql --password=hunter2x -u root", "hunter2x"),
        ("Server=db;Password=Foo9!bar;Encrypt=true", "Foo9!bar"),
        ("Authorization: Bearer " + RANDOM, RANDOM),
        ("api_key := `" + RANDOM + "`", RANDOM),
        ("        Variables: {SMTP_PASSWORD: hunter2x, STAGE: prod}", "hunter2x"),
        ("Passwords: [{DB_PASSWORD: 'x y z!'}]", "x y z!"),
        ("<add key='Password' value='x'/> password=>hunter2x", "hunter2x"),
    ],
)
def test_the_secret_is_gone_and_the_rest_stays(line, secret):
    shown = redact_line(line)
    assert secret not in shown
    assert "…" in shown
    assert shown[:2] == line[:2] or line.startswith("MII")


@pytest.mark.parametrize(
    "line",
    [
        "  TABLE_NAME: orders",
        "  DB_SECRET_ARN: arn:aws:secretsmanager:us-east-1:123456789012:secret:prod/db-AbCdEf",
        "  DB_PASSWORD: '{{resolve:secretsmanager:prod/db:SecretString:password}}'",
        "  DB_PASSWORD: !Ref DbPassword",
        "      AuthType: NONE",
        "  TOKEN_TTL: 3600",
        "Type: AWS::Serverless::Function",
        "image: 123456789012.dkr.ecr.eu-west-1.amazonaws.com/app@sha256:" + "ab12" * 16,
        "url: https://d111111abcdef8.cloudfront.net/assets/app.js",
        "",
    ],
)
def test_ordinary_lines_are_untouched(line):
    assert redact_line(line) == line


def test_known_formats_keep_their_public_prefix():
    assert redact_line(f"id {ACCESS_KEY_ID} end") == "id AKIA… end"


@given(st.text(max_size=300))
@settings(max_examples=80, deadline=None)
def test_any_text_is_survived(text):
    assert isinstance(redact_line(text), str)


@given(
    st.text(alphabet=string.ascii_letters + string.digits + "!#$%^&*()-_=+", min_size=8, max_size=60).filter(
        lambda text: not text.startswith(("$", "#", "!", "(", "-"))
    )
)
@settings(max_examples=80, deadline=None)
def test_a_quoted_password_never_shows(password):
    shown = redact_line(f'  DB_PASSWORD: "pw{password}"')
    assert f"pw{password}" not in shown or "xxx" in password.lower() or "example" in password.lower()
