"""What a function's environment names, and what it only seems to."""

import pytest
from tests.estates import env

from buckler.engines.secrets import judge
from buckler.model.text import Hole, Partial
from buckler.model.unknown import Unknown, UnknownKind
from buckler.reach.network_names import Named, named_in


def told(name, value, **beside):
    return named_in(env(name, value), beside, "eu-west-1")


def one(kind, to, *ports, guess=False):
    return Named(kind, to, tuple((port, port) for port in ports), is_guess=guess)


@pytest.mark.parametrize(
    ("name", "value", "found"),
    [
        ("API_URL", "https://api.stripe.com/v1/charges.json", [one("host", "api.stripe.com", 443)]),
        ("X", "http://Billing.Corp.internal:8080/a?b=c.com", [one("host", "billing.corp.internal", 8080)]),
        ("DB_HOST", "shop.abc.eu-west-1.rds.amazonaws.com", [one("host", "shop.abc.eu-west-1.rds.amazonaws.com")]),
        ("PGHOST", "db.internal", [one("host", "db.internal", 5432, guess=True)]),
        ("DB_HOST", "db", [one("host", "db")]),
        ("REDIS_ENDPOINT", "10.0.3.10:6380", [one("address", "10.0.3.10", 6380)]),
        ("UPSTREAM", "[2001:db8::7]:8443", [one("address", "2001:db8::7", 8443)]),
        ("KAFKA_BROKERS", "b-1.example.com:9094,b-2.example.com:9094", [one("host", f"b-{n}.example.com", 9094) for n in (1, 2)]),
        ("CONN", "jdbc:postgresql://orders.internal/shop", [one("host", "orders.internal", 5432)]),
        ("CONN", "jdbc:oracle:thin:@erp.internal:1521/x", [one("host", "erp.internal", 1521)]),
        ("MONGO", "mongodb://a.internal:27018,b.internal/db", [one("host", "a.internal", 27018), one("host", "b.internal", 27017)]),
        ("QUEUE_URL", "https://sqs.eu-west-1.amazonaws.com/123456789012/jobs", [one("service", "sqs", 443)]),
        ("QUEUE_URL", "https://sqs.us-east-1.amazonaws.com/123456789012/jobs", [one("service", "sqs us-east-1", 443)]),
        ("SMTP_HOST", "email-smtp.eu-west-1.amazonaws.com:587", [one("host", "email-smtp.eu-west-1.amazonaws.com", 587)]),
        ("E", "https://pics.s3.eu-west-1.amazonaws.com/a", [one("service", "s3", 443)]),
        ("E", "https://s3.amazonaws.com/pics", [one("service", "s3", 443)]),
        ("E", "https://monitoring.eu-west-1.amazonaws.com", [one("service", "cloudwatch", 443)]),
        ("E", "https://abc.execute-api.eu-west-1.amazonaws.com/prod", [one("service", "execute-api", 443)]),
        ("E", "https://rds.eu-west-1.amazonaws.com", [one("service", "rds", 443)]),
        ("TABLE", "arn:aws:dynamodb:eu-west-1:123456789012:table/orders", [one("service", "dynamodb", 443)]),
        ("SRC", "s3://pics/in", [one("service", "s3", 443)]),
        ("PARTNER", "partner.example.org", [one("host", "partner.example.org")]),
        ("CONFIG", '{"url": "https://a.example.com", "n": 3}', [one("host", "a.example.com", 443)]),
        # What is no destination.
        ("HANDLER", "app.handler", []),
        ("MAIN_CLASS", "com.example.shop.Main", []),
        ("MAIL_FROM", "shop.example.com", []),
        ("LOG_LEVEL", "INFO", []),
        ("VERSION", "1.2.3", []),
        ("RATE", "0.75", []),
        ("NO_PROXY", "localhost,127.0.0.1,169.254.169.254", []),
        ("BASE_URL", "http://localhost:3000", []),
        ("TTL", "12:30", []),
        ("CACHE_NAMESPACE", "urn:a:b", []),
        ("EMPTY", "", []),
    ],
)
def test_what_a_value_names(name, value, found):
    assert list(told(name, value)) == found


def test_the_port_stands_beside_the_host():
    assert told("DB_HOST", "db.internal", DB_PORT="5433") == (one("host", "db.internal", 5433),)
    assert told("dbHost", "db.internal", dbPort="5433") == (one("host", "db.internal", 5433),)
    assert told("DB_HOST", "db.internal", DB_PORT="many") == (one("host", "db.internal"),)


@pytest.mark.parametrize(
    ("name", "value", "found"),
    [
        # The password keeps the whole value from being read; its scheme is told.
        ("DATABASE_URL", "postgres://shop:hunter2-hunter2@db.internal:5432/shop", (one("unread", "", 5432),)),
        ("DB_PASSWORD", "hunter2-hunter2-hunter2", ()),
        ("UPSTREAM_HOST", "zq8Kd02mPx7Lw5Rt9Vb3Nc6Yh1Jf4Gs8", (one("unread", ""),)),
        ("STATE", "zq8Kd02m#Px7Lw5Rt9!", None),
    ],
)
def test_what_is_not_kept_is_not_read(name, value, found):
    kept = judge(name, value)
    assert not isinstance(kept, str)
    assert told(name, kept) == found


def test_what_nobody_read_may_name_anything_its_name_does_not_rule_out():
    unread = Unknown(kind=UnknownKind.UNRESOLVED, why="not resolved", need="--parameter")
    assert told("DB_HOST", unread) == (one("unread", ""),)
    assert told("STAGE", unread) is None


@pytest.mark.parametrize(
    ("name", "parts", "found"),
    [
        ("DB_HOST", (Hole(ref="Db.Endpoint.Address"),), (one("unread", ""),)),
        ("API", ("https://", Hole(ref="Api"), ".execute-api.eu-west-1.amazonaws.com"), (one("unread", "", 443),)),
        ("URLS", ("https://a.example.com/", Hole(ref="Stage")), (one("host", "a.example.com", 443),)),
        ("TABLE", (Hole(ref="Table"),), ()),
    ],
)
def test_holes(name, parts, found):
    assert told(name, Partial(parts=parts)) == found
