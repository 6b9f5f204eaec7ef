"""Keys, secrets and parameters: what is known of them, never what is in them."""

from __future__ import annotations

from buckler.model.policy import Policy
from buckler.model.stores import KmsKey, Parameter, Secret
from buckler.model.unknown import Unknown
from buckler.sources.cfn.functions import tags
from buckler.sources.cfn.resource import Resource
from buckler.sources.key_policy import default_key_policy, grants_outside


def kms_key(resource: Resource) -> KmsKey:
    template = resource.template
    arn, name = template.arn(resource.id), template.name(resource.id)
    aliases: list[str] = []
    for alias in template.of_type("AWS::KMS::Alias"):
        shown = alias.text("AliasName")
        if alias.text("TargetKeyId") in {arn, name} and isinstance(shown, str):
            aliases.append(shown)
    return KmsKey(
        arn=arn,
        name=name,
        account=template.account,
        region=template.region,
        origin=resource.origin(),
        address=resource.id,
        policy=resource.policy("KeyPolicy")
        or default_key_policy(resource.template.partition, resource.template.account, resource.origin()),
        is_customer_managed=True,
        is_enabled=resource.flag("Enabled", default=True),
        rotation=resource.flag("EnableKeyRotation", default=False),
        aliases=tuple(aliases),
        grants=grants_outside("a template"),
    )


def secret(resource: Resource) -> Secret:
    template = resource.template
    arn = template.arn(resource.id)
    policy: Policy | Unknown | None = None
    for other in template.of_type("AWS::SecretsManager::ResourcePolicy"):
        if other.text("SecretId") in {arn, template.name(resource.id)}:
            policy = other.policy("ResourcePolicy")
    rotates = any(
        other.text("SecretId") in {arn, template.name(resource.id)} for other in template.of_type("AWS::SecretsManager::RotationSchedule")
    )
    return Secret(
        arn=arn,
        name=template.name(resource.id),
        account=template.account,
        region=template.region,
        origin=resource.origin(),
        address=resource.id,
        policy=policy,
        kms_key=resource.text("KmsKeyId"),
        rotation=rotates,
        tags=tags(resource.get("Tags")),
    )


def parameter(resource: Resource) -> Parameter:
    kind = resource.text("Type")
    return Parameter(
        **resource.common(),
        type="String" if kind is None or isinstance(kind, Unknown) else kind,
    )
