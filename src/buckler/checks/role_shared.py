"""role-shared: functions of different purpose run as one role."""

from collections.abc import Iterator

from buckler.checks._check import check, seen
from buckler.model.finding import Finding
from buckler.model.iam import Role
from buckler.model.severity import Severity
from buckler.model.text import shown
from buckler.reach.analysis import Analysis
from buckler.reach.gains import Gain, gains
from buckler.reach.purpose import grants_more_than_logs, purposes
from buckler.reach.roles import is_proven_administrator, powers_of


@check(
    Severity.LOW,
    area="role",
    maps=("cis:compute-1.1/12.5", "owasp:SAS-4", "mitre:T1078.004", "nist:AC-5", "nist:AC-6", "pci:7.2.5", "pci:8.2.2"),
)
def role_shared(role: Role, analysis: Analysis) -> Iterator[Finding]:
    """Flag a role as which functions of different purpose run.

    Functions differ in purpose when one of them is open to the internet and another is not; else when they belong to different
    CloudFormation stacks; without stacks when a tag that names an application (`application`, `app`, `service`, `project`, `component`,
    `team`) differs; without either when their names have no first word in common. The severity is medium when one of them is open to the
    internet, when the role is an administrator, or when one of them gains a secret that only others have to do with.

    What each gains is told where their configuration decides it: something the role may use that the event sources, destinations or
    variables of some of the functions name, and those of the others do not.

    Why: each function gets what all others need. A bug in the one that greets visitors then reads what the one that pays invoices reads.

    Not flagged: a role that may do no more than write logs, traces and metrics and use the network, and the functions of one stack or
    application that are exposed alike, which often share one on purpose.

    Fix: give each function, or at least each application, a role of its own with what it needs. SAM makes one per function when `Role` is
    left out.

    Source: CIS AWS Compute Services Benchmark 12.5; AWS Lambda Developer Guide, "Defining Lambda function permissions with an execution
    role".
    """
    functions = analysis.functions_of_role.get(role.arn, ())
    found = purposes(functions, analysis) if len(functions) > 1 else None
    if found is None or len(found.groups) < 2:
        # A function nobody could list may run as this role too.
        analysis.require_everywhere("functions", role.account)
        return
    powers = powers_of(role, analysis)
    if not grants_more_than_logs(powers.statements()):
        powers.insist()
        return
    names = sorted(shown(function.name) for function in functions)
    listed = ", ".join(f"`{name}`" for name in names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    gained = list(gains(role, functions, analysis))
    worse = found.mixes_public or is_proven_administrator(role, analysis) or any(one.touch.harm >= Severity.HIGH for one in gained)
    yield role_shared.finding(
        role,
        f"{listed} run as one role though they differ in {found.by}",
        seen(role.origin, "the role they share"),
        *(seen(group[0].origin, f"a function with {found.by} {label}") for label, group in list(found.groups.items())[:4]),
        *(seen(one.gained_by[0].origin, _told(one)) for one in gained[:4]),
        severity=Severity.MEDIUM if worse else None,
    )


def _told(gain: Gain) -> str:
    touch = gain.touch
    who, whose = (shown(one[0].name) for one in (gain.gained_by, gain.needed_by))
    more = f" and {len(gain.gained_by) - 1} more" if len(gain.gained_by) > 1 else ""
    return f"`{who}`{more} gets {', '.join(touch.access)} of the {touch.node.kind} `{touch.node.name}`, which only `{whose}` names"
