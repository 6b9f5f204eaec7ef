"""The smallest example of every divergence from an outside oracle, as AWS's sentence settles it: docs/why/oracle.md, `make oracle`."""

import random
import re
from pathlib import Path

import pytest
from bench.oracle.settled import SETTLED
from bench.oracle.worlds import world
from tests.cases import scaled
from tests.engines.iam.layered import (
    ACCOUNT,
    ALL,
    BUCKET,
    FEDERATED,
    FN,
    KEY,
    OBJECT,
    OTHER,
    QUEUE,
    ROLE,
    ROOT,
    SECRET,
    SESSION,
    STRANGER,
    USER,
    A,
    D,
    I,
    U,
    allow,
    ask,
    deny,
    layers_of,
    request,
    to,
    trusting,
)
from tests.estates import policy

from buckler.engines.iam import decide

PAGE = Path(__file__).parents[3] / "docs" / "why" / "oracle.md"
SERVICE_LINKED = f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/lambda.amazonaws.com/AWSServiceRoleForLambda"
PROVIDER = f"arn:aws:iam::{ACCOUNT}:oidc-provider/idp.example"
EVERYONE_DENIED = [deny(Principal="*")]


def when(operator, key, *values, **more):
    return allow("*", Condition={operator: {key: list(values)}}, **more)


CASES = [
    ("root", (ROOT, "sqs:SendMessage", QUEUE), {}, {}, A),
    ("federated-session", (FEDERATED, "sqs:SendMessage", QUEUE), {}, {"identity": ALL}, I),
    ("direct-grant", (SESSION, "sqs:SendMessage", QUEUE), {}, {"resource": [to(SESSION)], "session": []}, A),
    ("rcp-reach", (USER, "lambda:InvokeFunction", FN), {}, {"identity": ALL, "rcp": [EVERYONE_DENIED]}, A),
    ("rcp-reach", (USER, "s3:ListAllMyBuckets", "*"), {}, {"identity": ALL, "rcp": [EVERYONE_DENIED]}, A),
    ("service-linked", (SERVICE_LINKED, "sqs:SendMessage", QUEUE), {}, {"identity": ALL, "scp": [[deny()]]}, A),
    ("no-trust-policy", (USER, "sts:AssumeRole", ROLE), {}, {"identity": ALL}, I),
    ("trust-of-nothing-else", (FEDERATED, "iam:PassRole", ROLE), {}, {"resource": [trusting(FEDERATED, "*")]}, I),
    ("token", (PROVIDER, "sts:AssumeRoleWithWebIdentity", ROLE), {}, {"resource": [trusting({"Federated": PROVIDER}, "sts:*")]}, A),
    (
        "public-access-block",
        (STRANGER, "s3:GetObject", OBJECT),
        {},
        {"identity": ALL, "resource": [to("*")], "resource_account": ACCOUNT, "blocks_public": True},
        I,
    ),
    ("bucket-owner", (ROOT, "s3:PutBucketPolicy", BUCKET), {}, {"resource": EVERYONE_DENIED, "resource_account": ACCOUNT}, A),
    ("queue-actions", (STRANGER, "sqs:TagQueue", QUEUE), {}, {"identity": ALL, "resource": [to(STRANGER)]}, I),
    (
        "not-principal",
        (USER, "sqs:SendMessage", QUEUE),
        {},
        {"identity": ALL, "resource": [deny(NotPrincipal={"AWS": USER})]},
        D,
    ),
    ("wildcard-in-kind", (USER, "lambda:InvokeFunction", FN), {}, {"identity": [allow("*", FN.replace("function", "f*n"))]}, A),
    ("incomplete-arn", (USER, "secretsmanager:GetSecretValue", SECRET), {}, {"identity": [allow("*", "arn:aws:secretsmanager:*")]}, A),
    (
        "variable-without-value",
        (SESSION, "lambda:InvokeFunction", FN),
        {},
        {"identity": [{"Effect": "Allow", "Action": "*", "NotResource": FN[:-1] + "${aws:username}*"}]},
        A,
    ),
    (
        "variable-without-value",
        (SESSION, "lambda:InvokeFunction", FN),
        {"aws:PrincipalTag/team": ""},
        {"identity": [allow("*", FN + "${aws:PrincipalTag/team}")]},
        A,
    ),
    (
        "empty-in-set",
        (USER, "kms:ListKeys", "*"),
        {"aws:TagKeys": ""},
        {"identity": [when("ForAllValues:StringNotLike", "aws:TagKeys", "")]},
        A,
    ),
    (
        "empty-in-set",
        (USER, "kms:ListKeys", "*"),
        {"aws:TagKeys": ""},
        {"identity": [when("ForAnyValue:StringLike", "aws:TagKeys", "")]},
        I,
    ),
    (
        "set-without-quantifier",
        (USER, "kms:ListKeys", "*"),
        {"aws:TagKeys": ("a", "b")},
        {"identity": [when("StringEquals", "aws:TagKeys", "b")]},
        A,
    ),
    (
        "set-without-quantifier",
        (USER, "kms:ListKeys", "*"),
        {"aws:TagKeys": ("a", "b")},
        {"identity": [when("StringNotEquals", "aws:TagKeys", "b")]},
        I,
    ),
    *(
        ("not-of-the-type", (USER, "kms:ListKeys", "*"), {"aws:SourceVpce": "v"}, {"identity": [when(operator, "aws:SourceVpce", "v")]}, I)
        for operator in ("DateEquals", "DateGreaterThanEquals", "BinaryEquals", "NumericEquals", "NumericNotEquals", "IpAddress")
    ),
    *(
        (
            "seconds-are-dates",
            (USER, "kms:ListKeys", "*"),
            {"aws:TokenIssueTime": "2026-01-01T00:00:00Z"},
            {"identity": [when(operator, "aws:TokenIssueTime", "1767225600")]},
            expected,
        )
        for operator, expected in (("DateEquals", A), ("DateNotEquals", I))
    ),
    ("no-arn", (USER, "kms:ListKeys", "*"), {"aws:SourceVpc": "v"}, {"identity": [when("ArnNotLike", "aws:SourceVpc", "green")]}, A),
    ("no-arn", (USER, "kms:ListKeys", "*"), {"aws:SourceArn": QUEUE}, {"identity": [when("ArnLike", "aws:SourceArn", "*")]}, A),
    (
        "every-address",
        (USER, "kms:ListKeys", "*"),
        {"aws:SourceIp": "203.0.113.7"},
        {"identity": [when("IpAddress", "aws:SourceIp", "0.0.0.0/0")]},
        A,
    ),
    (
        "other-kind-of-address",
        (USER, "kms:ListKeys", "*"),
        {"aws:SourceIp": "2001:db8::7"},
        {"identity": [when("NotIpAddress", "aws:SourceIp", "203.0.113.7")]},
        A,
    ),
]


@pytest.mark.parametrize(("asked", "context", "given", "expected"), [pytest.param(*rest, id=name) for name, *rest in CASES])
def test_settled(asked, context, given, expected):
    assert ask(*asked, context, **given).answer is expected


def test_literal_in_old_version():
    statement = when("StringEquals", "aws:PrincipalTag/team", "${aws:PrincipalTag/team}")
    layers = layers_of()
    for version, expected in (("2012-10-17", A), ("2008-10-17", I)):
        asked = request(USER, "kms:ListKeys", "*", {"aws:PrincipalTag/team": "red"})
        assert decide(asked, type(layers)(identity=(policy(statement, version=version),))).answer is expected


def test_the_trust_policy_of_a_key_is_no_exception():
    assert ask(ROOT, "kms:Decrypt", KEY, identity=ALL).answer is I
    assert ask(f"arn:aws:iam::{OTHER}:root", "kms:Decrypt", KEY, resource=[to(OTHER)]).answer is A


def test_every_settled_case_has_its_sentence_and_an_example():
    names = [case.name for case in SETTLED]
    told = re.findall(r"^\| `([a-z-]+)` \|", PAGE.read_text(), re.MULTILINE)
    assert sorted(told) == sorted(names)
    assert {name for name, *_ in CASES} | {"literal-in-old-version"} == set(names)


def test_saying_it_in_other_words_changes_nothing_for_us():
    rng = random.Random(scaled(3))  # noqa: S311 - a seeded shape
    seen = set()
    for _ in range(scaled(400)):
        asked = world(rng)
        answer = decide(asked.request, asked.layers).answer
        assert answer is not U
        for case in SETTLED:
            rewritten = case.rewrite(asked)
            if rewritten != asked:
                seen.add(case.name)
                assert decide(rewritten.request, rewritten.layers).answer is answer, (case.name, asked)
    assert len(seen) > len(SETTLED) / 2
