import pytest
from msgspec.structs import replace
from tests.checks.networks import answers, verdict
from tests.engines.net.build import Net
from tests.estates import TODAY, function, role, scope

from buckler.checks import run
from buckler.checks.dns_egress_unfiltered import dns_egress_unfiltered
from buckler.model.finding import Finding, Gap
from buckler.model.severity import Persona
from buckler.reach.analysis import Analysis

NAT = "igw igw-1 a; nat nat-1 pub; route pub 0.0.0.0/0 igw-1; route app 0.0.0.0/0 nat-1"
BLOCK = "names list a 101 99 BLOCK domains everything *"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param("", Finding, id="no-firewall"),
        pytest.param("names threats a 101 1 BLOCK managed AWSManagedDomainsMalwareDomainList", Finding, id="lists-of-the-known-bad-only"),
        pytest.param("names list a 101 1 ALLOW domains ours *.example.com", Finding, id="an-allow-list-that-blocks-nothing"),
        pytest.param(f"names list a 101 1 ALLOW domains ours *.example.com; {BLOCK}", None, id="an-allow-list"),
        pytest.param("names list a 101 1 BLOCK protection DNS_TUNNELING", None, id="tunnels-are-blocked"),
        pytest.param(f"{BLOCK.replace(' a ', ' b ')}", Finding, id="the-firewall-of-another-vpc"),
        pytest.param("dns a off", None, id="no-resolver"),
        pytest.param("lost dns_firewalls", Gap, id="firewalls-unreadable"),
        pytest.param("dns a -", Gap, id="resolver-unreadable"),
        pytest.param("names list a 101 1 BLOCK domains unread -", Gap, id="names-unreadable"),
    ],
)
def test_verdict(changes, expected):
    assert verdict(dns_egress_unfiltered, changes) is expected


def test_a_function_outside_every_vpc_is_not_asked():
    assert verdict(dns_egress_unfiltered, "", vpc=None) is None


@pytest.mark.parametrize(
    ("changes", "persona"),
    [
        pytest.param("", Persona.REGULAR, id="nothing-else-leads-out"),
        pytest.param(f"{NAT}; sg fn closed", Persona.REGULAR, id="its-rules-keep-it-in"),
        pytest.param(f"{NAT}; bpa block-bidirectional", Persona.REGULAR, id="public-access-is-blocked"),
        pytest.param(NAT, Persona.AUDITOR, id="the-internet-is-open-anyway"),
        pytest.param(f"{NAT}; lost public_access_blocks", Persona.AUDITOR, id="nobody-knows-whether-it-is"),
    ],
)
def test_it_is_for_everyone_where_nothing_else_leads_out(changes, persona):
    (finding,) = answers(dns_egress_unfiltered, changes).findings
    assert finding.persona is persona


def test_it_is_said_once_of_a_vpc_and_names_who_is_closed():
    net = Net(NAT)
    shut = replace(net.vpc_config, subnet_ids=("app2",))
    functions = tuple(function(name, vpc=vpc) for name, vpc in (("open", net.vpc_config), ("ledger", shut), ("payroll", shut)))
    estate = replace(net.estate, functions=functions, roles=(role(),), scopes=(scope(),))
    (finding,) = run([dns_egress_unfiltered], Analysis(estate, today=TODAY)).findings
    assert (finding.subject.kind, finding.subject.name, finding.persona) == ("vpc", "a", Persona.REGULAR)
    assert finding.message == (
        "`ledger` and 1 more, which reach nothing else on the internet, may send data out in names that the resolver of `a` asks for"
    )
    assert [one.note for one in finding.evidence] == [
        "no rule of DNS Firewall keeps a name in", "ledger asks its resolver", "payroll asks its resolver",
    ]  # fmt: skip


def test_a_rule_that_lets_everything_pass_is_named():
    (finding,) = answers(dns_egress_unfiltered, f"names list a 101 1 ALLOW domains all *; {BLOCK}").findings
    assert finding.evidence[0].note == "`all of list` lets any name pass"
