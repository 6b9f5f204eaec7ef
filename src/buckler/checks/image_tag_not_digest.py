"""image-tag-not-digest: the function's image is named by a tag, which can be moved."""

import re
from collections.abc import Iterator

from buckler.checks._check import check, seen
from buckler.model.finding import Finding
from buckler.model.functions import Function
from buckler.model.severity import Severity
from buckler.model.text import Hole, Text, shown
from buckler.model.unknown import Undecided, Unknown, known
from buckler.reach.absent import first_hole
from buckler.reach.analysis import Analysis

# Tags of the CDK's asset repository: the hash of what was built, in a repository whose tags cannot be moved.
_HASH = re.compile(r"[0-9a-f]{64}")


@check(Severity.LOW, area="layers", maps=("owasp:SAS-6", "mitre:T1525", "nist:SI-7", "nist:CM-14"))
def image_tag_not_digest(fn: Function, _: Analysis) -> Iterator[Finding]:
    """Flag a container image that is named by its tag.

    Why: Lambda looks the tag up at every deployment. Whoever may push to the repository chooses what the next deployment runs, and no
    diff of the template shows it.

    Not flagged: images by digest, and CDK assets, whose tag is the hash of their content. A function that runs is not replaced when its
    tag moves, which is why this is not worse than low.

    Fix: name the image by its digest, `repository@sha256:...`. Make the repository's tags immutable as well.

    Source: AWS Lambda Developer Guide, "Create a Lambda function using a container image":
    Lambda resolves a tag to a digest when it deploys.
    """
    if known(fn.package_type) != "Image":
        return
    image = known(fn.image)
    if image is None:
        return
    tag = _tag(image.uri)
    if tag is None or _HASH.fullmatch(tag):
        return
    resolved = image.resolved_uri
    digest = shown(resolved) if resolved is not None and not isinstance(resolved, Unknown) else ""
    yield image_tag_not_digest.finding(
        fn,
        f"the image is named by its tag `{tag}`, which can be moved to another image",
        seen(image.origin, f"image {shown(image.uri)}"),
        remedy=f"name the image by its digest, `{digest}`" if "@sha256:" in digest else None,
    )


def _tag(uri: Text) -> str | None:
    """Give the tag of an image, None when it is named by digest. Raises `Undecided` when a hole may hold either."""
    if "@" in shown(uri):
        return None
    pieces = [uri] if isinstance(uri, str) else list(uri.parts)
    last, before = pieces[-1], pieces[-2] if len(pieces) > 1 else ""
    if isinstance(last, Hole):
        if isinstance(before, str) and before.endswith(":"):
            return f"${{{last.ref}}}"
        raise Undecided(first_hole(uri))
    name = last.rpartition("/")[2]
    if ":" in name:
        return name.rpartition(":")[2]
    if name != last or isinstance(uri, str):
        return "latest"  # what AWS takes when neither is given
    raise Undecided(first_hole(uri))
