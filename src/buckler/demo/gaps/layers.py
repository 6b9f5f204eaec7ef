"""Layers, their versions, and who may read them."""

import json

from buckler.demo.gaps import code, names, policies, store
from buckler.demo.gaps.operations import AwsError, Call, operation, page
from buckler.demo.gaps.store import Document, Layer, Policy


@operation("lambda", "PublishLayerVersion")
def publish_layer_version(call: Call) -> Document:
    """Publish the next version of a layer."""
    params, home = call.params, call.home
    name = str(params["LayerName"]).rpartition(":")[2]
    layer = home.layers.setdefault(name, Layer(name, home.arn("layer", name)))
    layer.published += 1
    body = code.archive(call, params["Content"])
    location, digest = code.keep(call, body)
    version: Document = {
        "LayerArn": layer.arn,
        "LayerVersionArn": f"{layer.arn}:{layer.published}",
        "Version": layer.published,
        "Description": params.get("Description", ""),
        "CreatedDate": store.now(),
        "Content": {
            "Location": location,
            "CodeSha256": digest,
            "CodeSize": len(body),
            **code.signed_by(body),
        },
    }
    version.update(
        {member: params[member] for member in ("CompatibleRuntimes", "CompatibleArchitectures", "LicenseInfo") if params.get(member)}
    )
    layer.versions[layer.published] = version
    return version


@operation("lambda", "ListLayers")
def list_layers(call: Call) -> Document:
    """The account's layers, each with its newest version."""
    layers = [layer for layer in call.home.layers.values() if layer.versions]
    chosen, marker = page(layers, call.params)
    return {
        "Layers": [
            {"LayerName": layer.name, "LayerArn": layer.arn, "LatestMatchingVersion": _item(layer.versions[max(layer.versions)])}
            for layer in chosen
        ],
        "NextMarker": marker,
    }


@operation("lambda", "ListLayerVersions")
def list_layer_versions(call: Call) -> Document:
    """A layer's versions, newest first; none for a layer that is not there, as AWS answers."""
    layer = call.home.layers.get(str(call.params["LayerName"]).rpartition(":")[2])
    chosen, marker = page(sorted(layer.versions.values(), key=lambda version: -version["Version"]) if layer else [], call.params)
    return {"LayerVersions": [_item(version) for version in chosen], "NextMarker": marker}


def _item(version: Document) -> Document:
    return {member: value for member, value in version.items() if member not in {"Content", "LayerArn"}}


@operation("lambda", "GetLayerVersion")
def get_layer_version(call: Call) -> Document:
    """One version: one's own, or another account's where the version's policy lets the caller in."""
    layer, own = names.layer(call)
    number = int(call.params["VersionNumber"])
    if not own and not _lets_in(layer.policies.get(number, Policy()), call.account):
        raise AwsError(
            "AccessDeniedException",
            f"User is not authorized to perform: lambda:GetLayerVersion on resource: {layer.arn}:{number} "
            "because no resource-based policy allows the lambda:GetLayerVersion action",
        )
    if number not in layer.versions:
        raise names.not_found()
    return layer.versions[number]


def _lets_in(policy: Policy, account: str) -> bool:
    allowed = ("*", {"AWS": "*"}, {"AWS": f"arn:aws:iam::{account}:root"})
    # INVARIANT: conditions (an organisation's id) are not modelled, so a conditional statement lets nobody in.
    return any(statement["Principal"] in allowed and "Condition" not in statement for statement in policy.statements)


@operation("lambda", "GetLayerVersionByArn")
def get_layer_version_by_arn(call: Call) -> Document:
    """The same, by the ARN of the version."""
    call.params["LayerName"], _, call.params["VersionNumber"] = str(call.params["Arn"]).rpartition(":")
    return get_layer_version(call)


@operation("lambda", "DeleteLayerVersion")
def delete_layer_version(call: Call) -> None:
    """Delete a version; functions that use it keep doing so."""
    layer, _ = names.layer(call, writing=True)
    layer.versions.pop(int(call.params["VersionNumber"]), None)
    layer.policies.pop(int(call.params["VersionNumber"]), None)


@operation("lambda", "AddLayerVersionPermission")
def add_layer_version_permission(call: Call) -> Document:
    """Let an account, an organisation or everyone read a version."""
    layer, number = _own_version(call)
    policy = layer.policies.setdefault(number, Policy())
    statement: Document = {
        "Sid": call.params["StatementId"],
        "Effect": "Allow",
        "Principal": policies.principal(str(call.params["Principal"])),
        "Action": call.params["Action"],
        "Resource": f"{layer.arn}:{number}",
    }
    if call.params.get("OrganizationId"):
        statement["Condition"] = {"StringEquals": {"aws:PrincipalOrgID": call.params["OrganizationId"]}}
    policies.append(policy, statement)
    return {"Statement": json.dumps(statement), "RevisionId": policy.revision}


@operation("lambda", "GetLayerVersionPolicy")
def get_layer_version_policy(call: Call) -> Document:
    """A version's policy, for its owner."""
    layer, number = _own_version(call)
    policy = layer.policies.get(number, Policy())
    if not policy.statements:
        raise names.not_found("No policy is associated with the given resource.")
    return {"Policy": policies.document(policy.statements), "RevisionId": policy.revision}


@operation("lambda", "RemoveLayerVersionPermission")
def remove_layer_version_permission(call: Call) -> None:
    """Remove one statement."""
    layer, number = _own_version(call)
    policy = layer.policies.get(number, Policy())
    kept = [old for old in policy.statements if old["Sid"] != call.params["StatementId"]]
    if len(kept) == len(policy.statements):
        raise names.not_found(f"Statement {call.params['StatementId']} is not found in resource policy.")
    policy.statements, policy.revision = kept, store.revision()


def _own_version(call: Call) -> tuple[Layer, int]:
    layer, _ = names.layer(call, writing=True)
    number = int(call.params["VersionNumber"])
    if number not in layer.versions:
        raise names.not_found(f"Layer version {layer.arn}:{number} does not exist.")
    return layer, number
