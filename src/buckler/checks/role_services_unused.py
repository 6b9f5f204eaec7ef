"""role-services-unused: the role may do everything with a service that it does not use."""

from collections.abc import Iterator
from datetime import date, timedelta

from buckler.checks._check import check, seen, services_listed
from buckler.engines.iam.sample import settle
from buckler.model.finding import Finding, Request
from buckler.model.iam import Role, ServiceUse
from buckler.model.policy import Statement
from buckler.model.severity import Severity
from buckler.model.text import shown
from buckler.model.unknown import Undecided, Unknown, UnknownKind, known
from buckler.reach.analysis import Analysis
from buckler.reach.roles import Powers, deciding, is_execution_role, is_proven_administrator, powers_of

_LONG = timedelta(days=90)
_NOT_TOLD = Unknown(kind=UnknownKind.OUTSIDE, why="the source does not tell when the role was made", need="a live scan with --deep")


@check(
    Severity.LOW,
    area="role",
    maps=("fsbp:IAM.21", "cis:compute-1.1/12.4", "owasp:SAS-4", "mitre:T1078.004", "nist:AC-6", "pci:7.2.5"),
)
def role_services_unused(role: Role, analysis: Analysis) -> Iterator[Finding]:
    """Flag a role functions run as that may use every action of a service (`service:*`), and has not called it for 90 days.

    Why: a service that nobody uses can be taken away today, and nothing breaks. Until then it is there for whoever takes over a function.

    Not flagged: roles younger than 90 days, services of which single actions are granted, what a boundary or a Deny takes back, and
    administrators (`role-administrator` reports them). IAM records calls by service, so a service that is used through other principals,
    or through the same role by an event source, counts as used.

    Fix: take the service out of the policies of the role. `aws iam generate-service-last-accessed-details` shows when it was last used.

    Source: AWS IAM User Guide, "Refine permissions in AWS using last accessed information".
    """
    if role.arn not in analysis.functions_of_role or not is_execution_role(role, analysis):
        return
    powers = powers_of(role, analysis)
    whole = {service: statement for statement in powers.statements() for service in _services(statement)}
    if not whole or is_proven_administrator(role, analysis):
        powers.insist()
        return
    used = known(role.services_used)
    if role.created is None:
        raise Undecided(_NOT_TOLD)
    since = analysis.today - _LONG
    if date.fromisoformat(role.created[:10]) > since:
        return
    last = {use.service: use for use in used}
    proven: list[Request] = []
    for service, statement in sorted(whole.items()):
        if _is_unused(last.get(service), since) and (request := _opened(powers, service, statement)):
            proven.append(request)
    if proven:
        services = [request.action.partition(":")[0] for request in proven]
        first, *more = deciding(powers, proven)
        yield role_services_unused.finding(
            role,
            f"the role may use all of {services_listed(services)}, which it has not called {_when([last[name] for name in services])}",
            seen(first.origin, "this allows it"),
            *(seen(statement.origin, "and this allows another service") for statement in more),
            witness=powers.witness(proven),
        )
    powers.insist()


def _services(statement: Statement) -> Iterator[str]:
    """Name the services of which a statement names every action."""
    if statement.effect == "Allow":
        for action in statement.actions or ():
            service, _, verb = action.partition(":") if isinstance(action, str) else ("", "", "")
            if verb and not verb.strip("*") and service.replace("-", "").isalnum():
                yield service.lower()


def _is_unused(use: ServiceUse | None, since: date) -> bool:
    """Say whether AWS lists the service, and no call for long. A service it does not list it does not record."""
    return use is not None and (use.last is None or date.fromisoformat(use.last[:10]) <= since)


def _opened(powers: Powers, service: str, statement: Statement) -> Request | None:
    """Give a request that proves the whole service open, on a resource the statement names; None when it is taken back."""
    # An action no list of actions names: only a wildcard over the service allows it.
    action = f"{service}:EveryActionThereIs"
    for pattern in statement.resources or ("*",):
        resource = shown(settle(pattern))
        if powers.may(action, resource):
            return powers.request(action, resource)
    return None


def _when(uses: list[ServiceUse]) -> str:
    if len(uses) > 1:
        return "for 90 days"
    return f"since {uses[0].last[:10]}" if uses[0].last else "since AWS began to record it"
