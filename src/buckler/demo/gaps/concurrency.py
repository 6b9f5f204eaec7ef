"""How a function runs: concurrency, asynchronous invocation, recursion, runtime updates, scaling, capacity providers."""

from buckler.demo.gaps import functions, names, store
from buckler.demo.gaps.operations import AwsError, Call, operation, page
from buckler.demo.gaps.store import LATEST, Document, Function

UNRESERVED_MINIMUM = 100


@operation("lambda", "PutFunctionConcurrency")
def put_function_concurrency(call: Call) -> Document:
    """Reserve concurrency; AWS keeps 100 unreserved."""
    found, wanted = names.function(call), int(call.params["ReservedConcurrentExecutions"])
    others = sum(other.reserved_concurrency or 0 for other in call.home.functions.values() if other is not found)
    if functions.CONCURRENT_EXECUTIONS - others - wanted < UNRESERVED_MINIMUM:
        raise AwsError(
            "InvalidParameterValueException",
            "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution "
            f"below its minimum value of [{UNRESERVED_MINIMUM}].",
        )
    found.reserved_concurrency = wanted
    return {"ReservedConcurrentExecutions": wanted}


@operation("lambda", "GetFunctionConcurrency")
def get_function_concurrency(call: Call) -> Document:
    """The reservation; the member is absent where there is none."""
    return {"ReservedConcurrentExecutions": names.function(call).reserved_concurrency}


@operation("lambda", "DeleteFunctionConcurrency")
def delete_function_concurrency(call: Call) -> None:
    """Give the reservation back."""
    names.function(call).reserved_concurrency = None


@operation("lambda", "PutProvisionedConcurrencyConfig")
def put_provisioned_concurrency_config(call: Call) -> Document:
    """Provision concurrency for an alias or a published version."""
    found, qualifier = names.qualified(call)
    if qualifier == LATEST:
        raise AwsError(
            "InvalidParameterValueException", "Provisioned Concurrency Configs cannot be applied to unpublished function versions."
        )
    wanted = int(call.params["ProvisionedConcurrentExecutions"])
    config: Document = {
        "RequestedProvisionedConcurrentExecutions": wanted,
        "AvailableProvisionedConcurrentExecutions": wanted,
        "AllocatedProvisionedConcurrentExecutions": wanted,
        "Status": "READY",
        "LastModified": store.now(),
    }
    found.provisioned[qualifier] = config
    return config


@operation("lambda", "GetProvisionedConcurrencyConfig")
def get_provisioned_concurrency_config(call: Call) -> Document:
    """What is provisioned for a qualifier."""
    found, qualifier = names.qualified(call)
    if qualifier not in found.provisioned:
        raise AwsError("ProvisionedConcurrencyConfigNotFoundException", "No Provisioned Concurrency Config found for this function")
    return found.provisioned[qualifier]


@operation("lambda", "ListProvisionedConcurrencyConfigs")
def list_provisioned_concurrency_configs(call: Call) -> Document:
    """What is provisioned for a function's qualifiers."""
    found = names.function(call)
    configs = [config | {"FunctionArn": found.qualified_arn(qualifier)} for qualifier, config in found.provisioned.items()]
    chosen, marker = page(configs, call.params)
    return {"ProvisionedConcurrencyConfigs": chosen, "NextMarker": marker}


@operation("lambda", "DeleteProvisionedConcurrencyConfig")
def delete_provisioned_concurrency_config(call: Call) -> None:
    """Provision nothing any more."""
    found, qualifier = names.qualified(call)
    found.provisioned.pop(qualifier, None)


@operation("lambda", "PutFunctionEventInvokeConfig")
def put_function_event_invoke_config(call: Call) -> Document:
    """Set how asynchronous invocations are retried and where they end."""
    found, qualifier = names.qualified(call)
    found.invoke_configs.pop(qualifier, None)
    return update_function_event_invoke_config(call)


@operation("lambda", "UpdateFunctionEventInvokeConfig")
def update_function_event_invoke_config(call: Call) -> Document:
    """Change only what is given."""
    found, qualifier = names.qualified(call)
    config = found.invoke_configs.setdefault(qualifier, {"FunctionArn": f"{found.arn}:{qualifier}"})
    config.update({m: call.params[m] for m in ("MaximumRetryAttempts", "MaximumEventAgeInSeconds") if m in call.params})
    # AWS answers both destinations, empty where not set.
    config["DestinationConfig"] = (
        {"OnSuccess": {}, "OnFailure": {}} | config.get("DestinationConfig", {}) | (call.params.get("DestinationConfig") or {})
    )
    config["LastModified"] = store.epoch()
    return config


@operation("lambda", "GetFunctionEventInvokeConfig")
def get_function_event_invoke_config(call: Call) -> Document:
    """The settings of exactly this qualifier."""
    found, qualifier = names.qualified(call)
    if qualifier not in found.invoke_configs:
        raise names.not_found(f"The function {found.arn}:{qualifier} doesn't have an EventInvokeConfig")
    return found.invoke_configs[qualifier]


@operation("lambda", "ListFunctionEventInvokeConfigs")
def list_function_event_invoke_configs(call: Call) -> Document:
    """The settings of all qualifiers that have some."""
    chosen, marker = page(names.function(call).invoke_configs.values(), call.params)
    return {"FunctionEventInvokeConfigs": chosen, "NextMarker": marker}


@operation("lambda", "DeleteFunctionEventInvokeConfig")
def delete_function_event_invoke_config(call: Call) -> None:
    """Back to the defaults."""
    get_function_event_invoke_config(call)
    found, qualifier = names.qualified(call)
    del found.invoke_configs[qualifier]


@operation("lambda", "PutFunctionRecursionConfig")
def put_function_recursion_config(call: Call) -> Document:
    """Let a function call itself in a loop, or have AWS stop it."""
    names.function(call).recursive_loop = str(call.params["RecursiveLoop"])
    return get_function_recursion_config(call)


@operation("lambda", "GetFunctionRecursionConfig")
def get_function_recursion_config(call: Call) -> Document:
    """`Terminate` unless told otherwise."""
    return {"RecursiveLoop": names.function(call).recursive_loop}


@operation("lambda", "PutRuntimeManagementConfig")
def put_runtime_management_config(call: Call) -> Document:
    """Say when the runtime is updated."""
    found, qualifier = names.qualified(call)
    config: Document = {"UpdateRuntimeOn": call.params["UpdateRuntimeOn"], "FunctionArn": f"{found.arn}:{qualifier}"}
    if call.params["UpdateRuntimeOn"] == "Manual":
        config["RuntimeVersionArn"] = (
            call.params.get("RuntimeVersionArn") or found.versions[qualifier]["RuntimeVersionConfig"]["RuntimeVersionArn"]
        )
    found.runtime_updates[qualifier] = config
    return config


@operation("lambda", "GetRuntimeManagementConfig")
def get_runtime_management_config(call: Call) -> Document:
    """`Auto` unless told otherwise."""
    found, qualifier = names.qualified(call)
    return found.runtime_updates.get(qualifier) or {"UpdateRuntimeOn": "Auto", "FunctionArn": f"{found.arn}:{qualifier}"}


@operation("lambda", "PutFunctionScalingConfig")
def put_function_scaling_config(call: Call) -> Document:
    """Bound the execution environments of a version on a capacity provider."""
    found, qualifier = _on_capacity_provider(call)
    found.scaling[qualifier] = call.params.get("FunctionScalingConfig") or {}
    return {"FunctionState": "Active"}


@operation("lambda", "GetFunctionScalingConfig")
def get_function_scaling_config(call: Call) -> Document:
    """The bounds, as requested and as applied."""
    found, qualifier = _on_capacity_provider(call)
    bounds = found.scaling.get(qualifier)
    answer: Document = {"FunctionArn": f"{found.arn}:{qualifier}"}
    return answer | ({"AppliedFunctionScalingConfig": bounds, "RequestedFunctionScalingConfig": bounds} if bounds is not None else {})


def _on_capacity_provider(call: Call) -> tuple[Function, str]:
    found, qualifier = names.qualified(call)
    if "CapacityProviderConfig" not in found.versions[names.version_of(found, qualifier)]:
        raise AwsError("InvalidParameterValueException", "The function does not run on a capacity provider")
    return found, qualifier


@operation("lambda", "CreateCapacityProvider")
def create_capacity_provider(call: Call) -> Document:
    """Create a capacity provider for Lambda managed instances."""
    name = str(call.params["CapacityProviderName"]).rpartition(":")[2]
    if name in call.home.capacity_providers:
        raise AwsError("ResourceConflictException", f"Capacity provider already exists: {name}")
    arn = call.home.arn("capacity-provider", name)
    kept = {member: value for member, value in call.params.items() if member not in {"CapacityProviderName", "Tags"}}
    call.home.capacity_providers[name] = kept | {"CapacityProviderArn": arn, "State": "Active", "LastModified": store.now()}
    call.home.resource_tags[arn] = dict(call.params.get("Tags") or {})
    return {"CapacityProvider": call.home.capacity_providers[name]}


@operation("lambda", "GetCapacityProvider")
def get_capacity_provider(call: Call) -> Document:
    """One capacity provider."""
    name = str(call.params["CapacityProviderName"]).rpartition(":")[2]
    if name not in call.home.capacity_providers:
        raise names.not_found(f"Capacity provider not found: {name}")
    return {"CapacityProvider": call.home.capacity_providers[name]}


@operation("lambda", "ListCapacityProviders")
def list_capacity_providers(call: Call) -> Document:
    """The region's capacity providers."""
    chosen, marker = page(call.home.capacity_providers.values(), call.params)
    return {"CapacityProviders": chosen, "NextMarker": marker}
