"""environment-without-customer-key: encrypt the environment under the key the user names."""

from msgspec.structs import replace

from buckler.fixes._estates import on_function
from buckler.fixes._fix import Advice, Case, Mend, Remedies, remedy
from buckler.fixes._settings import setting
from buckler.fixes.migrate import Destination, offer
from buckler.model.functions import Function
from buckler.model.text import shown
from buckler.model.unknown import known
from buckler.reach.readers import secret_variables


@remedy
def environment_without_customer_key(case: Case[Function]) -> Remedies:
    """Set the key; which one, and who may use it, is the user's to say."""
    function, key = case.subject, case.wishes.kms_key
    if not key:
        yield Advice("encrypt the environment under a key of yours: --kms-key ARN", "only you know which key its readers may use")
        return
    operation, before = "UpdateFunctionConfiguration", known(function.kms_key)
    yield Mend(
        summary=f"encrypt the environment under `{key}`",
        edits=(
            setting(
                function,
                "key of the environment",
                read="GetFunctionConfiguration",
                pick=("KMSKeyArn",),
                before=None if before is None else shown(before),
                after=key,
                do=(operation, {"KMSKeyArn": key}),
                # AWS: "If it's not provided, Lambda uses an AWS owned key"; an empty string takes the setting back.
                undo=(operation, {"KMSKeyArn": "" if before is None else shown(before)}),
                waits=True,
            ),
        ),
        change=lambda estate: on_function(estate, function.arn, lambda one: replace(one, kms_key=key)),
        lost=("whoever may read the configuration and may not use the key no longer sees the variables",),
    )
    names = tuple(shown(one.name) for one in secret_variables(function))
    if case.wishes.secrets_to is not None and names:
        # What has no secret in it needs no key.
        yield offer(case.analysis, function, names, Destination(store=case.wishes.secrets_to, key=key))
