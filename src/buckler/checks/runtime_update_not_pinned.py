"""runtime-update-not-pinned: only signed code may be deployed, but the runtime beneath it changes by itself."""

from collections.abc import Iterator

from buckler.checks._check import check, seen
from buckler.model.finding import Finding
from buckler.model.functions import Function
from buckler.model.severity import Persona, Severity
from buckler.model.text import known_text
from buckler.model.unknown import Unknown, known
from buckler.reach.analysis import Analysis
from buckler.reach.signing import config_of, enforces


@check(Severity.LOW, area="layers", persona=Persona.AUDITOR, maps=("nist:CM-3", "nist:SI-7", "pci:6.5.1"))
def runtime_update_not_pinned(fn: Function, analysis: Analysis) -> Iterator[Finding]:
    """Flag runtime updates in mode `Auto` on a function that enforces code signing.

    A question of taste: AWS recommends `Auto`, which brings security patches by itself. Who signs every byte that runs may want the
    runtime to change only together with a signed deployment.

    Why: with `Auto` part of what runs was approved by nobody, and a change of behaviour has no deployment to point at.

    Not flagged: functions without enforced signing, `FunctionUpdate` (the runtime changes with your deployment), `Manual`, and container
    images, which bring their runtime.

    Fix: run `aws lambda put-runtime-management-config --function-name NAME --update-runtime-on FunctionUpdate`. With `Manual` you must
    follow the runtime's security releases yourself.

    Source: AWS Lambda Developer Guide, "Understanding how Lambda manages runtime version updates".
    """
    mode = fn.runtime_management if isinstance(fn.runtime_management, Unknown) else fn.runtime_management.update_on
    if known(fn.package_type) == "Image" or (isinstance(mode, str) and mode != "Auto"):
        return
    config = config_of(fn, analysis)
    if config is None or not enforces(config):
        return
    if known_text(mode) == "Auto":
        yield runtime_update_not_pinned.finding(
            fn,
            "code signing is enforced, but the runtime is updated without any deployment",
            seen(fn.origin, "UpdateRuntimeOn is Auto"),
            seen(config.origin, "UntrustedArtifactOnDeployment is Enforce"),
        )
