"""Functions and their published versions, as `ListFunctions` tells them."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Literal

from msgspec.structs import replace

from buckler.model.estate import Estate
from buckler.model.functions import (
    EnvVar,
    Function,
    LayerRef,
    LoggingConfig,
    Version,
    VpcConfig,
)
from buckler.model.origin import ApiOrigin
from buckler.model.secret import Judge
from buckler.model.unknown import Unknown, UnknownKind
from buckler.sources.live import capacity_providers, concurrency, signing, tags
from buckler.sources.live.answers import Answer, each, inner, strings
from buckler.sources.live.api import Reader, not_asked
from buckler.sources.live.calls import Collector
from buckler.sources.live.limits import CONTROL_PLANE

COLLECTOR = Collector("functions")
LIST_FUNCTIONS = COLLECTOR.call(
    "lambda",
    "ListFunctions",
    "functions, their published versions and their settings",
    result="Functions",
    page=("Marker", "NextMarker"),
    **CONTROL_PLANE,
)

_LATER = not_asked("not read yet")


def collect(reader: Reader, judge: Judge, *, deep: bool) -> Estate:
    """List all functions of a region with everything that is told in bulk; what is asked per function is still `Unknown`."""
    on_machines = False
    functions: list[Function] = []
    versions: defaultdict[str, list[Version]] = defaultdict(list)
    # FunctionVersion=ALL gives `$LATEST` and every published version, so that no call per function is needed to see versions.
    pages = reader.pages(LIST_FUNCTIONS, FunctionVersion="ALL", MaxItems=50)
    for entry in pages:
        arn = unqualified(entry["FunctionArn"])
        on_machines = on_machines or capacity_providers.arn_in(entry) is not None
        origin = reader.origin(LIST_FUNCTIONS, arn)
        if entry.get("Version", "$LATEST") == "$LATEST":
            functions.append(function_of(entry, arn, origin, judge))
        else:
            versions[arn].append(version_of(entry, reader.origin(LIST_FUNCTIONS, f"{arn}:{entry['Version']}"), judge))
    signed = signing.collect(reader)
    tagged = tags.collect(reader)
    limits = concurrency.collect(reader)
    machines = capacity_providers.collect(reader) if deep or on_machines else capacity_providers.not_needed(reader, pages.unknown)
    return Estate(
        functions=tuple(
            replace(
                function,
                # Where the list broke off, a version may stand on a page that was not read.
                versions=pages.unknown or newest_first(versions[str(function.arn)]),
                code_signing_config=signed.config_of(str(function.arn)),
                tags=tagged.of(str(function.arn)),
            )
            for function in functions
        ),
        code_signing_configs=signed.configs,
        concurrency=limits.concurrency,
        capacity_providers=machines.capacity_providers,
        missing=(*pages.missing("functions"), *signed.missing, *limits.missing, *machines.missing),
    )


def unqualified(arn: str) -> str:
    """Give the ARN of the function of a function, version or alias."""
    return ":".join(arn.split(":")[:7])


def qualifier_of(arn: str) -> str:
    """Give the alias or version an ARN names, `$LATEST` when none."""
    parts = arn.split(":")
    return parts[7] if len(parts) > 7 else "$LATEST"


def newest_first(versions: Iterable[Version]) -> tuple[Version, ...]:
    """Sort published versions, which AWS numbers upwards."""
    return tuple(sorted(versions, key=lambda version: -int(str(version.version))))


def function_of(entry: Answer, arn: str, origin: ApiOrigin, judge: Judge) -> Function:
    """Make a function of an entry of `ListFunctions`; what that does not tell is `Unknown`."""
    name: str = entry["FunctionName"]
    package = _package(entry)
    return Function(
        arn=arn,
        name=name,
        account=origin.account,
        region=origin.region,
        origin=origin,
        package_type=package,
        runtime=entry.get("Runtime") or None,
        handler=entry.get("Handler") or None,
        role=entry["Role"],
        code_sha256=entry.get("CodeSha256"),
        code_size=entry.get("CodeSize"),
        runtime_version_arn=_runtime_version(entry, package),
        architectures=strings(entry, "Architectures") or ("x86_64",),
        memory_mb=entry.get("MemorySize"),
        timeout_s=entry.get("Timeout", 3),
        environment=environment(entry, origin, judge),
        kms_key=entry.get("KMSKeyArn") or None,
        layers=tuple(
            LayerRef(
                arn=layer["Arn"],
                signing_profile_version_arn=layer.get("SigningProfileVersionArn"),
                signing_job_arn=layer.get("SigningJobArn"),
                origin=origin,
            )
            for layer in each(entry, "Layers")
        ),
        image=_LATER if package == "Image" else None,
        vpc=_vpc(inner(entry, "VpcConfig"), origin),
        file_systems=tuple(mounted["Arn"] for mounted in each(entry, "FileSystemConfigs")),
        tracing=inner(entry, "TracingConfig").get("Mode", "PassThrough"),
        dead_letter=inner(entry, "DeadLetterConfig").get("TargetArn") or None,
        logging=_logging(inner(entry, "LoggingConfig"), name),
        snap_start=_set(inner(entry, "SnapStart").get("ApplyOn")),
        code_signing_config=_LATER,
        reserved_concurrency=_LATER,
        urls=_LATER,
        policies=_LATER,
        aliases=_LATER,
        event_invoke=_LATER,
        recursive_loop=_LATER,
        runtime_management=_LATER,
        signing_profile_version_arn=entry.get("SigningProfileVersionArn"),
        durable_kms_key=inner(entry, "DurableConfig").get("KMSKeyArn") or None,
        is_durable="DurableConfig" in entry,
        durable_timeout_s=inner(entry, "DurableConfig").get("ExecutionTimeout"),
        durable_retention_days=inner(entry, "DurableConfig").get("RetentionPeriodInDays"),
        tenant_isolation=inner(entry, "TenancyConfig").get("TenantIsolationMode"),
        capacity_provider=capacity_providers.arn_in(entry),
        state=entry.get("State"),
        last_modified=entry.get("LastModified"),
    )


def _set(text: str | None) -> str | None:
    return None if text == "None" else text  # AWS writes the word


def _runtime_version(entry: Answer, package: Literal["Zip", "Image"] | Unknown) -> str | Unknown | None:
    """Read what `GetFunctionConfiguration` tells and `ListFunctions` leaves out."""
    if package == "Image":
        return None
    told: str | None = inner(entry, "RuntimeVersionConfig").get("RuntimeVersionArn")
    return told or Unknown(
        kind=UnknownKind.NOT_ASKED,
        why="`ListFunctions` does not tell which version of its runtime a function is on",
        need="lambda:GetFunctionConfiguration",
    )


def _package(entry: Answer) -> Literal["Zip", "Image"] | Unknown:
    match entry.get("PackageType", "Zip"):
        case "Zip":
            return "Zip"
        case "Image":
            return "Image"
        case _:
            return Unknown(kind=UnknownKind.UNSUPPORTED, why="a package type that buckler does not know", need="a newer buckler")


def version_of(entry: Answer, origin: ApiOrigin, judge: Judge) -> Version:
    """Make a published version of an entry of `ListFunctions`."""
    return Version(
        version=entry["Version"],
        runtime=entry.get("Runtime") or None,
        role=entry.get("Role"),
        environment=environment(entry, origin, judge),
        code_sha256=entry.get("CodeSha256"),
        origin=origin,
    )


def environment(entry: Answer, origin: ApiOrigin, judge: Judge) -> tuple[EnvVar, ...] | Unknown:
    """Read the variables; their values are judged here and nowhere kept."""
    answer = inner(entry, "Environment")
    if answer.get("Error"):
        code = str(answer["Error"].get("ErrorCode", ""))
        denied = "AccessDenied" in code
        return Unknown(
            kind=UnknownKind.DENIED if denied else UnknownKind.FAILED,
            why=f"{code or 'an error'} when Lambda decrypted the environment",
            need="kms:Decrypt" if denied else "a usable KMS key",
        )
    variables: dict[str, str] = answer.get("Variables") or {}
    return tuple(EnvVar(name=name, value=judge(name, value), origin=origin) for name, value in sorted(variables.items()))


def _vpc(config: Answer, origin: ApiOrigin) -> VpcConfig | None:
    subnets = strings(config, "SubnetIds")
    if not subnets:
        return None  # AWS answers a VpcConfig of empty lists for a function that has left its VPC
    return VpcConfig(
        subnet_ids=subnets,
        security_group_ids=strings(config, "SecurityGroupIds"),
        vpc_id=config.get("VpcId") or None,
        ipv6=bool(config.get("Ipv6AllowedForDualStack")),
        origin=origin,
    )


def _logging(config: Answer, name: str) -> LoggingConfig:
    group = config.get("LogGroup")
    return LoggingConfig(log_group=None if group == f"/aws/lambda/{name}" else group, format=config.get("LogFormat", "Text"))
