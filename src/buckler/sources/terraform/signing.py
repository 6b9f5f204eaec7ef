"""Code signing: configurations and the profiles they trust."""

from buckler.model.functions import CodeSigningConfig, SigningProfile
from buckler.model.text import Text
from buckler.model.unknown import Unknown
from buckler.sources.terraform.common import common
from buckler.sources.terraform.draft import Draft
from buckler.sources.terraform.node import Node

_DAYS = {"DAYS": 1, "MONTHS": 30, "YEARS": 365}


def read_signing(draft: Draft) -> None:
    plan = draft.view.plan
    draft.each("code_signing_configs", plan.of("aws_lambda_code_signing_config"), _config)
    draft.each("signing_profiles", plan.of("aws_signer_signing_profile"), _profile)


def _config(node: Node) -> CodeSigningConfig:
    publishers, policies = node.block("allowed_publishers"), node.block("policies", computed=True)
    trusted: tuple[Text, ...] | Unknown = ()
    if publishers is not None:
        trusted = publishers if isinstance(publishers, Unknown) else publishers.texts("signing_profile_version_arns", to="version_arn")
    # AWS's default, when the configuration has no policies.
    untrusted: Text | Unknown = "Warn"
    if policies is not None:
        untrusted = policies if isinstance(policies, Unknown) else policies.text("untrusted_artifact_on_deployment") or "Warn"
    return CodeSigningConfig(**common(node, "config_id"), publishers=trusted, untrusted_artifact_on_deployment=untrusted)


def _profile(node: Node) -> SigningProfile:
    validity = node.block("signature_validity_period")
    days: int | None = None
    if isinstance(validity, Node):
        amount, unit = validity.integer("value"), validity.text("type")
        if isinstance(amount, int) and isinstance(unit, str):
            days = amount * _DAYS.get(unit, 1)
    status = node.text("status")
    return SigningProfile(
        **common(node, "name"),
        # A profile that the plan creates is active when it is created.
        status=status if status is not None else "Active" if "create" in node.resource.actions else node.child("status").why(),
        version_arn=node.view.attribute(node.resource, "version_arn"),
        signature_validity_days=days,
    )
