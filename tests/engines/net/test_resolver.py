"""What becomes of a name that an attacker owns."""

import pytest
from tests.engines.net.build import Net

from buckler.engines.net.resolver import Names, names_of
from buckler.engines.net.world import world_of
from buckler.model.unknown import Unknown

ALLOW = "names list a 101 10 ALLOW domains ours *.example.com"
BLOCK = "names list a 101 99 BLOCK domains everything *"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        pytest.param("", "any", id="no-firewall"),
        pytest.param("dns a off", "off", id="no-resolver"),
        pytest.param("dns a -", Unknown, id="nobody-knows-whether-there-is-one"),
        pytest.param(f"{ALLOW}; {BLOCK}", "listed", id="an-allow-list"),
        pytest.param(BLOCK, "listed", id="nothing-at-all"),
        pytest.param(ALLOW, "any", id="what-no-rule-matches-is-allowed"),
        pytest.param("names threats a 101 1 BLOCK managed AWSManagedDomainsMalwareDomainList", "any", id="lists-of-the-known-bad"),
        pytest.param(f"{BLOCK}; names all a 100 1 ALLOW domains all *", "any", id="a-group-before-it-allows-everything"),
        pytest.param(f"{BLOCK}; names all a 102 1 ALLOW domains all *", "listed", id="a-group-after-it-says-nothing-any-more"),
        pytest.param(f"names list a 101 9 ALLOW domains all *; {BLOCK}", "any", id="a-rule-before-it"),
        pytest.param(f"names list a 101 9 ALERT domains all *; {BLOCK}", "any", id="an-alert-lets-pass"),
        pytest.param(f"names list a 101 9 ALLOW domains com *.com; {BLOCK}", "any", id="whoever-registers-a-name-is-on-the-list"),
        pytest.param(f"names list a 101 9 ALLOW domains txt * type=TXT; {BLOCK}", "any", id="texts-are-allowed"),
        pytest.param("names list a 101 9 BLOCK domains all * type=A", "any", id="addresses-alone-are-blocked"),
        pytest.param("names list a 101 9 BLOCK domains com *.com", "any", id="one-ending-alone-is-blocked"),
        pytest.param("names list a 101 9 BLOCK protection DNS_TUNNELING", "guarded", id="tunnels-are-detected"),
        pytest.param("names list a 101 9 ALERT protection DNS_TUNNELING", "any", id="tunnels-are-noted"),
        pytest.param("names list a 101 9 BLOCK protection DGA", "any", id="made-up-names-are-detected"),
        pytest.param(f"names list a 101 9 BLOCK protection DNS_TUNNELING; {BLOCK}", "listed", id="the-stronger-of-two"),
        pytest.param(
            "names t a 100 9 BLOCK protection DNS_TUNNELING; names list a 101 9 ALLOW domains all *", "guarded", id="tunnels-first"
        ),
        pytest.param(
            "names list a 101 9 ALLOW domains all *; names t a 102 9 BLOCK protection DNS_TUNNELING", "any", id="tunnels-too-late"
        ),
        pytest.param(BLOCK.replace(" a ", " b "), "any", id="the-firewall-of-another-vpc"),
        pytest.param(f"names list a 101 9 ALLOW domains unread -; {BLOCK}", Unknown, id="a-list-before-it-is-unread"),
        pytest.param(f"{BLOCK}; names list a 101 100 ALLOW domains unread -", "listed", id="a-list-after-it-is-unread"),
        pytest.param(f"names list a 101 9 BLOCK domains unread -; {BLOCK}", "listed", id="what-is-blocked-before-it-is-unread"),
        pytest.param(
            "names l a 101 8 ALERT domains unread -; names l a 101 9 ALLOW domains all *", "any", id="what-passes-before-it-is-unread"
        ),
        pytest.param(
            "names l a 101 8 BLOCK domains unread -; names l a 101 9 ALLOW domains all *", Unknown, id="may-be-blocked-before-it-passes"
        ),
        pytest.param("names list a 101 9 BLOCK domains unread -", Unknown, id="what-is-blocked-is-unread"),
        pytest.param("lost dns_firewalls", Unknown, id="firewalls-unread"),
        pytest.param("lost dns_firewalls; dns a off", "off", id="firewalls-unread-without-a-resolver"),
    ],
)
def test_names(changes, expected):
    told = names_of(world_of(Net(changes).estate), "a")
    assert expected is Unknown if isinstance(told, Unknown) else told.kind == expected


def test_who_decides_is_named():
    assert names_of(world_of(Net(f"{ALLOW}; {BLOCK}").estate), "a") == Names("listed", "everything of list")
    assert names_of(world_of(Net(f"{BLOCK} open").estate), "a") == Names("listed", "everything of list", fails_open=True)


def test_a_vpc_nobody_read_is_not_known():
    assert isinstance(names_of(world_of(Net().estate), "vpc-9"), Unknown)
