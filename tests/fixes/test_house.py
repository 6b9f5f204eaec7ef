"""Rules of the house for remedies: two files each, named for a check that exists, and they say what they do."""

from pathlib import Path

import pytest

from buckler.checks import find_check
from buckler.fixes import all_remedies

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("remedy", all_remedies().values(), ids=lambda one: one.check)
def test_each_remedy(remedy):
    name = remedy.check.replace("-", "_")
    assert find_check(remedy.check) is not None
    assert (ROOT / "src/buckler/fixes" / f"{name}.py").read_text().startswith(f'"""{remedy.check}: ')
    assert (ROOT / "tests/fixes" / f"test_{name}.py").is_file()
    assert remedy.__doc__


def test_what_a_plan_may_ask_for_deletes_nothing():
    from buckler.sources.live.world import READS, WRITES

    assert {operation for _, operation in WRITES if operation.startswith("Delete")} == {
        "DeleteFunctionCodeSigningConfig",
        "DeleteFunctionConcurrency",
        "DeleteFunctionEventInvokeConfig",
        "DeleteRetentionPolicy",
        # What is made first, unless it holds something by then: Held.
        "DeleteCodeSigningConfig",
        "DeleteDeployment",
        "DeleteDetector",
        "DeleteLogGroup",
        "DeletePolicy",
        "DeleteRolePermissionsBoundary",
        # What was made by its mark: test_making.py.
        "DeleteNetworkAclEntry",
        "DeleteSecurityGroup",
        "DeleteVpcEndpoints",
        # What a move made, by its mark: test_moving.py.
        "DeleteLayerVersion",
        "DeleteParameter",
        "DeleteResourcePolicy",
        "DeleteRole",
        "DeleteRolePolicy",
        "DeleteSecret",
        "DeleteUserPolicy",
    }
    assert all(operation.startswith(("Get", "BatchGet", "Describe", "Filter", "List")) for _, operation in READS)


def test_what_scans_may_ask_for_changes_nothing():
    from buckler.sources.live import permissions
    from buckler.sources.live.world import WRITES

    assert {one.action for one in permissions(deep=True, org=True)}.isdisjoint(call.action for call in WRITES.values())
