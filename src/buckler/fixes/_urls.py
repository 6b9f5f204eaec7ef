"""URLs of functions that shall ask for a signature."""

from collections.abc import Callable, Iterator

from msgspec.structs import replace

from buckler.fixes._estates import all_of, on_function
from buckler.fixes._fix import Mend
from buckler.fixes._settings import setting
from buckler.model.estate import Estate
from buckler.model.fix import ApiEdit
from buckler.model.functions import LATEST, Function
from buckler.model.text import shown
from buckler.model.unknown import known
from buckler.reach.analysis import Analysis

LOST = "whoever calls the URL without AWS credentials: browsers, webhooks of others"


def asking(function: Function, qualifier: str) -> tuple[ApiEdit, Callable[[Estate], Estate]]:
    """Set the `AuthType` of one URL to `AWS_IAM`."""
    operation = "UpdateFunctionUrlConfig"
    edit = setting(
        function,
        f"AuthType of the URL of `{qualifier}`",
        read="GetFunctionUrlConfig",
        pick=("AuthType",),
        before="NONE",
        after="AWS_IAM",
        do=(operation, {"AuthType": "AWS_IAM"}),
        undo=(operation, {"AuthType": "NONE"}),
        qualifier="" if qualifier == LATEST else qualifier,
    )
    return edit, _change(function, qualifier)


def closing(function: Function, analysis: Analysis) -> Iterator[Mend]:
    """Let every URL of a function that is open to strangers ask for a signature, as one remedy."""
    made = [asking(function, one) for one in open_urls(function, analysis)]
    if made:
        yield Mend(
            summary="set the `AuthType` of its URL to `AWS_IAM`",
            edits=tuple(edit for edit, _ in made),
            change=all_of(*(change for _, change in made)),
            lost=(LOST,),
        )


def open_urls(function: Function, analysis: Analysis) -> tuple[str, ...]:
    """List the qualifiers whose URL anyone may call without a signature."""
    return tuple(
        shown(url.qualifier)
        for url in known(function.urls)
        if url.auth_type == "NONE" and analysis.exposure.open_url(function, url) is not None
    )


def _change(function: Function, qualifier: str) -> Callable[[Estate], Estate]:
    def change(old: Function) -> Function:
        if not isinstance(old.urls, tuple):
            return old
        return replace(old, urls=tuple(replace(url, auth_type="AWS_IAM") if url.qualifier == qualifier else url for url in old.urls))

    return lambda estate: on_function(estate, function.arn, change)
