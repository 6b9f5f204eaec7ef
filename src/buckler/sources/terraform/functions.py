"""`aws_lambda_function` with everything that belongs to it."""

from dataclasses import dataclass
from typing import Literal

from buckler.model.functions import (
    LATEST,
    Alias,
    CodeObject,
    Cors,
    EnvVar,
    EventInvokeConfig,
    Function,
    FunctionUrl,
    ImageRef,
    LayerRef,
    LoggingConfig,
    QualifiedPolicy,
    RuntimeManagement,
    Version,
    VpcConfig,
)
from buckler.model.text import Text
from buckler.model.unknown import Unknown
from buckler.sources.terraform.common import common, tags
from buckler.sources.terraform.draft import Draft, Group, group
from buckler.sources.terraform.environment import environment
from buckler.sources.terraform.local_code import local_code
from buckler.sources.terraform.locate import Located
from buckler.sources.terraform.node import Node, State
from buckler.sources.terraform.permissions import grant


@dataclass(frozen=True, slots=True)
class _Parts:
    """The resources beside `aws_lambda_function` that say something about a function."""

    urls: Group
    permissions: Group
    aliases: Group
    provisioned: Group
    invoke: Group
    runtime: Group
    recursion: Group


def read_functions(draft: Draft) -> None:
    parts = _Parts(
        urls=group(draft, "aws_lambda_function_url"),
        permissions=group(draft, "aws_lambda_permission"),
        aliases=group(draft, "aws_lambda_alias", qualifier=""),
        provisioned=group(draft, "aws_lambda_provisioned_concurrency_config"),
        invoke=group(draft, "aws_lambda_function_event_invoke_config"),
        runtime=group(draft, "aws_lambda_runtime_management_config"),
        recursion=group(draft, "aws_lambda_function_recursion_config", qualifier=""),
    )
    draft.each("functions", draft.view.plan.of("aws_lambda_function"), lambda node: _function(node, parts))


def _function(node: Node, parts: _Parts) -> Function:
    resource = node.resource
    package = _package(node)
    is_image = package == "Image"
    aliases = tuple(_alias(one, parts.provisioned.of(resource)) for one, _ in parts.aliases.of(resource))
    urls = tuple(_url(one, located) for one, located in parts.urls.of(resource))
    environment_ = environment(node)
    versions = _versions(node, environment_)
    grants = grant(resource, node, parts.permissions, parts.urls)
    for qualifier in (*(alias.name for alias in aliases), *(one.version for one in versions), *(url.qualifier for url in urls)):
        grants.mention(qualifier)
    role = node.text("role", to="arn")
    logging = node.block("logging_config", computed=True)
    tracing, dead_letter, snap = node.block("tracing_config", computed=True), node.block("dead_letter_config"), node.block("snap_start")
    durable, tenancy = node.block("durable_config"), node.block("tenancy_config")
    recursion = parts.recursion.of(resource)
    code_sha256 = node.text("code_sha256")
    return Function(
        **common(node, "function_name"),
        package_type=package,
        runtime=None if is_image else node.text("runtime"),
        handler=None if is_image else node.text("handler"),
        role=role if role is not None else node.child("role").why(),
        code_sha256=code_sha256 if isinstance(code_sha256, str) else None,
        code_object=_code_object(node),
        local_code=local_code(node),
        architectures=_architectures(node),
        memory_mb=_default(node.integer("memory_size"), 128),
        timeout_s=_default(node.integer("timeout"), 3),
        environment=environment_,
        kms_key=node.text("kms_key_arn", to="arn") or None,
        layers=_layers(node),
        image=_image(node) if package != "Zip" else None,
        vpc=_vpc(node),
        file_systems=_file_systems(node),
        tracing=_within(tracing, "mode", "PassThrough") or "PassThrough",
        dead_letter=_within(dead_letter, "target_arn", None, to="arn"),
        logging=logging if isinstance(logging, Unknown) else _logging(logging),
        snap_start=_apply_on(snap),
        code_signing_config=node.text("code_signing_config_arn", to="arn") or None,
        reserved_concurrency=_reserved(node),
        urls=parts.urls.unknown(resource) or urls,
        policies=tuple(QualifiedPolicy(qualifier=qualifier, policy=policy) for qualifier, policy in grants.policies(node)),
        aliases=parts.aliases.unknown(resource) or aliases,
        versions=versions,
        event_invoke=parts.invoke.unknown(resource) or tuple(_event_invoke(one, located) for one, located in parts.invoke.of(resource)),
        recursive_loop=parts.recursion.unknown(resource) or (recursion[-1][0].text("recursive_loop") if recursion else None) or "Terminate",
        runtime_management=_runtime_management(parts, node),
        is_durable=durable is not None and not isinstance(durable, Unknown),
        durable_kms_key=None if durable is None or isinstance(durable, Unknown) else durable.text("kms_key_arn", to="arn"),
        tenant_isolation=None if tenancy is None or isinstance(tenancy, Unknown) else tenancy.text("tenant_isolation_mode"),
        capacity_provider=_capacity_provider(node),
        tags=tags(node),
    )


def _default(value: int | Unknown | None, default: int) -> int | Unknown:
    return default if value is None else value


def _within(block: Node | Unknown | None, key: str, default: Text | None, *, to: str = "") -> Text | Unknown | None:
    """Give a string of a block that may not be there."""
    if block is None:
        return default
    return block if isinstance(block, Unknown) else block.text(key, to=to) or default


def _package(node: Node) -> Literal["Zip", "Image"] | Unknown:
    match node.text("package_type"):
        case None | "Zip":
            return "Zip"
        case "Image":
            return "Image"
        case _:
            return node.child("package_type").why()


def _architectures(node: Node) -> tuple[Text, ...]:
    found = node.texts("architectures")
    return (node.child("architectures").hole(),) if isinstance(found, Unknown) else found or ("x86_64",)


def _layers(node: Node) -> tuple[LayerRef, ...] | Unknown:
    found = node.texts("layers", to="arn")
    if isinstance(found, Unknown):
        return found
    return tuple(LayerRef(arn=arn, origin=node.origin("layers", index)) for index, arn in enumerate(found))


def _code_object(node: Node) -> CodeObject | None:
    bucket, key = node.text("s3_bucket", to="id"), node.text("s3_key", to="id")
    if bucket is None or key is None:
        return None
    return CodeObject(bucket=bucket, key=key, version=node.text("s3_object_version"))


def _image(node: Node) -> ImageRef | Unknown:
    uri = node.text("image_uri")
    return ImageRef(uri=uri, origin=node.origin("image_uri")) if uri is not None else node.child("image_uri").why()


def _vpc(node: Node) -> VpcConfig | Unknown | None:
    block = node.block("vpc_config")
    if block is None or isinstance(block, Unknown):
        return block
    subnets, groups = block.texts("subnet_ids", to="id"), block.texts("security_group_ids", to="id")
    if subnets == () and groups == ():
        return None  # Empty lists take a function out of its VPC.
    ipv6 = block.boolean("ipv6_allowed_for_dual_stack")
    return VpcConfig(
        subnet_ids=subnets,
        security_group_ids=groups,
        vpc_id=_vpc_of(node, subnets),
        ipv6=ipv6 is True,
        origin=block.origin(),
    )


def _file_systems(node: Node) -> tuple[Text, ...] | Unknown:
    blocks = node.blocks("file_system_config")
    if isinstance(blocks, Unknown):
        return blocks
    return tuple(one.text("arn", to="arn") or one.child("arn").hole() for one in blocks)


def _vpc_of(node: Node, subnets: tuple[Text, ...] | Unknown) -> Text | None:
    view = node.view
    for subnet in () if isinstance(subnets, Unknown) else subnets:
        found = view.found(("aws_subnet", "aws_default_subnet"), subnet)
        if found is not None:
            return found.text("vpc_id", to="id")
    return None


def _logging(block: Node | None) -> LoggingConfig:
    if block is None:
        return LoggingConfig()
    return LoggingConfig(log_group=block.text("log_group", to="name") or None, format=block.text("log_format") or "Text")


def _apply_on(block: Node | Unknown | None) -> Text | None:
    if block is None or isinstance(block, Unknown):
        return None
    found = block.text("apply_on")
    return None if found == "None" else found


def _reserved(node: Node) -> int | Unknown | None:
    found = node.integer("reserved_concurrent_executions")
    return None if found == -1 else found  # -1 is the provider's way to say: not reserved.


def _capacity_provider(node: Node) -> Text | None:
    outer = node.block("capacity_provider_config")
    if outer is None or isinstance(outer, Unknown):
        return None
    inner = outer.block("lambda_managed_instances_capacity_provider_config")
    return None if inner is None or isinstance(inner, Unknown) else inner.text("capacity_provider_arn", to="arn")


def _alias(node: Node, provisioned: list[tuple[Node, Located]]) -> Alias:
    name = node.view.attribute(node.resource, "name")
    routing = node.block("routing_config")
    weights = routing.child("additional_version_weights") if isinstance(routing, Node) else None
    further = tuple(key for key, _ in weights.entries()) if weights and weights.state() is State.KNOWN else ()
    amount = next((one.integer("provisioned_concurrent_executions") for one, located in provisioned if located.qualifier == name), None)
    return Alias(
        name=name,
        version=node.text("function_version", to="version") or LATEST,
        routing=further,
        provisioned_concurrency=amount,
        origin=node.origin(),
    )


def _versions(node: Node, environment_: tuple[EnvVar, ...] | Unknown) -> tuple[Version, ...]:
    """Give the version that `publish = true` makes: a frozen copy of the function as planned."""
    if node.boolean("publish") is not True:
        return ()
    return (
        Version(
            version=node.view.attribute(node.resource, "version"),
            runtime=node.text("runtime"),
            role=node.text("role", to="arn"),
            environment=environment_,
            origin=node.origin("publish"),
        ),
    )


def _url(node: Node, located: Located) -> FunctionUrl:
    auth = node.text("authorization_type")
    cors = node.block("cors")
    return FunctionUrl(
        qualifier=located.qualifier,
        auth_type=auth if auth is not None else node.child("authorization_type").why(),
        cors=_cors(cors) if isinstance(cors, Node) else cors,
        invoke_mode=node.text("invoke_mode") or "BUFFERED",
        origin=node.origin("authorization_type"),
    )


def _cors(block: Node) -> Cors | Unknown:
    origins, methods, headers, exposed = (block.texts(key) for key in ("allow_origins", "allow_methods", "allow_headers", "expose_headers"))
    if isinstance(origins, Unknown):
        return origins
    if isinstance(methods, Unknown):
        return methods
    if isinstance(headers, Unknown):
        return headers
    if isinstance(exposed, Unknown):
        return exposed
    credentials = block.boolean("allow_credentials")
    return Cors(
        allow_origins=origins,
        allow_methods=methods,
        allow_headers=headers,
        expose_headers=exposed,
        allow_credentials=False if credentials is None else credentials,
        max_age_s=block.integer("max_age"),
        origin=block.origin(),
    )


def _event_invoke(node: Node, located: Located) -> EventInvokeConfig:
    destinations = node.block("destination_config")
    failure = destinations.block("on_failure") if isinstance(destinations, Node) else destinations
    attempts = node.integer("maximum_retry_attempts")
    return EventInvokeConfig(
        qualifier=located.qualifier,
        on_failure=_within(failure, "destination", None, to="arn"),
        maximum_retry_attempts=None if isinstance(attempts, Unknown) else attempts,
        origin=node.origin(),
    )


def _runtime_management(parts: _Parts, node: Node) -> RuntimeManagement | Unknown:
    unknown = parts.runtime.unknown(node.resource)
    if unknown is not None:
        return unknown
    for one, located in parts.runtime.of(node.resource):
        if located.qualifier == LATEST:
            return RuntimeManagement(update_on=one.text("update_runtime_on") or "Auto", runtime_version_arn=one.text("runtime_version_arn"))
    return RuntimeManagement(update_on="Auto")
