"""image-tag-not-digest: name the image by the digest that runs now."""

from msgspec.structs import replace

from buckler.fixes._estates import on_function
from buckler.fixes._fix import Advice, Case, Mend, Remedies, remedy
from buckler.fixes._settings import setting
from buckler.model.functions import Function
from buckler.model.text import shown
from buckler.model.unknown import known


@remedy
def image_tag_not_digest(case: Case[Function]) -> Remedies:
    """Deploy the very image that runs, by its digest: nothing that runs changes."""
    function = case.subject
    image = known(function.image)
    resolved = known(image.resolved_uri) if image is not None else None
    if image is None or resolved is None or "@sha256:" not in shown(resolved):
        yield Advice("name the image by its digest, `repository@sha256:...`", "which digest it is was not told")
        return
    tag, digest = shown(image.uri), shown(resolved)
    yield Mend(
        summary=f"name the image by the digest that runs now, `{digest.rpartition('@')[2][:19]}...`",
        edits=(
            setting(
                function,
                "image",
                read="GetFunction",
                pick=("Code", "ImageUri"),
                before=tag,
                after=digest,
                do=("UpdateFunctionCode", {"ImageUri": digest}),
                undo=("UpdateFunctionCode", {"ImageUri": tag}),
                waits=True,
            ),
        ),
        change=lambda estate: on_function(estate, function.arn, lambda one: replace(one, image=replace(image, uri=resolved))),
        lost=("deployments that only move the tag; and undoing it deploys what the tag names then",),
    )
