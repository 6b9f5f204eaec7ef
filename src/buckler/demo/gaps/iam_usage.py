"""`GenerateServiceLastAccessedDetails`: a job, and the report it writes. No session of a role works here, so no service was ever used."""

import json
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from moto.iam.models import iam_backends

from buckler.demo.gaps import store
from buckler.demo.gaps.operations import AwsError, Call, operation, page
from buckler.demo.gaps.store import Document


@operation("iam", "GenerateServiceLastAccessedDetails")
def generate_service_last_accessed_details(call: Call) -> Document:
    """Begin a report about a role."""
    arn = str(call.params["Arn"])
    iam: Any = iam_backends[call.account][store.partition(call.region)]
    if not any(role.arn == arn for role in iam.roles.values()):
        raise AwsError("NoSuchEntityException", f"ARN {arn} does not exist.")
    job = str(uuid.uuid4())
    call.home.usage_reports[job] = arn
    return {"JobId": job}


@operation("iam", "GetServiceLastAccessedDetails")
def get_service_last_accessed_details(call: Call) -> Document:
    """The report: each service the role's policies name."""
    arn = call.home.usage_reports.get(str(call.params["JobId"]))
    if arn is None:
        raise AwsError("NoSuchEntityException", f"The job {call.params['JobId']} does not exist.")
    iam: Any = iam_backends[call.account][store.partition(call.region)]
    role = next(role for role in iam.roles.values() if role.arn == arn)
    versions = (version for policy in role.managed_policies.values() for version in policy.versions if version.is_default)
    documents = [*role.policies.values(), *(version.document for version in versions)]
    services = sorted({service for document in documents for service in _services(document)})
    chosen, marker = page(
        [{"ServiceName": name, "ServiceNamespace": name, "TotalAuthenticatedEntities": 0} for name in services],
        call.params,
        default=100,
        most=1000,
    )
    finished = datetime.now(UTC)
    answer: Document = {"JobStatus": "COMPLETED", "JobCreationDate": finished, "JobCompletionDate": finished}
    return answer | {"ServicesLastAccessed": chosen, "IsTruncated": marker is not None, "Marker": marker}


def _services(document: str) -> Iterator[str]:
    body: Document = json.loads(document)
    for statement in _each(body.get("Statement", [])):
        for action in _each(statement.get("Action", [])):
            service = str(action).partition(":")[0].lower()
            if statement["Effect"] == "Allow" and service.isidentifier():
                yield service


def _each(one_or_more: Any) -> list[Any]:  # noqa: ANN401 - JSON
    return list[Any](one_or_more) if isinstance(one_or_more, list) else [one_or_more]  # pyright: ignore[reportUnknownArgumentType]
