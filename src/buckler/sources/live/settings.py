"""Settings that AWS tells only per function: asynchronous invocation, recursion, runtime updates, provisioned concurrency, images."""

from msgspec.structs import replace

from buckler.model.functions import Alias, Concurrency, EventInvokeConfig, Function, ImageRef, RuntimeManagement, ScalingConfig
from buckler.model.text import Text
from buckler.model.unknown import Unknown, UnknownKind
from buckler.sources.live import concurrency
from buckler.sources.live.answers import inner
from buckler.sources.live.api import Reader, not_asked
from buckler.sources.live.calls import Collector
from buckler.sources.live.functions import qualifier_of
from buckler.sources.live.limits import CONTROL_PLANE, GET_FUNCTION

COLLECTOR = Collector("settings")
GET_IMAGE = COLLECTOR.call(
    "lambda", "GetFunction", "image URIs of functions that are container images", result="Configuration", **GET_FUNCTION
)
# Asked for with --code, by images.py; declared here because a service's model is cut to what is declared when it is first read.
TOKEN = COLLECTOR.call("ecr", "GetAuthorizationToken", "container images of functions", result="authorizationData")
# What the token is good for: the registry asks IAM for these, and no call of ours has their names.
MANIFESTS = COLLECTOR.call("ecr", "BatchGetImage", "container images of functions, through their registry", result="images")
BLOBS = COLLECTOR.call("ecr", "GetDownloadUrlForLayer", "container images of functions, through their registry", result="downloadUrl")
EVENT_INVOKE = COLLECTOR.call(
    "lambda",
    "ListFunctionEventInvokeConfigs",
    "failure destinations of asynchronous invocations",
    result="FunctionEventInvokeConfigs",
    page=("Marker", "NextMarker"),
    is_deep=True,
    **CONTROL_PLANE,
)
RECURSION = COLLECTOR.call(
    "lambda", "GetFunctionRecursionConfig", "whether recursive loops are stopped", result="RecursiveLoop", is_deep=True, **CONTROL_PLANE
)
RUNTIME = COLLECTOR.call(
    "lambda", "GetRuntimeManagementConfig", "when runtimes are updated", result="UpdateRuntimeOn", is_deep=True, **CONTROL_PLANE
)
SCALING = COLLECTOR.call(
    "lambda",
    "GetFunctionScalingConfig",
    "bounds of functions on capacity providers",
    result="FunctionArn",
    is_deep=True,
    **CONTROL_PLANE,
)
PROVISIONED = COLLECTOR.call(
    "lambda",
    "ListProvisionedConcurrencyConfigs",
    "provisioned concurrency of aliases",
    result="ProvisionedConcurrencyConfigs",
    page=("Marker", "NextMarker"),
    is_deep=True,
    **CONTROL_PLANE,
)

_NOT_ASKED = not_asked("asked per function, so only with --deep")


def collect(reader: Reader, function: Function, limits: Concurrency | None, *, deep: bool) -> Function:
    """Read the settings of one function, whose ways in are read already."""
    function = _image(reader, function)
    function = replace(
        function,
        reserved_concurrency=concurrency.reserved(reader, function, limits, deep=deep),
        event_invoke=_event_invoke(reader, function) if deep else _NOT_ASKED,
        recursive_loop=_recursive_loop(reader, function) if deep else _NOT_ASKED,
        runtime_management=_runtime_management(reader, function) if deep else _NOT_ASKED,
        scaling=_scaling(reader, function, deep=deep),
    )
    return replace(function, aliases=_with_provisioned(reader, function, function.aliases, deep=deep))


def _image(reader: Reader, function: Function) -> Function:
    if function.package_type != "Image":
        return function
    answer = reader.read(GET_IMAGE, FunctionName=function.arn)
    if isinstance(answer, Unknown):
        return replace(function, image=answer)
    code = inner(answer, "Code")
    uri = code.get("ImageUri")
    image: ImageRef | Unknown
    if uri:
        image = ImageRef(uri=uri, resolved_uri=code.get("ResolvedImageUri"), origin=reader.origin(GET_IMAGE, str(function.arn)))
    else:
        image = Unknown(kind=UnknownKind.FAILED, why=f"{GET_IMAGE.action} does not tell the image", need="an image that exists")
    return replace(function, image=image)


def _event_invoke(reader: Reader, function: Function) -> tuple[EventInvokeConfig, ...] | Unknown:
    pages = reader.pages(EVENT_INVOKE, FunctionName=function.arn)
    configs = [
        EventInvokeConfig(
            qualifier=qualifier_of(entry["FunctionArn"]),
            on_failure=inner(entry, "DestinationConfig", "OnFailure").get("Destination") or None,
            maximum_retry_attempts=entry.get("MaximumRetryAttempts"),
            origin=reader.origin(EVENT_INVOKE, entry["FunctionArn"]),
        )
        for entry in pages
    ]
    return pages.unknown or tuple(sorted(configs, key=lambda config: str(config.qualifier)))


def _recursive_loop(reader: Reader, function: Function) -> Text | Unknown:
    answer = reader.read(RECURSION, FunctionName=function.arn)
    return answer if isinstance(answer, Unknown) else str(answer["RecursiveLoop"])


def _runtime_management(reader: Reader, function: Function) -> RuntimeManagement | Unknown:
    if function.package_type == "Image":
        return Unknown(kind=UnknownKind.OUTSIDE, why="a container image brings its own runtime, which AWS never updates", need="the image")
    answer = reader.read(RUNTIME, FunctionName=function.arn)
    if isinstance(answer, Unknown):
        return answer
    return RuntimeManagement(update_on=answer["UpdateRuntimeOn"], runtime_version_arn=answer.get("RuntimeVersionArn"))


def _scaling(reader: Reader, function: Function, *, deep: bool) -> ScalingConfig | Unknown | None:
    if function.capacity_provider is None:
        return None
    if not deep:
        return _NOT_ASKED
    # On Managed Instances the unpublished function runs as `$LATEST.PUBLISHED`; the API takes that or a version's number.
    answer = reader.read(SCALING, FunctionName=function.arn, Qualifier="$LATEST.PUBLISHED")
    if isinstance(answer, Unknown):
        return answer
    bounds = inner(answer, "AppliedFunctionScalingConfig")
    return ScalingConfig(minimum=bounds.get("MinExecutionEnvironments"), maximum=bounds.get("MaxExecutionEnvironments"))


def _with_provisioned(
    reader: Reader, function: Function, aliases: tuple[Alias, ...] | Unknown, *, deep: bool
) -> tuple[Alias, ...] | Unknown:
    if isinstance(aliases, Unknown) or not aliases:
        return aliases
    if not deep:
        return tuple(replace(alias, provisioned_concurrency=_NOT_ASKED) for alias in aliases)
    pages = reader.pages(PROVISIONED, FunctionName=function.arn)
    provisioned: dict[str, int] = {qualifier_of(entry["FunctionArn"]): entry["RequestedProvisionedConcurrentExecutions"] for entry in pages}
    return tuple(replace(alias, provisioned_concurrency=provisioned.get(str(alias.name), pages.unknown)) for alias in aliases)
