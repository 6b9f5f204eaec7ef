"""layer-version-public: take out the statement that lets everybody get the layer."""

from buckler.fixes._fix import Advice, Case, Mend, Remedies, remedy
from buckler.fixes._statements import remove_layer_statement, with_layer_policy
from buckler.model.functions import LayerVersion
from buckler.model.policy import Policy
from buckler.model.text import shown
from buckler.model.unknown import known


@remedy
def layer_version_public(case: Case[LayerVersion]) -> Remedies:
    """Remove the Allows for everybody. Functions that use the layer keep their copy, also those of other accounts."""
    layer = case.subject
    policy = known(layer.policy)
    open_ones = [
        one
        for one in (policy.statements if isinstance(policy, Policy) else ())
        if one.effect == "Allow" and not one.conditions and any(shown(who.value) == "*" for who in one.principals or ())
    ]
    edits = tuple(edit for one in open_ones if (edit := remove_layer_statement(layer, one)) is not None)
    if not edits or len(edits) < len(open_ones):
        yield Advice("remove the Allow for everybody from the layer version", "Lambda could not put the statement back as it is")
        return
    sids = tuple(str(one.sid) for one in open_ones)
    yield Mend(
        summary=f"remove {', '.join(f'`{sid}`' for sid in sids)} from the policy of the layer version; treat what is in it as published",
        edits=edits,
        change=with_layer_policy(layer, sids),
        lost=("other accounts that add this version to a function from now on",),
    )
