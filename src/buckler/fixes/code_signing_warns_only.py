"""code-signing-warns-only: refuse what is not signed, once all that runs is."""

from buckler.fixes._estates import all_of, on_each
from buckler.fixes._fix import Advice, Case, Mend, Remedies, remedy
from buckler.fixes._signing import SIGNED, pin_runtime, signed, why_not_signed
from buckler.model.estate import Estate
from buckler.model.fix import ApiEdit, Ask, Edit
from buckler.model.functions import CodeSigningConfig, Function, RuntimeManagement
from buckler.model.text import shown
from buckler.model.unknown import known
from buckler.reach.signing import functions_signed_by, used_by


@remedy
def code_signing_warns_only(case: Case[CodeSigningConfig]) -> Remedies:
    """Set `UntrustedArtifactOnDeployment` to `Enforce`, when the package of every function under it is signed by a publisher it trusts.

    What is not signed at all is signed first, by the profile the user names. What runs goes on running; only later deployments are refused.
    """
    config = case.subject
    trusted = set(known(config.publishers))
    functions = functions_signed_by(config, case.analysis)
    unsigned = [function for function in functions if function.signing_profile_version_arn not in trusted]
    why = next(filter(None, (_why_not(case, function) for function in unsigned)), "")
    if why:
        yield Advice(
            "set `UntrustedArtifactOnDeployment` to `Enforce`",
            f"the code of {used_by(unsigned)} is not signed by a trusted profile yet; {why}",
        )
        return
    first = [signed(case, function) for function in unsigned]
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

    def enforced(estate: Estate) -> Estate:
        return on_each(estate, "code_signing_configs", config.arn, untrusted_artifact_on_deployment="Enforce")

    before = f"sign the package of {used_by(unsigned)} as it is (--signing-profile, --signing-bucket), then " if unsigned else ""
    summary = f"{before}set `{member}` to `Enforce`: all that runs under it is signed"
    edits: tuple[Edit, ...] = (*(part[0] for part in first), edit)
    change = all_of(*(part[1] for part in first), enforced)
    lost = ("deployments that are not signed by a trusted profile, layers included", *((SIGNED,) if unsigned else ()))
    yield Mend(summary=summary, edits=edits, change=change, lost=lost)
    # Who decides what runs decides when the runtime changes, too: `runtime-update-not-pinned`.
    pins = [pin_runtime(one) for one in functions if one.runtime_management == RuntimeManagement(update_on="Auto")]
    yield Mend(
        summary=f"{summary}, and change runtimes with deployments only",
        edits=(*edits, *(pin[0] for pin in pins)),
        change=all_of(change, *(pin[1] for pin in pins)),
        lost=(*lost, "security patches of the runtimes while nothing is deployed"),
    )


def _why_not(case: Case[CodeSigningConfig], function: Function) -> str:
    if function.signing_profile_version_arn is not None:
        return f"`{shown(function.name)}` is signed by `{function.signing_profile_version_arn}`"
    why = why_not_signed(case, function)
    wish = case.wishes.signing_profile
    return why or ("" if wish in known(case.subject.publishers) else f"it does not trust `{wish}`")
