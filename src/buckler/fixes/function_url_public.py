"""function-url-public: let the URL ask for a signature."""

from collections.abc import Callable

from msgspec.structs import replace

from buckler.fixes._estates import on_function
from buckler.fixes._fix import Advice, Case, Mend, Remedies, remedy
from buckler.fixes._settings import setting
from buckler.fixes._statements import remove_statement, with_policy
from buckler.model.estate import Estate
from buckler.model.functions import LATEST, Function
from buckler.model.text import shown
from buckler.model.unknown import known


@remedy
def function_url_public(case: Case[Function]) -> Remedies:
    """Set `AuthType` to `AWS_IAM`; where that alone leaves it open to anyone with an account, take the Allow out of the policy instead."""
    function, qualifier = case.subject, case.finding.key
    operation, named = "UpdateFunctionUrlConfig", "" if qualifier == LATEST else qualifier
    yield Mend(
        summary=f"set the `AuthType` of the URL of `{qualifier}` to `AWS_IAM`",
        edits=(
            setting(
                function,
                f"AuthType of the URL of `{qualifier}`",
                read="GetFunctionUrlConfig",
                pick=("AuthType",),
                before="NONE",
                after="AWS_IAM",
                do=(operation, {"AuthType": "AWS_IAM"}),
                undo=(operation, {"AuthType": "NONE"}),
                qualifier=named,
            ),
        ),
        change=_asking(function, qualifier),
        lost=("whoever calls the URL without AWS credentials: browsers, webhooks of others",),
    )
    url = next(one for one in known(function.urls) if shown(one.qualifier) == qualifier)
    opening = case.analysis.exposure.open_url(function, url)
    for statement in opening.statements if opening is not None else ():
        edit = remove_statement(function, qualifier, statement)
        if edit is not None:
            yield Mend(
                summary=f"remove `{statement.sid}` from the policy of `{qualifier}`: the URL then answers 403",
                edits=(edit,),
                change=with_policy(function, qualifier, without=(str(statement.sid),)),
                lost=("whoever calls the URL without AWS credentials: browsers, webhooks of others",),
            )
    yield Advice("put the URL behind CloudFront with origin access control", "no single change closes it")


def _asking(function: Function, qualifier: str) -> Callable[[Estate], Estate]:
    def change(old: Function) -> Function:
        if not isinstance(old.urls, tuple):
            return old
        return replace(old, urls=tuple(replace(url, auth_type="AWS_IAM") if url.qualifier == qualifier else url for url in old.urls))

    return lambda estate: on_function(estate, function.arn, change)
