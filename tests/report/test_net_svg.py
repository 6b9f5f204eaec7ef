"""The picture of what a function reaches: whole, the same each time, and nothing of a stranger's in it but text."""

import xml.etree.ElementTree as ET

import pytest
from tests.estates import function
from tests.reach.test_network_cuts import PEER, about

from buckler.app.netting import ask_net
from buckler.model.reachability import NetPort, NetReach, NetReport, NetTarget
from buckler.report.net_svg import net_svg

NS = "{http://www.w3.org/2000/svg}"
NAT = "igw igw-1 a; nat nat-1 pub; route pub 0.0.0.0/0 igw-1; route app 0.0.0.0/0 nat-1"


def parsed(report, **more):
    return ET.fromstring(net_svg(report, **more).encode())  # noqa: S314 - our own text, and whether it parses is the question


def texts(root):
    return [one.text or "" for one in root.iter(f"{NS}text")]


def many(number, name="db"):
    told = [
        NetReach(
            function=function("f"),
            target=NetTarget(kind="interface", name=f"{name} {at}", id=f"eni-{at}", asks_iam=False),
            verdict="always" if at % 2 else "some-subnets",
            protocols=(NetPort(protocol="tcp", verdict="always", ports=((5432, 5432),)),),
            nodes=("subnet-a", "vpc-1", f"subnet-{at % 3}"),
        )
        for at in range(number)
    ]
    return NetReport(function=function("f"), placement="in subnet-a with g", reached=tuple(told), closed=3)


@pytest.mark.parametrize("changes", [PEER, NAT, "sg fn closed", f"{PEER}; {NAT}; endpoint vpce-1 com.amazonaws.eu-west-1.s3 app"])
def test_every_target_is_drawn_once_with_its_ports(changes):
    report = ask_net([about(changes)], "f")
    root = parsed(report)
    said = texts(root)
    assert net_svg(report) == net_svg(report)
    tips = [one.text or "" for one in root.iter(f"{NS}title")]
    for told in report.reached:
        assert sum(tip.startswith(f"{told.target.name} (") for tip in tips) == 1
        for one in told.protocols if told.target.kind != "resolver" else ():
            assert any(str(one.ports[0][0]) in line or "all ports" in line for line in said)


def test_ways_that_begin_alike_are_drawn_once():
    tips = [one.text or "" for one in parsed(many(9)).iter(f"{NS}title")]
    assert tips.count("subnet-a") == 1
    assert tips.count("vpc-1") == 1
    assert {tip for tip in tips if tip.startswith("subnet-")} == {"subnet-a", "subnet-0", "subnet-1", "subnet-2"}


@pytest.mark.parametrize("width", [900, 1200, 1800])
def test_boxes_neither_overlap_nor_leave_the_picture(width):
    root = parsed(many(40), width=width)
    boxes = [tuple(float(one.get(key)) for key in ("x", "y", "width", "height")) for one in root.iter(f"{NS}rect") if one.get("rx")]
    assert len(boxes) == 40 + 3 + 1 + 2
    height = float(root.get("height"))
    for number, (x, y, wide, high) in enumerate(boxes):
        assert x >= 0
        assert x + wide <= width
        assert y + high <= height
        for other_x, other_y, other_wide, other_high in boxes[number + 1 :]:
            assert x + wide <= other_x or other_x + other_wide <= x or y + high <= other_y or other_y + other_high <= y


def test_what_does_not_fit_is_counted():
    root = parsed(many(100))
    assert "40 more targets reached; 3 targets out of its reach" in texts(root)


def test_names_of_strangers_are_text_and_nothing_else():
    hostile = '</text><script>alert(1)</script>&"\u202e'
    root = parsed(many(2, hostile))
    assert {one.tag.removeprefix(NS) for one in root.iter()} <= {"svg", "title", "desc", "style", "path", "rect", "g", "text"}
    assert not any("\u202e" in line for line in texts(root))
    assert not [name for one in root.iter() for name in one.attrib if name.startswith("on") or "href" in name]
