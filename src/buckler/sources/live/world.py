"""The way to change an account: pieces of it read again, and changed, through the seam. Only `fixes/` walks it.

What may be asked is declared here, so that a plan can ask for nothing else. No declared call deletes data that was there before buckler;
policies and settings are taken away one by one, and the journal holds each whole.
"""

import threading
from collections.abc import Sequence
from dataclasses import replace
from types import TracebackType
from typing import Self

from buckler import errors
from buckler.model.artifact import Fault
from buckler.model.fix import MOST_PUBLISHED, Ask
from buckler.model.progress import Progress
from buckler.model.unknown import Unknown, UnknownKind
from buckler.sources.live import accounts
from buckler.sources.live.answers import Answer, inner
from buckler.sources.live.api import Api, Reader
from buckler.sources.live.calls import Call
from buckler.sources.live.download import Fetched, fetch
from buckler.sources.live.limits import CONTROL_PLANE, GET_POLICY, Limit
from buckler.sources.live.options import LiveOptions, Patience

_GONE = frozenset({"ResourceNotFoundException"})


def _call(service: str, operation: str, *, result: str = "", none: frozenset[str] = _GONE) -> Call:
    return Call(
        collector="fixes",
        service=service,
        operation=operation,
        why="mend what was found",
        action=f"{service}:{operation}",
        result=result,
        none=none,
    )


def _lambda(operation: str, *, result: str = "", none: frozenset[str] = _GONE, limit: Limit = CONTROL_PLANE) -> Call:
    return replace(_call("lambda", operation, result=result, none=none), **limit)


def _gateway(service: str, operation: str, method: str, *, result: str = "", page: tuple[str, str] | None = None) -> Call:
    """Declare a call of API Gateway, whose actions are called after the methods of HTTP."""
    call = _call(service, operation, result=result, none=frozenset({"NotFoundException"}))
    return replace(call, action=f"apigateway:{method}", family="apigateway", page=page)


# Apart from the collectors' own: these are no part of what a scan needs (`buckler permissions`).
READS: dict[tuple[str, str], Call] = {
    (call.service, call.operation): call
    for call in (
        _lambda("GetFunctionConfiguration", result="FunctionArn"),
        _lambda("GetFunctionUrlConfig", result="FunctionArn"),
        _lambda("GetPolicy", result="Policy", limit=GET_POLICY),
        _lambda("GetLayerVersionPolicy", result="Policy"),
        _lambda("GetFunctionConcurrency"),
        _lambda("GetFunctionRecursionConfig", result="RecursiveLoop"),
        _lambda("GetRuntimeManagementConfig", result="UpdateRuntimeOn"),
        _lambda("GetCodeSigningConfig", result="CodeSigningConfig"),
        _lambda("GetFunction", result="Configuration"),
        replace(_lambda("ListCodeSigningConfigs", result="CodeSigningConfigs"), page=("Marker", "NextMarker")),
        _lambda("ListFunctionsByCodeSigningConfig", result="FunctionArns"),
        _lambda("GetFunctionCodeSigningConfig"),
        _lambda("GetFunctionEventInvokeConfig"),
        _lambda("GetEventSourceMapping", result="UUID"),
        _gateway("apigateway", "GetResources", "GET", result="items", page=("position", "position")),
        _gateway("apigateway", "GetDeployments", "GET", result="items", page=("position", "position")),
        _gateway("apigateway", "GetStage", "GET", result="stageName"),
        _gateway("apigatewayv2", "GetRoutes", "GET", result="Items", page=("NextToken", "NextToken")),
        _call("ec2", "DescribeVpcEndpoints", result="VpcEndpoints"),
        _call("logs", "DescribeLogGroups", result="logGroups"),
        replace(_call("logs", "DescribeLogStreams", result="logStreams"), rate=25.0),
        replace(_call("logs", "FilterLogEvents", result="events"), rate=5.0),
        _call("cloudtrail", "GetEventSelectors", result="TrailARN"),
        _lambda("ListFunctions", result="Functions"),
        _lambda("ListLayerVersions", result="LayerVersions"),
        _lambda("GetLayerVersionByArn", result="LayerVersionArn"),
        _call("guardduty", "GetDetector", result="Status"),
        _call("guardduty", "ListDetectors", result="DetectorIds"),
        _call("guardduty", "ListFindings", result="FindingIds"),
        _call("inspector2", "BatchGetAccountStatus", result="accounts"),
        _call("iam", "GetRolePolicy", result="PolicyDocument", none=frozenset({"NoSuchEntity"})),
        _call("iam", "GetUserPolicy", result="PolicyDocument", none=frozenset({"NoSuchEntity"})),
        _call("iam", "GetRole", result="Role", none=frozenset({"NoSuchEntity"})),
        _call("iam", "GetPolicyVersion", result="PolicyVersion", none=frozenset({"NoSuchEntity"})),
        _call("iam", "ListAttachedRolePolicies", result="AttachedPolicies", none=frozenset({"NoSuchEntity"})),
        _call("secretsmanager", "ListSecrets", result="SecretList"),
        _call("secretsmanager", "GetSecretValue"),
        _call("ec2", "DescribeSecurityGroups", result="SecurityGroups", none=frozenset({"InvalidGroup.NotFound"})),
        _call("ec2", "DescribeNetworkAcls", result="NetworkAcls"),
        _call("s3", "GetBucketVersioning"),
        _call("s3", "GetObject", result="Body", none=frozenset({"NoSuchKey"})),
        _call("signer", "DescribeSigningJob", result="status"),
        _call("ssm", "DescribeParameters", result="Parameters"),
        _call("ssm", "GetParameter", result="Parameter", none=frozenset({"ParameterNotFound"})),
    )
}
WRITES: dict[tuple[str, str], Call] = {
    (call.service, call.operation): call
    for call in (
        _lambda("AddPermission"),
        _lambda("RemovePermission"),
        _lambda("AddLayerVersionPermission"),
        _lambda("RemoveLayerVersionPermission"),
        _lambda("UpdateFunctionUrlConfig"),
        _lambda("UpdateFunctionConfiguration"),
        _lambda("PutFunctionConcurrency"),
        _lambda("DeleteFunctionConcurrency"),
        _lambda("PutFunctionRecursionConfig"),
        _lambda("PutRuntimeManagementConfig"),
        _lambda("UpdateCodeSigningConfig"),
        # Deleted only while no function has it.
        _lambda("CreateCodeSigningConfig"),
        _lambda("DeleteCodeSigningConfig"),
        _lambda("UpdateFunctionCode"),
        _lambda("PutFunctionCodeSigningConfig"),
        _lambda("DeleteFunctionCodeSigningConfig"),
        _lambda("PutFunctionEventInvokeConfig"),
        _lambda("UpdateFunctionEventInvokeConfig"),
        _lambda("DeleteFunctionEventInvokeConfig"),
        _lambda("UpdateEventSourceMapping"),
        _lambda("TagResource"),
        _lambda("UntagResource"),
        _gateway("apigateway", "UpdateMethod", "PATCH"),
        _gateway("apigateway", "UpdateStage", "PATCH"),
        # A deployment that no stage shows is nothing but a copy of what the API was: the one that is made is deleted by its description.
        _gateway("apigateway", "CreateDeployment", "POST"),
        _gateway("apigateway", "DeleteDeployment", "DELETE"),
        _gateway("apigatewayv2", "UpdateRoute", "PATCH"),
        _call("ec2", "ModifyVpcEndpoint"),
        _call("logs", "PutRetentionPolicy"),
        _call("logs", "DeleteRetentionPolicy"),
        _call("logs", "AssociateKmsKey"),
        _call("logs", "DisassociateKmsKey"),
        _call("cloudtrail", "PutEventSelectors"),
        _call("guardduty", "UpdateDetector"),
        # Only the one that was made here, by its tag, and only while it has found nothing.
        _call("guardduty", "CreateDetector"),
        _call("guardduty", "DeleteDetector"),
        _call("inspector2", "Enable"),
        _call("inspector2", "Disable"),
        _call("iam", "UpdateAssumeRolePolicy"),
        _call("iam", "CreateRole"),
        _call("iam", "DeleteRole", none=frozenset({"NoSuchEntity"})),
        # IAM deletes no policy that is in use.
        _call("iam", "CreatePolicy"),
        _call("iam", "DeletePolicy", none=frozenset({"NoSuchEntity"})),
        _call("iam", "PutRolePermissionsBoundary"),
        _call("iam", "DeleteRolePermissionsBoundary", none=frozenset({"NoSuchEntity"})),
        _call("iam", "AttachRolePolicy"),
        _call("iam", "DetachRolePolicy", none=frozenset({"NoSuchEntity"})),
        _call("ec2", "AuthorizeSecurityGroupEgress"),
        _call("ec2", "CreateNetworkAclEntry"),
        _call("ec2", "DeleteNetworkAclEntry", none=frozenset({"InvalidNetworkAclEntry.NotFound"})),
        _call("ec2", "RevokeSecurityGroupEgress"),
        _call("ec2", "AuthorizeSecurityGroupIngress"),
        _call("ec2", "RevokeSecurityGroupIngress"),
        # What a group holds is looked at first: one with logs is left.
        _call("logs", "CreateLogGroup"),
        _call("logs", "DeleteLogGroup"),
        # Of these, only what carries buckler's own mark is ever deleted.
        _call("ec2", "CreateSecurityGroup"),
        _call("ec2", "DeleteSecurityGroup", none=frozenset({"InvalidGroup.NotFound"})),
        _call("ec2", "CreateVpcEndpoint"),
        _call("ec2", "DeleteVpcEndpoints", none=frozenset({"InvalidVpcEndpointId.NotFound"})),
        # A copy of a package, to be signed: it stays.
        _call("s3", "PutObject"),
        _call("signer", "StartSigningJob", result="jobId", none=frozenset()),
        # What a secret's move makes, and takes back: of these only what carries buckler's own mark is ever deleted.
        _lambda("PublishLayerVersion"),
        _lambda("DeleteLayerVersion"),
        _call("iam", "PutRolePolicy"),
        _call("iam", "DeleteRolePolicy", none=frozenset({"NoSuchEntity"})),
        _call("iam", "PutUserPolicy"),
        _call("iam", "DeleteUserPolicy", none=frozenset({"NoSuchEntity"})),
        _call("secretsmanager", "CreateSecret"),
        _call("secretsmanager", "PutResourcePolicy"),
        _call("secretsmanager", "DeleteResourcePolicy"),
        _call("secretsmanager", "DeleteSecret"),
        _call("ssm", "PutParameter"),
        _call("ssm", "DeleteParameter", none=frozenset({"ParameterNotFound"})),
    )
}


class World:
    """The accounts that the credentials reach. Used by one thread; a context manager."""

    def __init__(self, options: LiveOptions, progress: Progress, patience: Patience | None = None) -> None:
        self._stop = threading.Event()
        self.patience = patience or Patience()
        self._api = Api(stop=self._stop, progress=progress, patience=self.patience, connections=2)
        reached = accounts.reach(self._api, options, also=frozenset({*READS, *WRITES}))
        self._accounts = {one.id: one for one in reached.accounts}

    def __enter__(self) -> Self:
        """Nothing to do: credentials were tried when it was made."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Stop whatever still waits."""
        self._stop.set()

    @property
    def accounts(self) -> Sequence[str]:
        """Ids of the accounts that can be changed."""
        return tuple(self._accounts)

    def read(self, account: str, region: str, ask: Ask) -> Answer | Unknown | None:
        """Ask; None: AWS says there is none. Raises `UsageError` for a call that is not declared."""
        return self._ask(READS, account, region, ask)

    def write(self, account: str, region: str, ask: Ask) -> Answer | Unknown | None:
        """Change something. After an `Unknown` only reading tells whether it happened: an answer may have been lost on the way."""
        return self._ask(WRITES, account, region, ask)

    def fetch(self, account: str, location: str, code_sha256: str) -> bytes | Fault | Unknown:
        """Fetch code from the location that AWS gave for it, and compare it; no more than Lambda takes in one call."""
        bundle = self._ca_bundle(account)
        got = fetch(location, code_sha256, stop=self._stop, patience=self.patience, ca_bundle=bundle, most_bytes=MOST_PUBLISHED)
        if isinstance(got, Fault | Unknown):
            return got
        with got.file as file:
            return file.read()

    def package(self, account: str, region: str, arn: str) -> Fetched | Fault | Unknown:
        """Fetch the package that a function runs now, compared with its digest."""
        answer = self.read(account, region, Ask(service="lambda", operation="GetFunction", parameters={"FunctionName": arn}))
        if isinstance(answer, Unknown):
            return answer
        location, code = inner(answer or {}, "Code").get("Location"), inner(answer or {}, "Configuration").get("CodeSha256")
        if not isinstance(location, str) or not isinstance(code, str):
            return Unknown(kind=UnknownKind.FAILED, why="AWS tells of no location of the code", need="a function of a zip")
        return fetch(location, code, stop=self._stop, patience=self.patience, ca_bundle=self._ca_bundle(account))

    def layer(self, account: str, region: str, arn: str, code_sha256: str) -> Fetched | Fault | Unknown:
        """Fetch a layer version, compared with the digest it must have."""
        answer = self.read(account, region, Ask(service="lambda", operation="GetLayerVersionByArn", parameters={"Arn": arn}))
        if isinstance(answer, Unknown):
            return answer
        location = inner(answer or {}, "Content").get("Location")
        if not isinstance(location, str):
            return Unknown(kind=UnknownKind.FAILED, why="AWS tells of no location of the layer", need="a layer version that is there")
        return fetch(location, code_sha256, stop=self._stop, patience=self.patience, ca_bundle=self._ca_bundle(account))

    def _ca_bundle(self, account: str) -> str | None:
        """Give the certificates that the user's configuration trusts: packages come through the same proxy as answers do."""
        bundle: str | None = self._accounts[account].session.get_config_variable("ca_bundle")
        return bundle

    def wait(self, seconds: float) -> None:
        """Let time pass; ends at once when the run is to stop."""
        self._stop.wait(seconds)

    def _ask(self, declared: dict[tuple[str, str], Call], account: str, region: str, ask: Ask) -> Answer | Unknown | None:
        call = declared.get((ask.service, ask.operation))
        if call is None or account not in self._accounts:
            raise errors.UsageError(
                f"the plan asks for {ask.service}:{ask.operation} in {account}, which buckler does not do there",
                hint="make the plan anew: buckler fix --out plan.json",
            )
        reader = Reader(self._api, self._accounts[account], region)
        if call.page is None:
            return reader.find(call, **ask.parameters)
        pages = reader.pages(call, **ask.parameters)
        listed = list(pages)
        return pages.unknown or {call.result: listed}


def is_declared(edit_do: Ask, edit_undo: Ask, *reads: Ask) -> bool:
    """Say whether everything an edit asks for is among what buckler may do."""
    return all((one.service, one.operation) in WRITES for one in (edit_do, edit_undo)) and all(
        (one.service, one.operation) in READS for one in reads
    )
