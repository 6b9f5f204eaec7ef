import pytest
from tests.estates import function, security_group, vpc_config
from tests.fixes.remedies import planned

from buckler.checks.security_group_reference_gone import security_group_reference_gone as check
from buckler.model.network import SecurityGroupRule


@pytest.mark.parametrize(("egress", "way"), [(True, "egress"), (False, "ingress")])
def test_the_command_is_named_and_why_it_is_left(egress, way):
    rule = SecurityGroupRule(is_egress=egress, protocol="tcp", from_port=5432, to_port=5432, groups=("sg-gone",))
    fix = planned(check, function(vpc=vpc_config("subnet-1")), security_group("sg-1", rule))
    assert (fix.proof.verdict, fix.edits) == ("advice", ())
    assert f"aws ec2 revoke-security-group-{way} --group-id sg-1 " in fix.summary
    assert "could not be put back" in fix.proof.why
