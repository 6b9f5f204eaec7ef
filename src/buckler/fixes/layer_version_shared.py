"""layer-version-shared: take out the statement by which an account that nobody knows gets the layer."""

from buckler.engines.iam import sample
from buckler.fixes._fix import Advice, Case, Mend, Remedies, remedy
from buckler.fixes._foreign import statements_of
from buckler.fixes._statements import remove_layer_statement, with_layer_policy
from buckler.model.functions import LayerVersion
from buckler.model.policy import Policy
from buckler.model.unknown import known


@remedy
def layer_version_shared(case: Case[LayerVersion]) -> Remedies:
    """Remove the statements that name the account. Its functions that use the layer keep their copy."""
    layer = case.subject
    policy = known(layer.policy)
    actions = (("lambda:GetLayerVersion", "get"),)
    found = statements_of(policy, case.finding.key, sample(layer.arn), actions, case.analysis) if isinstance(policy, Policy) else ()
    edits = tuple(edit for one in found if (edit := remove_layer_statement(layer, one)) is not None)
    if not found or len(edits) < len(found):
        yield Advice(
            "take the account out of the layer's policy", "the statement names others too, or Lambda could not put it back as it is"
        )
        return
    sids = tuple(str(one.sid) for one in found)
    yield Mend(
        summary=f"remove {', '.join(f'`{sid}`' for sid in sids)} from the policy of the layer version",
        edits=edits,
        change=with_layer_policy(layer, sids),
        lost=("that account adding this version to a function from now on; if it is a partner, ignore the finding with its name",),
    )
