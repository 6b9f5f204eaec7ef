"""code-signing-warns-only: refuse what is not signed, once all that runs is."""

from buckler.fixes._estates import on_each
from buckler.fixes._fix import Advice, Case, Mend, Remedies, remedy
from buckler.model.fix import ApiEdit, Ask
from buckler.model.functions import CodeSigningConfig
from buckler.model.text import shown
from buckler.model.unknown import known
from buckler.reach.signing import functions_signed_by, used_by


@remedy
def code_signing_warns_only(case: Case[CodeSigningConfig]) -> Remedies:
    """Set `UntrustedArtifactOnDeployment` to `Enforce`, when the package of every function under it is signed by a publisher it trusts.

    What runs goes on running; only later deployments are refused.
    """
    config = case.subject
    trusted = set(known(config.publishers))
    unsigned = [function for function in functions_signed_by(config, case.analysis) if function.signing_profile_version_arn not in trusted]
    if unsigned:
        yield Advice(
            "set `UntrustedArtifactOnDeployment` to `Enforce`", f"the code of {used_by(unsigned)} is not signed by a trusted profile yet"
        )
        return
    where = {"CodeSigningConfigArn": shown(config.arn)}
    operation, member = "UpdateCodeSigningConfig", "UntrustedArtifactOnDeployment"
    edit = ApiEdit(
        account=shown(config.account),
        region=shown(config.region),
        arn=shown(config.arn),
        what="what is done about unsigned code",
        read=Ask(service="lambda", operation="GetCodeSigningConfig", parameters=where),
        pick=("CodeSigningConfig", "CodeSigningPolicies", member),
        before="Warn",
        after="Enforce",
        do=Ask(service="lambda", operation=operation, parameters=where | {"CodeSigningPolicies": {member: "Enforce"}}),
        undo=Ask(service="lambda", operation=operation, parameters=where | {"CodeSigningPolicies": {member: "Warn"}}),
    )
    yield Mend(
        summary=f"set `{member}` to `Enforce`: all that runs under it is signed",
        edits=(edit,),
        change=lambda estate: on_each(estate, "code_signing_configs", config.arn, untrusted_artifact_on_deployment="Enforce"),
        lost=("deployments that are not signed by a trusted profile, layers included",),
    )
