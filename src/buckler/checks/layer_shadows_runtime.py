"""layer-shadows-runtime: a layer hides a module of the runtime by something that nobody published."""

from collections.abc import Iterator

from buckler.checks._check import check
from buckler.checks._inside import inside
from buckler.model.artifact import Artifact
from buckler.model.finding import Evidence, Finding
from buckler.model.severity import Confidence, Severity
from buckler.model.unknown import known
from buckler.reach.analysis import Analysis
from buckler.reach.wholeness import insist_on_whole

_SAID = {
    "runtime-module": "is found before the runtime's own `{over}`",
    "standard-library": "is found before the module `{over}` of Python itself",
    "startup-module": "is imported at start, before the function",
    "pth-code": "holds code that Python runs at start",
}


@check(
    Severity.MEDIUM,
    area="layers",
    confidence=Confidence.MEDIUM,
    maps=("owasp:SAS-6", "mitre:T1546", "mitre:T1574", "nist:SI-7", "nist:CM-7(5)"),
)
def layer_shadows_runtime(artifact: Artifact, _: Analysis) -> Iterator[Finding]:
    """Flag a layer that stands in the way of the runtime with something of its own: a `boto3`, a module of Python, a `sitecustomize`.

    Folders of layers are searched before the runtime's. Python looks in `/opt/python` before its own library, Node.js in
    `/opt/nodejs/node_modules` before the SDK it brings.

    Why: every function that uses the layer signs its requests with what stands there. Whoever wants the credentials of all of them needs no
    more than a `boto3` that sends them on.

    Not flagged: genuine copies, as layers ship them to pin a version: files that their package lists with their hash, or that are what the
    registry published.

    Fix: take it out of the layer, or install the package with its record (`pip install --target`), so that it can be told from a forgery.

    Source: AWS Lambda Developer Guide, "Packaging your layer content" and "Python search path"; Python documentation, module `site`.
    """
    inventory = known(artifact.inventory)
    for one in inventory.hides:
        if not one.strange:
            continue
        yield layer_shadows_runtime.finding(
            artifact,
            f"`{one.path}` {_SAID[one.kind].format(over=one.over)}, and is no package's",
            *(Evidence(origin=inside(artifact, path), note=one.why) for path in one.strange[:3]),
            key=one.path,
        )
    insist_on_whole(inventory)
