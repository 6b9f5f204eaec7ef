"""policy-open-to-account: take out the statement that lets an account in that nobody knows."""

from buckler.fixes._fix import Advice, Case, Mend, Remedies, remedy
from buckler.fixes._foreign import statements_of
from buckler.fixes._statements import remove_statement, with_policy
from buckler.model.functions import Function
from buckler.model.policy import Policy
from buckler.model.unknown import known
from buckler.reach.exposure import invoked_arn

_ACTIONS = tuple(
    (f"lambda:{name}", name)
    for name in (
        "UpdateFunctionCode",
        "UpdateFunctionConfiguration",
        "GetFunction",
        "GetFunctionConfiguration",
        "InvokeFunction",
        "InvokeFunctionUrl",
    )
)


@remedy
def policy_open_to_account(case: Case[Function]) -> Remedies:
    """Remove the statements that name the account; no other statement is touched."""
    function = case.subject
    qualifier, _, key = case.finding.key.partition(" ")
    policy = known(function.policy_of(qualifier))
    found = statements_of(policy, key, invoked_arn(function, qualifier), _ACTIONS, case.analysis) if isinstance(policy, Policy) else ()
    edits = tuple(edit for one in found if (edit := remove_statement(function, qualifier, one)) is not None)
    if not found or len(edits) < len(found):
        yield Advice("take the account out of the statement", "it names others too, or Lambda could not put it back as it is")
        return
    sids = tuple(str(one.sid) for one in found)
    yield Mend(
        summary=f"remove {', '.join(f'`{sid}`' for sid in sids)} from the policy of `{qualifier}`",
        edits=edits,
        change=with_policy(function, qualifier, without=sids),
        lost=("whatever that account does with the function: if it is a partner, ignore the finding with its name as the reason",),
    )
