"""Lambda functions and what belongs to them, in AWS's words (API version 2015-03-31 as of botocore 1.44.5)."""

from typing import Literal, TypeAlias

from buckler.model.entity import Entity, Tag
from buckler.model.origin import Origin
from buckler.model.policy import Policy
from buckler.model.secret import Redacted
from buckler.model.text import Partial, Text
from buckler.model.unknown import Unknown, UnknownKind
from buckler.model.value import Value

LATEST = "$LATEST"


class EnvVar(Value):
    """An environment variable. Its value is kept only when it is demonstrably harmless."""

    name: Text
    value: Text | Redacted | Unknown
    """`Redacted` when a secret or not known to be harmless; a `Partial` or `Unknown` when the template does not say."""
    origin: Origin


class LayerRef(Value):
    """A layer version as a function uses it; order matters, later ones win."""

    arn: Text
    signing_profile_version_arn: str | None = None
    signing_job_arn: str | None = None
    origin: Origin


class ImageRef(Value):
    """The container image of a function."""

    uri: Text
    """As configured: `...dkr.ecr.eu-west-1.amazonaws.com/shop:latest` or `...@sha256:...`."""
    resolved_uri: Text | Unknown | None = None
    """The digest AWS resolved it to, where read."""
    origin: Origin


class VpcConfig(Value):
    """Where the function's network interfaces stand."""

    subnet_ids: tuple[Text, ...] | Unknown
    security_group_ids: tuple[Text, ...] | Unknown
    vpc_id: Text | None = None
    ipv6: bool = False
    origin: Origin


class Cors(Value):
    """CORS of a function URL. Empty tuples: not set."""

    allow_origins: tuple[Text, ...] = ()
    allow_methods: tuple[Text, ...] = ()
    allow_headers: tuple[Text, ...] = ()
    expose_headers: tuple[Text, ...] = ()
    allow_credentials: bool | Unknown = False
    max_age_s: int | Unknown | None = None
    """How long browsers may keep the answer to their question; None: not told."""
    origin: Origin


class FunctionUrl(Value):
    """A function URL, of `$LATEST` or of an alias."""

    qualifier: Text
    """`$LATEST` or an alias name."""
    auth_type: Text | Unknown
    """`NONE` or `AWS_IAM`."""
    cors: Cors | Unknown | None = None
    invoke_mode: Text = "BUFFERED"
    origin: Origin


class QualifiedPolicy(Value):
    """The resource policy of one qualifier. An alias or version keeps its own; that of `$LATEST` does not apply to it."""

    qualifier: Text
    """`$LATEST`, a version number, or an alias name."""
    policy: Policy | Unknown | None
    """None: AWS answered that there is none."""


class Alias(Value):
    name: Text
    version: Text
    """The version it points to."""
    routing: tuple[Text, ...] = ()
    """Further versions that get a share of the traffic."""
    provisioned_concurrency: int | Unknown | None = None
    origin: Origin


class Version(Value):
    """A published version: immutable, and it keeps its environment for ever."""

    version: Text
    runtime: Text | None = None
    role: Text | Unknown | None = None
    environment: tuple[EnvVar, ...] | Unknown = ()
    code_sha256: str | None = None
    origin: Origin


class EventInvokeConfig(Value):
    """Asynchronous invocation of one qualifier."""

    qualifier: Text
    on_failure: Text | Unknown | None = None
    """ARN of the destination for failed events."""
    maximum_retry_attempts: int | None = None
    origin: Origin


class RuntimeManagement(Value):
    """`Auto`, `FunctionUpdate` or `Manual` (then pinned to `runtime_version_arn`)."""

    update_on: Text
    runtime_version_arn: Text | None = None


class ScalingConfig(Value):
    """Bounds on the execution environments of a function on Managed Instances; None where none is set."""

    minimum: int | None
    maximum: int | None


class LoggingConfig(Value):
    log_group: Text | None = None
    """None: the default `/aws/lambda/<name>`."""
    format: Text = "Text"


class LocalCode(Value):
    """Code beside the file that deploys it: a folder, a zip or a single file."""

    path: str
    """As it is opened from where buckler runs."""
    sources: str = ""
    """Where Terraform's `archive_file` makes *path* of them: the folder or file it packs."""
    origin: Origin


class CodeObject(Value):
    """The object in S3 a template or plan takes the package from."""

    bucket: Text
    key: Text
    version: Text | None = None


_RUNTIME_UNTOLD = Unknown(
    kind=UnknownKind.NOT_ASKED, why="which version of its runtime the function is on was not asked", need="lambda:GetFunctionConfiguration"
)
_FILES_UNTOLD = Unknown(kind=UnknownKind.NOT_ASKED, why="which file systems the function mounts was not read", need="lambda:ListFunctions")
_OBJECT_UNTOLD = Unknown(kind=UnknownKind.OUTSIDE, why="AWS does not tell which object a package came from", need="the template")


class Function(Entity):
    """A Lambda function (`$LATEST` unless said otherwise)."""

    package_type: Literal["Zip", "Image"] | Unknown = "Zip"
    runtime: Text | Unknown | None
    """None for container images."""
    handler: Text | Unknown | None = None
    role: Text | Unknown
    """ARN of the execution role."""
    code_sha256: str | None = None
    """None: not told; a template does not know what will be in the package."""
    code_size: int | None = None
    """Bytes of the package; None: not told. 0 for images."""
    code_object: CodeObject | Unknown | None = _OBJECT_UNTOLD
    """None: the package is not in S3: inline code, a local folder, an image."""
    local_code: LocalCode | None = None
    """Of a template or plan that names it."""
    runtime_version_arn: Text | Unknown | None = _RUNTIME_UNTOLD
    """ARN of the version of the runtime it is on; None for images. `ListFunctions` does not tell it."""
    architectures: tuple[Text, ...] = ()
    memory_mb: int | Unknown | None = None
    timeout_s: int | Unknown = 3
    environment: tuple[EnvVar, ...] | Unknown
    kms_key: Text | Unknown | None = None
    """ARN (or alias, as configured) of the customer-managed key for the environment; None: the AWS-owned key."""
    layers: tuple[LayerRef, ...] | Unknown
    image: ImageRef | Unknown | None = None
    """None for zip packages."""
    vpc: VpcConfig | Unknown | None
    """None: not in a VPC."""
    file_systems: tuple[Text, ...] | Unknown = _FILES_UNTOLD
    """ARNs of the access points it mounts through its network interfaces: of EFS, or of S3 Files."""
    tracing: Text | Unknown = "PassThrough"
    """`Active` or `PassThrough`."""
    dead_letter: Text | Unknown | None = None
    """ARN of the dead-letter queue or topic."""
    logging: LoggingConfig | Unknown
    snap_start: Text | None = None
    code_signing_config: Text | Unknown | None
    """ARN, or None when there is none."""
    reserved_concurrency: int | Unknown | None
    """None: shares the account's pool."""
    urls: tuple[FunctionUrl, ...] | Unknown
    policies: tuple[QualifiedPolicy, ...] | Unknown
    """One entry per qualifier that was asked for, `$LATEST` first. Unknown when not even the qualifiers are known."""
    aliases: tuple[Alias, ...] | Unknown
    versions: tuple[Version, ...] | Unknown = ()
    """Published versions, newest first; `$LATEST` is the function itself."""
    event_invoke: tuple[EventInvokeConfig, ...] | Unknown
    recursive_loop: Text | Unknown
    """`Terminate` (AWS's default) or `Allow`."""
    runtime_management: RuntimeManagement | Unknown
    signing_profile_version_arn: str | None = None
    """Signer profile that signed the deployed package, as AWS reports it."""
    durable_kms_key: Text | None = None
    is_durable: bool = False
    durable_timeout_s: int | None = None
    """How long an execution may run; None: not durable, or not told."""
    durable_retention_days: int | None = None
    """How long its history is kept."""
    tenant_isolation: Text | None = None
    capacity_provider: Text | None = None
    """ARN, when the function runs on Managed Instances."""
    scaling: ScalingConfig | Unknown | None = None
    """None: not on Managed Instances."""
    state: str | None = None
    last_modified: str | None = None
    tags: tuple[Tag, ...] | Unknown = ()

    def policy_of(self, qualifier: Text) -> Policy | Unknown | None:
        """Give the resource policy that applies to one qualifier and to no other."""
        if isinstance(self.policies, Unknown):
            return self.policies
        for entry in self.policies:
            if entry.qualifier == qualifier:
                return entry.policy
        # An entry whose qualifier is a hole stands for all that could not be listed.
        for entry in self.policies:
            if isinstance(entry.qualifier, Partial) and isinstance(entry.policy, Unknown):
                return entry.policy
        return Unknown(kind=UnknownKind.NOT_ASKED, why=f"the policy of qualifier `{qualifier}` was not read", need="--deep")


class LayerVersion(Entity):
    """One version of a layer, ours or a foreign one that a function uses."""

    version: int | None
    policy: Policy | Unknown | None
    """Who may use it; only the owner can read this."""
    exists: bool | Unknown
    """False: AWS answered that there is no such version (functions keep their copy, nobody can look at it any more)."""
    local_code: LocalCode | None = None
    """Of a template or plan that names it."""
    code_sha256: str | None = None
    code_size: int | None = None
    compatible_runtimes: tuple[str, ...] = ()
    created: str | None = None
    signing_profile_version_arn: str | None = None
    is_used: bool = True


SourceKind: TypeAlias = Literal["sqs", "kinesis", "dynamodb", "kafka", "msk", "mq", "documentdb", "other"]


class EventSourceMapping(Entity):
    """Lambda polls a source and invokes a function; `name` is the UUID (or logical id)."""

    function: Text
    """ARN of the function, alias or version that is invoked."""
    source: Text | Unknown | None
    """ARN of the source; None for self-managed Kafka."""
    source_kind: SourceKind = "other"
    on_failure: Text | Unknown | None = None
    enabled: bool | Unknown = True
    credentials: tuple[EnvVar, ...] = ()
    """`SourceAccessConfigurations`: name is the type (`BASIC_AUTH`), value the URI, judged like an environment variable."""
    redrive: Text | Unknown | None = None
    """For SQS sources: ARN of the queue's own dead-letter queue, where read."""


class ApiStage(Value):
    """A stage of an API: what callers reach is the deployment that it shows."""

    name: Text
    deployment: str | None
    """Id of the deployment; None: nothing was deployed to it."""
    deploys_itself: bool = False
    """True: a change of the API is deployed at once."""
    has_canary: bool = False
    """True: a part of the requests goes to another deployment."""
    pending: tuple[str, ...] | Unknown = ()
    """Methods that the API has otherwise than the deployment: other ones, or open to others. What they call AWS does not tell."""


class Trigger(Entity):
    """An HTTP way in that is not a function URL: an API Gateway route or method, or a load balancer rule. `name` is the readable route."""

    kind: Literal["rest", "http", "websocket", "alb", "lattice", "cloudfront", "other"]
    function: Text
    """ARN of the function, alias or version that is invoked."""
    route: Text
    """`GET /orders/{id}`, `$default`, `$connect`, a listener rule."""
    authorizer: Text | Unknown | None
    """`AWS_IAM`, `JWT`, `CUSTOM`, `COGNITO_USER_POOLS`, an authorizer's name; None when anyone may call."""
    api_key_required: bool | Unknown = False
    is_private: bool | Unknown = False
    """Reachable only inside a VPC (private API, internal load balancer)."""
    resource_policy: Policy | Unknown | None = None
    """Resource policy of a REST API."""
    stages: tuple[ApiStage, ...] | Unknown | None = None
    """Of its API; read live, where a route of it has no authorizer, for the remedy. None: nobody asked."""


class CodeSigningConfig(Entity):
    publishers: tuple[Text, ...] | Unknown
    """Allowed signing-profile version ARNs."""
    untrusted_artifact_on_deployment: Text | Unknown
    """`Warn` or `Enforce`."""


class SigningProfile(Entity):
    status: Text | Unknown
    """`Active`, `Canceled`, `Revoked`."""
    version_arn: Text
    signature_validity_days: int | None = None
    revoked_since: str | None = None
    """ISO date from which signatures are void."""
    expires: str | None = None
    """ISO date after which signatures made now are void, where known."""


class Concurrency(Entity):
    """Account-wide limits of one region (`GetAccountSettings`)."""

    limit: int | Unknown
    unreserved: int | Unknown


class CapacityProvider(Entity):
    """Machines in a VPC of the account on which functions run (Lambda Managed Instances). What runs on one shares its network."""

    state: Text | None
    """`Pending`, `Active`, `Failed`, `Deleting`; None in files, where nothing is made yet."""
    vpc: VpcConfig | Unknown
    """Where the machines stand, and with them every function on them, which has no `VpcConfig` of its own."""
    operator_role: Text | Unknown
    """ARN of the role as which Lambda starts and stops the machines; no code of a function gets it."""
    kms_key: Text | Unknown | None
    """ARN of the customer-managed key for their volumes; None: the AWS-managed key."""
    architectures: tuple[Text, ...] | Unknown = ()
    """Empty: whatever the functions ask for."""
