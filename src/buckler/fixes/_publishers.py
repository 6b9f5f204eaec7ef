"""Who may sign: the signing profiles that a code-signing configuration trusts, as one list."""

from collections.abc import Sequence

from buckler.fixes._estates import on_each
from buckler.fixes._fix import Advice, Case, Mend
from buckler.model.fix import ApiEdit, Ask
from buckler.model.functions import CodeSigningConfig
from buckler.model.text import shown
from buckler.model.unknown import known
from buckler.reach.signing import functions_signed_by, used_by


def in_place_of(case: Case[CodeSigningConfig], old: Sequence[str], why: str) -> Mend | Advice:
    """Trust the profile that the user names in place of others; without one, take them out where others stay. Raises `Undecided`."""
    config, wish = case.subject, case.wishes.signing_profile
    before = [shown(one) for one in known(config.publishers)]
    kept = [one for one in before if one not in old]
    after = [*kept, *([wish] if wish and wish not in kept else [])]
    names = ", ".join(f"`{one.partition(':/signing-profiles/')[2]}`" for one in old)
    summary = f"trust your profile (--signing-profile) in place of {names}" if wish else f"no longer trust {names}, {why}"
    if not after:
        # Lambda takes no configuration that trusts nobody.
        return Advice(f"trust another signing profile in place of {names}", "which one is yours to say: --signing-profile ARN")
    where = {"CodeSigningConfigArn": shown(config.arn)}

    def ask(publishers: list[str]) -> Ask:
        trusted = {"AllowedPublishers": {"SigningProfileVersionArns": publishers}}
        return Ask(service="lambda", operation="UpdateCodeSigningConfig", parameters=where | trusted)

    edit = ApiEdit(
        account=shown(config.account),
        region=shown(config.region),
        arn=shown(config.arn),
        what="signing profiles that are trusted",
        read=Ask(service="lambda", operation="GetCodeSigningConfig", parameters=where),
        pick=("CodeSigningConfig", "AllowedPublishers", "SigningProfileVersionArns"),
        before=before,
        after=after,
        do=ask(after),
        undo=ask(before),
    )
    users = used_by(functions_signed_by(config, case.analysis))
    return Mend(
        summary,
        (edit,),
        lambda estate: on_each(estate, "code_signing_configs", config.arn, publishers=tuple(after)),
        lost=(f"deployments to {users} of code that {names} signed: sign it again first",),
    )
