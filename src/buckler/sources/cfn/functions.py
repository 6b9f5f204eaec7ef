"""`AWS::Lambda::Function` and all that belongs to it, to `Function`."""

from __future__ import annotations

from typing import Literal

from buckler.model.entity import Tag
from buckler.model.functions import CodeObject, Function, ImageRef, LayerRef, LoggingConfig, RuntimeManagement, Version, VpcConfig
from buckler.model.secret import Judge
from buckler.model.text import Partial, Text, hole
from buckler.model.unknown import Unknown
from buckler.sources.cfn.environment import environment
from buckler.sources.cfn.local_code import local_code
from buckler.sources.cfn.permissions import Permissions
from buckler.sources.cfn.qualifiers import Qualifiers
from buckler.sources.cfn.resource import Resource
from buckler.sources.cfn.sam_prepare import NOT_PACKAGED
from buckler.sources.cfn.tree import Map, mark_of
from buckler.sources.cfn.values import Resolved, first_hole, to_list, to_number, to_text, to_texts, unknown


def function(resource: Resource, *, judge: Judge, role: Text | Unknown, qualifiers: Qualifiers, permissions: Permissions) -> Function:
    """Make a `Function`. *role* is its execution role's ARN as that role's own entity writes it."""
    variables = environment(resource, judge)
    image = _image(resource)
    package_type = _package_type(resource)
    aliases = tuple(qualifiers.aliases.get(resource.id, ()))
    runtime = resource.text("Runtime")
    versions = tuple(
        Version(
            version=one.version,
            runtime=None if isinstance(runtime, Unknown) else runtime,
            role=role,
            environment=variables,
            origin=one.origin,
        )
        for one in qualifiers.versions.get(resource.id, ())
    )
    urls = qualifiers.urls.get(resource.id, [])
    timeout = resource.number("Timeout")
    memory = resource.number("MemorySize")
    return Function(
        **resource.common(),
        package_type=package_type,
        runtime=None if package_type == "Image" else runtime,
        handler=None if package_type == "Image" else resource.text("Handler"),
        role=role,
        code_object=_code_object(resource),
        local_code=None if package_type == "Image" else local_code(resource, "Code"),
        architectures=_architectures(resource),
        memory_mb=128 if memory is None else memory,
        timeout_s=3 if timeout is None else timeout,
        environment=variables,
        kms_key=resource.text("KmsKeyArn") or None,
        layers=_layers(resource),
        image=image,
        vpc=_vpc(resource),
        file_systems=_file_systems(resource),
        tracing=_inside(resource, "TracingConfig", "Mode") or "PassThrough",
        dead_letter=_inside(resource, "DeadLetterConfig", "TargetArn") or None,
        logging=_logging(resource),
        snap_start=_settled(_inside(resource, "SnapStart", "ApplyOn")),
        code_signing_config=resource.text("CodeSigningConfigArn") or None,
        reserved_concurrency=resource.number("ReservedConcurrentExecutions"),
        urls=urls if isinstance(urls, Unknown) else tuple(urls),
        policies=permissions.of(resource.id, [*(one.name for one in aliases), *(one.version for one in versions)]),
        aliases=aliases,
        versions=versions,
        event_invoke=tuple(qualifiers.event_invoke.get(resource.id, ())),
        recursive_loop=resource.text("RecursiveLoop") or "Terminate",
        runtime_management=_runtime_management(resource),
        durable_kms_key=_settled(_inside(resource, "DurableConfig", "KMSKeyArn")),
        is_durable=isinstance(resource.get("DurableConfig"), Map),
        tenant_isolation=_settled(_inside(resource, "TenancyConfig", "TenantIsolationMode")),
        capacity_provider=_settled(
            _inside(resource, "CapacityProviderConfig", "LambdaManagedInstancesCapacityProviderConfig", "CapacityProviderArn")
        ),
        tags=tags(resource.get("Tags")),
    )


def _inside(resource: Resource, *keys: str) -> Text | Unknown | None:
    """Read a property of a property, as a text."""
    value: Resolved = resource.get(keys[0])
    for key in keys[1:]:
        if not isinstance(value, Map):
            break
        value = value.get(key)
    return to_text(value)


def _settled(value: Text | Unknown | None) -> Text | None:
    return None if isinstance(value, Unknown) or not value else value


def _package_type(resource: Resource) -> Literal["Zip", "Image"] | Unknown:
    value = resource.text("PackageType")
    if isinstance(value, Unknown):
        return value
    if isinstance(value, Partial):
        return first_hole(value)
    if value is None:
        code = resource.get("Code")
        return "Image" if isinstance(code, Map) and "ImageUri" in code else "Zip"
    return "Image" if value == "Image" else "Zip"


def _image(resource: Resource) -> ImageRef | Unknown | None:
    code = resource.get("Code")
    if isinstance(code, Unknown):
        return code if _package_type(resource) == "Image" else None
    if not isinstance(code, Map) or "ImageUri" not in code:
        return unknown("the image is not in the template", "the packaged template") if _package_type(resource) == "Image" else None
    uri = to_text(code.get("ImageUri"))
    if uri is None or isinstance(uri, Unknown):
        return uri
    return ImageRef(uri=uri, origin=resource.origin("Code", "ImageUri"))


def _code_object(resource: Resource) -> CodeObject | Unknown | None:
    code = resource.get("Code")
    if isinstance(code, Unknown):
        return code
    if not isinstance(code, Map) or "S3Key" not in code or code.get("S3Bucket") == NOT_PACKAGED:
        return None
    bucket, key, version = (to_text(code.get(name)) for name in ("S3Bucket", "S3Key", "S3ObjectVersion"))
    for told in (bucket, key, version):
        if isinstance(told, Unknown):
            return told
    if bucket is None or key is None or isinstance(bucket, Unknown) or isinstance(key, Unknown) or isinstance(version, Unknown):
        return None
    return CodeObject(bucket=bucket, key=key, version=version)


def _architectures(resource: Resource) -> tuple[Text, ...]:
    value = resource.texts("Architectures")
    return value if isinstance(value, tuple) and value else ("x86_64",)


def _layers(resource: Resource) -> tuple[LayerRef, ...] | Unknown:
    value = resource.get("Layers")
    entries = to_list(value)
    if isinstance(entries, Unknown):
        return entries
    layers: list[LayerRef] = []
    for index, entry in enumerate(entries or ()):
        mark = mark_of(value, index)
        origin = resource.template.source.origin(mark) if mark >= 0 else resource.origin("Layers")
        arn = to_text(entry)
        if isinstance(arn, Unknown):
            # Which layer is not known, but that there is one is.
            arn = hole(f"layer {index + 1} of {resource.id}", arn.need)
        if arn is not None:
            layers.append(LayerRef(arn=arn, origin=origin))
    return tuple(layers)


def _vpc(resource: Resource) -> VpcConfig | Unknown | None:
    value = resource.get("VpcConfig")
    if value is None or isinstance(value, Unknown):
        return value
    if not isinstance(value, Map):
        text = to_text(value)
        return text if isinstance(text, Unknown) else unknown("VpcConfig is not resolved")
    subnets, groups = to_texts(value.get("SubnetIds")) or (), to_texts(value.get("SecurityGroupIds")) or ()
    if subnets == () and groups == ():
        return None
    ipv6 = to_text(value.get("Ipv6AllowedForDualStack")) == "true"
    vpc_id = _vpc_of(resource, "AWS::EC2::Subnet", subnets) or _vpc_of(resource, "AWS::EC2::SecurityGroup", groups)
    return VpcConfig(subnet_ids=subnets, security_group_ids=groups, vpc_id=vpc_id, ipv6=ipv6, origin=resource.origin("VpcConfig"))


def _file_systems(resource: Resource) -> tuple[Text, ...] | Unknown:
    entries = to_list(resource.get("FileSystemConfigs"))
    if isinstance(entries, Unknown):
        return entries
    mounted: list[Text] = []
    for number, entry in enumerate(entries or (), 1):
        arn = to_text(entry.get("Arn")) if isinstance(entry, Map) else None
        mounted.append(hole(f"file system {number} of {resource.id}") if arn is None or isinstance(arn, Unknown) else arn)
    return tuple(mounted)


def _vpc_of(resource: Resource, kind: str, ids: tuple[Text, ...] | Unknown) -> Text | None:
    """Give the VPC of the first of these subnets or security groups that is in the template."""
    template = resource.template
    for other in template.of_type(kind):
        if not isinstance(ids, Unknown) and template.name(other.id) in ids:
            return _settled(other.text("VpcId"))
    return None


def _logging(resource: Resource) -> LoggingConfig | Unknown:
    value = resource.get("LoggingConfig")
    if isinstance(value, Unknown):
        return value
    group, form = _inside(resource, "LoggingConfig", "LogGroup"), _inside(resource, "LoggingConfig", "LogFormat")
    if isinstance(group, Unknown):
        return group
    return LoggingConfig(log_group=group, format="Text" if form is None or isinstance(form, Unknown) else form)


def _runtime_management(resource: Resource) -> RuntimeManagement | Unknown:
    value = resource.get("RuntimeManagementConfig")
    if isinstance(value, Unknown):
        return value
    mode = _inside(resource, "RuntimeManagementConfig", "UpdateRuntimeOn")
    if isinstance(mode, Unknown):
        return mode
    return RuntimeManagement(
        update_on="Auto" if mode is None else mode,
        runtime_version_arn=_settled(_inside(resource, "RuntimeManagementConfig", "RuntimeVersionArn")),
    )


def tags(value: Resolved) -> tuple[Tag, ...]:
    """Read tags, in either of the two ways CloudFormation writes them; what is not resolved is left out."""
    made: list[Tag] = []
    pairs: list[tuple[Resolved, Resolved]] = []
    if isinstance(value, Map):
        pairs.extend(value.items())
    else:
        entries = to_list(value)
        pairs.extend((entry.get("Key"), entry.get("Value")) for entry in entries if isinstance(entry, Map)) if isinstance(
            entries, list
        ) else None
    for raw_key, raw_value in pairs:
        key, text = to_text(raw_key), to_text(raw_value)
        if key is not None and text is not None and not isinstance(key, Unknown) and not isinstance(text, Unknown):
            made.append(Tag(key=key, value=text))
    return tuple(made)


def scalar(resource: Resource, key: str) -> int | Unknown | None:
    return to_number(resource.get(key))
