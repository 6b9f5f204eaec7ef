"""Which functions a code-signing configuration decides about, and the profiles it trusts."""

from buckler.model.functions import CodeSigningConfig, Function, SigningProfile
from buckler.model.text import Text, known_text, shown
from buckler.model.unknown import Undecided, Unknown, known
from buckler.reach.absent import absent
from buckler.reach.analysis import Analysis
from buckler.reach.once import once


@once
def _users(analysis: Analysis) -> dict[Text, list[Function]]:
    index: dict[Text, list[Function]] = {}
    for function in analysis.estate.functions:
        arn = function.code_signing_config
        if arn is not None and not isinstance(arn, Unknown):
            index.setdefault(arn, []).append(function)
    return index


def functions_signed_by(config: CodeSigningConfig, analysis: Analysis) -> list[Function]:
    """List the functions a configuration is on. Raises `Undecided` when there seem to be none but somebody could not be asked."""
    users = _users(analysis).get(config.arn, [])
    if not users:
        analysis.require("functions", config.account, config.region)
        for function in analysis.estate.functions:
            unread = function.code_signing_config
            if isinstance(unread, Unknown) and function.region == config.region and function.account == config.account:
                raise Undecided(unread)
    return users


def config_of(function: Function, analysis: Analysis) -> CodeSigningConfig | None:
    """Give the code-signing configuration of a function, None when it has none."""
    arn = known(function.code_signing_config)
    if arn is None:
        return None
    config = analysis.code_signing_configs.get(arn)
    if config is None:
        analysis.require("code_signing_configs", function.account, function.region)
        raise Undecided(absent(f"the code-signing configuration `{shown(arn)}`", function, "lambda:ListCodeSigningConfigs"))
    return config


def enforces(config: CodeSigningConfig) -> bool:
    """Say whether unsigned code is refused (`Enforce`), not merely noted (`Warn`)."""
    return known_text(config.untrusted_artifact_on_deployment) == "Enforce"


def profile_of(publisher: Text, config: CodeSigningConfig, analysis: Analysis) -> SigningProfile:
    """Give the signing profile of an allowed publisher."""
    profile = analysis.signing_profiles.get(publisher)
    if profile is None:
        analysis.require("signing_profiles", config.account, config.region)
        raise Undecided(absent(f"the signing profile `{shown(publisher)}`", config, "signer:GetSigningProfile"))
    return profile


def used_by(functions: list[Function]) -> str:
    """Name the first of *functions* and count the rest: `checkout`, `checkout` and 3 more."""
    first = f"`{shown(functions[0].name)}`"
    return first if len(functions) == 1 else f"{first} and {len(functions) - 1} more"
