"""Code signing configurations, and which functions use them."""

import uuid

from buckler.demo.gaps import names, store
from buckler.demo.gaps.operations import AwsError, Call, operation, page
from buckler.demo.gaps.store import Document


@operation("lambda", "CreateCodeSigningConfig")
def create_code_signing_config(call: Call) -> Document:
    """Create a configuration; it warns, unless told to enforce."""
    identifier = f"csc-{uuid.uuid4().hex[:17]}"
    config: Document = {
        "CodeSigningConfigId": identifier,
        "CodeSigningConfigArn": call.home.arn("code-signing-config", identifier),
        "Description": "",
        "CodeSigningPolicies": {"UntrustedArtifactOnDeployment": "Warn"},
    }
    _write(call, config)
    call.home.code_signing_configs[config["CodeSigningConfigArn"]] = config
    call.home.resource_tags[config["CodeSigningConfigArn"]] = dict(call.params.get("Tags") or {})
    return {"CodeSigningConfig": config}


def _write(call: Call, config: Document) -> None:
    config.update(
        {member: call.params[member] for member in ("Description", "AllowedPublishers", "CodeSigningPolicies") if member in call.params}
    )
    config["LastModified"] = store.now()


@operation("lambda", "UpdateCodeSigningConfig")
def update_code_signing_config(call: Call) -> Document:
    """Change a configuration."""
    config = _config(call)
    _write(call, config)
    return {"CodeSigningConfig": config}


@operation("lambda", "GetCodeSigningConfig")
def get_code_signing_config(call: Call) -> Document:
    """One configuration."""
    return {"CodeSigningConfig": _config(call)}


@operation("lambda", "ListCodeSigningConfigs")
def list_code_signing_configs(call: Call) -> Document:
    """The region's configurations."""
    chosen, marker = page(call.home.code_signing_configs.values(), call.params, most=10_000)
    return {"CodeSigningConfigs": chosen, "NextMarker": marker}


@operation("lambda", "DeleteCodeSigningConfig")
def delete_code_signing_config(call: Call) -> None:
    """Delete a configuration that no function uses."""
    arn = _config(call)["CodeSigningConfigArn"]
    if _users(call, arn):
        raise AwsError("ResourceConflictException", "Cannot delete the CodeSigningConfig because it is still in use by functions")
    del call.home.code_signing_configs[arn]


@operation("lambda", "ListFunctionsByCodeSigningConfig")
def list_functions_by_code_signing_config(call: Call) -> Document:
    """The ARNs of the functions that use a configuration."""
    chosen, marker = page(_users(call, _config(call)["CodeSigningConfigArn"]), call.params, most=10_000)
    return {"FunctionArns": chosen, "NextMarker": marker}


@operation("lambda", "PutFunctionCodeSigningConfig")
def put_function_code_signing_config(call: Call) -> Document:
    """Put a function under a configuration."""
    found = names.function(call)
    found.code_signing_config = _config(call)["CodeSigningConfigArn"]
    return {"CodeSigningConfigArn": found.code_signing_config, "FunctionName": found.name}


@operation("lambda", "GetFunctionCodeSigningConfig")
def get_function_code_signing_config(call: Call) -> Document:
    """A function's configuration; the members are absent where it has none, as AWS answers."""
    found = names.function(call)
    return {"CodeSigningConfigArn": found.code_signing_config, "FunctionName": found.name} if found.code_signing_config else {}


@operation("lambda", "DeleteFunctionCodeSigningConfig")
def delete_function_code_signing_config(call: Call) -> None:
    """Take a function out of its configuration."""
    names.function(call).code_signing_config = None


def _config(call: Call) -> Document:
    arn = str(call.params["CodeSigningConfigArn"])
    config = call.home.code_signing_configs.get(arn)
    if config is None:
        code = "CodeSigningConfigNotFoundException" if "FunctionName" in call.params else "ResourceNotFoundException"
        raise AwsError(code, f"The code signing configuration cannot be found: {arn}")
    return config


def _users(call: Call, arn: str) -> list[str]:
    return [found.arn for found in call.home.functions.values() if found.code_signing_config == arn]
