"""unsigned-under-enforce: sign the package that runs, as it is."""

from buckler.fixes._fix import Advice, Case, Mend, Remedies, remedy
from buckler.fixes._layers import short
from buckler.fixes._signing import SIGNED, signed, unsigned_layers, why_not_signed
from buckler.model.functions import Function
from buckler.model.text import shown
from buckler.model.unknown import known
from buckler.reach.signing import config_of


@remedy
def unsigned_under_enforce(case: Case[Function]) -> Remedies:
    """Sign a package that nobody signed, by the profile the user names, if the configuration trusts that.

    Layers are for those who publish them. Undoing takes the configuration off for a moment: Lambda would not take it back unsigned.
    """
    function, wish, what = case.subject, case.wishes.signing_profile, "deploy a package that is signed by a profile it trusts"
    if function.signing_profile_version_arn is not None:
        yield Advice(what, f"the package is signed by `{function.signing_profile_version_arn}`, or it is a layer that is not signed")
        return
    config, why = config_of(function, case.analysis), why_not_signed(case, function)
    layers = unsigned_layers(case, function)
    if layers:
        why = f"the layer `{short(layers[0])}` is not signed either: publish a signed version of it first"
    if why or config is None:
        yield Advice(what, why or "it is under no configuration any more")
    elif wish not in known(config.publishers):
        yield Advice(what, f"its configuration does not trust `{wish}`")
    else:
        edits, change = signed(case, function, under=shown(config.arn))
        yield Mend(
            summary="sign the package that runs, as it is (--signing-profile, --signing-bucket)",
            edits=edits,
            change=change,
            lost=(SIGNED,),
        )
