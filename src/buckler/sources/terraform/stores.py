"""KMS keys, secrets and parameters: metadata and policies, never values."""

from buckler.model.origin import FileOrigin
from buckler.model.policy import Policy, parse_policy
from buckler.model.stores import KmsKey, Parameter, Secret
from buckler.model.text import Text
from buckler.model.unknown import Unknown
from buckler.sources.key_policy import default_key_policy
from buckler.sources.terraform.common import common, default_bool, tags
from buckler.sources.terraform.documents import policy_of
from buckler.sources.terraform.draft import Draft
from buckler.sources.terraform.node import MalformedError, Node
from buckler.sources.terraform.stores_grants import read_grants


def read_stores(draft: Draft) -> None:
    plan = draft.view.plan
    draft.each("keys", plan.of("aws_kms_key", "aws_kms_external_key", "aws_kms_replica_key"), lambda node: _key(draft, node))
    draft.each("secrets", plan.of("aws_secretsmanager_secret"), lambda node: _secret(draft, node))
    draft.each("parameters", plan.of("aws_ssm_parameter"), _parameter)


def _beside(draft: Draft, collection: str, kind: str, key: str, *names: Text) -> Policy | None:
    """Give the policy that a resource beside the thing puts on it."""
    found: Policy | None = None
    for node in draft.beside(collection, kind, key, *names):
        try:
            found = policy_of(node, "policy") or found
        except MalformedError as error:
            found = parse_policy(draft.malformed(collection, node.resource, error), node.origin("policy"))
    stray = draft.stray(collection, (kind, key)) if found is None else None
    return parse_policy(stray, FileOrigin(file=draft.view.plan.shown)) if stray else found


def _key(draft: Draft, node: Node) -> KmsKey:
    base = common(node, "key_id")
    names = (base["name"], base["arn"])
    policy = _beside(draft, "keys", "aws_kms_key_policy", "key_id", *names) or policy_of(node, "policy")
    aliases = [draft.view.attribute(one.resource, "name") for one in draft.beside("keys", "aws_kms_alias", "target_key_id", *names)]
    account, region = node.view.identity.of(node.resource)
    return KmsKey(
        **base,
        policy=policy if policy is not None else default_key_policy(node.view.identity.partition(region), account, node.origin()),
        is_customer_managed=True,
        is_enabled=default_bool(node.boolean("is_enabled"), default=True),
        rotation=default_bool(node.boolean("enable_key_rotation"), default=False),
        aliases=tuple(alias for alias in aliases if isinstance(alias, str)),
        grants=read_grants(draft, *names),
    )


def _secret(draft: Draft, node: Node) -> Secret:
    base = common(node, "name")
    names = (base["arn"], draft.view.attribute(node.resource, "id"), base["name"])
    rotation: bool | Unknown = False
    for one in draft.beside("secrets", "aws_secretsmanager_secret_rotation", "secret_id", *names):
        rotation = default_bool(one.boolean("rotation_enabled"), default=True)
    return Secret(
        **base,
        policy=_beside(draft, "secrets", "aws_secretsmanager_secret_policy", "secret_arn", *names) or policy_of(node, "policy"),
        kms_key=node.text("kms_key_id", to="arn") or None,
        rotation=rotation,
        tags=tags(node),
    )


def _parameter(node: Node) -> Parameter:
    kind = node.text("type")
    return Parameter(
        **common(node, "name"),
        type=kind if kind is not None else node.child("type").hole(),
        kms_key=node.text("key_id", to="arn") or None,
    )
