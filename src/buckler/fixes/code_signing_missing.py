"""code-signing-missing: take only code that a profile the account trusts already has signed."""

from typing import Final

from buckler.fixes._fix import Advice, Case, Remedies, remedy
from buckler.fixes._signing import all_signed, attached, made
from buckler.model.functions import Function
from buckler.model.text import shown
from buckler.model.unknown import Unknown

_SIGN: Final = "sign the package and its layers, then attach a code-signing configuration that enforces"


@remedy
def code_signing_missing(case: Case[Function]) -> Remedies:
    """Attach a configuration that enforces, and trusts the profile which signed the code that runs; make it for the profile the user names.

    Code that is not signed yet is signed first, as it is, and copies of its layers with it: under a configuration that enforces they would
    be `unsigned-under-enforce`, and one that only warns is `code-signing-warns-only`. One finding for another is no remedy.
    """
    function, wish = case.subject, case.wishes.signing_profile
    profile = function.signing_profile_version_arn
    first = all_signed(case, function) if profile is None or profile == wish else None
    if isinstance(first, str):
        yield Advice(_SIGN, f"what runs is not signed yet; {first}")
        return
    profile = profile or wish
    config = next(
        (
            one
            for one in case.analysis.estate.code_signing_configs
            if (one.account, one.region) == (function.account, function.region)
            and one.untrusted_artifact_on_deployment == "Enforce"
            and not isinstance(one.publishers, Unknown)
            and profile in one.publishers
        ),
        None,
    )
    if config is not None:
        yield from attached(function, config, f"attach `{shown(config.name)}`, which trusts the profile that signed the code", first)
    elif wish == profile:
        yield from made(function, profile, first)
    else:
        why = f"the code is signed by `{shown(profile)}`, and " + ("no configuration trusts that" if not wish else "you named another")
        yield Advice("make a code-signing configuration that trusts the profile that signed the code: --signing-profile ARN", why)
