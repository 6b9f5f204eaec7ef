from tests.estates import function, log_group
from tests.fixes.remedies import planned, setting

from buckler.checks.log_group_without_customer_key import log_group_without_customer_key

KEY = "arn:aws:kms:eu-west-1:123456789012:key/1"


def test_the_key_is_the_user_s():
    fix = planned(log_group_without_customer_key, function(), log_group(), kms_key=KEY)
    assert (fix.proof.verdict, fix.is_safe, setting(fix)) == ("proved", False, (None, KEY))
    assert (fix.edits[0].do.operation, fix.edits[0].undo.operation) == ("AssociateKmsKey", "DisassociateKmsKey")


def test_without_one_it_is_advice():
    fix = planned(log_group_without_customer_key, function(), log_group())
    assert (fix.proof.verdict, fix.proof.why) == ("advice", "only you know which key")
