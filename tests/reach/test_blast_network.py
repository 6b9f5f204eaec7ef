"""The network half of a blast radius: what packets reach, and whether anything else stands before it."""

import pytest
from msgspec.structs import replace
from tests.engines.net.build import Net
from tests.estates import DENIED, TODAY, allow, attached, function, policy, role, scope
from tests.reach.attack import deny
from tests.reach.test_graph import org

from buckler.model.severity import Severity
from buckler.reach.analysis import Analysis
from buckler.reach.blast import blast
from buckler.reach.blast_network import said_of

ROLE = role().arn
ALONE = "sg database closed; eni svc far 10.1.1.10 far kind=lambda"


def told(changes, *powers, **facts):
    """Own a function in the network that the lines describe."""
    net = Net(f"{ALONE}; {changes}")
    fn = function(**{"vpc": net.vpc_config, **facts})
    made = role(inline=powers[0] if powers and powers[0] is DENIED else tuple(policy(allow(one)) for one in powers))
    return blast(fn, Analysis(replace(net.estate, functions=(fn,), roles=(made,), scopes=(scope(),)), today=TODAY))


def thing(says):
    return f"eni thing db 10.0.3.20 thing says={says}; sg thing in tcp 5000 fn"


@pytest.mark.parametrize(
    ("says", "powers", "guard", "may", "harm", "words"),
    [
        ("RDSNetworkInterface", (), "password", (), "medium", "a password, or nothing, guards it"),
        (
            "RDSNetworkInterface", ("rds-db:connect",), "password", ("rds-db:connect",), "medium",
            "a password, or nothing, guards it; its role may rds-db:connect",
        ),
        ("ElastiCache", (), "password", (), "medium", "a password, or nothing, guards it"),
        ("DAX", (), "iam", (), "low", "it asks IAM, and its role may not"),
        ("DAX", ("dax:*",), "iam", ("dax:GetItem", "dax:Query", "dax:Scan", "dax:PutItem", "dax:DeleteItem"), "medium", "it asks IAM, and its role may"),
        ("OpenSearch", (), "unknown", (), "low", "whether it asks IAM is its own setting; its role may not, where it does"),
        ("OpenSearch", ("es:ESHttpGet",), "unknown", ("es:ESHttpGet",), "medium", "whether it asks IAM is its own setting; its role may es:ESHttpGet"),
        ("worker", ("rds-db:connect",), "unknown", (), "low", ""),
    ],
)  # fmt: skip
def test_what_guards_it(says, powers, guard, may, harm, words):
    found = told(thing(says), *powers)
    (one,) = found.reaches
    assert (one.guard, one.may, one.harm.value, one.ports, one.is_sure) == (guard, may, harm, "tcp 5000", True)
    assert said_of(one).startswith(words)
    assert found.worst is one.harm


@pytest.mark.parametrize(
    ("says", "settings", "guard", "words"),
    [
        ("ElastiCache~sessions-001", "guard elasticache sessions-001", "nothing", "nothing guards it"),
        ("ElastiCache~sessions-001", "guard elasticache sessions-001 asks=password", "password", "a password guards it"),
        ("ElastiCache~sessions-001", "guard elasticache sessions-001 asks=-", "password", "a password, or nothing, guards it"),
        ("ElastiCache~sessions-001", "guard elasticache sessions-002", "password", "a password, or nothing, guards it"),
        ("ES~orders", "guard opensearch orders open", "nothing", "nothing guards it"),
        ("ES~orders", "guard opensearch orders closed", "iam", "it asks IAM, and its role may not"),
        ("ES~orders", "guard opensearch orders", "iam", "it asks IAM, and its role may not"),
        ("ES~orders", "guard opensearch orders asks=password open", "password", "a password guards it"),
        ("ES~orders", "guard opensearch orders asks=iam open", "iam", "it asks IAM, and its role may es:ESHttpGet"),
        ("ES~orders", "guard opensearch orders unread", "unknown", "whether it asks IAM is its own setting"),
        ("EFS~mount~target~for~fs-1~(fsmt-2)", "guard efs fs-1", "nothing", "nothing guards it"),
        ("EFS~mount~target~for~fs-1~(fsmt-2)", "guard efs fs-1 open", "nothing", "nothing guards it"),
        ("EFS~mount~target~for~fs-1~(fsmt-2)", "guard efs fs-1 closed", "iam", "it asks IAM, and its role may not"),
        ("EFS~mount~target~for~fs-1~(fsmt-2)", "guard efs fs-2", "unknown", "whether it asks IAM is its own setting"),
    ],
)
def test_what_its_own_settings_say(says, settings, guard, words):
    (one,) = told(f"{thing(says)}; {settings}").reaches
    assert one.guard == guard
    assert said_of(one).startswith(words)
    assert one.harm is (Severity.MEDIUM if guard in {"nothing", "password"} or one.may else Severity.LOW)


HERE = "in=db,far:thing"
PROXY = "Network~interface~for~DBProxy~front"
MEMORY = "of~MemoryDB"
RDS = "RDSNetworkInterface"


@pytest.mark.parametrize(
    ("says", "settings", "name", "guard", "words"),
    [
        (RDS, f"guard rds orders asks=password {HERE} login", "RDS database orders", "password", "a password guards it, or IAM where a user"),
        (RDS, f"guard rds orders asks=password {HERE} nologin", "RDS database orders", "password", "a password guards it"),
        (RDS, f"guard neptune graph {HERE}", "Neptune cluster graph", "nothing", "nothing guards it"),
        (RDS, f"guard neptune graph asks=iam {HERE}", "Neptune cluster graph", "iam", "it asks IAM, and its role may not"),
        (RDS, f"guard docdb files asks=password {HERE}", "DocumentDB cluster files", "password", "a password guards it"),
        (RDS, f"guard rds a asks=password {HERE} nologin; guard rds b asks=password {HERE} nologin", "RDS database in thing", "password", "a password"),
        (RDS, f"guard rds a asks=password {HERE} login; guard neptune b {HERE}", "RDS database in thing", "password", "a password, or nothing"),
        (RDS, "guard rds orders asks=password in=app:thing login", "RDS database in thing", "password", "a password, or nothing"),
        (RDS, "guard rds orders asks=password in=db:other login", "RDS database in thing", "password", "a password, or nothing"),
        (PROXY, f"guard rds-proxy front asks=iam {HERE} login", "RDS proxy front", "iam", "it asks IAM, and its role may not"),
        (PROXY, f"guard rds-proxy front asks=password {HERE} nologin; guard rds front {HERE}", "RDS proxy front", "password", "a password"),
        (MEMORY, f"guard memorydb carts {HERE}", "MemoryDB cluster carts", "nothing", "nothing guards it"),
        (MEMORY, f"guard memorydb carts asks=password {HERE}", "MemoryDB cluster carts", "password", "a password guards it"),
        ("Amazon~MSK", f"guard msk events {HERE} login", "Kafka cluster events", "nothing", "nothing guards it"),
        ("Amazon~MSK", f"guard msk events asks=iam {HERE} login", "Kafka cluster events", "iam", "it asks IAM, and its role may not"),
        ("Amazon~MSK", f"guard msk events asks=certificate {HERE} nologin", "Kafka cluster events", "certificate", "a client's certificate"),
    ],
)  # fmt: skip
def test_what_no_description_names_is_told_by_where_it_stands(says, settings, name, guard, words):
    (one,) = told(f"{thing(says)}; {settings}").reaches
    assert (one.name, one.guard) == (name, guard)
    assert said_of(one).startswith(words)


@pytest.mark.parametrize(("setting", "may"), [("login", ("rds-db:connect",)), ("nologin", ())])
def test_what_the_role_may_matters_where_iam_lets_in(setting, may):
    (one,) = told(f"{thing(RDS)}; guard rds orders asks=password {HERE} {setting}", "rds-db:connect").reaches
    assert one.may == may


def in_account(changes, *powers, **more):
    """The same, in an account of an organisation, or with a thing's own policy."""
    net = Net(f"{ALONE}; {changes}")
    fn = function("f", vpc=net.vpc_config)
    services = tuple(replace(one, **more["service"]) for one in net.estate.data_services) if "service" in more else net.estate.data_services
    made = role(inline=tuple(policy(one) for one in powers))
    estate = replace(
        net.estate,
        functions=(fn,),
        roles=(made,),
        scopes=(scope(),),
        data_services=services,
        organizations=more.get("organizations", ()),
    )
    return blast(fn, Analysis(estate, today=TODAY)).reaches


@pytest.mark.parametrize(("denied", "may"), [("dax:*", ()), ("dax:GetItem", ("dax:Query",)), ("s3:*", ("dax:GetItem", "dax:Query"))])
def test_the_organisation_has_its_say(denied, may):
    (one,) = in_account(thing("DAX"), allow(["dax:GetItem", "dax:Query"]), organizations=(org(deny(denied)),))
    assert one.may == may


DOMAIN = "arn:aws:es:eu-west-1:123456789012:domain/orders"


@pytest.mark.parametrize(
    ("statement", "powers", "may"),
    [
        pytest.param({"Effect": "Allow", "Principal": {"AWS": ROLE}, "Action": "es:ESHttpGet", "Resource": f"{DOMAIN}/*"}, (), ("es:ESHttpGet",), id="names-it"),
        pytest.param(
            {"Effect": "Deny", "Principal": "*", "Action": "es:ESHttpDelete", "Resource": f"{DOMAIN}/*"},
            (allow(["es:ESHttpGet", "es:ESHttpDelete"]),),
            ("es:ESHttpGet",),
            id="denies",
        ),
        pytest.param(
            {"Effect": "Allow", "Principal": {"AWS": f"{ROLE}-other"}, "Action": "es:*", "Resource": f"{DOMAIN}/*"}, (), (), id="names-another"
        ),
        pytest.param(
            {"Effect": "Allow", "Principal": {"AWS": f"{ROLE}-other"}, "Action": "es:*", "Resource": f"{DOMAIN}/*"},
            (allow("es:ESHttpGet", "arn:aws:es:eu-west-1:123456789012:domain/other/*"),),
            (),
            id="may-use-another-domain",
        ),
    ],
)  # fmt: skip
def test_the_thing_s_own_policy_has_its_say(statement, powers, may):
    there = f"{thing('ES~orders')}; guard opensearch orders closed"
    (one,) = in_account(there, *powers, service={"arn": DOMAIN, "policy": policy(statement)})
    assert one.may == may


def test_a_role_that_could_not_be_read_leaves_it_open():
    (one,) = told(thing("DAX"), DENIED).reaches
    assert (one.may, one.unknown) == ((), DENIED)
    assert said_of(one).startswith("it asks IAM, and whether its role may is not known: ")


def test_a_database_weighs_as_much_whatever_could_not_be_read_of_the_role():
    (one,) = told(thing("RDSNetworkInterface"), DENIED).reaches
    assert one.harm is Severity.MEDIUM


def test_a_boundary_keeps_a_role_out():
    net = Net(f"{ALONE}; {thing('DAX')}")
    fn = function(vpc=net.vpc_config)
    made = role(inline=(policy(allow("dax:*")),), boundary=attached("arn:aws:iam::123456789012:policy/limits", policy(allow("s3:*"))))
    found = blast(fn, Analysis(replace(net.estate, functions=(fn,), roles=(made,), scopes=(scope(),)), today=TODAY))
    assert found.reaches[0].may == ()


def test_a_resource_the_policy_names_counts():
    net = Net(f"{ALONE}; {thing('RDSNetworkInterface')}")
    fn = function(vpc=net.vpc_config)
    powers = policy(
        allow("rds-db:connect", "arn:aws:rds-db:eu-west-1:123456789012:dbuser:db-ABC/app"), allow("s3:GetObject", "arn:aws:s3:::x/*")
    )
    found = blast(fn, Analysis(replace(net.estate, functions=(fn,), roles=(role(inline=(powers,)),), scopes=(scope(),)), today=TODAY))
    assert found.reaches[0].may == ("rds-db:connect",)


def test_what_may_be_reached_weighs_less():
    (one,) = told("eni thing db 10.0.3.20 thing says=RDSNetworkInterface; sg thing in tcp 5000 10.0.1.7/32").reaches
    assert (one.is_sure, one.harm) == (False, Severity.LOW)


def test_the_summary_speaks_of_it_where_there_is_nothing_worse():
    assert told(thing("RDSNetworkInterface")).summary == "owning `checkout` lets an attacker knock at RDS database in thing on tcp 5000"
    assert told(thing("worker")).summary == "owning `checkout` gives an attacker nothing beyond the function itself"


def test_endpoints_and_names_are_told_elsewhere():
    assert told("endpoint vpce-1 s3 app").reaches == ()


def test_a_function_in_no_vpc_reaches_nothing_inside_one():
    assert told(thing("RDSNetworkInterface"), vpc=None).reaches == ()


def test_where_it_stands_is_not_known():
    found = told(thing("RDSNetworkInterface"), vpc=DENIED)
    assert (found.reaches, DENIED in found.gaps) == ((), True)
