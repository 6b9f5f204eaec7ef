"""cors-wildcard-on-public-url: every website may read what the function's public URL answers."""

from collections.abc import Iterator

from buckler.checks._check import check, seen
from buckler.model.finding import Finding
from buckler.model.functions import Cors, Function
from buckler.model.severity import Severity
from buckler.model.text import Partial, shown
from buckler.model.unknown import Undecided, known
from buckler.reach.absent import first_hole
from buckler.reach.analysis import Analysis


@check(Severity.LOW, area="exposure", maps=("owasp:SAS-3", "nist:AC-4", "nist:CM-7"))
def cors_wildcard_on_public_url(fn: Function, analysis: Analysis) -> Iterator[Finding]:
    """Flag a URL that anyone can call and whose CORS settings allow every origin.

    Why: scripts of any website can then call the function from the browsers of its visitors, with their addresses and from inside their
    networks, and read the answers. With credentials allowed too, they act as the visitor.

    Not flagged: a wildcard on a URL that is not public, and one origin or pattern of your own.

    Fix: list the origins that need it in `AllowOrigins`. Leave `Cors` out when no browser calls the URL.

    Source: AWS Lambda API reference, Cors; AWS Lambda Developer Guide, "Cross-origin resource sharing (CORS)" of function URLs.
    """
    doubt: Undecided | None = None
    for url in known(fn.urls):
        if url.cors is None or url.auth_type == "AWS_IAM":
            continue
        try:
            cors = known(url.cors)
            if not _is_open(cors) or analysis.exposure.open_url(fn, url) is None:
                continue
        except Undecided as undecided:
            doubt = doubt or undecided
            continue
        credentials = cors.allow_credentials is True
        yield cors_wildcard_on_public_url.finding(
            fn,
            f"the public URL of `{shown(url.qualifier)}` lets scripts of every website read its answers{' with credentials' * credentials}",
            seen(cors.origin, f"AllowOrigins holds *{', AllowCredentials is true' * credentials}"),
            seen(url.origin, "AuthType is NONE"),
            severity=Severity.MEDIUM if credentials else None,
            key=shown(url.qualifier),
        )
    if doubt is not None:
        raise doubt


def _is_open(cors: Cors) -> bool:
    if "*" in cors.allow_origins:
        return True
    for origin in cors.allow_origins:
        # Only an origin that is nothing but a hole can turn out to be `*`.
        if isinstance(origin, Partial) and len(origin.parts) == 1:
            raise Undecided(first_hole(origin))
    return False
