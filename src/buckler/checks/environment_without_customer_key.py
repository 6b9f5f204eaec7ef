"""environment-without-customer-key: a variable named like a secret is encrypted with a key you do not control."""

from collections.abc import Iterator

from buckler.checks._check import check, seen
from buckler.engines.secrets import is_secret_name
from buckler.model.finding import Finding
from buckler.model.functions import EnvVar, Function
from buckler.model.secret import Redacted
from buckler.model.severity import Confidence, Severity
from buckler.model.text import Text, shown, starts
from buckler.model.unknown import Unknown, known
from buckler.reach.analysis import Analysis


@check(Severity.LOW, area="environment", confidence=Confidence.MEDIUM, maps=("owasp:SAS-7", "nist:SC-12", "nist:SC-28(1)", "pci:3.6.1"))
def environment_without_customer_key(fn: Function, analysis: Analysis) -> Iterator[Finding]:
    """Flag variables under AWS's own key on a function that has a variable named like a secret.

    Why: with the default key everyone who may read the function's configuration reads its variables. With a key of yours they need
    `kms:Decrypt` on it too, and each reading is in CloudTrail.

    Not flagged: functions whose variables are all harmless, or refer to a secret kept elsewhere; functions with a customer managed key.

    Fix: keep the secret in Secrets Manager; if it must stay, set `KMSKeyArn` to a customer managed key. Its key policy is then the list of
    who reads the variables.

    Source: AWS Lambda Developer Guide, "Securing environment variables".
    """
    secret = next((variable for variable in known(fn.environment) if _is_secretive(variable)), None)
    if secret is None:
        return
    key = known(fn.kms_key)
    if key is not None and not _is_aws_managed(key, analysis):
        return
    yield environment_without_customer_key.finding(
        fn,
        f"`{shown(secret.name)}` and the other variables are not encrypted with a key of yours",
        seen(fn.origin, "no KMSKeyArn" if key is None else f"the key is {shown(key)}"),
        seen(secret.origin, "named like a secret", sensitive=True),
    )


def _is_secretive(variable: EnvVar) -> bool:
    """A value that may be kept is harmless by the detector's word; any other counts when the name or the value says secret."""
    named = isinstance(variable.name, str) and is_secret_name(variable.name)
    match variable.value:
        case str():
            return False
        case Redacted(is_secret=is_secret):
            return is_secret or named
        case Unknown():
            return named
        case partial:
            return named and starts(partial, "arn:") is not True


def _is_aws_managed(key: Text, analysis: Analysis) -> bool:
    if shown(key).endswith("alias/aws/lambda"):
        return True
    entry = analysis.keys.get(key)
    return entry is not None and not known(entry.is_customer_managed)
