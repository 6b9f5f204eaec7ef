import pytest
from tests.estates import (
    ACCOUNT,
    DENIED,
    FUNCTION_ARN,
    REGION,
    allow,
    ask,
    attached,
    env,
    function,
    missing,
    on,
    policy,
    role,
    trigger,
    url,
    verdict,
)

from buckler.checks.role_shared import role_shared
from buckler.model.entity import Tag
from buckler.model.finding import Finding, Gap
from buckler.model.functions import LATEST
from buckler.model.origin import FileOrigin
from buckler.model.severity import Severity

TABLES = role(inline=(policy(allow("dynamodb:GetItem")),))
LOGS = role(inline=(policy(allow(["logs:CreateLogStream", "logs:PutLogEvents", "xray:Put*"])),))
OPEN = {"urls": (url("NONE"),), "policies": (on(LATEST, policy(allow("lambda:Invoke*", "*", Principal="*"))),)}


def stack(name):
    return {"tags": (Tag(key="aws:cloudformation:stack-name", value=name),)}


def tagged(key, value):
    return {"tags": (Tag(key=key, value=value),)}


@pytest.mark.parametrize(
    ("entities", "expected"),
    [
        pytest.param((TABLES, function()), None, id="one-function"),
        pytest.param((TABLES, function("orders", **stack("a")), function("mail", **stack("b"))), Finding, id="two-stacks"),
        pytest.param((TABLES, function("orders", **stack("a")), function("mail", **stack("a"))), None, id="one-stack"),
        pytest.param(
            (TABLES, function("orders", **tagged("App", "shop")), function("mail", **tagged("app", "crm"))), Finding, id="two-applications"
        ),
        pytest.param(
            (TABLES, function("orders", **tagged("App", "shop")), function("mail", **tagged("app", "shop"))), None, id="one-application"
        ),
        pytest.param((TABLES, function("shop-orders"), function("shop_mail"), function("shopCart")), None, id="one-family-of-names"),
        pytest.param((TABLES, function("shop-orders"), function("crm-mail")), Finding, id="two-families-of-names"),
        pytest.param((LOGS, function("shop-orders"), function("crm-mail")), None, id="nothing-but-logs-to-gain"),
        pytest.param((TABLES, function("orders", tags=DENIED), function("mail", tags=DENIED)), Finding, id="tags-unread-names-differ"),
        pytest.param(
            (TABLES, function("shop-a", **stack("a"), **OPEN), function("shop-b", **stack("a"))), Finding, id="one-of-them-is-public"
        ),
        pytest.param((TABLES, function("shop-a", **OPEN), function("shop-b", **OPEN)), None, id="both-are-public"),
        pytest.param((TABLES, function("shop-a", urls=DENIED), function("shop-b")), Gap, id="nobody-knows-whether-one-is-public"),
        pytest.param((TABLES, function("shop-a", tags=DENIED), function("shop-b", tags=DENIED)), Gap, id="tags-unread-names-alike"),
        pytest.param(
            (TABLES, function("x", origin=FileOrigin(file="t.yaml")), function("y", origin=FileOrigin(file="t.yaml"))),
            None,
            id="one-template",
        ),
        pytest.param(
            (role(attached=(attached("arn", DENIED),)), function("shop-orders"), function("crm-mail")), Gap, id="document-unreadable"
        ),
        pytest.param((role(inline=DENIED), function("shop-orders")), None, id="unreadable-but-not-shared"),
        pytest.param(
            (TABLES, function("shop-orders"), function("crm-mail", role=f"{TABLES.arn}-2"), role("checkout-role-2")),
            None,
            id="a-longer-name-is-another-role",
        ),
        pytest.param(
            (TABLES, function("shop-orders", **stack("a")), function("crm-mail")),
            Finding,
            id="one-with-a-stack-and-one-without-differ-in-name",
        ),
        pytest.param((role(), function("shop-orders"), function("crm-mail")), None, id="nothing-to-gain-at-all"),
        pytest.param((role(boundary=DENIED), function("shop-orders"), function("crm-mail")), None, id="nothing-to-gain-whatever-bounds-it"),
        pytest.param((TABLES, function(), missing("functions")), Gap, id="functions-unreadable"),
    ],
)
def test_verdict(entities, expected):
    assert verdict(role_shared, *entities) is expected


def test_severity_and_message():
    quiet = ask(role_shared, TABLES, function("shop-orders"), function("crm-mail")).findings[0]
    assert (quiet.severity, quiet.message) == (Severity.LOW, "`crm-mail`, `shop-orders` run as one role though they differ in name")
    admin = ask(role_shared, role(inline=(policy(allow("*")),)), function("shop-orders"), function("crm-mail")).findings[0]
    assert admin.severity is Severity.MEDIUM
    public = ask(role_shared, TABLES, function("checkout"), trigger(authorizer=None, function=FUNCTION_ARN), function("worker")).findings[0]
    assert (public.severity, public.message) == (Severity.MEDIUM, "`checkout`, `worker` run as one role though they differ in exposure")


def test_what_each_gains_is_told_where_their_configuration_decides_it():
    table = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/invoices"
    secret = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:bank-AbCdEf"
    shared = role(inline=(policy(allow("dynamodb:PutItem", table), allow("secretsmanager:GetSecretValue", secret), allow("sqs:*")),))
    functions = (
        function("greeter", environment=(env("GREETING", "hello"),)),
        function("invoices", environment=(env("TABLE", "invoices"), env("BANK", secret))),
    )
    finding = ask(role_shared, shared, *functions).findings[0]
    notes = [evidence.note for evidence in finding.evidence]
    assert "`greeter` gets write of the table `invoices`, which only `invoices` names" in notes
    assert "`greeter` gets read of the secret `bank-AbCdEf`, which only `invoices` names" in notes
    assert not any("queue" in note for note in notes)
    assert finding.severity is Severity.MEDIUM


def test_nothing_is_told_of_what_all_or_none_of_them_name():
    table = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/invoices"
    shared = role(inline=(policy(allow("dynamodb:PutItem", [table, table + "-2"])),))
    both = (env("TABLE", table),)
    finding = ask(role_shared, shared, function("greeter", environment=both), function("invoices", environment=both)).findings[0]
    assert not any("which only" in evidence.note for evidence in finding.evidence)
    assert finding.severity is Severity.LOW
