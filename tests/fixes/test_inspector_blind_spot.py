from tests.estates import function, inspector
from tests.fixes.remedies import planned, setting

from buckler.checks.inspector_blind_spot import inspector_blind_spot as check
from buckler.model.entity import Tag

LEFT_OUT = Tag(key="InspectorExclusion", value="LambdaStandardScanning")
TEAM = Tag(key="team", value="shop")


def test_the_tag_goes_and_the_others_stay():
    fix = planned(check, function(tags=(LEFT_OUT, TEAM)), inspector())
    assert (fix.proof.verdict, setting(fix)) == ("proved", ("LambdaStandardScanning", None))
    (edit,) = fix.edits
    assert edit.do.parameters == {"Resource": edit.arn, "TagKeys": ["InspectorExclusion"]}
    assert edit.undo.parameters == {"Resource": edit.arn, "Tags": {"InspectorExclusion": "LambdaStandardScanning"}}


def test_what_a_key_keeps_from_it_no_tag_mends():
    fix = planned(check, function(kms_key="arn:aws:kms:eu-west-1:123456789012:key/1"), inspector())
    assert (fix.proof.verdict, fix.edits) == ("advice", ())
    assert "buckler scan --code" in fix.summary
    both = planned(check, function(kms_key="arn:aws:kms:eu-west-1:123456789012:key/1", tags=(LEFT_OUT,)), inspector())
    assert (both.proof.verdict, both.proof.why) == ("advice", "the finding would still be there")
