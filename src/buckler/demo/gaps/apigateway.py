"""The authorizers of an HTTP or WebSocket API, as a list; deployments of REST APIs, with what they let in, and methods that change."""

from typing import Any

from moto.apigateway.models import apigateway_backends
from moto.apigatewayv2.models import apigatewayv2_backends

from buckler.demo.gaps.operations import AwsError, Call, PassToMoto, operation, page
from buckler.demo.gaps.store import Document


@operation("apigatewayv2", "GetAuthorizers")
def get_authorizers(call: Call) -> Document:
    """Moto creates them and answers for one, but lists none."""
    api: Any = apigatewayv2_backends[call.account][call.region].get_api(str(call.params["ApiId"]))
    chosen, token = page(api.authorizers.values(), call.params, default=500, most=500, asked="MaxResults")
    return {"Items": [_document(authorizer) for authorizer in chosen], "NextToken": token}


def _document(authorizer: Any) -> Document:  # noqa: ANN401 - moto's object
    found: Document = {
        "AuthorizerId": authorizer.id,
        "AuthorizerType": authorizer.authorizer_type,
        "Name": authorizer.name,
        "AuthorizerUri": authorizer.authorizer_uri,
        "AuthorizerCredentialsArn": authorizer.auth_creds_arn,
        "AuthorizerPayloadFormatVersion": authorizer.auth_payload_format_version,
        "AuthorizerResultTtlInSeconds": authorizer.auth_result_ttl,
        "EnableSimpleResponses": authorizer.enable_simple_response,
        "IdentitySource": authorizer.identity_source,
        "IdentityValidationExpression": authorizer.identity_validation_expr,
        "JwtConfiguration": _upper(authorizer.jwt_config),
    }
    return {member: value for member, value in found.items() if value is not None}


def _upper(document: Document | None) -> Document | None:
    return {name[0].upper() + name[1:]: value for name, value in document.items()} if document else None


@operation("apigateway", "CreateDeployment")
def create_deployment(call: Call) -> Document:
    """Deploy the API as it is, to a stage where one is named; remember who was let in, which moto does not."""
    params, backend = call.params, apigateway_backends[call.account][call.region]
    api = str(params["restApiId"])
    made = backend.create_deployment(api, params.get("stageName", ""), params.get("description", ""), params.get("variables"))
    call.home.api_summaries[f"{api}/{made.id}"] = {
        resource.get_path(): {
            verb: {"authorizationType": method.authorization_type, "apiKeyRequired": bool(method.api_key_required)}
            for verb, method in resource.resource_methods.items()
        }
        for resource in backend.get_resources(api)
        if resource.resource_methods
    }
    return _told(call, made, in_full=True)


@operation("apigateway", "GetDeployment")
def get_deployment(call: Call) -> Document:
    """One deployment, with its summary where that is asked for."""
    made = apigateway_backends[call.account][call.region].get_deployment(str(call.params["restApiId"]), str(call.params["deploymentId"]))
    return _told(call, made, in_full="apisummary" in call.many("embed"))


def _told(call: Call, made: Any, *, in_full: bool) -> Document:  # noqa: ANN401 - moto's object
    told: Document = {"id": made.id, "description": made.description or "", "createdDate": made.created_date}
    summary = call.home.api_summaries.get(f"{call.params['restApiId']}/{made.id}", {})
    return told | ({"apiSummary": summary} if in_full else {})


@operation("apigateway", "DeleteDeployment")
def delete_deployment(call: Call) -> None:
    """Delete a deployment that no stage shows."""
    api, identifier = str(call.params["restApiId"]), str(call.params["deploymentId"])
    backend = apigateway_backends[call.account][call.region]
    if any(stage.deployment_id == identifier for stage in backend.get_stages(api)):
        raise AwsError("BadRequestException", "Active stages pointing to this deployment must be moved or deleted")
    raise PassToMoto


@operation("apigateway", "UpdateMethod")
def update_method(call: Call) -> Document:
    """Change who is let in; what a stage serves stays until the next deployment."""
    params = call.params
    method = apigateway_backends[call.account][call.region].get_method(
        str(params["restApiId"]), str(params["resourceId"]), str(params["httpMethod"])
    )
    for patch in call.many("patchOperations"):
        if patch["op"] != "replace" or patch["path"] not in _PATCHED:
            raise AwsError("BadRequestException", f"Invalid patch path {patch['path']}")
        setattr(method, _PATCHED[patch["path"]], patch["value"])
    return {"httpMethod": method.http_method, "authorizationType": method.authorization_type}


_PATCHED = {"/authorizationType": "authorization_type", "/authorizerId": "authorizer_id"}
