"""layer-version-public: anyone with an AWS account can download the layer version."""

from collections.abc import Iterator

from buckler.checks._check import check, seen
from buckler.engines.iam import sample
from buckler.model.finding import Finding
from buckler.model.functions import LayerVersion
from buckler.model.severity import Severity
from buckler.model.text import shown
from buckler.model.unknown import known
from buckler.reach.analysis import Analysis
from buckler.reach.exposure import admits_aws, allowed
from buckler.reach.strangers import direct, strangers


@check(Severity.MEDIUM, area="exposure", maps=("owasp:SAS-3", "mitre:T1213", "nist:AC-3", "nist:AC-21", "pci:7.3.3"))
def layer_version_public(layer: LayerVersion, analysis: Analysis) -> Iterator[Finding]:
    """Flag a layer version of ours whose policy lets everybody get it.

    Why: a layer is code, and often holds configuration, internal host names or secrets. Whoever got it once keeps it, even after the
    permission is gone, and learns which library versions to attack.

    Not flagged: layers of other accounts (their owner decides), and versions shared with one organisation or account
    (`layer-version-shared`).

    Fix: run `aws lambda remove-layer-version-permission --layer-name NAME --version-number N --statement-id SID`. Treat what is in the
    version as published: rotate secrets, and make a new version without them.

    Source: AWS Lambda Developer Guide, "Granting layer access to other accounts".
    """
    if analysis.is_own_account(layer.account) is False:
        return
    policy = known(layer.policy)
    if policy is None or not admits_aws(policy):
        return
    today = f"{analysis.today.isoformat()}T12:00:00Z"
    arn = sample(layer.arn)
    asked = (direct(stranger, "lambda:GetLayerVersion", arn, today, further) for stranger, further in strangers(policy))
    opening = next(filter(None, (allowed(policy, (request,), shown(layer.arn), "get") for request in asked)), None)
    if opening is not None:
        yield layer_version_public.finding(
            layer,
            f"anyone with an AWS account can get the layer `{shown(layer.name)}`",
            *(seen(statement.origin, "lets anyone get it") for statement in opening.statements),
            witness=opening.witness,
        )
