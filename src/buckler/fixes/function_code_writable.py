"""function-code-writable: keep those who do not deploy from changing the function."""

from typing import Final

from buckler.fixes._denies import denying_to
from buckler.fixes._estates import all_of
from buckler.fixes._fix import Advice, Case, Mend, Remedies, remedy
from buckler.model.functions import Function
from buckler.model.iam import Role
from buckler.model.text import shown
from buckler.reach.writers import writers_of

_CHANGES: Final = (
    "lambda:CreateAlias",
    "lambda:DeleteFunctionCodeSigningConfig",
    "lambda:PutFunctionCodeSigningConfig",
    "lambda:UpdateAlias",
    "lambda:UpdateFunctionCode",
    "lambda:UpdateFunctionConfiguration",
)
"""What a function does is changed by these; whoever may not deploy needs none of them."""


@remedy
def function_code_writable(case: Case[Function]) -> Remedies:
    """Deny each role that may change it, deploys nothing and gains by it what changes this one function. Users are yours to change."""
    function = case.subject
    arn, name = shown(function.arn), shown(function.name)
    writers = [one.identity for one in writers_of(function, case.analysis)]
    statement = {"Effect": "Deny", "Action": list(_CHANGES), "Resource": [arn, f"{arn}:*"]}
    made: list[Mend] = []
    for writer in writers:
        mend = None
        if isinstance(writer, Role):
            lost = (f"`{shown(writer.name)}` may no longer change the code, configuration or aliases of `{name}`",)
            mend = denying_to(writer, [statement], f"buckler-not-{name}", f"deny `{shown(writer.name)}` to change `{name}`", lost)
        if mend is None:
            yield Advice(f"take it from `{shown(writer.name)}` to change `{name}`", "the policies of users are yours to change")
            return
        made.append(mend)
    if made:
        yield Mend(
            summary="; ".join(one.summary for one in made),
            edits=tuple(edit for one in made for edit in one.edits),
            change=all_of(*(one.change for one in made)),
            lost=tuple(said for one in made for said in one.lost),
        )
