"""Our reading of a SAM template equals our reading of what AWS itself makes of it."""

import json
import re

import msgspec
import pytest
from tests.shared import DATA, absent, shared
from tests.sources.cfn.templates import judge

from buckler.model.estate import COLLECTIONS
from buckler.sources.cfn import read_template

GOLDEN = DATA / "sam_golden"
INPUTS = sorted(path for path in (GOLDEN / "input").glob("*.yaml") if not path.name.startswith("error_"))
ABSENT = pytest.param(None, marks=pytest.mark.skip(reason=absent("sam_golden")))

WRONG = {
    # The expected file has the two arguments of `Fn::Sub` in the wrong order (it was sorted): CloudFormation would refuse it.
    "http_api_global_iam_auth_enabled.yaml",
}


def test_golden_inputs_are_here():
    shared("sam_golden")
    assert len(INPUTS) == 199


@pytest.mark.parametrize("path", INPUTS or [ABSENT], ids=lambda path: path.stem if path else "absent")
def test_expansion_equals_that_of_aws(path):
    if path.name in WRONG:
        pytest.skip("the expected output is not valid CloudFormation")
    ours = read_template(path, judge=judge)
    theirs = read_template(GOLDEN / "output" / f"{path.stem}.json", judge=judge)
    for collection in COLLECTIONS:
        assert facts(getattr(ours, collection)) == facts(getattr(theirs, collection)), collection


def facts(entities) -> list[str]:
    """Everything but where it was read; the hashes in generated logical ids, and the order of statements, mean nothing."""
    return sorted(json.dumps(plain(msgspec.to_builtins(entity)), sort_keys=True) for entity in entities)


def plain(value):
    if isinstance(value, dict):
        return {key: plain(inner) for key, inner in value.items() if key != "origin"}
    if isinstance(value, list | tuple):
        return sorted((plain(inner) for inner in value), key=lambda inner: json.dumps(inner, sort_keys=True))
    return re.sub(r"(?<=[A-Za-z])[0-9a-f]{10}(?![0-9a-f])", "#", value) if isinstance(value, str) else value
