"""Layers, the code-signing configurations and the signing profiles of a template, and the foreign layers its functions use."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from buckler.model.functions import CodeSigningConfig, Function, LayerVersion, SigningProfile
from buckler.model.origin import FileOrigin, Origin
from buckler.model.policy import Policy, parse_policy
from buckler.model.text import Partial, Text, hole, join
from buckler.model.unknown import Unknown, UnknownKind
from buckler.sources.cfn.local_code import local_code
from buckler.sources.cfn.resource import Resource
from buckler.sources.cfn.split import cut, paste
from buckler.sources.cfn.template import Template
from buckler.sources.cfn.tree import Map
from buckler.sources.cfn.values import to_number, to_text, to_texts, unknown

_ACCOUNT = re.compile(r"\d{12}\Z")


def layer_versions(template: Template, functions: Iterable[Function]) -> tuple[LayerVersion, ...]:
    """Give the layer versions the template makes, then those its functions take from elsewhere."""
    used: dict[Text, Origin] = {}
    for function in functions:
        if not isinstance(function.layers, Unknown):
            for layer in function.layers:
                used.setdefault(layer.arn, layer.origin)
    own = [_layer(resource, used) for resource in template.of_type("AWS::Lambda::LayerVersion")]
    known = {layer.arn for layer in own}
    return (*own, *_foreign({arn: origin for arn, origin in used.items() if arn not in known}))


def _layer(resource: Resource, used: dict[Text, Origin]) -> LayerVersion:
    template = resource.template
    arn = template.arn(resource.id)
    runtimes = resource.texts("CompatibleRuntimes")
    return LayerVersion(
        arn=arn,
        name=template.name(resource.id),
        account=template.account,
        region=template.region,
        origin=resource.origin(),
        address=resource.id,
        version=None,
        policy=_policy(resource, arn),
        exists=True,
        local_code=local_code(resource, "Content"),
        compatible_runtimes=tuple(one for one in runtimes if isinstance(one, str)) if isinstance(runtimes, tuple) else (),
        is_used=arn in used,
    )


def _policy(layer: Resource, arn: Text) -> Policy | Unknown | None:
    """Make the policy AWS keeps of the permissions on a layer version."""
    statements: list[object] = []
    origins: list[FileOrigin] = []
    for resource in layer.template.of_type("AWS::Lambda::LayerVersionPermission"):
        if resource.text("LayerVersionArn") != arn:
            continue
        statements.append(_statement(resource, arn))
        origins.append(resource.origin())
    if not statements:
        return None

    def place(path: tuple[str | int, ...]) -> FileOrigin:
        index = path[1] if len(path) > 1 else 0
        return origins[index if isinstance(index, int) else 0]

    return parse_policy({"Version": "2012-10-17", "Statement": statements}, origins[0], place=place)


def _statement(resource: Resource, arn: Text) -> dict[str, object] | Unknown:
    principal, organization = resource.text("Principal"), resource.text("OrganizationId")
    if isinstance(principal, Unknown):
        return principal
    if isinstance(organization, Unknown):
        return organization
    who: object = "*"
    if isinstance(principal, str) and principal != "*":
        account = join("arn:", resource.template.partition, ":iam::", principal, ":root")
        who = {"AWS": account if _ACCOUNT.match(principal) else principal}
    elif isinstance(principal, Partial):
        if principal != resource.template.account:
            return unknown(f"the principal of `{resource.id}` is not resolved")
        who = {"AWS": join("arn:", resource.template.partition, ":iam::", principal, ":root")}
    action = resource.text("Action")
    statement: dict[str, object] = {
        "Sid": resource.id,
        "Effect": "Allow",
        "Principal": who,
        "Action": "lambda:GetLayerVersion" if action is None else action,
        "Resource": arn,
    }
    return statement | {"Condition": {"StringEquals": {"aws:PrincipalOrgID": organization}}} if organization is not None else statement


def _foreign(used: dict[Text, Origin]) -> Iterator[LayerVersion]:
    outside = Unknown(kind=UnknownKind.OUTSIDE, why="a template does not tell of layers made elsewhere", need="a live scan")
    for arn, origin in used.items():
        parts = cut(arn)
        if len(parts) != 8 or parts[5] != "layer":
            continue
        version = to_number(parts[7])
        yield LayerVersion(
            arn=arn,
            name=parts[6],
            account=parts[4],
            region=parts[3],
            origin=origin,
            version=version if isinstance(version, int) else None,
            policy=outside,
            exists=outside,
        )


def code_signing_config(resource: Resource) -> CodeSigningConfig:
    allowed, policies = resource.get("AllowedPublishers"), resource.get("CodeSigningPolicies")
    publishers = to_texts(allowed.get("SigningProfileVersionArns")) if isinstance(allowed, Map) else to_texts(allowed)
    mode = to_text(policies.get("UntrustedArtifactOnDeployment")) if isinstance(policies, Map) else to_text(policies)
    return CodeSigningConfig(
        **resource.common(),
        publishers=() if publishers is None else publishers,
        untrusted_artifact_on_deployment="Warn" if mode is None else mode,
    )


_DAYS = {"DAYS": 1, "MONTHS": 30, "YEARS": 365}


def signing_profile(resource: Resource) -> SigningProfile:
    template = resource.template
    arn = template.arn(resource.id)
    validity = resource.get("SignatureValidityPeriod")
    days: int | None = None
    if isinstance(validity, Map):
        number, unit = to_number(validity.get("Value")), to_text(validity.get("Type"))
        days = number * _DAYS[unit] if isinstance(number, int) and isinstance(unit, str) and unit in _DAYS else None
    return SigningProfile(
        arn=arn,
        name=template.name(resource.id),
        account=template.account,
        region=template.region,
        origin=resource.origin(),
        address=resource.id,
        status="Active",
        version_arn=paste([arn, hole(f"{resource.id}.ProfileVersion")], "/"),
        signature_validity_days=days,
    )
