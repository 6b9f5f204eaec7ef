"""cors-wildcard-on-public-url: name whose scripts may call it."""

from typing import Any

from msgspec.structs import replace

from buckler.fixes._estates import on_function
from buckler.fixes._fix import Case, Mend, Remedies, remedy
from buckler.fixes._option import LOST_BY_ORIGINS, WHOSE_SCRIPTS
from buckler.fixes._settings import setting
from buckler.model.functions import LATEST, Cors, Function
from buckler.model.text import shown
from buckler.model.unknown import known


@remedy
def cors_wildcard_on_public_url(case: Case[Function]) -> Remedies:
    """Set `AllowOrigins` to what the user names; every other setting of CORS stays."""
    function, qualifier, origins = case.subject, case.finding.key, case.wishes.allow_origins
    if not origins:
        yield WHOSE_SCRIPTS
        return
    url = next(one for one in known(function.urls) if shown(one.qualifier) == qualifier)
    cors = known(url.cors)
    if cors is None:
        return
    narrowed = replace(cors, allow_origins=origins)
    operation, before, after = "UpdateFunctionUrlConfig", _written(cors), _written(narrowed)
    yield Mend(
        summary=f"allow scripts of {', '.join(f'`{one}`' for one in origins)} only (--allow-origin)",
        edits=(
            setting(
                function,
                f"CORS of the URL of `{qualifier}`",
                read="GetFunctionUrlConfig",
                pick=("Cors",),
                before=before,
                after=after,
                do=(operation, {"Cors": after}),
                undo=(operation, {"Cors": before}),
                qualifier="" if qualifier == LATEST else qualifier,
            ),
        ),
        change=lambda estate: on_function(estate, function.arn, lambda one: _allowing(one, qualifier, origins)),
        lost=LOST_BY_ORIGINS,
    )


def _allowing(function: Function, qualifier: str, origins: tuple[str, ...]) -> Function:
    if not isinstance(function.urls, tuple):
        return function
    urls = (
        replace(url, cors=replace(url.cors, allow_origins=origins)) if url.qualifier == qualifier and isinstance(url.cors, Cors) else url
        for url in function.urls
    )
    return replace(function, urls=tuple(urls))


def _written(cors: Cors) -> dict[str, Any]:
    """Write the settings as Lambda does: what is not set is not there."""
    lists = {
        "AllowHeaders": cors.allow_headers,
        "AllowMethods": cors.allow_methods,
        "AllowOrigins": cors.allow_origins,
        "ExposeHeaders": cors.expose_headers,
    }
    written: dict[str, Any] = {name: [shown(one) for one in values] for name, values in lists.items() if values}
    if known(cors.allow_credentials):
        written["AllowCredentials"] = True
    if cors.max_age_s is not None:
        written["MaxAge"] = known(cors.max_age_s)
    return written
