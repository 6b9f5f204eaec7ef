"""runtime-security-extension-missing: nothing inside the functions notices an attack while it happens."""

from collections.abc import Iterator

from buckler.checks._check import check, seen
from buckler.model.estate import Scope
from buckler.model.finding import Finding
from buckler.model.functions import Function
from buckler.model.severity import Confidence, Persona, Severity
from buckler.model.text import shown
from buckler.model.unknown import Undecided, known
from buckler.reach.analysis import Analysis
from buckler.reach.layers import protects
from buckler.reach.scopes import functions_in


@check(
    Severity.LOW, area="monitoring", confidence=Confidence.MEDIUM, persona=Persona.AUDITOR, maps=("owasp:SAS-5", "nist:SI-4", "pci:11.5.1")
)
def runtime_security_extension_missing(scope: Scope, analysis: Analysis) -> Iterator[Finding]:
    """Flag the functions of a region or file that carry no layer known to protect a function while it runs.

    One finding for all of them, with their number. Layers are known by their publisher's account, or by their name where each customer
    publishes the product's layer themselves.

    Why: logs and trails tell what AWS saw. A process started in the sandbox, a file written to `/tmp`, a stolen credential in use are only
    to be seen from inside.

    Not flagged: container images, whose extensions are inside the image. Tracing and metrics alone do not count as protection.

    Fix: add the layer of a runtime-protection product to the functions that matter most. It costs start-up time, so begin
    with the exposed ones.

    Source: AWS Lambda Developer Guide, "Augment Lambda functions using Lambda extensions".
    """
    bare: list[Function] = []
    undecided: Undecided | None = None
    for fn in functions_in(scope, analysis):
        try:
            if known(fn.package_type) == "Zip" and not any(map(protects, known(fn.layers))):
                bare.append(fn)
        except Undecided as stop:
            undecided = undecided or stop
    if bare:
        first = shown(bare[0].name)
        yield runtime_security_extension_missing.finding(
            scope,
            f"`{first}` carries no runtime-security extension"
            if len(bare) == 1
            else f"{len(bare)} functions carry no runtime-security extension",
            *([seen(fn.origin, f"{shown(fn.name)}: no such layer") for fn in bare[:5]]),
        )
    if undecided:
        raise undecided
