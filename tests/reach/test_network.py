"""What functions reach, joined with the estate: targets, names, and who."""

import pytest
from msgspec.structs import replace
from tests.engines.net.build import Net
from tests.estates import TODAY, capacity_provider, function, missing, scope

from buckler.app.netting import ask_connection, ask_net, ask_who
from buckler.errors import UsageError
from buckler.model.unknown import Undecided
from buckler.reach.analysis import Analysis
from buckler.reach.network import reach_of

PEER = "peering pcx-1 a b; route app 10.1.0.0/16 pcx-1; route far 10.0.0.0/16 pcx-1"


def about(changes, *more, **facts):
    net = Net(changes)
    fn = function("f", **{"vpc": net.vpc_config, **facts})
    estate = net.estate
    return [Analysis(replace(estate, functions=(fn, *more), scopes=(scope(),), missing=estate.missing), today=TODAY)]


def told(changes, **facts):
    report = ask_net(about(changes, **facts), "f")
    return {one.target.name: {(each.protocol, each.ports) for each in one.protocols} for one in report.reached}


def test_everything_that_stands_somewhere_is_asked_about():
    assert told(PEER) == {
        "database (db)": {("tcp", ((5432, 5432),))},
        "far (svc)": {("tcp", ((5432, 5432),))},
        "the resolver of the VPC, and by it any name server": {("tcp", ((0, 65535),)), ("udp", ((0, 65535),))},
    }


def test_what_is_out_of_reach_is_counted():
    report = ask_net(about("sg fn closed"), "f")
    assert [one.target.kind for one in report.reached] == ["resolver"]
    assert report.closed == 4


def test_alike_interfaces_are_one_target():
    report = ask_net(
        about("eni db2 db 10.0.3.11 database says=RDSNetworkInterface; eni db3 db 10.0.3.12 database says=RDSNetworkInterface"), "f"
    )
    found = next(one.target for one in report.reached if one.target.service == "rds")
    assert found.addresses == ("10.0.3.11", "10.0.3.12")
    assert found.asks_iam is False


def test_a_part_of_the_internet_is_the_internet_too():
    nat = "igw igw-1 a; nat nat-1 pub; route pub 0.0.0.0/0 igw-1; route app 0.0.0.0/0 nat-1"
    assert told(f"{nat}; sg fn closed; sg fn out tcp 443 52.94.0.0/16")["the internet (IPv4)"] == {("tcp", ((443, 443),))}


@pytest.mark.parametrize("route", ["list pl-9 169.254.171.0/24; route app pl-9 VpcLattice", "route app 169.254.171.0/24 vpc-lattice"])
def test_a_service_network_is_a_way_out_of_which_nobody_knows_where_it_leads(route):
    found = next(one for one in ask_net(about(route), "f").reached if one.target.service == "lattice")
    assert (found.target.name, found.verdict) == ("services of VPC Lattice", "unknown")
    assert "of which neither the services nor whom they let in was read" in found.unknown[0].why
    assert "lattice" not in {one.target.service for one in ask_net(about(""), "f").reached}
    assert "lattice" not in {one.target.service for one in ask_net(about(f"{route}; sg fn closed"), "f").reached}


S3 = "com.amazonaws.eu-west-1.s3"


@pytest.mark.parametrize(
    ("rules", "ports"),
    [
        ("", {("tcp", ((0, 65535),)), ("udp", ((0, 65535),))}),
        (f"sg fn closed; sg fn out tcp 443 pl-{S3}", {("tcp", ((443, 443),))}),
        ("sg fn closed; sg fn out tcp 443 10.0.0.0/8", None),
    ],
)
@pytest.mark.parametrize("addresses", ["", f"list pl-{S3} 52.218.0.0/17,3.5.64.0/21; "])
def test_a_service_behind_a_gateway_endpoint_has_the_addresses_of_its_list(rules, ports, addresses):
    assert told(f"endpoint vpce-1 {S3} app; {addresses}{rules}").get(S3) == ports


def test_a_function_outside_every_vpc_has_the_internet_and_nothing_else():
    assert told("", vpc=None) == {"the internet (IPv4)": {("tcp", ((0, 65535),)), ("udp", ((0, 65535),))}}
    reach = ask_connection(about("", vpc=None), "f", "db", "tcp", 5432)
    assert (reach.verdict, reach.blockers) == ("no", ("the function is in no VPC of the account: nothing inside one is reached",))


def test_all_that_is_in_the_way_is_named():
    reach = ask_connection(about("sg fn closed; sg database closed"), "f", "db", "tcp", 5432)
    assert reach.verdict == "no"
    assert reach.blockers == (
        "sg-out of f in app: no outbound rule of fn allows it",
        "sg-in of db: no inbound rule of database allows it",
    )


def test_who_reaches_it():
    other = function("g", vpc=None)
    target, found, undecided = ask_who(about("", other), "db")
    assert (target.id, [one.function.name for one in found], undecided) == ("db", ["f"], ())


def test_nobody_knows_of_a_function_whose_place_is_not_known():
    from tests.estates import DENIED

    target, found, undecided = ask_who(about("", vpc=DENIED), "db")
    assert (found, [unknown for _, unknown in undecided]) == ((), [DENIED])
    with pytest.raises(Undecided):
        ask_net(about("", vpc=DENIED), "f")
    assert target.id == "db"


def test_a_name_of_nothing_is_refused_with_what_there_is():
    with pytest.raises(UsageError, match="nothing called `dbb`"):
        ask_connection(about(""), "f", "dbb", "tcp", 5432)


WAYS = "igw igw-1 a; endpoint vpce-1 com.amazonaws.eu-west-1.s3 app; sg fn closed; sg fn out tcp 443 10.0.0.0/8"


@pytest.mark.parametrize(
    ("to", "verdict"),
    [
        ("s3", "no"),  # a way out that is there, and closed
        ("vpce-1", "no"),
        ("8.8.8.8", "no"),
        ("internet", "no"),
        ("10.0.3.10", "no"),  # the database
        ("10.0.3.77", "no"),  # nothing
        ("10.0.0.0/8", "no"),
        ("2a00::1", "no"),
    ],
)
def test_ways_out_and_addresses_can_be_named(to, verdict):
    assert ask_connection(about(WAYS), "f", to, "tcp", 443).verdict == verdict


@pytest.mark.parametrize(
    ("to", "verdict"), [("8.8.8.8", "always"), ("10.0.3.10", "no"), ("10.9.9.9", "no"), ("internet6", "no"), ("2a00::1", "no")]
)
def test_addresses_from_outside_every_vpc(to, verdict):
    function_ = function("g", vpc=None)
    assert ask_connection(about("", function_), "g", to, "tcp", 443).verdict == verdict


def test_who_reaches_an_address_of_nothing_is_no_question():
    with pytest.raises(UsageError, match=r"nothing called `8\.8\.8\.8`"):
        ask_who(about(""), "8.8.8.8")


def test_of_a_template_the_groups_are_asked_about():
    """It tells no interfaces: whatever will have the group is a target."""
    net = Net("")
    estate = replace(net.estate, interfaces=())
    fn = function("f", vpc=net.vpc_config)
    unread = missing("interfaces")
    made = Analysis(replace(estate, functions=(fn,), scopes=(scope(),), missing=(unread,)), today=TODAY)
    names = {one.target.name: one.verdict for one in ask_net([made], "f").reached}
    assert names["what has the security group database"] == "always"
    assert ask_connection([made], "f", "10.0.3.77", "tcp", 5432).verdict == "unknown"


NAT = "igw igw-1 a; nat nat-1 pub; route pub 0.0.0.0/0 igw-1; route app 0.0.0.0/0 nat-1"
FLEET = "arn:aws:lambda:eu-west-1:123456789012:capacity-provider:fleet"
INTERNET, DATABASE, FAR = "the internet (IPv4)", "database (db)", "far (svc)"
PLACES = f"""
# where a function is | the network | does it reach the internet, the database of VPC a, what stands in VPC b
nowhere                | {NAT} | yes no no
nowhere                | bpa block-bidirectional; {NAT} | yes no no
nowhere                | sg fn closed; {NAT} | yes no no
its-subnets            | {NAT} | yes yes no
its-subnets            | igw igw-1 a; route app 0.0.0.0/0 igw-1 | no yes no
machines app fn        | {NAT} | yes yes no
machines app fn        | | no yes no
machines app2 fn       | {NAT} | no yes no
machines app g1        | {NAT}; sg g1 out tcp 443 0.0.0.0/0 | yes no no
machines app fn        | {NAT}; bpa block-bidirectional | no yes no
machines app fn        | {PEER} | no yes yes
machines far far       | {PEER}; route db 10.1.0.0/16 pcx-1; sg far out -1 - 0.0.0.0/0; sg database in tcp 5432 10.1.0.0/16 | no yes no
machines app,app2 fn   | {NAT} | some yes no
machines app unread    | {NAT} | unknown no no
machines-unread        | {NAT} | undecided
"""


def places():
    for line in PLACES.splitlines():
        if line.strip() and not line.startswith("#"):
            where, changes, expected = (part.strip() for part in line.split("|"))
            yield pytest.param(where.split(), changes, expected.split(), id=f"{where}-{changes}"[:60])


@pytest.mark.parametrize(("where", "changes", "expected"), list(places()))
def test_where_a_function_is(where, changes, expected):
    """In no VPC, in its own subnets, or where the machines are that it runs on, whatever its own configuration says."""
    net = Net(changes)
    kind, *rest = where
    facts = {"vpc": None if kind == "nowhere" else net.vpc_config}
    providers = ()
    if kind.startswith("machines"):
        facts["capacity_provider"] = FLEET
    if rest:
        subnets, group = rest
        # Its own subnets would lead out: those of the machines count.
        providers = (capacity_provider("fleet", *subnets.split(","), groups=(group,)),)
    fn = function("f", **facts)
    estate = replace(net.estate, functions=(fn,), scopes=(scope(),), capacity_providers=providers)
    analysis = Analysis(estate, today=TODAY)
    if expected == ["undecided"]:
        with pytest.raises(Undecided) as stop:
            reach_of(fn, analysis)
        assert stop.value.unknown.need == "lambda:ListCapacityProviders"
        return
    verdicts = {one.target.name: one.verdict for one in reach_of(fn, analysis).reached}
    words = {"always": "yes", "some-subnets": "some", "unknown": "unknown"}
    assert [words[verdicts[name]] if name in verdicts else "no" for name in (INTERNET, DATABASE, FAR)] == expected


def test_functions_of_the_same_machines_reach_the_same():
    """Containers of one provider share its machines, which "are not a security boundary": so does reach."""
    net = Net(NAT)
    one, other = (function(name, capacity_provider=FLEET, vpc=vpc) for name, vpc in (("one", None), ("other", net.vpc_config)))
    fleet = capacity_provider("fleet", "app", groups=("fn",))
    analysis = Analysis(replace(net.estate, functions=(one, other), scopes=(scope(),), capacity_providers=(fleet,)), today=TODAY)
    reached = [[(each.target, each.verdict, each.protocols) for each in reach_of(fn, analysis).reached] for fn in (one, other)]
    assert len(reached[0]) > 2
    # Witnesses name the same packet, since AWS has one interface for the subnet and the groups.
    assert reached[0] == reached[1]
