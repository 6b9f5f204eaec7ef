"""durable-state-without-customer-key: encrypt what durable executions remember under the key the user names."""

from msgspec.structs import replace

from buckler.fixes._estates import on_function
from buckler.fixes._fix import Advice, Case, Mend, Remedies, remedy
from buckler.fixes._settings import setting
from buckler.model.functions import Function


@remedy
def durable_state_without_customer_key(case: Case[Function]) -> Remedies:
    """Set the key; the other settings of durable execution are told again, since the call takes all of them."""
    function, key = case.subject, case.wishes.kms_key
    if not key:
        yield Advice(
            "encrypt the state of durable executions under a key of yours: --kms-key ARN", "only you know which key its readers may use"
        )
        return
    kept = {"ExecutionTimeout": function.durable_timeout_s, "RetentionPeriodInDays": function.durable_retention_days}
    operation = "UpdateFunctionConfiguration"
    config = {name: value for name, value in kept.items() if value is not None}
    yield Mend(
        summary=f"encrypt the state of durable executions under `{key}`",
        edits=(
            setting(
                function,
                "key of durable executions",
                read="GetFunctionConfiguration",
                pick=("DurableConfig", "KMSKeyArn"),
                before=None,
                after=key,
                do=(operation, {"DurableConfig": {**config, "KMSKeyArn": key}}),
                # Its pattern takes an empty string, as that of the environment's key does.
                undo=(operation, {"DurableConfig": {**config, "KMSKeyArn": ""}}),
                waits=True,
            ),
        ),
        change=lambda estate: on_function(estate, function.arn, lambda one: replace(one, durable_kms_key=key)),
        lost=(
            "whoever may read executions, or run them, and may not use the key: the role needs `kms:Decrypt` and `kms:GenerateDataKey`",
            "executions that run already keep the key they began with",
        ),
    )
