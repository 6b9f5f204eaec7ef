"""vpc-endpoint-policy-open: the endpoint a function sends through carries requests to anybody's resources."""

from collections.abc import Iterator

from buckler.checks._check import check, seen
from buckler.engines.iam import Answer, decide, settle_policy
from buckler.model.finding import Finding
from buckler.model.functions import Function
from buckler.model.layers import Layers
from buckler.model.network import VpcEndpoint
from buckler.model.origin import FileOrigin
from buckler.model.severity import Persona, Severity
from buckler.model.text import shown
from buckler.model.unknown import Undecided, Unknown, known
from buckler.reach.analysis import Analysis
from buckler.reach.network import sources_of
from buckler.reach.placement import placement_of
from buckler.reach.strangers import probe

_ACCOUNT = "999999999999"
_STRANGER = f"arn:aws:iam::{_ACCOUNT}:user/somebody"
_ELSEWHERE: dict[str, tuple[str, ...]] = {
    "aws:PrincipalOrgID": ("o-somebodys",),
    "aws:ResourceOrgID": ("o-somebodys",),
    "aws:PrincipalAccount": (_ACCOUNT,),
    "aws:ResourceAccount": (_ACCOUNT,),
    "aws:PrincipalIsAWSService": ("false",),
}


@check(Severity.LOW, area="network", persona=Persona.AUDITOR, maps=("mitre:T1537", "nist:AC-4", "nist:SC-7(10)"))
def vpc_endpoint_policy_open(fn: Function, analysis: Analysis) -> Iterator[Finding]:
    """Flag a VPC endpoint of a function's VPC whose policy lets anybody do anything through it.

    Why: the endpoint is a way out that no firewall sees. With the policy AWS gives every new one, whoever takes over a function copies what
    it can read into a bucket of their own account, with credentials of their own, and no packet ever touches the internet.

    Not flagged: policies that name principals, resources, or the organisation in a condition; endpoints of services that take no policy.

    Fix: allow `aws:PrincipalOrgID` and `aws:ResourceOrgID` of your organisation only, or name the resources the functions use.

    Source: AWS PrivateLink Guide, "Control access to VPC endpoints using endpoint policies"; AWS, "Building a data perimeter on AWS".
    """
    if placement_of(fn, analysis) is None:
        return
    vpcs = {one.vpc for one in sources_of(fn, analysis) or ()}
    analysis.require("endpoints", fn.account, fn.region)
    doubt: Unknown | None = None
    for endpoint in analysis.estate.endpoints:
        if shown(endpoint.vpc_id) not in vpcs or shown(endpoint.endpoint_type) not in {"Gateway", "Interface"}:
            continue
        try:
            is_open = _is_open(endpoint)
        except Undecided as stop:
            doubt = doubt or stop.unknown
            continue
        if is_open:
            yield vpc_endpoint_policy_open.finding(
                fn,
                f"`{shown(endpoint.service)}` is reached by an endpoint whose policy lets anybody do anything",
                seen(endpoint.origin, "its policy allows every principal every action on every resource"),
                key=shown(endpoint.name),
            )
    if doubt is not None:
        raise Undecided(doubt)


def _is_open(endpoint: VpcEndpoint) -> bool:
    """Ask of the policy what a stranger would ask: an action of the service on a thing of the stranger's own."""
    policy = known(endpoint.policy)
    if policy is None:
        # A template that writes none gets AWS's own, which lets everything pass; AWS itself answers it as text, where a service takes any.
        return isinstance(endpoint.origin, FileOrigin)
    service = shown(endpoint.service).rpartition(".")[2]
    request = probe(_STRANGER, f"{service}:AnythingAtAll", f"arn:aws:{service}:::somebodys", _ELSEWHERE)
    decision = decide(request, Layers(resource=settle_policy(policy, attached=True), resource_account=_ACCOUNT))
    if decision.answer is Answer.UNKNOWN:
        raise Undecided(decision.doubt)
    return decision.answer is Answer.ALLOW
