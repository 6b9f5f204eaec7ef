"""What is planned for a function in a network written in a few words (tests/engines/net/build.py)."""

from msgspec.structs import replace
from tests.engines.net.build import Net
from tests.estates import function, policy, role, scope
from tests.fixes.remedies import planned_in


def fix_of(check, changes="", **facts):
    """The fix of the first finding; the function has a role and stands where the network puts it."""
    net = Net(changes)
    fn = function("f", **{"vpc": net.vpc_config, **facts})
    return planned_in(check, replace(net.estate, functions=(fn,), roles=(role(inline=(policy(),)),), scopes=(scope(),)))


def written(fix):
    """(operation, piece) of each edit."""
    return [(edit.do.operation, edit.what) for edit in fix.edits]
