"""The authorizers of an HTTP or WebSocket API, as a list."""

from typing import Any

from moto.apigatewayv2.models import apigatewayv2_backends

from buckler.demo.gaps.operations import Call, operation, page
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
