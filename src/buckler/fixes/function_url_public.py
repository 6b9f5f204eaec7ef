"""function-url-public: let the URL ask for a signature."""

from buckler.fixes._fix import Advice, Case, Mend, Remedies, remedy
from buckler.fixes._statements import remove_statement, with_policy
from buckler.fixes._urls import LOST, asking
from buckler.model.functions import Function
from buckler.model.text import shown
from buckler.model.unknown import known


@remedy
def function_url_public(case: Case[Function]) -> Remedies:
    """Set `AuthType` to `AWS_IAM`; where that alone leaves it open to anyone with an account, take the Allow out of the policy instead."""
    function, qualifier = case.subject, case.finding.key
    edit, change = asking(function, qualifier)
    yield Mend(summary=f"set the `AuthType` of the URL of `{qualifier}` to `AWS_IAM`", edits=(edit,), change=change, lost=(LOST,))
    url = next(one for one in known(function.urls) if shown(one.qualifier) == qualifier)
    opening = case.analysis.exposure.open_url(function, url)
    for statement in opening.statements if opening is not None else ():
        removed = remove_statement(function, qualifier, statement)
        if removed is not None:
            yield Mend(
                summary=f"remove `{statement.sid}` from the policy of `{qualifier}`: the URL then answers 403",
                edits=(removed,),
                change=with_policy(function, qualifier, without=(str(statement.sid),)),
                lost=(LOST,),
            )
    yield Advice("put the URL behind CloudFront with origin access control", "no single change closes it")
