"""Subnets of a function's own: small, free, and with what is used; the text of the design is read back and asked again."""

import pytest
from hypothesis import HealthCheck, assume, given, settings
from msgspec.structs import replace
from tests.engines.net.build import Net
from tests.engines.net.random_nets import NETS
from tests.estates import ACCOUNT, TODAY, env
from tests.reach.test_network_close import NAT, PEER, QUIET, RDS, READS, S3, USES, about

from buckler.app.netting import ask_net
from buckler.engines.net.gates import describe_entry, describe_rule
from buckler.engines.secrets import judge
from buckler.model.estate import merge
from buckler.model.text import shown
from buckler.model.unknown import Undecided, Unknown
from buckler.reach.analysis import Analysis
from buckler.reach.network_close import close
from buckler.reach.network_designed import built
from buckler.reach.network_subnets import design
from buckler.report.net_design import design_text
from buckler.sources.cfn import read_template
from buckler.sources.terraform.hcl import read_folder

DB = {"environment": (env("DB", "10.0.3.10:5432"),)}


def designed(changes, **facts):
    analysis = about(changes, **facts)
    return analysis, design(close(analysis.estate.functions[0], analysis), analysis)


def test_one_small_free_subnet_in_each_zone_of_today():
    _, made = designed("fn app,app2", **DB)
    # 10.0.0.0/24 is free; app begins at 10.0.1.0.
    assert [(one.cidr, one.zone) for one in made.subnets] == [("10.0.0.0/28", "eu-west-11a"), ("10.0.0.16/28", "eu-west-11b")]
    assert [one.routes for one in made.subnets] == [(), ()]
    assert [describe_rule(one) for one in made.rules] == ["out tcp 5432 to database"]
    assert [describe_entry(one) for one in made.entries] == [
        "entry 100 allows tcp 5432 to 10.0.3.0/24",
        "entry 100 allows tcp 1024-65535 from 10.0.3.0/24",
    ]
    # The database lets the old group in by reference.
    assert [(group, describe_rule(rule)) for group, rule in made.admits] == [("database", "in tcp 5432 from sg-designed")]
    assert made.notes == ()


def test_routes_are_those_that_the_uses_go_by():
    _, made = designed(f"{NAT}{PEER}{S3}", environment=(env("DB", "10.1.1.10:5432"),), who=READS)
    (subnet,) = made.subnets
    assert [(one.destination, one.target) for one in subnet.routes] == [("10.1.0.0/16", "pcx-1")]
    assert [(one.service, one.prefix_list) for one in made.endpoints] == [("com.amazonaws.eu-west-1.s3", "pl-com.amazonaws.eu-west-1.s3")]
    _, made = designed(NAT, environment=(env("API", "https://api.stripe.com"),))
    assert [(one.destination, one.target) for one in made.subnets[0].routes] == [("0.0.0.0/0", "nat-1")]
    assert made.notes == ()


def test_a_vpc_without_room_is_said():
    full = {"vpcs": "10.0.1.0/24"}
    analysis = about("", **DB)
    vpcs = tuple(replace(one, cidrs=(full["vpcs"],)) if one.name == "a" else one for one in analysis.estate.vpcs)
    analysis = Analysis(replace(analysis.estate, vpcs=vpcs), today=TODAY)
    with pytest.raises(Undecided, match="no room for 1 subnets of /28"):
        design(close(analysis.estate.functions[0], analysis), analysis)


def test_what_the_other_side_does_not_let_in_is_named():
    # Only today's own range is let in there.
    _, made = designed("sg database closed; sg database in tcp 5432 10.0.1.0/24", **DB)
    assert made.notes == ("database (db) on tcp 5432 would not be reached: its side must let the new subnets in",)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(NETS, USES)
def test_in_networks_made_at_random(changes, named):
    variables = tuple(env(name, value) for name, value in named)
    try:
        before, made = designed(changes, environment=variables)
        closing = close(before.estate.functions[0], before)
    except Undecided:
        assume(False)
        return
    used = {target for one in closing.kept for target in one.targets}
    was, now = reached(before), reached(Analysis(built(made, before.estate), today=TODAY))
    # Nothing is reached that is not today, and what is used is; or the notes say so.
    extra = {key[0] for key, ports in now.items() if ports - was.get(key, set())}
    assert extra == {name for name in extra if any(note.startswith(name) and "would be reached" in note for note in made.notes)}
    if not made.notes:
        for one in closing.kept:
            for target in one.targets:
                for first, _ in one.use.ports:
                    assert first not in was.get((target, "tcp"), set()) or first in now.get((target, "tcp"), set())
    assert used or not now


def reached(analysis):
    found = {
        (told.target.name, one.protocol): {port for port in (0, 22, 443, 1024, 5432, 40000) if any(a <= port <= b for a, b in one.ports)}
        for told in ask_net([analysis], "f").reached
        if told.target.kind != "resolver"
        for one in told.protocols
    }
    return {key: ports for key, ports in found.items() if ports}


CASES = [
    pytest.param("fn app,app2", DB, id="database"),
    pytest.param(f"{RDS}{PEER}{S3}", {"environment": (env("A", "10.1.1.10:5432"),), "who": READS}, id="peering-and-endpoint"),
    pytest.param(f"{NAT}fn app,app2; route app2 0.0.0.0/0 nat-1", {"environment": (env("A", "https://a.example.com"),)}, id="internet"),
    pytest.param(NAT, {"who": QUIET}, id="nothing"),
]


def as_template(made, tmp_path):
    file = tmp_path / "subnets.yaml"
    file.write_text(design_text(made, "cfn"))
    read = read_template(file, judge=judge)
    assert not read.notes
    return read


def as_terraform(made, tmp_path):
    (tmp_path / "subnets.tf").write_text(design_text(made, "terraform"))
    read, broken = read_folder(tmp_path, judge=judge)
    assert not broken
    return read


@pytest.mark.parametrize("read_as", [as_template, as_terraform])
@pytest.mark.parametrize(("changes", "facts"), CASES)
def test_the_text_says_what_was_designed_and_is_reached_from(changes, facts, read_as, tmp_path):
    before, made = designed(changes, **facts)
    read = read_as(made, tmp_path)
    assert [(one.cidr, one.availability_zone, shown(one.vpc_id)) for one in read.subnets] == [
        (one.cidr, one.zone, "a") for one in made.subnets
    ]
    (acl,) = (one for one in read.network_acls if not one.is_default)
    assert not isinstance(acl.entries, Unknown)
    numbers = {"6": "tcp", "17": "udp"}
    entries = {
        describe_entry(replace(one, protocol=numbers.get(one.protocol, one.protocol))) for one in acl.entries if one.rule_number < 32767
    }
    assert entries == {describe_entry(one) for one in made.entries}
    assert len(acl.subnet_ids) == len(made.subnets)
    (group,) = read.security_groups
    outbound = [describe_rule(one) for one in group.rules if one.is_egress]
    assert outbound == (
        [describe_rule(one) for one in made.rules] or (["out all traffic to 127.0.0.1/32"] if read_as is as_template else [])
    )
    # Moved there, the function reaches what it does in the design.
    there = moved(before, made, read)
    assert reached(there) == reached(Analysis(built(made, before.estate), today=TODAY))


@pytest.mark.parametrize(("changes", "facts"), CASES)
def test_the_linter_of_cloudformation_has_nothing_to_say(changes, facts):
    from cfnlint.api import lint

    _, made = designed(changes, **facts)
    text = design_text(made, "cfn")
    # The networks of tests are called `a` and `nat-1`; CloudFormation's are not.
    for name, real in (("a", "vpc-0123456789abcdef0"), ("database", "sg-0123456789abcdef0"), ("far", "sg-0123456789abcdef1")):
        text = text.replace(f": {name}\n", f": {real}\n")
    text = text.replace("nat-1", "nat-0123456789abcdef0").replace("pcx-1", "pcx-0123456789abcdef0").replace("eu-west-11", "eu-west-1")
    text = text.replace("pl-com.amazonaws.eu-west-1.s3", "pl-0123456789abcdef0")
    # W3010 asks for zones that are not written down; these are those of today, on purpose.
    assert [one for one in map(str, lint(text, regions=["eu-west-1"])) if "W3010" not in one] == []


def moved(before, made, read):
    """What stands there already, with what was read of the text, and the function in it."""
    (group,) = read.security_groups
    estate = before.estate
    function = replace(
        estate.functions[0],
        vpc=replace(Net("").vpc_config, subnet_ids=tuple(one.name for one in read.subnets), security_group_ids=(group.name,)),
    )
    admits = {name: tuple(replace(rule, groups=(group.name,)) for other, rule in made.admits if other == name) for name, _ in made.admits}
    groups = tuple(replace(one, rules=(*one.rules, *admits.get(one.name, ()))) for one in estate.security_groups)
    joined = merge((replace(estate, functions=(function,), security_groups=groups), replace(read, scopes=(), missing=())))
    assert function.account == ACCOUNT
    return Analysis(joined, today=TODAY)
