"""Functions: create, read, list, change, publish, delete."""

import copy
import hashlib
from collections.abc import Iterator
from typing import Any

from moto.ec2.models import ec2_backends

from buckler.demo.gaps import code, interfaces, names, store
from buckler.demo.gaps.operations import AwsError, Call, operation, page
from buckler.demo.gaps.store import LATEST, Document, Function

# Members that CreateFunction and UpdateFunctionConfiguration take and FunctionConfiguration gives back unchanged.
KEPT = (
    "Runtime", "Role", "Handler", "Description", "Timeout", "MemorySize", "KMSKeyArn", "FileSystemConfigs",
    "EphemeralStorage", "TenancyConfig", "CapacityProviderConfig", "DurableConfig", "RuntimeConfig", "AcceleratorConfig",
)  # fmt: skip
# ListFunctions and ListVersionsByFunction leave these out, as the API reference says of them.
NOT_LISTED = frozenset(
    {
        "State",
        "StateReason",
        "StateReasonCode",
        "LastUpdateStatus",
        "LastUpdateStatusReason",
        "LastUpdateStatusReasonCode",
        "RuntimeVersionConfig",
    }
)


@operation("lambda", "CreateFunction")
def create_function(call: Call) -> Document:
    """Create a function; its code is kept by digest, so that many functions of one archive cost one."""
    params, home = call.params, call.home
    name, _ = names.split(call)
    if name in home.functions:
        raise AwsError("ResourceConflictException", f"Function already exist: {name}")
    package = params.get("PackageType", "Zip")
    if package == "Zip" and not (params.get("Runtime") and params.get("Handler")):
        raise AwsError(
            "InvalidParameterValueException", "Runtime and Handler are mandatory parameters for functions created with deployment packages."
        )
    arn = home.arn("function", name)
    config: Document = {
        "FunctionName": name,
        "FunctionArn": arn,
        "Description": "",
        "Timeout": 3,
        "MemorySize": 128,
        "Version": LATEST,
        "PackageType": package,
        "Architectures": params.get("Architectures") or ["x86_64"],
        "EphemeralStorage": {"Size": 512},
        "TracingConfig": {"Mode": "PassThrough"},
        "SnapStart": {"ApplyOn": "None", "OptimizationStatus": "Off"},
        "State": "Active",
        "LastUpdateStatus": "Successful",
    }
    made = Function(name=name, arn=arn, tags=dict(params.get("Tags") or {}), code_signing_config=params.get("CodeSigningConfigArn"))
    if made.code_signing_config and made.code_signing_config not in home.code_signing_configs:
        raise AwsError("CodeSigningConfigNotFoundException", f"The code signing configuration cannot be found: {made.code_signing_config}")
    _configure(call, config, params)
    made.code[LATEST] = code.take(call, config, params["Code"])
    made.versions[LATEST] = config
    home.functions[name] = made
    return publish(made, LATEST) if params.get("Publish") else config


def _configure(call: Call, config: Document, params: Document) -> None:
    """Write what *params* set into a `FunctionConfiguration`, in the shapes of the answer."""
    config.update({member: params[member] for member in KEPT if member in params})
    if "VpcConfig" in params:
        config["VpcConfig"] = _vpc_config(call, config["FunctionName"], params["VpcConfig"])
    if "Environment" in params:
        config["Environment"] = {"Variables": dict(params["Environment"].get("Variables") or {})}
        if not config["Environment"]["Variables"]:
            del config["Environment"]
    if "DeadLetterConfig" in params:
        config.pop("DeadLetterConfig", None)
        if params["DeadLetterConfig"].get("TargetArn"):
            config["DeadLetterConfig"] = params["DeadLetterConfig"]
    if "TracingConfig" in params:
        config["TracingConfig"] = {"Mode": params["TracingConfig"].get("Mode", "PassThrough")}
    if "Layers" in params:
        config["Layers"] = [{"Arn": arn, **_layer_facts(call, arn)} for arn in params["Layers"]]
    if "ImageConfig" in params:
        config["ImageConfigResponse"] = {"ImageConfig": params["ImageConfig"]}
    if "SnapStart" in params:
        config["SnapStart"] = {"ApplyOn": params["SnapStart"]["ApplyOn"], "OptimizationStatus": "Off"}
    logging: Document = {"LogFormat": "Text", "LogGroup": f"/aws/lambda/{config['FunctionName']}"}
    logging |= config.get("LoggingConfig", {})
    config["LoggingConfig"] = logging | params.get("LoggingConfig", {})
    if config.get("KMSKeyArn") == "":
        del config["KMSKeyArn"]
    if config.get("Runtime") and config["PackageType"] == "Zip":
        digest = hashlib.sha256(f"{call.region}/{config['Runtime']}".encode()).hexdigest()
        config["RuntimeVersionConfig"] = {"RuntimeVersionArn": f"arn:{store.partition(call.region)}:lambda:{call.region}::runtime:{digest}"}
    config["LastModified"], config["RevisionId"] = store.now(), store.revision()


def _vpc_config(call: Call, function: str, asked: Document) -> Document:
    """`VpcConfigResponse`: AWS adds the VPC, which it knows from the subnets."""
    subnets: list[str] = list(asked.get("SubnetIds") or [])
    answer: Document = {"SubnetIds": subnets, "SecurityGroupIds": list(asked.get("SecurityGroupIds") or []), "VpcId": ""}
    answer["Ipv6AllowedForDualStack"] = bool(asked.get("Ipv6AllowedForDualStack"))
    if subnets:
        ec2: Any = ec2_backends[call.account][call.region]
        found = {subnet.id: subnet for subnet in ec2.describe_subnets()}
        missing = [subnet for subnet in subnets if subnet not in found]
        if missing:
            raise AwsError("InvalidParameterValueException", f"The subnet ID '{missing[0]}' does not exist")
        answer["VpcId"] = found[subnets[0]].vpc_id
        interfaces.keep(call, function, subnets, answer["SecurityGroupIds"])
    return answer


def _layer_facts(call: Call, arn: str) -> Document:
    """What a function's configuration says of a layer: its size, and who signed it."""
    parts = arn.split(":")
    known = call.world.home(parts[4], parts[3]).layers.get(parts[6])
    version = known.versions.get(int(parts[7])) if known else None
    content: Document = version["Content"] if version else {}
    return {"CodeSize": int(content.get("CodeSize", 0)), **{member: content[member] for member in code.SIGNED if member in content}}


def publish(found: Function, source: str, description: str | None = None) -> Document:
    """Freeze *source* as the next version, unless the newest version already has this code and configuration, as AWS does."""
    newest = found.versions.get(str(found.published))
    current = found.versions[source]
    if newest is not None and newest["RevisionSource"] == current["RevisionId"]:
        return newest
    found.published += 1
    version = str(found.published)
    frozen: Document = copy.deepcopy(current) | {
        "Version": version,
        "FunctionArn": f"{found.arn}:{version}",
        "RevisionId": store.revision(),
    }
    frozen["RevisionSource"] = current["RevisionId"]
    if description is not None:
        frozen["Description"] = description
    if frozen["SnapStart"]["ApplyOn"] == "PublishedVersions":
        frozen["SnapStart"] = frozen["SnapStart"] | {"OptimizationStatus": "On"}
    found.versions[version], found.code[version] = frozen, found.code[source]
    return frozen


@operation("lambda", "PublishVersion")
def publish_version(call: Call) -> Document:
    """Publish `$LATEST`."""
    return publish(names.function(call), LATEST, call.params.get("Description"))


@operation("lambda", "GetFunctionConfiguration")
def get_function_configuration(call: Call) -> Document:
    """One version's configuration; asked for by alias, its ARN carries the alias."""
    found, qualifier = names.qualified(call)
    config = found.versions[names.version_of(found, qualifier)]
    _, asked = names.split(call)
    return config | {"FunctionArn": f"{found.arn}:{asked}"} if asked else config


@operation("lambda", "GetFunction")
def get_function(call: Call) -> Document:
    """Configuration, code, tags and reserved concurrency."""
    found, qualifier = names.qualified(call)
    answer: Document = {"Configuration": get_function_configuration(call), "Code": found.code[names.version_of(found, qualifier)]}
    if found.tags:
        answer["Tags"] = found.tags
    if found.reserved_concurrency is not None:
        answer["Concurrency"] = {"ReservedConcurrentExecutions": found.reserved_concurrency}
    return answer


@operation("lambda", "ListFunctions")
def list_functions(call: Call) -> Document:
    """Unqualified functions, or with `FunctionVersion=ALL` each version of each."""
    every = call.params.get("FunctionVersion") == "ALL"
    entries = [(found, version) for found in call.home.functions.values() for version in (found.versions if every else (LATEST,))]
    chosen, marker = page(entries, call.params)
    return {"Functions": [_listed(found, version, qualify=every) for found, version in chosen], "NextMarker": marker}


@operation("lambda", "ListVersionsByFunction")
def list_versions_by_function(call: Call) -> Document:
    """`$LATEST` and every published version."""
    found = names.function(call)
    chosen, marker = page(found.versions, call.params)
    return {"Versions": [_listed(found, version, qualify=True) for version in chosen], "NextMarker": marker}


def _listed(found: Function, version: str, *, qualify: bool) -> Document:
    listed = {member: value for member, value in found.versions[version].items() if member not in NOT_LISTED}
    return listed | {"FunctionArn": f"{found.arn}:{version}"} if qualify else listed


@operation("lambda", "UpdateFunctionConfiguration")
def update_function_configuration(call: Call) -> Document:
    """Change `$LATEST`; published versions never change."""
    config = names.function(call).versions[LATEST]
    if call.params.get("RevisionId") not in {None, config["RevisionId"]}:
        raise AwsError(
            "PreconditionFailedException", "The Revision Id provided does not match the latest Revision Id. Call the GetFunction API."
        )
    _configure(call, config, call.params)
    return config


@operation("lambda", "UpdateFunctionCode")
def update_function_code(call: Call) -> Document:
    """Replace the code of `$LATEST`."""
    found = names.function(call)
    config = found.versions[LATEST]
    if call.params.get("Architectures"):
        config["Architectures"] = call.params["Architectures"]
    found.code[LATEST] = code.take(call, config, call.params)
    config["LastModified"], config["RevisionId"] = store.now(), store.revision()
    return publish(found, LATEST) if call.params.get("Publish") else config


@operation("lambda", "DeleteFunction")
def delete_function(call: Call) -> Document:
    """Delete a function, or one published version of it."""
    found = names.function(call)
    _, qualifier = names.split(call)
    if qualifier is None:
        del call.home.functions[found.name]
        return {"StatusCode": 204}
    if qualifier == LATEST:
        raise AwsError("InvalidParameterValueException", "$LATEST version cannot be deleted without deleting the function.")
    if any(alias["FunctionVersion"] == qualifier for alias in found.aliases.values()):
        raise AwsError("ResourceConflictException", "Unable to delete version because an alias points to it")
    if found.versions.pop(qualifier, None) is None:
        raise names.not_found()
    for kept in _by_qualifier(found):
        kept.pop(qualifier, None)
    return {"StatusCode": 204}


def _by_qualifier(found: Function) -> Iterator[dict[str, Any]]:
    yield from (found.code, found.policies, found.urls, found.invoke_configs, found.provisioned, found.runtime_updates, found.scaling)


@operation("lambda", "GetAccountSettings")
def get_account_settings(call: Call) -> Document:
    """The account's limits, and what is used of them in this region."""
    functions = call.home.functions.values()
    reserved = sum(found.reserved_concurrency or 0 for found in functions)
    size = sum(int(config["CodeSize"]) for found in functions for config in found.versions.values())
    return {
        "AccountLimit": {
            "TotalCodeSize": 80530636800,
            "CodeSizeUnzipped": 262144000,
            "CodeSizeZipped": 52428800,
            "ConcurrentExecutions": CONCURRENT_EXECUTIONS,
            "UnreservedConcurrentExecutions": CONCURRENT_EXECUTIONS - reserved,
        },
        "AccountUsage": {"TotalCodeSize": size, "FunctionCount": len(call.home.functions)},
    }


CONCURRENT_EXECUTIONS = 1000
"""The default quota of an account per region."""
