"""layer-version-gone: functions run a layer version that was deleted, so nobody can look at it any more."""

from collections.abc import Iterator

from buckler.checks._check import check, seen
from buckler.model.finding import Finding
from buckler.model.functions import Function
from buckler.model.severity import Severity
from buckler.model.text import shown
from buckler.model.unknown import Undecided, known
from buckler.reach.analysis import Analysis
from buckler.reach.layers import users_of, version_of
from buckler.reach.signing import used_by


@check(Severity.LOW, area="layers", maps=("owasp:SAS-6", "mitre:T1195.002", "nist:CM-8", "nist:SR-4", "pci:6.3.2"))
def layer_version_gone(fn: Function, analysis: Analysis) -> Iterator[Finding]:
    """Flag a layer version that functions still run although its owner deleted it.

    Asked of each function; the finding is about the layer version, once, and names who runs it.

    Why: Lambda keeps a copy for the functions that have it. It can be neither downloaded and inspected nor patched, and the next function
    that names it cannot be deployed. Publishers also delete versions because something was wrong with them.

    Not flagged: versions that exist. A version we may not look at is a gap, not a finding.

    Fix: update the functions to a version of the layer that exists. `aws lambda list-layer-versions --layer-name ARN` lists them.

    Source: AWS Lambda Developer Guide, "Deleting layers in Lambda": functions that use a deleted version keep their copy.
    """
    undecided: Undecided | None = None
    for ref in known(fn.layers):
        try:
            layer = version_of(ref, fn, analysis)
            if known(layer.exists):
                continue
        except Undecided as stop:
            undecided = undecided or stop
            continue
        users = users_of(ref, analysis)
        if users[0] is fn:
            yield layer_version_gone.finding(
                layer,
                f"the layer version does not exist any more, but {used_by(users)} {'runs' if len(users) == 1 else 'run'} it",
                seen(layer.origin, "AWS answers that there is no such version"),
                *(seen(user.origin, f"{shown(user.name)} has it") for user in users[:5]),
            )
    if undecided:
        raise undecided
