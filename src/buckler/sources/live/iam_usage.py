"""When roles last used the services their policies open: a report AWS writes in the background, one per role."""

from msgspec.structs import replace

from buckler.model.estate import Estate
from buckler.model.iam import Role, ServiceUse
from buckler.model.policy import Policy
from buckler.model.unknown import Unknown, UnknownKind
from buckler.sources.live.answers import each
from buckler.sources.live.api import Reader
from buckler.sources.live.calls import Collector
from buckler.sources.live.iam import iso

COLLECTOR = Collector("usage")
GENERATE = COLLECTOR.call("iam", "GenerateServiceLastAccessedDetails", "when roles last used services", result="JobId", is_deep=True)
DETAILS = COLLECTOR.call("iam", "GetServiceLastAccessedDetails", "when roles last used services", result="JobStatus", is_deep=True)

_PAUSES = (0.05, 0.2, 0.5, 1.0, 1.0, 2.0, 2.0, 4.0, 4.0, 8.0)
"""Seconds between questions. AWS writes most reports in a second or two, and never says how long it will take."""


def is_worth_asking(role: Role) -> bool:
    """Say whether a policy of the role opens a whole service: only then does it matter which services it uses."""
    attached = () if isinstance(role.attached, Unknown) else tuple(one.document for one in role.attached)
    inline = () if isinstance(role.inline, Unknown) else role.inline
    return any(_opens_whole(policy) for policy in (*inline, *attached) if isinstance(policy, Policy))


def _opens_whole(policy: Policy) -> bool:
    for statement in policy.statements:
        if statement.effect == "Allow" and (
            statement.actions is None or any(not isinstance(action, str) or action.endswith("*") for action in statement.actions)
        ):
            return True
    return False


def collect(reader: Reader, role: Role, untold: Unknown | None = None) -> Estate:
    """Read the role's report; *untold* says why nobody knows whether it matters, and nothing is asked."""
    return Estate(roles=(replace(role, services_used=untold or _used(reader, str(role.arn))),))


def _used(reader: Reader, arn: str) -> tuple[ServiceUse, ...] | Unknown:
    job = reader.read(GENERATE, Arn=arn)
    if isinstance(job, Unknown):
        return job
    for pause in _PAUSES:
        answer = reader.read(DETAILS, JobId=job["JobId"])
        if isinstance(answer, Unknown):
            return answer
        if answer["JobStatus"] == "COMPLETED":
            return _pages(reader, job["JobId"])
        if answer["JobStatus"] == "FAILED":
            return Unknown(kind=UnknownKind.FAILED, why=f"AWS could not write the report of {arn}", need=DETAILS.action)
        reader.wait(pause)
    return Unknown(kind=UnknownKind.FAILED, why=f"AWS did not finish the report of {arn} in time", need="buckler scan --resume")


def _pages(reader: Reader, job: str) -> tuple[ServiceUse, ...] | Unknown:
    found: list[ServiceUse] = []
    marker: dict[str, str] = {}
    while True:
        answer = reader.read(DETAILS, JobId=job, **marker)
        if isinstance(answer, Unknown):
            return answer
        found += (
            ServiceUse(service=entry["ServiceNamespace"], last=iso(entry.get("LastAuthenticated")))
            for entry in each(answer, "ServicesLastAccessed")
        )
        if not answer.get("IsTruncated") or not answer.get("Marker") or answer["Marker"] == marker.get("Marker"):
            return tuple(sorted(found, key=lambda use: use.service))
        marker = {"Marker": answer["Marker"]}
