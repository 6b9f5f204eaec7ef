"""code-signing-warns-only: refuse what is not signed, once all that runs is."""

from buckler.fixes._estates import all_of, on_each
from buckler.fixes._fix import Advice, Case, Mend, Remedies, remedy
from buckler.fixes._signing import Part, all_signed, lost_by, pin_runtime, said_of
from buckler.model.estate import Estate
from buckler.model.fix import ApiEdit, Ask, Edit
from buckler.model.functions import CodeSigningConfig, Function, RuntimeManagement
from buckler.model.text import Text, shown
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
    parts = [(function, _signed(case, function, trusted)) for function in functions]
    refused = [(function, part) for function, part in parts if isinstance(part, str)]
    if refused:
        who = f"{used_by([one for one, _ in refused])} {'runs' if len(refused) == 1 else 'run'}"
        yield Advice(
            "set `UntrustedArtifactOnDeployment` to `Enforce`", f"what {who} is not signed by a trusted profile yet; {refused[0][1]}"
        )
        return
    first = [(function, part) for function, part in parts if part is not None and not isinstance(part, str)]
    # One layer is signed once, for all that run it.
    signing: tuple[Edit, ...] = ()
    for _, part in first:
        signing = (*signing, *(edit for edit in part[0] if edit not in signing))
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

    before = ""
    if first:
        whose = used_by([function for function, _ in first])
        before = f"sign {said_of(signing)}, of {whose} (--signing-profile, --signing-bucket), then "
    summary = f"{before}set `{member}` to `Enforce`: all that runs under it is signed"
    edits: tuple[Edit, ...] = (*signing, edit)
    change = all_of(*(part[1] for _, part in first), enforced)
    lost = ("deployments that are not signed by a trusted profile, layers included", *lost_by(signing))
    yield Mend(summary=summary, edits=edits, change=change, lost=lost)
    # Who decides what runs decides when the runtime changes, too: `runtime-update-not-pinned`.
    pins = [pin_runtime(one) for one in functions if one.runtime_management == RuntimeManagement(update_on="Auto")]
    yield Mend(
        summary=f"{summary}, and change runtimes with deployments only",
        edits=(*edits, *(pin[0] for pin in pins)),
        change=all_of(change, *(pin[1] for pin in pins)),
        lost=(*lost, "security patches of the runtimes while nothing is deployed"),
    )


def _signed(case: Case[CodeSigningConfig], function: Function, trusted: set[Text]) -> Part | str | None:
    """Sign what nobody signed of a function, or say why that cannot be done."""
    profile, wish = function.signing_profile_version_arn, case.wishes.signing_profile
    if profile is not None and profile not in trusted:
        return f"`{shown(function.name)}` is signed by `{profile}`"
    part = all_signed(case, function)
    if part is None or isinstance(part, str):
        return part
    return part if wish in trusted else f"it does not trust `{wish}`"
