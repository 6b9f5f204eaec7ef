"""role-service-wildcard: the role functions run as may do everything with a whole service."""

import re
from collections.abc import Iterator

from buckler.checks._check import check, seen, services_listed
from buckler.data.service_access import access_gained, sensitive_services
from buckler.engines.iam.sample import settle
from buckler.model.finding import Finding, Request
from buckler.model.iam import Role
from buckler.model.policy import Statement
from buckler.model.severity import Severity
from buckler.model.text import Partial, shown
from buckler.model.unknown import Undecided
from buckler.reach.analysis import Analysis
from buckler.reach.roles import Powers, deciding, is_execution_role, is_proven_administrator, powers_of


@check(
    Severity.MEDIUM,
    area="role",
    maps=("fsbp:IAM.21", "cis:compute-1.1/12.4", "owasp:SAS-4", "mitre:T1078.004", "nist:AC-6", "pci:7.2.5"),
)
def role_service_wildcard(role: Role, analysis: Analysis) -> Iterator[Finding]:
    """Flag an execution role that may use every action of a service on every resource, where that service holds data, secrets or rights.

    Why: a function needs a table, a bucket, a queue. With the whole service, whoever takes over the function reads, changes or deletes all
    others, too.

    Not flagged: a service that gives an attacker little (`xray:*`), actions or resources that are narrowed, what a boundary or a Deny takes
    back, and administrators (`role-administrator` reports them).

    Fix: name the actions and the ARNs the function uses in place of `service:*` on `*`. IAM Access Analyzer writes such a policy from what
    CloudTrail recorded.

    Source: AWS Lambda Developer Guide, "Defining Lambda function permissions with an execution role"; AWS Security Hub, IAM.21.
    """
    if not is_execution_role(role, analysis):
        return
    powers = powers_of(role, analysis)
    candidates = _candidates(powers)
    proven: list[Request] = []
    doubt: Undecided | None = None
    if candidates and not is_proven_administrator(role, analysis):
        for service, resource in candidates:
            # An action no list of actions names: only a wildcard over the service allows it.
            action = f"{service}:EveryActionThereIs"
            try:
                if all(request.action != action for request in proven) and powers.may(action, resource):
                    proven.append(powers.request(action, resource))
            except Undecided as undecided:
                doubt = doubt or undecided
    if proven:
        services = [request.action.partition(":")[0] for request in proven]
        first, *more = deciding(powers, proven)
        yield role_service_wildcard.finding(
            role,
            f"the role may use all of {services_listed(services)} on every resource",
            seen(first.origin, f"so it can {access_gained(services[0])}"),
            *(seen(statement.origin, "and this allows another service") for statement in more),
            witness=powers.witness(proven),
        )
    if doubt is not None:
        raise doubt
    powers.insist()


def _candidates(powers: Powers) -> list[tuple[str, str]]:
    """Name the sensitive services some statement may open whole, and what to ask about: the cheap question before the exact one."""
    found: set[tuple[str, str]] = set()
    for statement in powers.statements():
        if statement.effect != "Allow":
            continue
        is_unbounded = _is_unbounded(statement)
        for service in _services(statement):
            if is_unbounded:
                found.add((service, "*"))
            if _is_whole(service, statement, powers):
                found.add((service, powers.resource(service, "")))
    return sorted(found)


def _services(statement: Statement) -> frozenset[str]:
    """Name the sensitive services of which a statement may name every action."""
    if statement.actions is None:
        return sensitive_services()
    services: set[str] = set()
    for action in statement.actions:
        if not isinstance(action, str) or action == "*":
            return sensitive_services()
        service, _, verb = action.partition(":")
        if verb == "*":
            services.add(service.lower())
    return sensitive_services() & services


def _is_unbounded(statement: Statement) -> bool:
    """Say whether the resources of a statement may be all there are."""
    return statement.resources is None or any(isinstance(pattern, Partial) or not pattern.strip("*?") for pattern in statement.resources)


def _is_whole(service: str, statement: Statement, powers: Powers) -> bool:
    """Say whether an ARN among the resources leaves nothing of a service out: `arn:aws:s3:::*`, `arn:aws:sqs:*:*:*`."""
    whole = re.compile(rf"arn:[^:]*:{re.escape(service)}:\*?:(?:\*|{powers.account})?:\*+")
    return any(whole.fullmatch(shown(settle(pattern))) for pattern in statement.resources or ())
