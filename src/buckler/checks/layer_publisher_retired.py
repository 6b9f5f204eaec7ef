"""layer-publisher-retired: the function runs a layer whose publisher has given up."""

from collections.abc import Iterator

from buckler.checks._check import check, seen
from buckler.data.layer_accounts import publisher
from buckler.model.finding import Finding
from buckler.model.functions import Function
from buckler.model.severity import Severity
from buckler.model.text import shown
from buckler.model.unknown import Undecided, known
from buckler.reach.analysis import Analysis
from buckler.reach.layers import owner_of


@check(Severity.LOW, area="layers", maps=("owasp:SAS-6", "mitre:T1195.002", "nist:SA-22", "pci:12.3.4"))
def layer_publisher_retired(fn: Function, analysis: Analysis) -> Iterator[Finding]:
    """Flag a layer of a publisher or product that no longer exists under its name.

    Why: nobody patches the layer, and whoever gets hold of the abandoned account may publish under a name that people trust.

    Not flagged: layers of your own accounts, and of publishers that are in business. A publisher nobody knows is asked about elsewhere.

    Fix: remove the layer, or move to the successor's from its own documentation. The finding names whose it was.

    Source: the table of `buckler.data.layer_accounts`, with its sources.
    """
    undecided: Undecided | None = None
    for layer in known(fn.layers):
        try:
            account = owner_of(layer.arn)
        except Undecided as stop:
            undecided = undecided or stop
            continue
        entry = publisher(account) if isinstance(account, str) and account not in analysis.own_accounts else None
        if entry is not None and entry.is_retired:
            yield layer_publisher_retired.finding(
                fn,
                f"the layer is from {entry.name}, which nobody maintains any more",
                seen(layer.origin, f"layer {shown(layer.arn)}"),
                key=shown(layer.arn),
            )
    if undecided:
        raise undecided
