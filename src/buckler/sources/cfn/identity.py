"""What `Ref` and `GetAtt` give, and what ARN a resource has: one row per resource type.

Source: AWS Service Authorization Reference (ARN formats) and the return values in the CloudFormation reference, read 2026-11.
"""

from typing import Final, NamedTuple


class Shape(NamedTuple):
    """How a resource type names itself."""

    arn: str
    """After `arn:PARTITION:`; `{region}`, `{account}`, `{name}`, `{path}`; empty when not known here."""
    property: str = ""
    """The property that names it; empty when AWS does."""
    ref: str = "name"
    """What `Ref` gives: `name`, `arn` or (a queue) `url`."""
    names: tuple[str, ...] = ()
    """Attributes that give the name."""
    arns: tuple[str, ...] = ("Arn",)
    """Attributes that give the ARN."""


def _ec2(resource: str, *names: str) -> Shape:
    return Shape(f"ec2:{{region}}:{{account}}:{resource}/{{name}}", names=names)


SHAPES: Final[dict[str, Shape]] = {
    "AWS::Lambda::Function": Shape("lambda:{region}:{account}:function:{name}", "FunctionName"),
    "AWS::Lambda::LayerVersion": Shape("lambda:{region}:{account}:layer:{name}", "LayerName", "arn", arns=("LayerVersionArn",)),
    "AWS::Lambda::CodeSigningConfig": Shape(
        "lambda:{region}:{account}:code-signing-config:{name}", "", "arn", ("CodeSigningConfigId",), ("CodeSigningConfigArn",)
    ),
    "AWS::Lambda::EventSourceMapping": Shape(
        "lambda:{region}:{account}:event-source-mapping:{name}", "", names=("Id",), arns=("EventSourceMappingArn",)
    ),
    "AWS::Lambda::CapacityProvider": Shape("lambda:{region}:{account}:capacity-provider:{name}", "CapacityProviderName"),
    "AWS::Route53Resolver::FirewallDomainList": Shape("route53resolver:{region}:{account}:firewall-domain-list/{name}", names=("Id",)),
    "AWS::Route53Resolver::FirewallRuleGroup": Shape("route53resolver:{region}:{account}:firewall-rule-group/{name}", names=("Id",)),
    "AWS::Route53Resolver::FirewallRuleGroupAssociation": Shape(
        "route53resolver:{region}:{account}:firewall-rule-group-association/{name}", names=("Id",)
    ),
    "AWS::RDS::DBInstance": Shape("rds:{region}:{account}:db:{name}", "DBInstanceIdentifier", arns=("DBInstanceArn",)),
    "AWS::RDS::DBCluster": Shape("rds:{region}:{account}:cluster:{name}", "DBClusterIdentifier", arns=("DBClusterArn",)),
    "AWS::Neptune::DBCluster": Shape("rds:{region}:{account}:cluster:{name}", "DBClusterIdentifier", arns=()),
    "AWS::DocDB::DBCluster": Shape("rds:{region}:{account}:cluster:{name}", "DBClusterIdentifier", arns=()),
    "AWS::ElastiCache::ReplicationGroup": Shape("elasticache:{region}:{account}:replicationgroup:{name}", "ReplicationGroupId", arns=()),
    "AWS::MemoryDB::Cluster": Shape("memorydb:{region}:{account}:cluster/{name}", "ClusterName", arns=("ARN",)),
    "AWS::RDS::DBProxy": Shape("rds:{region}:{account}:db-proxy:{name}", "DBProxyName", arns=("DBProxyArn",)),
    "AWS::ElastiCache::CacheCluster": Shape("elasticache:{region}:{account}:cluster:{name}", "ClusterName", arns=()),
    "AWS::OpenSearchService::Domain": Shape("es:{region}:{account}:domain/{name}", "DomainName"),
    "AWS::Signer::SigningProfile": Shape("signer:{region}:{account}:/signing-profiles/{name}", "ProfileName", "arn", ("ProfileName",)),
    "AWS::IAM::Role": Shape("iam::{account}:role{path}{name}", "RoleName"),
    "AWS::IAM::User": Shape("iam::{account}:user{path}{name}", "UserName"),
    "AWS::IAM::Group": Shape("iam::{account}:group{path}{name}", "GroupName"),
    "AWS::IAM::ManagedPolicy": Shape("iam::{account}:policy{path}{name}", "ManagedPolicyName", "arn", arns=("PolicyArn",)),
    "AWS::IAM::InstanceProfile": Shape("iam::{account}:instance-profile{path}{name}", "InstanceProfileName"),
    "AWS::S3::Bucket": Shape("s3:::{name}", "BucketName"),
    "AWS::SQS::Queue": Shape("sqs:{region}:{account}:{name}", "QueueName", "url", ("QueueName",)),
    "AWS::SNS::Topic": Shape("sns:{region}:{account}:{name}", "TopicName", "arn", ("TopicName",), ("TopicArn",)),
    "AWS::DynamoDB::Table": Shape("dynamodb:{region}:{account}:table/{name}", "TableName"),
    "AWS::DynamoDB::GlobalTable": Shape("dynamodb:{region}:{account}:table/{name}", "TableName"),
    "AWS::Kinesis::Stream": Shape("kinesis:{region}:{account}:stream/{name}", "Name"),
    "AWS::KinesisFirehose::DeliveryStream": Shape("firehose:{region}:{account}:deliverystream/{name}", "DeliveryStreamName"),
    "AWS::Logs::LogGroup": Shape("logs:{region}:{account}:log-group:{name}", "LogGroupName"),
    "AWS::KMS::Key": Shape("kms:{region}:{account}:key/{name}", names=("KeyId",)),
    "AWS::KMS::ReplicaKey": Shape("kms:{region}:{account}:key/{name}", names=("KeyId",)),
    "AWS::KMS::Alias": Shape("kms:{region}:{account}:{name}", "AliasName"),
    "AWS::SecretsManager::Secret": Shape("secretsmanager:{region}:{account}:secret:{name}", "Name", "arn", arns=("Id",)),
    "AWS::SSM::Parameter": Shape("ssm:{region}:{account}:parameter/{name}", "Name"),
    "AWS::StepFunctions::StateMachine": Shape("states:{region}:{account}:stateMachine:{name}", "StateMachineName", "arn", ("Name",)),
    "AWS::StepFunctions::Activity": Shape("states:{region}:{account}:activity:{name}", "Name", "arn", ("Name",)),
    "AWS::Events::EventBus": Shape("events:{region}:{account}:event-bus/{name}", "Name", names=("Name",)),
    "AWS::Events::Rule": Shape("events:{region}:{account}:rule/{name}", "Name"),
    "AWS::Scheduler::Schedule": Shape("scheduler:{region}:{account}:schedule/default/{name}", "Name"),
    "AWS::CloudTrail::Trail": Shape("cloudtrail:{region}:{account}:trail/{name}", "TrailName"),
    "AWS::Cognito::UserPool": Shape("cognito-idp:{region}:{account}:userpool/{name}", names=("UserPoolId",)),
    "AWS::ECR::Repository": Shape("ecr:{region}:{account}:repository/{name}", "RepositoryName"),
    "AWS::CodeCommit::Repository": Shape("codecommit:{region}:{account}:{name}", names=("RepositoryId",)),
    "AWS::AppSync::GraphQLApi": Shape("appsync:{region}:{account}:apis/{name}", names=("ApiId",)),
    "AWS::ApiGateway::RestApi": Shape("apigateway:{region}::/restapis/{name}", names=("RestApiId",), arns=()),
    "AWS::ApiGatewayV2::Api": Shape("apigateway:{region}::/apis/{name}", names=("ApiId",), arns=()),
    "AWS::GuardDuty::Detector": Shape("guardduty:{region}:{account}:detector/{name}", names=("Id",), arns=()),
    "AWS::EC2::VPC": _ec2("vpc", "VpcId"),
    "AWS::EC2::Subnet": _ec2("subnet", "SubnetId"),
    "AWS::EC2::SecurityGroup": _ec2("security-group", "GroupId", "Id"),
    "AWS::EC2::RouteTable": _ec2("route-table", "RouteTableId"),
    "AWS::EC2::NetworkAcl": _ec2("network-acl", "Id"),
    "AWS::EC2::VPCEndpoint": _ec2("vpc-endpoint", "Id"),
    "AWS::EC2::InternetGateway": _ec2("internet-gateway", "InternetGatewayId"),
    "AWS::EC2::EgressOnlyInternetGateway": _ec2("egress-only-internet-gateway", "Id"),
    "AWS::EC2::NatGateway": _ec2("natgateway", "NatGatewayId"),
    "AWS::EC2::VPCPeeringConnection": _ec2("vpc-peering-connection", "Id"),
    "AWS::EC2::TransitGateway": _ec2("transit-gateway", "Id"),
    "AWS::EC2::TransitGatewayAttachment": _ec2("transit-gateway-attachment", "Id"),
    "AWS::EC2::TransitGatewayVpcAttachment": _ec2("transit-gateway-attachment", "Id"),
    "AWS::EC2::TransitGatewayRouteTable": _ec2("transit-gateway-route-table", "TransitGatewayRouteTableId"),
    "AWS::EC2::PrefixList": _ec2("prefix-list", "PrefixListId"),
}

# Types whose `Ref` is an ARN that only AWS can make: `GetAtt` of the ARN gives the same.
SAME_AS_REF: Final[dict[str, tuple[str, ...]]] = {
    "AWS::MSK::Cluster": ("Arn",),
    "AWS::MSK::ServerlessCluster": ("Arn",),
    "AWS::ElasticLoadBalancingV2::LoadBalancer": ("LoadBalancerArn",),
    "AWS::ElasticLoadBalancingV2::TargetGroup": ("TargetGroupArn",),
    "AWS::ElasticLoadBalancingV2::Listener": ("ListenerArn",),
    "AWS::ElasticLoadBalancingV2::ListenerRule": ("RuleArn",),
    "AWS::CertificateManager::Certificate": ("CertificateArn",),
    "AWS::ApiGatewayV2::Authorizer": ("AuthorizerId",),
    "AWS::ApiGateway::Authorizer": ("AuthorizerId",),
    "AWS::ApiGateway::Resource": ("ResourceId",),
    "AWS::ApiGateway::Deployment": ("DeploymentId",),
    "AWS::Cognito::UserPoolClient": ("ClientId",),
    "AWS::EFS::AccessPoint": ("AccessPointId",),
    "AWS::EC2::EIP": ("PublicIp",),
}
