"""Code signing: configurations, which functions have one, and the signer profiles they trust."""

from collections.abc import Iterable
from dataclasses import dataclass

from buckler.model.estate import Estate, Missing
from buckler.model.functions import CodeSigningConfig, Function, SigningProfile
from buckler.model.text import Text
from buckler.model.unknown import Unknown, UnknownKind
from buckler.sources.live.answers import Answer, inner, strings
from buckler.sources.live.api import Reader
from buckler.sources.live.calls import Collector
from buckler.sources.live.limits import CONTROL_PLANE

COLLECTOR = Collector("signing")
# Asked by revocation.py, once code was looked into. Declared here: a client knows what was declared when it was made.
GET_REVOCATION = COLLECTOR.call(
    "signer", "GetRevocationStatus", "whether the signatures found in code were revoked", result="revokedEntities"
)
LIST_CONFIGS = COLLECTOR.call(
    "lambda",
    "ListCodeSigningConfigs",
    "code-signing configurations",
    result="CodeSigningConfigs",
    page=("Marker", "NextMarker"),
    **CONTROL_PLANE,
)
LIST_FUNCTIONS = COLLECTOR.call(
    "lambda",
    "ListFunctionsByCodeSigningConfig",
    "which functions have a code-signing configuration",
    result="FunctionArns",
    page=("Marker", "NextMarker"),
    **CONTROL_PLANE,
)
GET_PROFILE = COLLECTOR.call(
    "signer",
    "GetSigningProfile",
    "whether the signing profiles that functions trust, or are signed by, are revoked",
    result="profileName",
    none=("ResourceNotFoundException",),
)


@dataclass(frozen=True)
class Signed:
    """The configurations of a region, and which functions they are on."""

    configs: tuple[CodeSigningConfig, ...]
    of: dict[str, str]
    """ARN of a function -> ARN of its configuration."""
    unknown: Unknown | None
    """Why a function that is not in `of` may have one all the same."""
    missing: tuple[Missing, ...]

    def config_of(self, function: str) -> str | Unknown | None:
        """Give the configuration of a function."""
        return self.of.get(function, self.unknown)


def collect(reader: Reader) -> Signed:
    """Read all configurations, and ask of each which functions have it: far fewer calls than asking each function."""
    pages = reader.pages(LIST_CONFIGS)
    configs = [_config(reader, entry) for entry in pages]
    unknown = pages.unknown
    of: dict[str, str] = {}
    for config in configs:
        arns = reader.pages(LIST_FUNCTIONS, CodeSigningConfigArn=config.arn)
        for answer in arns.answers():
            of.update((_unqualified(arn), str(config.arn)) for arn in answer["FunctionArns"])
        unknown = unknown or arns.unknown
    return Signed(configs=tuple(configs), of=of, unknown=unknown, missing=pages.missing("code_signing_configs"))


def _unqualified(arn: str) -> str:
    return ":".join(arn.split(":")[:7])


def _config(reader: Reader, entry: Answer) -> CodeSigningConfig:
    return CodeSigningConfig(
        arn=entry["CodeSigningConfigArn"],
        name=entry["CodeSigningConfigId"],
        account=reader.account,
        region=reader.region,
        origin=reader.origin(LIST_CONFIGS, entry["CodeSigningConfigArn"]),
        publishers=strings(inner(entry, "AllowedPublishers"), "SigningProfileVersionArns"),
        # AWS's default when a configuration is made without policies.
        untrusted_artifact_on_deployment=inner(entry, "CodeSigningPolicies").get("UntrustedArtifactOnDeployment", "Warn"),
    )


def profiles(configs: Iterable[CodeSigningConfig], functions: Iterable[Function]) -> tuple[str, ...]:
    """Give the profile versions that any of *configs* trusts, or that signed what any of *functions* runs."""
    publishers = {text for config in configs if not isinstance(config.publishers, Unknown) for text in config.publishers}
    signers = {function.signing_profile_version_arn for function in functions}
    return tuple(sorted(text for text in publishers | signers if isinstance(text, str)))


def collect_profile(reader: Reader, version_arn: str) -> Estate:
    """Read the profile of one profile version, `arn:...:/signing-profiles/NAME/VERSION`."""
    name = version_arn.split("/")[-2] if version_arn.count("/") >= 2 else version_arn
    owner = version_arn.split(":")[4]
    answer = (
        reader.find(GET_PROFILE, profileName=name)
        if owner == reader.account
        else reader.find(GET_PROFILE, profileName=name, profileOwner=owner)
    )
    if answer is None:
        # The configuration goes on trusting a version whose profile is gone; what was signed with it stays trusted.
        answer = Unknown(kind=UnknownKind.UNSUPPORTED, why="the signing profile does not exist any more", need="a profile that exists")
    status: Text | Unknown
    days: int | None = None
    revoked: str | None = None
    if isinstance(answer, Unknown):
        status = answer
    elif answer.get("profileVersionArn", version_arn) != version_arn:
        status = Unknown(
            kind=UnknownKind.UNSUPPORTED, why="AWS tells only of the newest version of a signing profile", need="the newest version"
        )
    else:
        status = answer.get("status", "Active")
        period = inner(answer, "signatureValidityPeriod")
        unit = {"DAYS": 1, "MONTHS": 30, "YEARS": 365}.get(period.get("type", ""), 0)
        days = int(period["value"]) * unit or None if period else None
        effective = inner(answer, "revocationRecord").get("revocationEffectiveFrom")
        revoked = effective.date().isoformat() if effective else None
    return Estate(
        signing_profiles=(
            SigningProfile(
                arn=version_arn.rpartition("/")[0],
                name=name,
                account=owner,
                region=reader.region,
                origin=reader.origin(GET_PROFILE, version_arn),
                status=status,
                version_arn=version_arn,
                signature_validity_days=days,
                revoked_since=revoked,
            ),
        )
    )
