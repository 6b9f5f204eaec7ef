from tests.estates import ACCOUNT, REGION, function, layer, layer_ref
from tests.fixes.remedies import planned

from buckler.checks.layer_version_gone import layer_version_gone as check
from buckler.fixes import all_remedies

HEAD = f"arn:aws:lambda:{REGION}:{ACCOUNT}:layer:utils"
GONE = layer(f"{HEAD}:3", exists=False)
OTHER = f"arn:aws:lambda:{REGION}:{ACCOUNT}:layer:other:1"
USER = function(layers=(layer_ref(OTHER), layer_ref(GONE.arn)))


def test_the_newest_there_is_in_the_same_place():
    fix = planned(check, USER, GONE, layer(OTHER), layer(f"{HEAD}:2"), layer(f"{HEAD}:5"), layer(f"{HEAD}:6", exists=False))
    assert (fix.proof.verdict, fix.edits) == ("advice", ())
    assert fix.summary.endswith(f"--function-name checkout --region {REGION} --layers {OTHER} {HEAD}:5")


def test_where_none_is_known():
    assert f"--layer-name {HEAD}" in planned(check, USER, GONE, layer(OTHER)).summary


def test_a_remedy_that_only_advises_says_so():
    """In an account: of two of them the text is edited."""
    assert sorted(name for name, one in all_remedies().items() if one.only_advises) == [
        "code-signing-no-publishers",
        "event-source-credentials-in-clear",
        check.id,
        "security-group-reference-gone",
    ]
