"""Environment variables: names always, values only when they are harmless."""

import re

from buckler.model.functions import EnvVar
from buckler.model.secret import Redacted
from buckler.model.severity import Confidence
from buckler.model.text import Partial, Text
from buckler.model.unknown import Unknown
from buckler.sources.common import judged_text
from buckler.sources.terraform.node import MalformedError, Node, State
from buckler.sources.terraform.references import Target

_SECRETS = {
    ("aws_iam_access_key", "id"): "aws-access-key-id",
    ("aws_iam_access_key", "secret"): "aws-secret-access-key",
    ("aws_iam_access_key", "ses_smtp_password_v4"): "smtp-password",
    ("aws_secretsmanager_secret_version", "secret_string"): "secretsmanager-secret",
    ("aws_secretsmanager_random_password", "random_password"): "generated-password",
    ("aws_db_instance", "password"): "database-password",
    ("aws_rds_cluster", "master_password"): "database-password",
    ("aws_redshift_cluster", "master_password"): "database-password",
    ("aws_docdb_cluster", "master_password"): "database-password",
    ("aws_elasticache_replication_group", "auth_token"): "auth-token",
    ("aws_api_gateway_api_key", "value"): "api-key",
    ("aws_cognito_user_pool_client", "client_secret"): "client-secret",
    ("random_password", "result"): "generated-password",
    ("tls_private_key", "private_key_pem"): "private-key",
    ("tls_private_key", "private_key_openssh"): "private-key",
}
"""Attributes that are secrets by what they are: whoever is handed one holds a secret, whatever its value will be."""
_SOUNDS_SECRET = re.compile(r"secret|passw|pwd|token|credential|private|access_?key|api_?key", re.IGNORECASE)


def environment(function: Node) -> tuple[EnvVar, ...] | Unknown:
    """Read the variables of a function; unknown when not even their names are known."""
    block = function.block("environment")
    if block is None or isinstance(block, Unknown):
        return block if isinstance(block, Unknown) else ()
    variables = block.child("variables")
    match variables.state(computed=False):
        case State.UNSET:
            return ()
        case State.UNKNOWN:
            return variables.why()
        case _:
            return tuple(_variable(variables, name, node) for name, node in variables.entries())


def _variable(variables: Node, name: str, node: Node) -> EnvVar:
    origin = variables.origin(name)
    match node.state(computed=False):
        case State.UNSET:
            value: Text | Redacted | Unknown = ""
        case State.KNOWN if isinstance(node.value, Partial):
            value = judged_text(node.view.judge, name, node.value)
        case State.KNOWN | State.SENSITIVE:
            if not isinstance(node.value, str):
                raise MalformedError(node.address, "a string")
            # The one place where a sensitive value is looked at: judged here, at birth, and kept only as what is left of it.
            value = node.view.judge(name, node.value)
            if node.state(computed=False) is State.SENSITIVE and isinstance(value, str):
                value = Redacted(kind="opaque", is_secret=False, confidence=Confidence.LOW, shown="(sensitive)", length=len(node.value))
        case State.UNKNOWN:
            value = _unknown(variables, name, node)
    return EnvVar(name=name, value=value, origin=origin)


def _unknown(variables: Node, name: str, node: Node) -> Text | Redacted | Unknown:
    """Say what is known of a value that is not: that it comes from something which is a secret."""
    targets = node.view.references.targets(node) or []
    secret = [target for target in targets if (target.resource.type, target.attribute) in _SECRETS]
    if secret and len(secret) == len(targets):
        # Everything unknown that the variables refer to is a secret, so this one is; which one, only if there is one.
        return _redacted(secret if len(secret) == 1 else _named_like(secret, name), Confidence.HIGH)
    if secret and _SOUNDS_SECRET.search(name):
        return _redacted(_named_like(secret, name), Confidence.MEDIUM)
    if node.sensitive is True:
        return Redacted(kind="opaque", is_secret=False, confidence=Confidence.LOW, shown="(sensitive)", length=0)
    alone = len(targets) == 1 and sum(1 for _, one in variables.entries() if one.unknown is True) == 1
    if alone and targets[0].attribute.endswith(("arn", "id", "name", "url", "endpoint")):
        return node.view.attribute(targets[0].resource, targets[0].attribute)
    return node.hole()


def _named_like(secret: list[Target], name: str) -> list[Target]:
    """Prefer the secrets whose attribute stands in the variable's name: `DB_USER_SECRET_KEY` and `secret`."""
    return [target for target in secret if target.attribute in name.lower()] or secret


def _redacted(secret: list[Target], confidence: Confidence) -> Redacted:
    kinds = sorted({_SECRETS[target.resource.type, target.attribute] for target in secret})
    shown = " or ".join(f"${{{target.resource.address}.{target.attribute}}}" for target in secret)
    return Redacted(kind=kinds[0] if len(kinds) == 1 else "opaque", is_secret=True, confidence=confidence, shown=shown, length=0)
