"""layer-version-shared: an account or organisation that is not ours can download the layer version."""

from collections.abc import Iterator

from buckler.checks._check import check, seen
from buckler.engines.iam import sample
from buckler.model.finding import Finding
from buckler.model.functions import LayerVersion
from buckler.model.severity import Confidence, Severity
from buckler.model.text import shown
from buckler.model.unknown import Undecided, known
from buckler.reach.analysis import Analysis
from buckler.reach.foreign import foreign_grants


@check(Severity.LOW, area="exposure", maps=("owasp:SAS-3", "mitre:T1213", "nist:AC-3", "nist:AC-21"))
def layer_version_shared(layer: LayerVersion, analysis: Analysis) -> Iterator[Finding]:
    """Flag a layer version of ours that an account or organisation outside ours may get.

    Why: the code, and what else was packed into the layer, is in somebody else's hands for good. Nobody notices when the need has gone.

    Not flagged: our own accounts and the members of our organisation, layers of other accounts, and versions open to everyone
    (`layer-version-public`).

    Fix: run `aws lambda remove-layer-version-permission` for the statement if nobody knows the account. If it is a partner, ignore this
    finding with the partner's name as the reason.

    Source: AWS Lambda Developer Guide, "Granting layer access to other accounts".
    """
    if analysis.is_own_account(layer.account) is False:
        return
    policy = known(layer.policy)
    if policy is None:
        return
    doubt: Undecided | None = None
    for grant in foreign_grants(policy, sample(layer.arn), (("lambda:GetLayerVersion", "get"),), analysis):
        if isinstance(grant, Undecided):
            doubt = doubt or grant
            continue
        yield layer_version_shared.finding(
            layer,
            f"{grant.who} can get the layer `{shown(layer.name)}`",
            seen(grant.statement.origin, f"shares it with {grant.who}"),
            confidence=Confidence.HIGH if analysis.organization_ids else Confidence.MEDIUM,
            witness=grant.witness,
            key=grant.key,
        )
    if doubt is not None:
        raise doubt
