"""The rules that are left keep what is used, close the rest, and open nothing; in networks made at random too."""

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.engines.net.build import Net, entity
from tests.engines.net.random_nets import NETS
from tests.estates import DENIED, ORDERS, TODAY, alias, allow, env, event_source, function, policy, role, scope, version

from buckler.app.netting import ask_connection, ask_net
from buckler.engines.net.gates import describe_rule
from buckler.model.unknown import Undecided
from buckler.reach.analysis import Analysis
from buckler.reach.network_close import changed_by, close

NAT = "igw igw-1 a; nat nat-1 pub; route pub 0.0.0.0/0 igw-1; route app 0.0.0.0/0 nat-1; "
PEER = "peering pcx-1 a b; route app 10.1.0.0/16 pcx-1; route far 10.0.0.0/16 pcx-1; "
S3 = "endpoint vpce-1 com.amazonaws.eu-west-1.s3 app; "
RDS = "eni rds db 10.0.3.20 database says=RDSNetworkInterface; "
HTTPS = "out tcp 443 to 0.0.0.0/0"
QUIET = role(inline=(policy(allow("logs:PutLogEvents")),))
READS = role(inline=(policy(allow("s3:GetObject"), allow("logs:*"), allow("ec2:CreateNetworkInterface")),))


def about(changes, *more, who=QUIET, **facts):
    net = Net(changes)
    fn = function("f", **{"vpc": net.vpc_config, **facts})
    functions = (fn, *(one for one in more if type(one).__name__ == "Function"))
    others = {"event_sources": tuple(one for one in more if type(one).__name__ == "EventSourceMapping")}
    estate = replace(net.estate, functions=functions, roles=(who,), scopes=(scope(),), missing=net.estate.missing, **others)
    return Analysis(estate, today=TODAY)


def closed(changes, *more, **facts):
    analysis = about(changes, *more, **facts)
    return close(analysis.estate.functions[0], analysis)


def rules(changes, *more, **facts):
    made = closed(changes, *more, **facts)
    assert made.refused == ""
    (group,) = made.groups
    return [describe_rule(one) for one in group.after]


def test_nothing_that_is_used_leaves_nothing_open():
    made = closed(NAT)
    (group,) = made.groups
    assert (group.after, len(group.removed), group.added, made.refused) == ((), 2, (), "")
    assert {(one.target, one.protocol) for one in made.lost} == {
        ("database (db)", "tcp"),
        ("the internet (IPv4)", "tcp"),
        ("the internet (IPv4)", "udp"),
    }


@pytest.mark.parametrize(
    ("changes", "variables", "left"),
    [
        pytest.param("", {"DB": "10.0.3.10:5432"}, ["out tcp 5432 to database"], id="address-of-what-stands-there"),
        pytest.param(PEER, {"DB_HOST": "10.1.1.10"}, ["out tcp 5432 to far"], id="over-a-peering-and-its-port-is-told-by-the-network"),
        pytest.param(RDS, {"DB_HOST": "shop.abc.eu-west-1.rds.amazonaws.com"}, ["out tcp 5432 to database"], id="by-what-it-is"),
        pytest.param(NAT, {"API": "https://api.stripe.com"}, [HTTPS], id="outside"),
        pytest.param(NAT, {"API": "https://api.stripe.com:8443"}, ["out tcp 8443 to 0.0.0.0/0"], id="outside-on-its-port"),
        pytest.param(
            f"{NAT}sg fn closed; sg fn out tcp 0-65535 198.51.100.0/24", {"API": "https://api.stripe.com"}, ["out tcp 443 to 198.51.100.0/24"],
            id="outside-no-wider-than-today",
        ),
        pytest.param("", {"API": "https://api.stripe.com"}, [], id="outside-where-there-is-no-way"),
        pytest.param("", {"DB_HOST": "db.internal", "DB_PORT": "5432"}, ["out tcp 5432 to database"], id="a-private-name"),
        pytest.param(NAT, {"DB_HOST": "db.internal", "DB_PORT": "22"}, [], id="a-private-name-is-not-outside"),
        pytest.param("", {"DB": "10.0.3.10:22"}, [], id="what-is-not-reached-is-not-opened"),
        pytest.param(
            "sg cache in tcp 6390 fn; eni c db 10.0.3.31 cache says=ElastiCache", {"REDIS_HOST": "s.a1b2c3.0001.euw1.cache.amazonaws.com"},
            ["out tcp 6390 to cache"], id="a-port-that-the-name-guesses-wrong",
        ),
        pytest.param(
            "sg fn closed; sg fn out tcp 5432 10.0.3.10/32; eni db2 db 10.0.3.11 database", {"DB": "10.0.3.10:5432"},
            ["out tcp 5432 to 10.0.3.10/32"], id="a-reference-would-reach-more",
        ),
        pytest.param(
            "sg fn closed; sg fn out tcp 5000-6000 10.0.3.10/32; eni db2 db 10.0.3.11 database", {"DB_HOST": "db.internal"},
            ["out tcp 5432 to 10.0.3.10/32"], id="of-what-is-alike-only-the-address-that-is-reached",
        ),
        pytest.param(
            "tgw tgw-1 a:app b:far refs; tgwroute tgw-1 10.0.0.0/16 a; tgwroute tgw-1 10.1.0.0/16 b; "
            "route app 10.1.0.0/16 tgw-1; route far 10.0.0.0/16 tgw-1", {"SVC": "10.1.1.10:5432"},
            ["out tcp 5432 to 10.1.1.10/32"], id="no-reference-crosses-a-transit-gateway",
        ),
        pytest.param(NAT, {"SMTP": "smtp://email-smtp.eu-west-1.amazonaws.com:587"}, ["out tcp 587 to 0.0.0.0/0"], id="mail"),
        pytest.param(f"{NAT}sg fn out udp 53 10.0.9.2/32", {}, ["out udp 53 to 10.0.9.2/32"], id="name-servers-of-ones-own"),
    ],
)  # fmt: skip
def test_what_the_environment_names_stays(changes, variables, left):
    assert rules(changes, environment=tuple(env(name, value) for name, value in variables.items())) == left


def test_of_several_of_a_kind_those_stay_that_the_name_fits():
    two = "sg a in tcp 6379 fn; sg b in tcp 6379 fn; eni c1 db 10.0.3.31 a says=ElastiCache; eni c2 db 10.0.3.32 b says=ElastiCache; "
    analysis = about(two, environment=(env("REDIS_HOST", "sessions.a1b2c3.0001.euw1.cache.amazonaws.com"),))
    names = {"c1": "ElastiCache sessions-001", "c2": "ElastiCache carts-001"}

    def left(described):
        interfaces = tuple(replace(one, description=described.get(one.name, one.description)) for one in analysis.estate.interfaces)
        there = Analysis(replace(analysis.estate, interfaces=interfaces), today=TODAY)
        made = close(there.estate.functions[0], there)
        return [describe_rule(one) for one in made.groups[0].after], made.kept[0].note

    assert left(names) == (["out tcp 6379 to a"], "")
    assert left({}) == (["out tcp 6379 to a", "out tcp 6379 to b"], "which of 2 it is cannot be told: all stay")


def test_a_password_in_a_url_hides_the_host_and_not_the_port():
    from buckler.engines.secrets import judge

    hidden = env("DATABASE_URL", judge("DATABASE_URL", "postgres://shop:hunter2-hunter2@db.internal/shop"))
    made = closed(f"{NAT}{PEER}", environment=(hidden,))
    # Whatever stands behind that port stays, the internet's among it: nobody knows which it is.
    assert [describe_rule(one) for one in made.groups[0].after] == ["out tcp 5432 to 0.0.0.0/0"]
    assert "is not read" in made.kept[0].note
    assert [describe_rule(one) for one in closed(PEER, environment=(hidden,)).groups[0].after] == [
        "out tcp 5432 to database",
        "out tcp 5432 to far",
    ]


@pytest.mark.parametrize(
    ("changes", "left"),
    [
        pytest.param(NAT, [HTTPS], id="over-the-internet"),
        pytest.param(S3, ["out tcp 443 to pl-com.amazonaws.eu-west-1.s3"], id="by-its-gateway-endpoint"),
        pytest.param(
            f"{NAT}{S3}list pl-com.amazonaws.eu-west-1.s3 52.218.0.0/17", ["out tcp 443 to pl-com.amazonaws.eu-west-1.s3"], id="by-both"
        ),
        pytest.param("", [], id="not-reached"),
    ],
)
def test_what_the_role_allows_stays(changes, left):
    assert rules(changes, who=READS) == left


def test_an_endpoint_that_is_not_there_is_proposed():
    sends = role(inline=(policy(allow(["sqs:SendMessage", "dynamodb:PutItem", "sts:AssumeRole"])),))
    assert [(one.service, one.endpoint_type) for one in closed(NAT, who=sends).proposals] == [
        ("com.amazonaws.eu-west-1.dynamodb", "Gateway"),
        ("com.amazonaws.eu-west-1.sqs", "Interface"),
        ("com.amazonaws.eu-west-1.sts", "Interface"),
    ]
    assert closed("", who=sends).proposals == ()


ENDPOINT = "sg ends in tcp 443 10.0.0.0/16; eni ep db 10.0.3.40 ends says=endpoint"


def with_endpoint(service, **facts):
    """A VPC without a way out but an interface endpoint of a service."""
    from buckler.model.network import VpcEndpoint

    analysis = about(ENDPOINT, **facts)
    there = VpcEndpoint(
        **entity("vpce-9"),
        vpc_id="a",
        service=service,
        endpoint_type="Interface",
        policy=None,
        security_group_ids=("ends",),
        private_dns=True,
    )
    # As EC2 describes the interfaces of endpoints.
    interfaces = tuple(
        replace(one, description="VPC Endpoint Interface vpce-9") if one.name == "ep" else one for one in analysis.estate.interfaces
    )
    analysis = Analysis(replace(analysis.estate, endpoints=(there,), interfaces=interfaces), today=TODAY)
    return [describe_rule(one) for one in close(analysis.estate.functions[0], analysis).groups[0].after]


@pytest.mark.parametrize(
    ("service", "actions", "variables", "left"),
    [
        ("com.amazonaws.eu-west-1.sqs", ["sqs:SendMessage"], {}, ["out tcp 443 to ends"]),
        ("com.amazonaws.eu-west-1.sqs", ["sns:Publish"], {}, []),
        ("com.amazonaws.eu-west-1.sagemaker.runtime", ["sagemaker:InvokeEndpoint"], {}, ["out tcp 443 to ends"]),
        ("com.amazonaws.eu-west-1.monitoring", ["cloudwatch:PutMetricData"], {}, ["out tcp 443 to ends"]),
        ("com.amazonaws.eu-west-1.bedrock-runtime", ["bedrock:InvokeModel"], {}, ["out tcp 443 to ends"]),
        (
            "com.amazonaws.eu-west-1.execute-api",
            ["logs:*"],
            {"API": "https://abc.execute-api.eu-west-1.amazonaws.com/v1"},
            ["out tcp 443 to ends"],
        ),
        ("com.amazonaws.eu-west-1.sqs", ["logs:*"], {"Q": "https://sqs.us-east-1.amazonaws.com/1/q"}, []),
        (
            "com.amazonaws.vpce.eu-west-1.vpce-svc-1",
            ["logs:*"],
            {"SVC": "https://vpce-9-x1.vpce-svc-1.eu-west-1.vpce.amazonaws.com"},
            ["out tcp 443 to ends"],
        ),
        ("com.amazonaws.eu-west-1.sqs", ["*"], {}, ["out tcp 443 to ends"]),
    ],
)
def test_interface_endpoints_stay_for_what_goes_through_them(service, actions, variables, left):
    named = tuple(env(name, value) for name, value in variables.items())
    assert with_endpoint(service, who=role(inline=(policy(allow(actions)),)), environment=named) == left


def test_versions_that_an_alias_leads_to_keep_what_they_use():
    old = {"aliases": (alias("live", "3"),), "versions": (version("3", environment=(env("API", "https://api.stripe.com"),)), version("2"))}
    assert rules(NAT, **old) == [HTTPS]
    assert rules(NAT, **{**old, "aliases": (alias("live", "2"),)}) == []
    other = {"aliases": (alias("live", "3"),), "versions": (version("3", role="arn:aws:iam::123456789012:role/gone"),)}
    with pytest.raises(Undecided):
        closed(NAT, **other)


QUEUE = "arn:aws:sqs:eu-west-1:123456789012:dead"


@pytest.mark.parametrize(
    ("actions", "resource", "left"),
    [
        (["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"], "*", []),
        (["sqs:SendMessage"], QUEUE, []),
        (["sqs:SendMessage"], "*", [HTTPS]),
        (["xray:PutTraceSegments", "iam:PassRole"], "*", []),
        (["elasticfilesystem:ClientMount"], "*", []),
        (["*"], "*", [HTTPS]),
    ],
)
def test_what_lambda_does_itself_needs_no_rule(actions, resource, left):
    who = role(inline=(policy(allow(actions, resource)),))
    fed = event_source(function=function("f").arn, source_kind="sqs", source="arn:aws:sqs:eu-west-1:123456789012:jobs")
    assert rules(NAT, fed, who=who, dead_letter=QUEUE) == left


def test_what_a_secret_may_name_stays_where_it_asks_for_a_password():
    reads = role(inline=(policy(allow("secretsmanager:GetSecretValue")),))
    there = f"{PEER}sg database in tcp 5432 fn; eni rds db 10.0.3.20 database says=RDSNetworkInterface"
    made = closed(there, who=reads)
    assert [describe_rule(one) for one in made.groups[0].after] == ["out tcp 5432 to database"]
    # What stands behind the peering says nothing of itself: nobody tells that it asks for a password.
    assert ("f", "far (svc)") in {(one.source, one.target) for one in made.lost}


def test_a_file_system_is_mounted_through_the_function_s_interfaces():
    mounts = ("arn:aws:elasticfilesystem:eu-west-1:123456789012:access-point/fsap-1",)
    there = "sg files in tcp 2049 10.0.0.0/16; eni mt db 10.0.3.30 files says=EFS"
    analysis = about(there, file_systems=mounts)
    # As EFS describes its mount targets.
    estate = replace(
        analysis.estate,
        interfaces=tuple(
            replace(one, description="EFS mount target for fs-1 (fsmt-1)") if one.name == "mt" else one
            for one in analysis.estate.interfaces
        ),
    )
    analysis = Analysis(estate, today=TODAY)
    assert [describe_rule(one) for one in close(estate.functions[0], analysis).groups[0].after] == ["out tcp 2049 to files"]


def test_what_shares_the_group_keeps_what_it_uses():
    other = function("g", vpc=Net("").vpc_config, environment=(env("API", "https://api.stripe.com"),))
    made = closed(f"{NAT}{PEER}", other, environment=(env("DB", "10.0.3.10:5432"),))
    (group,) = made.groups
    # 443 to anywhere is `g`'s, and the database's port is no part of it.
    assert [describe_rule(one) for one in group.after] == [HTTPS, "out tcp 5432 to database"]
    assert group.members == ("f", "g")
    assert {one.function for one in made.kept} == {"f", "g"}
    assert {(one.source, one.target) for one in made.lost} >= {("f", "far (svc)"), ("g", "far (svc)")}
    assert {(one.source, one.target) for one in made.stays} == {("f", "the internet (IPv4)"), ("g", "database (db)")}


def test_a_function_that_names_no_group_stands_in_the_default_one():
    analysis = about(f"{NAT}sg default out -1 - 0.0.0.0/0", vpc=replace(Net("").vpc_config, security_group_ids=()))
    made = close(analysis.estate.functions[0], analysis)
    assert [(one.group, one.after, len(one.removed)) for one in made.groups] == [("default", (), 1)]


def test_of_several_groups_the_one_that_others_do_not_share_gets_the_rules():
    own = replace(Net("").vpc_config, security_group_ids=("fn", "own"))
    other = function("g", vpc=Net("").vpc_config, environment=(env("API", "https://api.stripe.com"),))
    made = closed(
        f"{NAT}sg own out tcp 22 10.9.0.0/16; sg database in tcp 5432 own", other, vpc=own, environment=(env("DB", "10.0.3.10:5432"),)
    )
    assert made.refused == ""
    assert {one.group: [describe_rule(each) for each in one.after] for one in made.groups} == {
        "fn": [HTTPS],
        "own": ["out tcp 5432 to database"],
    }
    assert ("g", "database (db)") in {(one.source, one.target) for one in made.lost}


@pytest.mark.parametrize(
    ("changes", "more", "why"),
    [
        ("eni box app 10.0.1.77 fn says=bastion", (), "also that of bastion"),
        ("eni old app2 10.0.2.77 fn kind=lambda", (), "for no function that was read"),
        ("", (event_source(source=None, source_kind="kafka", credentials=(env("VPC_SECURITY_GROUP", "security_group:fn"),)),), "pollers"),
    ],
)
def test_a_group_of_others_is_not_closed(changes, more, why):
    made = closed(changes, *more)
    assert why in made.refused
    assert made.groups[0].after == ()


def test_the_group_of_other_pollers_is_theirs():
    other = event_source(source=None, source_kind="kafka", credentials=(env("VPC_SECURITY_GROUP", "security_group:other"),))
    assert closed("", other).refused == ""


@pytest.mark.parametrize("lost", ["interfaces", "security_groups", "endpoints", "route_tables"])
def test_what_could_not_be_looked_at_is_not_closed(lost):
    with pytest.raises(Undecided):
        closed(f"lost {lost}")


@pytest.mark.parametrize("facts", [{"environment": DENIED}, {"file_systems": DENIED}, {"who": role(inline=DENIED)}, {"vpc": None}])
def test_what_of_the_function_could_not_be_read_may_hide_a_use(facts):
    with pytest.raises(Undecided):
        closed(NAT, **facts)


def test_a_value_that_nobody_may_read_is_named():
    from buckler.engines.secrets import judge

    made = closed(NAT, environment=(env("STATE", judge("STATE", "zq8Kd02m#Px7Lw5Rt9!")),))
    assert made.doubts[0] == "`f`: environment `STATE` is not read: what it names, if it names anything, is not kept"


def test_a_rule_that_is_needed_stays_as_it_is_written():
    made = closed(f"{NAT}sg fn out tcp 5432 database", environment=(env("DB", "10.0.3.10:5432"),))
    (group,) = made.groups
    assert group.added == ()
    assert [describe_rule(one) for one in group.removed] == ["out all traffic to 0.0.0.0/0", "out all traffic to ::/0"]


def test_why_it_stays_is_written_beside_the_rule_in_what_ec2_takes():
    made = closed(NAT, environment=(env("API", "https://api.stripe.com"),), who=role(inline=(ORDERS,)))
    (rule,) = made.groups[0].after
    assert rule.descriptions == (("0.0.0.0/0", "environment API; its role allows dynamodb:PutItem"),)


USES = st.lists(
    st.sampled_from(
        (
            ("A", "10.0.3.10:5432"),
            ("B", "https://api.example.com"),
            ("C_HOST", "10.1.1.10"),
            ("D_HOST", "db.internal"),
            ("E", "10.0.1.50:443"),
        )
    ),
    max_size=3,
    unique=True,
)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(NETS, USES, st.booleans())
def test_in_networks_made_at_random(changes, named, reads):
    before = about(changes, environment=tuple(env(name, value) for name, value in named), who=READS if reads else QUIET)
    try:
        made = close(before.estate.functions[0], before)
    except Undecided:
        assume(False)
        return
    after = Analysis(changed_by(made.groups)(before.estate), today=TODAY)
    was, now = _reached(before), _reached(after)
    if made.refused:
        return
    # Nothing is opened; and what is named is reached as it was, by the other twin too.
    assert all(ports <= was.get(key, set()) for key, ports in now.items())
    for one in made.kept:
        for target in one.targets:
            for first, last in one.use.ports:
                assert first == last
                assert (target, first) not in {
                    (key[0], port) for key, ports in was.items() for port in ports - now.get(key, set()) if key[1] == "tcp"
                }
    for host in ("10.0.3.10", "10.0.1.50", "10.1.1.10", "10.2.1.10"):
        for port in (22, 443, 5432):
            then, later = (ask_connection([each], "f", host, "tcp", port).verdict for each in (before, after))
            assert later == "no" or then != "no"
    for name, value in named:
        if name in "AE":
            host, _, port = value.partition(":")
            then, later = (ask_connection([each], "f", host, "tcp", int(port)).verdict for each in (before, after))
            assert then == later
    # Every rule is there for something: without it, a use is lost.
    wanted = {target for one in made.kept for target in one.targets}
    for group in made.groups:
        for rule in group.after:
            fewer = replace(group, after=tuple(one for one in group.after if one is not rule))
            left = _reached(Analysis(changed_by([fewer])(before.estate), today=TODAY))
            lost = {key[0] for key, ports in now.items() if ports - left.get(key, set())}
            lost |= {"the internet" for name in lost if name.startswith("the internet")}
            assert lost & wanted


def _reached(analysis):
    return {
        (told.target.name, one.protocol): {port for port in (0, 22, 443, 1024, 5432, 40000) if any(a <= port <= b for a, b in one.ports)}
        for told in ask_net([analysis], "f").reached
        for one in told.protocols
    }
