"""code-signing-missing: take only code that a profile the account trusts already has signed."""

from msgspec.structs import replace

from buckler.fixes._estates import on_function
from buckler.fixes._fix import Advice, Case, Mend, Remedies, remedy
from buckler.fixes._settings import setting
from buckler.model.functions import Function
from buckler.model.text import shown
from buckler.model.unknown import Unknown


@remedy
def code_signing_missing(case: Case[Function]) -> Remedies:
    """Attach a configuration of the account that enforces, and trusts the profile which signed the code that runs."""
    function = case.subject
    profile = function.signing_profile_version_arn
    if profile is None:
        yield Advice("sign the package, then attach a code-signing configuration that enforces", "the code that runs is not signed yet")
        return
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
    if config is None:
        yield Advice("make a code-signing configuration that trusts the profile that signed the code", "none trusts it yet")
        return
    arn = shown(config.arn)
    yield Mend(
        summary=f"attach `{shown(config.name)}`, which trusts the profile that signed the code",
        edits=(
            setting(
                function,
                "code-signing configuration",
                read="GetFunctionCodeSigningConfig",
                pick=("CodeSigningConfigArn",),
                before=None,
                after=arn,
                do=("PutFunctionCodeSigningConfig", {"CodeSigningConfigArn": arn}),
                undo=("DeleteFunctionCodeSigningConfig", {}),
            ),
        ),
        change=lambda estate: on_function(estate, function.arn, lambda one: replace(one, code_signing_config=arn)),
        lost=("deployments that are not signed by a profile it trusts, layers included",),
    )
