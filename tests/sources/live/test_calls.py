"""The declarations, against botocore's own models."""

import json
import subprocess
import sys
from fnmatch import fnmatchcase

import botocore.loaders
import botocore.model
import botocore.session
import pytest
from moto.iam.aws_managed_policies import aws_managed_policies_data

from buckler.model.secret import Redacted
from buckler.model.severity import Confidence
from buckler.model.unknown import UnknownKind
from buckler.sources.live import permissions
from buckler.sources.live.api import ApiOrigin
from buckler.sources.live.calls import CALLS, Collector
from buckler.sources.live.functions import environment
from buckler.sources.live.models import cut

permissions()
SESSION = botocore.session.Session()
DECLARED = sorted(CALLS)


@pytest.mark.parametrize(("service", "operation"), DECLARED, ids=[f"{service}:{operation}" for service, operation in DECLARED])
def test_a_declaration_is_what_botocore_knows(service, operation):
    call = CALLS[service, operation]
    model = SESSION.get_service_model(service).operation_model(operation)
    if call.result:
        assert call.result in model.output_shape.members
    if call.page:
        asked, answered = call.page
        assert asked in model.input_shape.members
        assert answered in model.output_shape.members
    else:
        tokens = {"NextToken", "nextToken", "NextMarker", "PaginationToken", "position"}
        # DescribeTargetHealth and others answer everything at once.
        assert not tokens & set(model.output_shape.members), "a list in pages, of which only the first would be read"


def test_reading_needs_nothing_beyond_awss_own_read_only_policy():
    """AWS's `ReadOnlyAccess` is an outside list of actions that exist and change nothing."""
    statements = json.loads(aws_managed_policies_data)["ReadOnlyAccess"]["Document"]["Statement"]
    granted = [pattern.lower() for statement in statements for pattern in statement["Action"]]
    # Asked only for signatures found in code; without it whether one was revoked stays open.
    needed = {one.action for one in permissions(org=True)} - {"sts:AssumeRole", "signer:GetRevocationStatus"}
    assert [action for action in sorted(needed) if not any(fnmatchcase(action.lower(), pattern) for pattern in granted)] == []


def test_an_operation_is_declared_once():
    with pytest.raises(ValueError, match="declared twice"):
        Collector("again").call("lambda", "GetPolicy", "")


@pytest.mark.parametrize("service", sorted({service for service, _ in CALLS}))
def test_a_cut_model_is_enough_for_its_operations(service):
    """Every shape a kept operation reaches is kept too, as the whole model has it but for the documentation."""
    loader = botocore.loaders.create_loader()
    whole = loader.load_service_model(service, "service-2")
    wanted = {operation for name, operation in CALLS if name == service}
    small = botocore.model.ServiceModel(cut(whole, wanted), service)
    assert set(small.operation_names) == wanted
    full = botocore.model.ServiceModel(whole, service)
    for name in wanted:
        assert members(small.operation_model(name).output_shape) == members(full.operation_model(name).output_shape)
        assert members(small.operation_model(name).input_shape) == members(full.operation_model(name).input_shape)


def members(shape, seen=()):
    if shape is None or shape.name in seen:
        return None
    seen = (*seen, shape.name)
    match shape.type_name:
        case "structure":
            return {name: members(member, seen) for name, member in shape.members.items()}
        case "list":
            return [members(shape.member, seen)]
        case "map":
            return {"*": members(shape.value, seen)}
        case kind:
            return kind


def test_importing_the_source_is_cheap():
    script = "import sys, buckler.sources.live; sys.exit('botocore' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0


def judge(name, value):
    return Redacted(kind="opaque", is_secret=False, confidence=Confidence.LOW, shown="", length=len(value))


@pytest.mark.parametrize(
    ("code", "kind", "need"),
    [("AccessDeniedException", UnknownKind.DENIED, "kms:Decrypt"), ("KMSDisabledException", UnknownKind.FAILED, "a usable KMS key")],
)
def test_an_environment_that_lambda_cannot_decrypt_is_unknown(code, kind, need):
    answer = {"Environment": {"Error": {"ErrorCode": code, "Message": "no"}}}
    unknown = environment(answer, ApiOrigin(call="lambda:ListFunctions", arn=""), judge)
    assert (unknown.kind, unknown.need) == (kind, need)


def test_no_environment_is_none():
    assert environment({}, ApiOrigin(call="lambda:ListFunctions", arn=""), judge) == ()
