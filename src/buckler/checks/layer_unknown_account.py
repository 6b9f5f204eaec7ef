"""layer-unknown-account: the function runs a layer of somebody nobody knows."""

from collections.abc import Iterator

from buckler.checks._check import check, seen
from buckler.data.layer_accounts import PublisherKind, publisher
from buckler.model.finding import Finding
from buckler.model.functions import Function
from buckler.model.severity import Confidence, Severity
from buckler.model.text import Text, shown
from buckler.model.unknown import Undecided, known
from buckler.reach.analysis import Analysis
from buckler.reach.layers import owner_of


@check(
    Severity.MEDIUM,
    area="layers",
    confidence=Confidence.MEDIUM,
    maps=("owasp:SAS-6", "mitre:T1195.002", "nist:SR-3", "nist:SR-11", "pci:6.3.2"),
)
def layer_unknown_account(fn: Function, analysis: Analysis) -> Iterator[Finding]:
    """Flag a layer whose account is neither yours, nor AWS's, nor that of a publisher we know.

    Why: a layer's code runs inside the function, before your handler, with its role and its environment. Whoever owns that account wrote
    it, and writes the next version too.

    Not flagged: layers of the scanned accounts and of the members of their organisation where it can be read, and of the publishers in
    the table of `buckler.data.layer_accounts`. Being listed there says who it is, not that its layers are safe. A template that spells an
    account out does not say whether it is yours; it is flagged, as the deployed function would be.

    Fix: publish the layer from an account of yours after reading what is in it, and refer to that version. If the account is a partner's,
    ignore the finding with that reason in `buckler.toml`.

    Source: AWS Lambda Developer Guide, "Managing Lambda dependencies with layers".
    """
    undecided: Undecided | None = None
    for layer in known(fn.layers):
        try:
            account = owner_of(layer.arn)
        except Undecided as stop:
            undecided = undecided or stop
            continue
        if not _is_known(account, analysis):
            yield layer_unknown_account.finding(
                fn,
                f"the layer `{_name(layer.arn)}` comes from account `{shown(account)}`, which is neither yours nor a known publisher's",
                seen(layer.origin, f"layer {shown(layer.arn)}"),
                key=shown(layer.arn),
            )
    if undecided:
        raise undecided


def _is_known(account: Text, analysis: Analysis) -> bool:
    if account in analysis.own_accounts:
        return True
    if not isinstance(account, str):
        # `${AWS::AccountId}`, a parameter: whoever deploys it decides. Only an account that is spelt out is somebody else's for sure.
        return analysis.is_own_account(account) is not False
    entry = publisher(account)
    return entry is not None and entry.kind is not PublisherKind.TEST


def _name(arn: Text) -> str:
    return shown(arn).partition(":layer:")[2] or shown(arn)
