"""Every cut closes what it is to close, and says all that it breaks, in networks made at random too; no single removal is smaller."""

import json

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.engines.net.build import Net
from tests.engines.net.random_nets import NETS
from tests.estates import TODAY, function, scope

from buckler.app.netting import ask_connection, ask_cut, ask_net
from buckler.cli.main import main
from buckler.engines.net import TCP
from buckler.errors import UsageError
from buckler.model.unknown import Undecided
from buckler.reach.analysis import Analysis
from buckler.reach.network import asked_of, sources_of
from buckler.reach.network_cuts import _candidates, _connections
from buckler.reach.network_targets import world

PEER = "peering pcx-1 a b; route app 10.1.0.0/16 pcx-1; route far 10.0.0.0/16 pcx-1"


def about(changes, **facts):
    net = Net(changes)
    fn = function("f", **{"vpc": net.vpc_config, **facts})
    other = function("g", arn=f"{fn.arn}-g", vpc=replace(net.vpc_config, security_group_ids=("database",)))
    return Analysis(replace(net.estate, functions=(fn, other), scopes=(scope(),), missing=net.estate.missing), today=TODAY)


def cuts(changes, to="db", port=5432, protocol="tcp"):
    return ask_cut([about(changes)], "f", to, protocol, port)


def test_each_place_of_the_way_is_offered_and_what_breaks_least_comes_first():
    report = cuts(PEER, "svc")
    assert [(one.kind, one.changes, len(one.lost)) for one in report.cuts] == [
        ("ingress", ("remove from far (far): in tcp 5432 from 10.0.0.0/16",), 0),
        ("acl", ("add to acl-far: entry 99 denies tcp 5432 from 10.0.1.0/24",), 0),
        ("route", ("remove from rtb-app: 10.1.0.0/16 to pcx-1",), 0),
        ("egress", ("remove from fn (fn): out all traffic to 0.0.0.0/0",), 1),
    ]
    (lost,) = report.cuts[-1].lost
    assert (lost.source, lost.target, lost.protocol, lost.ports) == ("f", "database (db)", "tcp", ((5432, 5432),))


def test_what_is_not_reached_needs_no_cut():
    report = cuts("sg database closed")
    assert (report.is_open, report.cuts) == (False, ())


def test_others_that_lose_their_way_are_named():
    report = cuts("sg database in tcp 443 10.0.0.0/16; sg database out tcp 443 10.0.0.0/16", port=443)
    ingress = next(one for one in report.cuts if one.kind == "ingress")
    assert {(one.source, one.target, one.ports) for one in ingress.lost} == {("g", "database (db)", ((443, 443),))}


def test_the_way_to_the_internet_is_cut_by_rule_or_route():
    report = cuts("igw igw-1 a; nat nat-1 pub; route pub 0.0.0.0/0 igw-1; route app 0.0.0.0/0 nat-1", "internet", 443)
    assert {one.kind for one in report.cuts} == {"egress", "route"}


def test_all_of_it_where_no_port_is_named():
    report = ask_cut([about(PEER)], "f", "svc", None, None)
    acl = next(one for one in report.cuts if one.kind == "acl")
    assert acl.changes == ("add to acl-far: entry 99 denies all traffic from 10.0.1.0/24",)


def test_neighbours_in_a_subnet_have_no_border():
    report = cuts("eni near app 10.0.1.50 database", "near")
    assert {one.kind for one in report.cuts} == {"egress", "ingress"}


def test_a_name_of_nothing_is_refused():
    with pytest.raises(UsageError, match="nothing called"):
        cuts("", "nowhere")


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(NETS, st.sampled_from(("db", "svc", "svc2", "near")), st.sampled_from((22, 443, 5432)))
def test_in_networks_made_at_random(changes, to, port):
    before = about(changes)
    try:
        report = ask_cut([before], "f", to, "tcp", port)
    except (UsageError, Undecided):
        assume(False)
        return
    if not report.is_open:
        assert not report.cuts
        return
    fn = before.estate.functions[0]
    wanted = ((TCP, ((port, port),)),)
    sources = sources_of(fn, before)
    asked = asked_of(report.target, sources, world(before), before)
    found = [one for one in _connections(world(before), sources, asked, wanted) if one.kind != "no"]
    offered = {one.changes: one for one in _candidates(world(before), found, wanted, is_addressed=True)}
    for cut in report.cuts:
        after = Analysis(offered[cut.changes].change(before.estate), today=TODAY)
        # The other twin: the packet is followed hop by hop.
        assert ask_connection([after], "f", to, "tcp", port).verdict == "no"
        named = {(one.source, one.target, one.protocol, tuple(_each(one.ports))) for one in cut.lost if one.source in "fg"}
        assert {one for one in named if one[3]} == _lost(before, after, report, port)
    singles = _single_removals(before, to, port)
    assert min((len(one.changes) for one in report.cuts), default=99) <= 1 or not singles


def _reached(analysis):
    found = {}
    for name in "fg":
        try:
            report = ask_net([analysis], name)
        except Undecided:
            continue
        for told in report.reached:
            for one in told.protocols:
                found[name, told.target.name, one.protocol] = set(_each(one.ports))
    return found


def _each(ports):
    """Ranges as single ports of those that rules are about, and one of each kind between."""
    return [
        port
        for port in (0, 22, 443, 1000, 1024, 3000, 5000, 5432, 5500, 6000, 30000, 40000, 50000, 65535)
        if any(a <= port <= b for a, b in ports)
    ]


def _lost(before, after, report, port):
    was, now = _reached(before), _reached(after)
    lost = set()
    for key, ports in was.items():
        gone = ports - now.get(key, set())
        if key == ("f", report.target.name, "tcp"):
            gone -= {port}
        if gone:
            lost.add((*key, tuple(sorted(gone))))
    return lost


def _single_removals(before, to, port):
    """Every rule of a group of the function's or the target's that closes it when it alone is taken away."""
    found = []
    for at, group in enumerate(before.estate.security_groups):
        for rule in group.rules:
            groups = list(before.estate.security_groups)
            groups[at] = replace(group, rules=tuple(one for one in group.rules if one is not rule))
            after = Analysis(replace(before.estate, security_groups=tuple(groups)), today=TODAY)
            if ask_connection([after], "f", to, "tcp", port).verdict == "no":
                found.append((group.name, rule))
    return found


def test_the_command_writes_text_and_json(tmp_path, capsys):
    (tmp_path / "main.tf").write_text(CONFIGURATION)
    assert main(["net", "cut", "f", "aws_db", str(tmp_path)]) == 2
    assert main(["net", "cut", "f", "internet", str(tmp_path), "--format", "json"]) in {0, 4}
    told = capsys.readouterr().out
    assert json.loads(told)["schema"] == "buckler/net-cut/1"


CONFIGURATION = """
resource "aws_vpc" "v" { cidr_block = "10.0.0.0/16" }
resource "aws_subnet" "s" {
  vpc_id     = aws_vpc.v.id
  cidr_block = "10.0.1.0/24"
}
resource "aws_security_group" "g" { vpc_id = aws_vpc.v.id }
resource "aws_lambda_function" "f" {
  function_name = "f"
  role          = "arn:aws:iam::123456789012:role/r"
  runtime       = "python3.13"
  handler       = "a.b"
  filename      = "x.zip"
  vpc_config {
    subnet_ids         = [aws_subnet.s.id]
    security_group_ids = [aws_security_group.g.id]
  }
}
"""
