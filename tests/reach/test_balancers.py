"""Load balancers as targets: where they answer, and what is reached through them."""

import pytest
from msgspec.structs import replace
from tests.engines.net.build import Net
from tests.estates import TODAY, function, role, scope

from buckler.engines.net.gates import TCP
from buckler.model.reachability import ports_text
from buckler.reach.analysis import Analysis
from buckler.reach.network import explain, reach_of, targets

APP = "eni front db 10.0.3.30 front says=ELB~app/orders/1; sg front in -1 - 10.0.0.0/16; sg front out -1 - 0.0.0.0/0; lb orders application HTTPS:443"
NET = "eni front db 10.0.3.30 - says=ELB~net/orders/1; lb orders network TCP:5000,UDP:53,TCP_UDP:700"
WORKER = "eni worker pub 10.0.9.20 worker says=worker of=i-1"


def told(changes):
    """Give what the function reaches of the load balancer; None for nothing."""
    net = Net(changes)
    fn = function(vpc=net.vpc_config)
    analysis = Analysis(replace(net.estate, functions=(fn,), roles=(role(),), scopes=(scope(),)), today=TODAY)
    found = [one for one in reach_of(fn, analysis).reached if one.target.name.startswith("load balancer")]
    return found[0] if found else None


def ports(one):
    return {each.protocol: ports_text(each.ports) for each in one.protocols}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param(APP, {"tcp": "443"}, id="its-listener"),
        pytest.param(NET, {"tcp": "700, 5000", "udp": "53, 700"}, id="each-protocol-has-its-own"),
        pytest.param(f"{NET}; sg fn closed; sg fn out tcp 5000 0.0.0.0/0", {"tcp": "5000"}, id="as-far-as-rules-let-it"),
        pytest.param(APP.replace("HTTPS:443", "HTTP:80,HTTPS:443"), {"tcp": "80, 443"}, id="two-listeners"),
        pytest.param(f"{APP}; sg front closed; sg front in tcp 22 10.0.0.0/16", None, id="open-where-nothing-listens"),
        pytest.param(APP.replace("HTTPS:443", "-"), {"tcp": "all ports", "udp": "all ports"}, id="nobody-knows-where-it-listens"),
        pytest.param(APP.partition("; lb ")[0], {"tcp": "all ports", "udp": "all ports"}, id="a-balancer-nobody-read"),
        pytest.param(APP.replace("lb orders", "lb others"), {"tcp": "all ports", "udp": "all ports"}, id="the-listeners-of-another"),
    ],
)
def test_it_answers_where_it_listens(changes, expected):
    found = told(changes)
    assert (ports(found) if found is not None else None) == expected


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param(f"{APP}; {WORKER}; sg worker in tcp 8080 front; behind orders web i-1:8080", "through it: worker (10.0.9.20:8080)", id="a-machine"),
        pytest.param(
            f"{APP}; {WORKER}; sg worker in tcp 8080 front; behind orders web 10.0.9.20:8080", "through it: worker (10.0.9.20:8080)", id="an-address"
        ),
        pytest.param(
            f"{APP}; {WORKER}; sg worker in tcp 8080 fn; behind orders web i-1:8080", "it passes nothing on: 1 of its targets keep it out",
            id="the-functions-group-is-hidden",
        ),
        pytest.param(f"{APP}; {WORKER}; sg worker in tcp 9 front; behind orders web i-1:8080", "it passes nothing on: 1 of its targets keep it out", id="another-port"),
        pytest.param(f"{APP}; behind orders web i-9:8080", "through it: i-9:8080", id="a-machine-nobody-read"),
        pytest.param(APP, "nothing stands behind it", id="nothing"),
        pytest.param(f"{NET}; {WORKER}; sg worker in tcp 8080 10.0.1.0/24; behind orders web i-1:8080 keeps", "through it: worker (10.0.9.20:8080)", id="its-client-is-let-in"),
        pytest.param(
            f"{NET}; {WORKER}; sg worker in tcp 8080 10.0.3.0/24; behind orders web i-1:8080 keeps", "it passes nothing on: 1 of its targets keep it out",
            id="the-balancers-address-is-not-seen",
        ),
        pytest.param(f"{NET}; {WORKER}; sg worker in tcp 8080 10.0.3.0/24; behind orders web i-1:8080", "through it: worker (10.0.9.20:8080)", id="the-balancers-address-is-seen"),
        pytest.param(
            f"{NET.replace('10.0.3.30 -', '10.0.3.30 front')}; sg front in -1 - 10.0.0.0/16; {WORKER}; sg worker in tcp 8080 front; behind orders web i-1:8080 keeps",
            "through it: worker (10.0.9.20:8080)", id="the-balancers-group-is-let-in",
        ),
        pytest.param(f"{NET}; {WORKER}; sg worker in tcp 8080 10.0.0.0/16; behind orders web i-1:8080 untold", "through it: worker (10.0.9.20:8080), perhaps", id="nobody-knows-which"),
        pytest.param(f"{APP}; behind orders web -", "through it: what is in `web`, which is not known: AccessDenied", id="targets-unread"),
        pytest.param(APP.replace("HTTPS:443", "-"), "where it listens, and what stands behind it, is not wholly known: AccessDenied", id="listeners-unread"),
    ],
)  # fmt: skip
def test_reaching_it_is_reaching_what_stands_behind_it(changes, expected):
    assert told(changes).note.startswith(expected)


def test_a_port_on_which_it_does_not_listen_is_in_the_way():
    net = Net(APP)
    fn = function(vpc=net.vpc_config)
    analysis = Analysis(replace(net.estate, functions=(fn,), roles=(role(),), scopes=(scope(),)), today=TODAY)
    target = next(one for one in targets(analysis, fn) if one.name.startswith("load balancer"))
    assert explain(fn, target, TCP, 443, analysis).verdict == "always"
    closed = explain(fn, target, TCP, 22, analysis)
    assert (closed.verdict, closed.blockers) == ("no", ("load balancer app/orders/1: no listener on tcp 22",))
