import pytest
from msgspec.structs import replace
from tests.checks.networks import answers, verdict
from tests.engines.net.build import Net
from tests.estates import DENIED, TODAY, allow, env, event_source, function, policy, role, scope

from buckler.checks import run
from buckler.checks.database_reached_undeclared import database_reached_undeclared
from buckler.model.finding import Finding, Gap
from buckler.reach.analysis import Analysis

# The base lets the function in by its group; here a range does.
RANGE = "sg database closed; sg database in tcp 5432 10.0.0.0/16; eni db db 10.0.3.10 database says=RDSNetworkInterface"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param(RANGE, Finding, id="a-range-lets-it-in"),
        pytest.param("eni db db 10.0.3.10 database says=RDSNetworkInterface", None, id="its-group-is-named"),
        pytest.param(f"{RANGE}; sg database in tcp 5432 fn", None, id="its-group-is-named-too"),
        pytest.param(f"{RANGE}; sg database in tcp 22 fn", None, id="its-group-is-named-for-another-port"),
        pytest.param(f"{RANGE}; sg fn closed; sg fn out tcp 5432 database", None, id="its-own-rule-names-the-database"),
        pytest.param(f"{RANGE}; sg fn closed; sg fn out tcp 5432 10.0.3.10/32", None, id="its-own-rule-names-the-address"),
        pytest.param(f"{RANGE}; sg fn closed; sg fn out tcp 5432 10.0.3.0/24", Finding, id="its-own-rule-names-a-range"),
        pytest.param(f"{RANGE}; sg fn closed; sg fn out tcp 443 0.0.0.0/0", None, id="not-reached"),
        pytest.param(RANGE.replace("says=RDSNetworkInterface", "says=worker"), None, id="not-a-database"),
        pytest.param(RANGE.replace("says=RDSNetworkInterface", "says=ElastiCache"), Finding, id="a-cache"),
        pytest.param(f"{RANGE}; lost security_groups", Gap, id="groups-unreadable"),
        pytest.param(f"{RANGE}; lost interfaces", Gap, id="interfaces-unreadable"),
        pytest.param(
            "igw igw-1 a; nat nat-1 pub; route pub 0.0.0.0/0 igw-1; route app 0.0.0.0/0 nat-1; lost public_access_blocks",
            None,
            id="what-is-unread-is-of-others",
        ),
    ],
)
def test_verdict(changes, expected):
    assert verdict(database_reached_undeclared, changes) is expected


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param({"environment": (env("STAGE", "prod"),)}, Finding, id="a-variable-of-something-else"),
        pytest.param({"environment": (env("DB_NAME", "orders"),)}, None, id="a-variable-of-a-database"),
        pytest.param({"environment": (env("ordersUrl", "x"),)}, None, id="a-variable-of-any-url"),
        pytest.param({"environment": (env("TARGET", "10.0.3.10:5432"),)}, None, id="a-variable-with-its-address"),
        pytest.param({"environment": (env("MEDB", "x"),)}, Finding, id="a-word-within-a-word"),
        pytest.param({"environment": DENIED}, Gap, id="variables-unreadable"),
    ],
)
def test_what_its_settings_speak_of(facts, expected):
    assert verdict(database_reached_undeclared, RANGE, **facts) is expected


def test_what_only_a_password_guards_weighs_more():
    database = answers(database_reached_undeclared, RANGE).findings[0]
    assert (database.severity.value, database.message) == (
        "medium",
        "its packets reach RDS database in database on tcp 5432, and nothing says that it has business there",
    )
    domain = answers(database_reached_undeclared, RANGE.replace("RDSNetworkInterface", "OpenSearch")).findings[0]
    assert domain.severity.value == "low"


def told(powers, *sources):
    net = Net(RANGE)
    estate = replace(
        net.estate, functions=(function(vpc=net.vpc_config),), roles=(role(inline=powers),), event_sources=sources, scopes=(scope(),)
    )
    return run([database_reached_undeclared], Analysis(estate, today=TODAY))


@pytest.mark.parametrize(
    ("powers", "expected"),
    [
        pytest.param((policy(allow("dynamodb:GetItem")),), True, id="of-something-else"),
        pytest.param((policy(allow("rds-db:connect")),), False, id="of-the-service"),
        pytest.param((policy(allow("secretsmanager:GetSecretValue")),), False, id="of-secrets"),
        pytest.param((policy(allow("*")),), False, id="of-everything"),
    ],
)
def test_what_its_role_speaks_of(powers, expected):
    assert bool(told(powers).findings) is expected


def test_a_role_that_could_not_be_read_leaves_it_open():
    answers = told(DENIED)
    assert (answers.findings, len(answers.gaps)) == ((), 1)


def test_what_starts_it_speaks_for_it():
    assert told(()).findings
    assert not told((), event_source(source_kind="msk")).findings
    assert told((), event_source(source_kind="sqs")).findings
