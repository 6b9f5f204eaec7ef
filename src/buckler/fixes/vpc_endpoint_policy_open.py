"""vpc-endpoint-policy-open: let only the own account use the endpoint, and only for what is its own."""

import json
from typing import Any

from buckler.fixes._documents import document_of
from buckler.fixes._estates import on_each
from buckler.fixes._fix import Advice, Case, Mend, Remedies, remedy
from buckler.model.fix import ApiEdit, Ask
from buckler.model.functions import Function
from buckler.model.policy import Policy, parse_policy
from buckler.model.text import shown
from buckler.model.unknown import known


@remedy
def vpc_endpoint_policy_open(case: Case[Function]) -> Remedies:
    """Allow what has the own account in `aws:PrincipalAccount` and `aws:ResourceAccount`: what is read here cannot leave by it."""
    endpoint = next((one for one in case.analysis.estate.endpoints if shown(one.name) == case.finding.key), None)
    policy = known(endpoint.policy) if endpoint is not None else None
    before = document_of(policy) if isinstance(policy, Policy) else None
    if endpoint is None or before is None:
        yield Advice("allow the own organisation only in the policy of the endpoint", "the policy is not known whole")
        return
    account = shown(endpoint.account)
    after = only_of(account)
    name = shown(endpoint.name)
    where = {"VpcEndpointId": name}

    def write(document: dict[str, Any]) -> Ask:
        return Ask(service="ec2", operation="ModifyVpcEndpoint", parameters=where | {"PolicyDocument": json.dumps(document)})

    changed = parse_policy(after, endpoint.origin)
    yield Mend(
        summary=f"let only account {account} use `{name}`, and only for resources of its own",
        edits=(
            ApiEdit(
                account=account,
                region=shown(endpoint.region),
                arn=shown(endpoint.arn),
                what="policy of the VPC endpoint",
                read=Ask(service="ec2", operation="DescribeVpcEndpoints", parameters={"VpcEndpointIds": [name]}),
                pick=("VpcEndpoints", f"VpcEndpointId={name}", "PolicyDocument", "{}"),
                before=before,
                after=after,
                do=write(after),
                undo=write(before),
            ),
        ),
        change=lambda estate: on_each(estate, "endpoints", endpoint.arn, policy=changed),
        lost=lost_by_account(name),
    )


def only_of(account: Any) -> dict[str, Any]:  # noqa: ANN401 - a number, or what a text writes for it
    """Write the policy that lets only principals of an account use an endpoint, and only for its own resources."""
    ours = {"StringEquals": {"aws:PrincipalAccount": account, "aws:ResourceAccount": account}}
    return {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*", "Condition": ours}],
    }


def lost_by_account(name: str) -> tuple[str, ...]:
    """Say what no longer passes an endpoint."""
    return (f"requests through `{name}` to resources of other accounts: AWS's own buckets (packages, layers) and partners' too",)
