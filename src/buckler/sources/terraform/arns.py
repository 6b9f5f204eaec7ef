"""Attributes that AWS makes up at creation, put together from their pieces, so that references meet the thing they refer to."""

import string
from functools import lru_cache
from typing import TYPE_CHECKING

from buckler.model.text import Partial, Text, hole, join, shown
from buckler.sources.terraform.node import State
from buckler.sources.terraform.plan import Resource

if TYPE_CHECKING:
    from buckler.sources.terraform.view import View

NAMES = {
    "aws_alb": "name",
    "aws_apigatewayv2_api": "name",
    "aws_api_gateway_rest_api": "name",
    "aws_cloudtrail": "name",
    "aws_cloudwatch_event_bus": "name",
    "aws_cloudwatch_event_rule": "name",
    "aws_cloudwatch_log_group": "name",
    "aws_dynamodb_table": "name",
    "aws_ecr_repository": "name",
    "aws_iam_group": "name",
    "aws_iam_instance_profile": "name",
    "aws_iam_policy": "name",
    "aws_iam_role": "name",
    "aws_iam_user": "name",
    "aws_kinesis_stream": "name",
    "aws_kms_alias": "name",
    "aws_lambda_alias": "name",
    "aws_lambda_function": "function_name",
    "aws_lambda_layer_version": "layer_name",
    "aws_lb": "name",
    "aws_s3_bucket": "bucket",
    "aws_secretsmanager_secret": "name",
    "aws_sfn_state_machine": "name",
    "aws_signer_signing_profile": "name",
    "aws_sns_topic": "name",
    "aws_sqs_queue": "name",
    "aws_ssm_parameter": "name",
}
"""The attribute that is the resource's name in AWS."""

# `{p}`, `{r}`, `{a}`: partition, region, account. Other fields: attributes of the resource. From the Service Authorization Reference.
_MADE = {
    ("aws_api_gateway_rest_api", "arn"): "arn:{p}:apigateway:{r}::/restapis/{id}",
    ("aws_api_gateway_rest_api", "execution_arn"): "arn:{p}:execute-api:{r}:{a}:{id}",
    ("aws_apigatewayv2_api", "arn"): "arn:{p}:apigateway:{r}::/apis/{id}",
    ("aws_apigatewayv2_api", "execution_arn"): "arn:{p}:execute-api:{r}:{a}:{id}",
    ("aws_cloudtrail", "arn"): "arn:{p}:cloudtrail:{r}:{a}:trail/{name}",
    ("aws_cloudwatch_event_bus", "arn"): "arn:{p}:events:{r}:{a}:event-bus/{name}",
    ("aws_cloudwatch_log_group", "arn"): "arn:{p}:logs:{r}:{a}:log-group:{name}",
    ("aws_dynamodb_table", "arn"): "arn:{p}:dynamodb:{r}:{a}:table/{name}",
    ("aws_dynamodb_table", "stream_arn"): "{arn}/stream/{stream_label}",
    ("aws_ecr_repository", "arn"): "arn:{p}:ecr:{r}:{a}:repository/{name}",
    ("aws_iam_group", "arn"): "arn:{p}:iam::{a}:group{path}{name}",
    ("aws_iam_instance_profile", "arn"): "arn:{p}:iam::{a}:instance-profile{path}{name}",
    ("aws_iam_policy", "arn"): "arn:{p}:iam::{a}:policy{path}{name}",
    ("aws_iam_role", "arn"): "arn:{p}:iam::{a}:role{path}{name}",
    ("aws_iam_user", "arn"): "arn:{p}:iam::{a}:user{path}{name}",
    ("aws_kinesis_stream", "arn"): "arn:{p}:kinesis:{r}:{a}:stream/{name}",
    ("aws_kms_alias", "arn"): "arn:{p}:kms:{r}:{a}:{name}",
    ("aws_kms_key", "arn"): "arn:{p}:kms:{r}:{a}:key/{key_id}",
    ("aws_lambda_capacity_provider", "arn"): "arn:{p}:lambda:{r}:{a}:capacity-provider:{name}",
    ("aws_lambda_code_signing_config", "arn"): "arn:{p}:lambda:{r}:{a}:code-signing-config:{config_id}",
    ("aws_lambda_event_source_mapping", "arn"): "arn:{p}:lambda:{r}:{a}:event-source-mapping:{uuid}",
    ("aws_lambda_function", "arn"): "arn:{p}:lambda:{r}:{a}:function:{function_name}",
    ("aws_lambda_function", "invoke_arn"): "arn:{p}:apigateway:{r}:lambda:path/2015-03-31/functions/{arn}/invocations",
    ("aws_lambda_function", "qualified_arn"): "{arn}:{version}",
    ("aws_lambda_function", "qualified_invoke_arn"): "arn:{p}:apigateway:{r}:lambda:path/2015-03-31/functions/{qualified_arn}/invocations",
    ("aws_lambda_alias", "invoke_arn"): "arn:{p}:apigateway:{r}:lambda:path/2015-03-31/functions/{arn}/invocations",
    ("aws_lambda_layer_version", "layer_arn"): "arn:{p}:lambda:{r}:{a}:layer:{layer_name}",
    ("aws_lambda_layer_version", "arn"): "{layer_arn}:{version}",
    ("aws_s3_bucket", "arn"): "arn:{p}:s3:::{bucket}",
    # Secrets Manager adds a dash and six characters of its own to the name.
    ("aws_secretsmanager_secret", "arn"): "arn:{p}:secretsmanager:{r}:{a}:secret:{name}-{suffix}",
    ("aws_sfn_state_machine", "arn"): "arn:{p}:states:{r}:{a}:stateMachine:{name}",
    ("aws_signer_signing_profile", "arn"): "arn:{p}:signer:{r}:{a}:/signing-profiles/{name}",
    ("aws_signer_signing_profile", "version_arn"): "{arn}/{version}",
    ("aws_sns_topic", "arn"): "arn:{p}:sns:{r}:{a}:{name}",
    ("aws_sqs_queue", "arn"): "arn:{p}:sqs:{r}:{a}:{name}",
}
_EC2 = {
    "aws_egress_only_internet_gateway": "egress-only-internet-gateway",
    "aws_internet_gateway": "internet-gateway",
    "aws_nat_gateway": "natgateway",
    "aws_network_acl": "network-acl",
    "aws_default_network_acl": "network-acl",
    "aws_route_table": "route-table",
    "aws_default_route_table": "route-table",
    "aws_security_group": "security-group",
    "aws_default_security_group": "security-group",
    "aws_subnet": "subnet",
    "aws_default_subnet": "subnet",
    "aws_vpc": "vpc",
    "aws_default_vpc": "vpc",
    "aws_vpc_endpoint": "vpc-endpoint",
    "aws_vpc_peering_connection": "vpc-peering-connection",
    "aws_ec2_transit_gateway": "transit-gateway",
}
_MADE.update({(kind, "arn"): f"arn:{{p}}:ec2:{{r}}:{{a}}:{name}/{{id}}" for kind, name in _EC2.items()})

_SAME = {
    ("aws_iam_group", "id"): "name",
    ("aws_iam_policy", "id"): "arn",
    ("aws_iam_role", "id"): "name",
    ("aws_iam_user", "id"): "name",
    ("aws_secretsmanager_secret", "id"): "arn",
    ("aws_lambda_event_source_mapping", "id"): "uuid",
    ("aws_kms_key", "id"): "key_id",
    ("aws_kms_alias", "id"): "name",
    ("aws_lambda_function", "id"): "function_name",
    ("aws_lambda_layer_version", "id"): "arn",
    ("aws_lambda_code_signing_config", "id"): "arn",
    ("aws_lambda_capacity_provider", "id"): "name",
    ("aws_s3_bucket", "id"): "bucket",
    ("aws_sns_topic", "id"): "arn",
    ("aws_sqs_queue", "url"): "id",
    ("aws_cloudwatch_log_group", "id"): "name",
    ("aws_cloudtrail", "id"): "arn",
    ("aws_dynamodb_table", "id"): "name",
    ("aws_ecr_repository", "id"): "name",
    ("aws_kinesis_stream", "id"): "arn",
    ("aws_cloudwatch_event_bus", "id"): "name",
    ("aws_ssm_parameter", "id"): "name",
    ("aws_ssm_parameter", "insecure_value"): "value",
    ("aws_sfn_state_machine", "id"): "arn",
    ("aws_signer_signing_profile", "id"): "name",
    ("aws_lb_target_group", "id"): "arn",
    ("aws_alb_target_group", "id"): "arn",
    ("aws_lb", "id"): "arn",
    ("aws_alb", "id"): "arn",
    ("aws_lb_listener", "id"): "arn",
    ("aws_alb_listener", "id"): "arn",
}
"""Attributes the provider gives one value (its documentation, "Attribute Reference", of each resource)."""


@lru_cache(maxsize=256)
def _pieces(template: str) -> tuple[tuple[str, str | None], ...]:
    return tuple((literal, field) for literal, field, _, _ in string.Formatter().parse(template))


def attribute(view: "View", resource: Resource, name: str) -> Text:
    """Give an attribute of a resource: as planned, or made of its pieces, or a hole named after it."""
    if "." not in name:
        node = view.node(resource).child(name)
        if node.state() is State.KNOWN and isinstance(node.value, str | int | Partial):
            return node.as_text() or ""
        same = _SAME.get((resource.type, name))
        if same is not None and not resource.is_data:
            return view.attribute(resource, same)
        if NAMES.get(resource.type) == name and not resource.is_data:
            # AWS or the provider makes up the rest of a name of which only the prefix is given.
            start = view.node(resource).child(f"{name}_prefix" if name != "function_name" else "name_prefix")
            given = start.value if start.state() is State.KNOWN and isinstance(start.value, str | Partial) else ""
            return join(given, hole(resource.address))
        if not resource.is_data:
            made = _made(view, resource, name)
            if made is not None:
                return made
    return hole(f"{resource.address}.{name}")


def _made(view: "View", resource: Resource, name: str) -> Text | None:
    if name == "path" and resource.type.startswith("aws_iam_"):
        return "/"
    special = _SPECIAL.get((resource.type, name))
    if special is not None:
        return special(view, resource)
    template = _MADE.get((resource.type, name))
    return made(view, resource, template) if template else None


def made(view: "View", resource: Resource, template: str) -> Text:
    """Fill a template with partition, region, account, and attributes of the resource."""
    account, region = view.identity.of(resource)
    values: dict[str, Text] = {"p": view.identity.partition(region), "r": region, "a": account}
    parts: list[Text] = []
    for literal, field in _pieces(template):
        parts.append(literal)
        if field is not None:
            parts.append(values[field] if field in values else view.attribute(resource, field))
    return join(*parts)


def _alias(view: "View", resource: Resource) -> Text:
    function = view.functions.locate(view.node(resource), "function_name")
    owner = (
        function.arn
        if function
        else join(made(view, resource, "arn:{p}:lambda:{r}:{a}:function:"), hole(f"{resource.address}.function_name"))
    )
    return join(owner, ":", view.attribute(resource, "name"))


def _rule(view: "View", resource: Resource) -> Text:
    bus = view.node(resource).text("event_bus_name", to="name")
    # "default" is the one bus that does not stand in its rules' ARNs.
    if bus is None or bus == "default":
        return made(view, resource, "arn:{p}:events:{r}:{a}:rule/{name}")
    return join(made(view, resource, "arn:{p}:events:{r}:{a}:rule/"), bus, "/", view.attribute(resource, "name"))


def _parameter(view: "View", resource: Resource) -> Text:
    name = view.attribute(resource, "name")
    return join(made(view, resource, "arn:{p}:ssm:{r}:{a}:parameter"), "" if shown(name).startswith("/") else "/", name)


_SPECIAL = {
    ("aws_lambda_alias", "arn"): _alias,
    ("aws_cloudwatch_event_rule", "arn"): _rule,
    ("aws_ssm_parameter", "arn"): _parameter,
}
