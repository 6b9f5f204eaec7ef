"""Who may call what: URLs, resource policies, API Gateway routes."""

from typing import Any

from buckler.demo.shop.hands import Hands
from buckler.demo.shop.names import EU, PARTNER, SHOP, STRANGER, US, function_arn
from buckler.demo.shop.pipeline import LINES


def deploy(hands: Hands, organization: str) -> dict[str, str]:
    """Open the doors, on purpose and by mistake: API's name -> id."""
    _urls(hands.client("lambda"))
    _policies(hands, organization)
    return {"shop-api": _rest_api(hands), "shop-http": _http_api(hands)}


def _urls(aws: Any) -> None:  # noqa: ANN401 - boto3's clients have no type
    anyone = {"AllowOrigins": ["*"], "AllowMethods": ["*"]}
    aws.create_function_url_config(FunctionName="checkout", AuthType="NONE", Cors=anyone | {"AllowCredentials": False})
    open_url(aws, "checkout")
    aws.create_function_url_config(FunctionName="admin-panel", AuthType="NONE")
    open_url(aws, "admin-panel")
    ours = {"AllowOrigins": ["https://shop.invalid"], "AllowMethods": ["POST"]}
    aws.create_function_url_config(FunctionName="newsletter-signup", AuthType="NONE", Cors=ours)
    open_url(aws, "newsletter-signup")
    for line in LINES:
        aws.create_function_url_config(FunctionName=f"{line.name}-hook", AuthType="NONE")
        open_url(aws, f"{line.name}-hook")
    # AuthType NONE with one Allow of the two: since October 2025 AWS answers 403.
    aws.create_function_url_config(FunctionName="payments-webhook", AuthType="NONE", Cors=anyone)
    aws.add_permission(
        FunctionName="payments-webhook",
        StatementId="FunctionURLAllowPublicAccess",
        Action="lambda:InvokeFunctionUrl",
        Principal="*",
        FunctionUrlAuthType="NONE",
    )
    aws.create_function_url_config(FunctionName="partner-sync", AuthType="AWS_IAM", Cors=anyone)
    # The alias is open; the function itself has neither URL nor policy.
    version = aws.publish_version(FunctionName="report-api")["Version"]
    aws.create_alias(FunctionName="report-api", Name="live", FunctionVersion=version)
    aws.create_function_url_config(FunctionName="report-api", Qualifier="live", AuthType="NONE")
    open_url(aws, "report-api", "live")


def open_url(aws: Any, name: str, qualifier: str = "") -> None:  # noqa: ANN401 - boto3's clients have no type
    """Add both Allows a public URL needs, as the console does."""
    qualified = {"Qualifier": qualifier} if qualifier else {}
    aws.add_permission(
        FunctionName=name,
        StatementId="FunctionURLAllowPublicAccess",
        Action="lambda:InvokeFunctionUrl",
        Principal="*",
        FunctionUrlAuthType="NONE",
        **qualified,
    )
    aws.add_permission(
        FunctionName=name,
        StatementId="FunctionURLInvokeAllowPublicAccess",
        Action="lambda:InvokeFunction",
        Principal="*",
        InvokedViaFunctionUrl=True,
        **qualified,
    )


def _policies(hands: Hands, organization: str) -> None:
    aws = hands.client("lambda")
    version = aws.publish_version(FunctionName="legacy-search")["Version"]
    for name, sid, principal, more in (
        # Open to anyone: the function itself, and one published version of another.
        ("order-ingest", "public", "*", {}),
        ("legacy-search", "public", "*", {"Qualifier": version}),
        # `*`, but only for members of one organisation.
        ("order-mailer", "organisation", "*", {"PrincipalOrgID": organization}),
        ("order-export", "stranger", STRANGER, {}),
        ("partner-sync", "ourselves", SHOP, {}),
        ("stock-projector", "member", PARTNER, {}),
        # Services that act for whoever asks them, with and without a word on whose behalf.
        ("image-resizer", "bucket", "s3.amazonaws.com", {}),
        ("thumbnailer", "bucket", "s3.amazonaws.com", {"SourceArn": "arn:aws:s3:::shop-images", "SourceAccount": SHOP}),
        # A bucket's ARN names no account: once deleted, its name is anybody's.
        ("price-feed", "bucket", "s3.amazonaws.com", {"SourceArn": "arn:aws:s3:::shop-prices"}),
        ("order-events", "topic", "sns.amazonaws.com", {}),
        ("sns-notifier", "topic", "sns.amazonaws.com", {"SourceArn": f"arn:aws:sns:{EU}:{SHOP}:orders"}),
        ("nightly-cleanup", "schedule", "events.amazonaws.com", {"SourceArn": f"arn:aws:events:{EU}:{SHOP}:rule/nightly"}),
    ):
        aws.add_permission(FunctionName=name, StatementId=sid, Action="lambda:InvokeFunction", Principal=principal, **more)
    hands.client("lambda", account=PARTNER).add_permission(
        FunctionName="ledger-export", StatementId="api", Action="lambda:InvokeFunction", Principal="apigateway.amazonaws.com"
    )
    hands.client("lambda", US).add_permission(
        FunctionName="edge-auth",
        StatementId="edge",
        Action="lambda:InvokeFunction",
        Principal="apigateway.amazonaws.com",
        SourceArn=f"arn:aws:execute-api:{US}:{SHOP}:a1b2c3d4e5/*/GET/session",
    )


def _rest_api(hands: Hands) -> str:
    """`shop-api`: /orders takes anybody's order; /refunds asks an authorizer, /stock wants IAM."""
    aws, api = hands.client("lambda"), hands.client("apigateway")
    rest: str = api.create_rest_api(name="shop-api")["id"]
    root = api.get_resources(restApiId=rest)["items"][0]["id"]
    authorizer = api.create_authorizer(
        restApiId=rest,
        name="tokens",
        type="TOKEN",
        authorizerUri=_invocations("config-sync"),
        identitySource="method.request.header.Authorization",
    )["id"]
    for path, name, authorization in (
        ("orders", "order-ingest", {"authorizationType": "NONE"}),
        ("refunds", "order-events", {"authorizationType": "CUSTOM", "authorizerId": authorizer}),
        ("stock", "stock-updater", {"authorizationType": "AWS_IAM"}),
    ):
        resource = api.create_resource(restApiId=rest, parentId=root, pathPart=path)["id"]
        where = {"restApiId": rest, "resourceId": resource, "httpMethod": "POST"}
        api.put_method(**where, **authorization)
        api.put_integration(**where, type="AWS_PROXY", integrationHttpMethod="POST", uri=_invocations(name))
        aws.add_permission(
            FunctionName=name,
            StatementId=f"api-{path}",
            Action="lambda:InvokeFunction",
            Principal="apigateway.amazonaws.com",
            SourceArn=f"arn:aws:execute-api:{EU}:{SHOP}:{rest}/*/POST/{path}",
        )
    api.create_deployment(restApiId=rest, stageName="prod")
    return rest


def _http_api(hands: Hands) -> str:
    """`shop-http`: GET /admin is open, GET /me wants a token."""
    aws, api = hands.client("lambda"), hands.client("apigatewayv2")
    http: str = api.create_api(Name="shop-http", ProtocolType="HTTP")["ApiId"]
    authorizer = api.create_authorizer(
        ApiId=http,
        AuthorizerType="JWT",
        Name="customers",
        IdentitySource=["$request.header.Authorization"],
        JwtConfiguration={"Audience": ["shop"], "Issuer": "https://login.shop.invalid"},
    )["AuthorizerId"]
    for path, name, authorization in (
        ("admin", "feature-flags", {"AuthorizationType": "NONE"}),
        ("me", "loyalty-points", {"AuthorizationType": "JWT", "AuthorizerId": authorizer}),
    ):
        integration = api.create_integration(
            ApiId=http, IntegrationType="AWS_PROXY", IntegrationUri=function_arn(name), PayloadFormatVersion="2.0"
        )["IntegrationId"]
        api.create_route(ApiId=http, RouteKey=f"GET /{path}", Target=f"integrations/{integration}", **authorization)
        aws.add_permission(
            FunctionName=name,
            StatementId=f"api-{path}",
            Action="lambda:InvokeFunction",
            Principal="apigateway.amazonaws.com",
            SourceArn=f"arn:aws:execute-api:{EU}:{SHOP}:{http}/*/GET/{path}",
        )
    api.create_stage(ApiId=http, StageName="$default", AutoDeploy=True)
    return http


def _invocations(name: str) -> str:
    return f"arn:aws:apigateway:{EU}:lambda:path/2015-03-31/functions/{function_arn(name)}/invocations"
