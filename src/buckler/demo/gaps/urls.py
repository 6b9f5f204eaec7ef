"""Function URLs: one for the function, one for each alias."""

import hashlib

from buckler.demo.gaps import names, store
from buckler.demo.gaps.operations import AwsError, Call, operation, page
from buckler.demo.gaps.store import LATEST, Document, Function


@operation("lambda", "CreateFunctionUrlConfig")
def create_function_url_config(call: Call) -> Document:
    """Give the function or an alias a URL."""
    found, qualifier = _url_holder(call)
    if qualifier in found.urls:
        raise AwsError(
            "ResourceConflictException",
            f"Failed to create function url config for [functionArn = {found.qualified_arn(qualifier)}]. "
            "Error message:  FunctionUrlConfig exists for this Lambda function",
        )
    instant = store.now()
    host = hashlib.sha256(found.qualified_arn(qualifier).encode()).hexdigest()[:32]
    config: Document = {
        "FunctionUrl": f"https://{host}.lambda-url.{call.region}.on.aws/",
        "FunctionArn": found.qualified_arn(qualifier),
        "AuthType": call.params["AuthType"],
        "InvokeMode": call.params.get("InvokeMode", "BUFFERED"),
        "CreationTime": instant,
        "LastModifiedTime": instant,
    }
    if call.params.get("Cors"):
        config["Cors"] = call.params["Cors"]
    found.urls[qualifier] = config
    return config


@operation("lambda", "UpdateFunctionUrlConfig")
def update_function_url_config(call: Call) -> Document:
    """Change a URL."""
    config = get_function_url_config(call)
    config.update({member: call.params[member] for member in ("AuthType", "InvokeMode", "Cors") if member in call.params})
    config["LastModifiedTime"] = store.now()
    return config


@operation("lambda", "GetFunctionUrlConfig")
def get_function_url_config(call: Call) -> Document:
    """The URL of exactly this qualifier."""
    found, qualifier = names.qualified(call)
    if qualifier not in found.urls:
        raise names.not_found()
    return found.urls[qualifier]


@operation("lambda", "ListFunctionUrlConfigs")
def list_function_url_configs(call: Call) -> Document:
    """All URLs of a function, whatever their qualifier."""
    chosen, marker = page(names.function(call).urls.values(), call.params)
    return {"FunctionUrlConfigs": chosen, "NextMarker": marker}


@operation("lambda", "DeleteFunctionUrlConfig")
def delete_function_url_config(call: Call) -> None:
    """Take the URL away."""
    get_function_url_config(call)
    found, qualifier = names.qualified(call)
    del found.urls[qualifier]


def _url_holder(call: Call) -> tuple[Function, str]:
    found, qualifier = names.qualified(call)
    if names.split(call)[1] == LATEST or qualifier.isdigit():
        # The model's pattern for this Qualifier names an alias: "(?!^[0-9]+$)".
        raise AwsError("InvalidParameterValueException", "A function URL belongs to the unqualified function or to an alias.")
    return found, qualifier
