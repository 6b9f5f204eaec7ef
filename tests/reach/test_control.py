"""Which control policies bind an account: level by level, never the management account, and nothing unread taken for none."""

import pytest
from tests.estates import ACCOUNT, DENIED, OTHER, OUTSIDE, allow, analysis, missing, policy
from tests.reach.attack import deny

from buckler.engines.iam import sample
from buckler.model.estate import Missing
from buckler.model.iam import Organization, OrgPolicy
from buckler.model.text import Hole, Partial
from buckler.model.unknown import Unknown
from buckler.reach.control import levels

ROOT, UNIT, MANAGEMENT = "r-abcd", "ou-abcd-11111111", "999988887777"
FULL = policy(allow("*"), name="FullAWSAccess")


def control(name, targets, document, kind="SERVICE_CONTROL_POLICY"):
    return OrgPolicy(id=f"p-{name}", name=name, kind=kind, targets=targets, document=document)


def organization(*policies, **more):
    given = {
        "id": "o-example1234",
        "management_account": MANAGEMENT,
        "accounts": (ACCOUNT, MANAGEMENT),
        "parents": ((ACCOUNT, UNIT), (UNIT, ROOT), (MANAGEMENT, ROOT)),
        "policies": policies,
    }
    return Organization(**(given | more))


def asked(one, account=ACCOUNT, kind="SERVICE_CONTROL_POLICY"):
    return levels(account, kind, analysis(organizations=(one,)))


def sids(found):
    return [[statement.sid for document in level for statement in document.statements] for level in found]


def said(sid, **more):
    return policy({"Sid": sid, "Effect": "Allow", "Action": "*", "Resource": "*", **more})


def test_levels_stand_from_the_root_down_to_the_account():
    one = organization(
        control("account", (ACCOUNT,), said("account")), control("root", (ROOT,), said("root")), control("unit", (UNIT,), said("unit"))
    )
    assert sids(asked(one)) == [["root"], ["unit"], ["account"]]


def test_several_policies_of_one_level_stay_on_it():
    one = organization(control("a", (ROOT, ACCOUNT), said("a")), control("b", (ROOT,), said("b")))
    assert sids(asked(one)) == [["a", "b"], ["a"]]


def test_nothing_binds_the_management_account():
    one = organization(control("root", (ROOT,), policy(deny("*"))))
    assert asked(one, MANAGEMENT) == ()
    assert asked(organization(policies=DENIED), MANAGEMENT) == ()


def test_a_unit_beside_ours_does_not_bind_us():
    assert asked(organization(control("theirs", ("ou-abcd-22222222",), policy(deny("*"))))) == ()


def test_kinds_do_not_mix():
    one = organization(control("scp", (ROOT,), said("s")), control("rcp", (ROOT,), said("r"), "RESOURCE_CONTROL_POLICY"))
    assert sids(asked(one)) == [["s"]]
    assert sids(asked(one, kind="RESOURCE_CONTROL_POLICY")) == [["r"]]


@pytest.mark.parametrize(
    ("identity", "kind"), [("FullAWSAccess", "SERVICE_CONTROL_POLICY"), ("RCPFullAWSAccess", "RESOURCE_CONTROL_POLICY")]
)
def test_what_aws_attaches_everywhere_needs_no_reading(identity, kind):
    one = organization(control(identity, (ROOT,), DENIED, kind))
    (level,) = asked(one, kind=kind)
    assert [statement.effect for statement in level[0].statements] == ["Allow"]


@pytest.mark.parametrize(
    "one",
    [
        pytest.param(organization(policies=DENIED), id="policies"),
        pytest.param(organization(policies=DENIED, accounts=DENIED), id="policies-and-accounts-as-seen-by-a-member"),
        pytest.param(organization(control("root", (ROOT,), DENIED)), id="a-document"),
    ],
)
def test_what_could_not_be_read_is_unknown(one):
    assert isinstance(asked(one), Unknown)


def test_an_unread_document_that_binds_others_only_does_not_matter():
    one = organization(control("theirs", ("ou-abcd-22222222",), DENIED), control("root", (ROOT,), said("root")))
    assert sids(asked(one)) == [["root"]]


def test_an_account_outside_the_organisation_is_not_bound():
    one = organization(control("root", (ROOT,), policy(deny("*"))))
    assert asked(one, OTHER) == ()
    assert asked(organization(policies=DENIED), OTHER) == ()


def test_no_organisation_is_none_and_an_unread_one_is_unknown():
    assert levels(ACCOUNT, "SERVICE_CONTROL_POLICY", analysis()) == ()
    unread = levels(ACCOUNT, "SERVICE_CONTROL_POLICY", analysis(missing("organizations", DENIED)))
    assert isinstance(unread, Unknown)


def test_the_account_of_a_template_is_a_hole_and_it_tells_of_no_organisation():
    hole = Partial(parts=(Hole(ref="AWS::AccountId"),))
    outside = Missing(collection="organizations", account=hole, region="", unknown=OUTSIDE)
    assert levels(sample(hole), "SERVICE_CONTROL_POLICY", analysis(outside)) == OUTSIDE


def test_a_tree_that_bites_its_tail_ends():
    one = organization(control("root", (ROOT,), said("root")), parents=((ACCOUNT, UNIT), (UNIT, ROOT), (ROOT, UNIT)))
    assert sids(asked(one)) == [["root"]]
