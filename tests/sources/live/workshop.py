"""A small deployment in which every call that buckler can make has something to answer."""

import json
from typing import Any

from tests import aws

TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}],
    }
)
PASSWORD = "Tr0ub4dor-and-3-planted"
FUNCTIONS = ("billing", "checkout", "internal", "picture", "steady", "worker")


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def deploy(endpoint: str) -> None:
    """Deploy into the empty AWS at *endpoint*: one region of one account, and an organisation of two accounts."""

    def make(service: str) -> Any:
        return aws.client(service, endpoint)

    lam = make("lambda")
    role = _iam(make("iam"))
    key = make("kms").create_key(Description="for checkout")["KeyMetadata"]["Arn"]
    subnets, group = _network(make("ec2"))
    profile = make("signer").put_signing_profile(profileName="release", platformId="AWSLambda-SHA384-ECDSA")["profileVersionArn"]
    config = lam.create_code_signing_config(
        AllowedPublishers={"SigningProfileVersionArns": [profile]}, CodeSigningPolicies={"UntrustedArtifactOnDeployment": "Enforce"}
    )["CodeSigningConfig"]["CodeSigningConfigArn"]
    for name in ("libs", "unused"):
        made = lam.publish_layer_version(LayerName=name, Content={"ZipFile": aws.zipped()})
    lam.add_layer_version_permission(LayerName="libs", VersionNumber=1, StatementId="all", Action="lambda:GetLayerVersion", Principal="*")
    libs = made["LayerVersionArn"].replace("unused", "libs")
    fleet = lam.create_capacity_provider(
        CapacityProviderName="fleet",
        VpcConfig={"SubnetIds": subnets, "SecurityGroupIds": [group]},
        PermissionsConfig={"CapacityProviderOperatorRoleArn": role},
    )["CapacityProvider"]["CapacityProviderArn"]
    settings: dict[str, dict[str, Any]] = {
        "checkout": {
            "Environment": {"Variables": {"DB_PASSWORD": PASSWORD, "STAGE": "prod"}},
            "KMSKeyArn": key,
            "Layers": [libs],
            "Tags": {"team": "shop"},
            "CodeSigningConfigArn": config,
        },
        "internal": {"VpcConfig": {"SubnetIds": subnets, "SecurityGroupIds": [group]}},
        "worker": {"LoggingConfig": {"LogGroup": "/shop/worker"}},
        "billing": {},
        "steady": {"CapacityProviderConfig": {"LambdaManagedInstancesCapacityProviderConfig": {"CapacityProviderArn": fleet}}},
    }
    for name, extra in settings.items():
        lam.create_function(
            FunctionName=name, Runtime="python3.12", Handler="app.handler", Role=role, Code={"ZipFile": aws.zipped()}, **extra
        )
    bounds = {"MinExecutionEnvironments": 1, "MaxExecutionEnvironments": 9}
    lam.put_function_scaling_config(FunctionName="steady", Qualifier="$LATEST", FunctionScalingConfig=bounds)
    image = f"{aws.SHOP}.dkr.ecr.{aws.REGION}.amazonaws.com/picture:latest"
    lam.create_function(FunctionName="picture", PackageType="Image", Role=role, Code={"ImageUri": image})
    _access(lam)
    _watch(make)
    _sources(make, lam)
    _stores(make)
    _data(make, subnets, group)
    _names(make("route53resolver"), make("ec2").describe_vpcs()["Vpcs"])
    _http(make, subnets)
    organizations = make("organizations")
    root = organizations.create_organization(FeatureSet="ALL")
    parent = organizations.list_roots()["Roots"][0]["Id"]
    unit = organizations.create_organizational_unit(ParentId=parent, Name="workloads")["OrganizationalUnit"]["Id"]
    organizations.enable_policy_type(RootId=parent, PolicyType="SERVICE_CONTROL_POLICY")
    fence = organizations.create_policy(
        Name="fence", Description="", Type="SERVICE_CONTROL_POLICY", Content=document({"Effect": "Deny", "Action": "s3:*", "Resource": "*"})
    )["Policy"]["PolicySummary"]["Id"]
    organizations.attach_policy(PolicyId=fence, TargetId=unit)
    organizations.create_account(AccountName="second", Email="second@example.invalid")
    assert root["Organization"]["MasterAccountId"] == aws.SHOP


def _iam(iam: Any) -> str:
    role = iam.create_role(RoleName="shop", AssumeRolePolicyDocument=TRUST)["Role"]["Arn"]
    iam.put_role_policy(
        RoleName="shop", PolicyName="read", PolicyDocument=document({"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"})
    )
    iam.attach_role_policy(RoleName="shop", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    own = iam.create_policy(PolicyName="limits", PolicyDocument=document({"Effect": "Allow", "Action": "*", "Resource": "*"}))["Policy"][
        "Arn"
    ]
    iam.put_role_permissions_boundary(RoleName="shop", PermissionsBoundary=own)
    iam.create_group(GroupName="developers")
    iam.create_user(UserName="ada")
    iam.add_user_to_group(GroupName="developers", UserName="ada")
    return str(role)


def _network(ec2: Any) -> tuple[list[str], str]:
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{number}.0/24", AvailabilityZone=f"{aws.REGION}{zone}")["Subnet"]["SubnetId"]
        for number, zone in enumerate("ab")
    ]
    group = ec2.create_security_group(GroupName="internal", Description="internal", VpcId=vpc)["GroupId"]
    https = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "192.0.2.0/24", "Description": "the bank"}]}
    ec2.authorize_security_group_egress(GroupId=group, IpPermissions=[https])
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    ec2.create_vpc_endpoint(VpcId=vpc, ServiceName=f"com.amazonaws.{aws.REGION}.s3", VpcEndpointType="Gateway")
    # As Network Firewall makes its own.
    marks = {"AWSNetworkFirewallManaged": "true", "Firewall": f"arn:aws:network-firewall:{aws.REGION}:{aws.SHOP}:firewall/border"}
    ec2.create_vpc_endpoint(
        VpcId=vpc,
        ServiceName=f"com.amazonaws.vpce.{aws.REGION}.vpce-svc-0123",
        VpcEndpointType="GatewayLoadBalancer",
        SubnetIds=subnets[:1],
        TagSpecifications=[{"ResourceType": "vpc-endpoint", "Tags": [{"Key": key, "Value": value} for key, value in marks.items()]}],
    )
    ec2.create_managed_prefix_list(
        PrefixListName="offices", MaxEntries=3, AddressFamily="IPv4", Entries=[{"Cidr": "198.51.100.0/24", "Description": "ours"}]
    )
    transit = ec2.create_transit_gateway(Description="hub")["TransitGateway"]["TransitGatewayId"]
    attachment = ec2.create_transit_gateway_vpc_attachment(TransitGatewayId=transit, VpcId=vpc, SubnetIds=subnets[:1])
    table = ec2.create_transit_gateway_route_table(TransitGatewayId=transit)["TransitGatewayRouteTable"]["TransitGatewayRouteTableId"]
    ec2.create_transit_gateway_route(
        DestinationCidrBlock="10.1.0.0/16",
        TransitGatewayRouteTableId=table,
        TransitGatewayAttachmentId=attachment["TransitGatewayVpcAttachment"]["TransitGatewayAttachmentId"],
    )
    ec2.modify_vpc_block_public_access_options(InternetGatewayBlockMode="block-ingress")
    ec2.create_vpc_block_public_access_exclusion(SubnetId=subnets[0], InternetGatewayExclusionMode="allow-egress")
    return subnets, group


def _data(make: Any, subnets: list[str], group: str) -> None:
    """What stands in the VPC: caches with and without a password, search domains open and closed, a file system."""
    caches = make("elasticache")
    caches.create_cache_cluster(CacheClusterId="plain", Engine="redis", CacheNodeType="cache.t4g.micro", NumCacheNodes=1)
    caches.create_replication_group(ReplicationGroupId="token", ReplicationGroupDescription="t", Engine="redis")
    # AWS makes the members itself.
    caches.create_cache_cluster(
        CacheClusterId="token-001", ReplicationGroupId="token", Engine="redis", CacheNodeType="cache.t4g.micro",
        AuthToken="an-invented-token-of-16", TransitEncryptionEnabled=True,
    )  # fmt: skip
    caches.create_replication_group(ReplicationGroupId="users", ReplicationGroupDescription="u", Engine="redis", UserGroupIds=["app"])
    caches.create_cache_cluster(CacheClusterId="users-001", ReplicationGroupId="users", Engine="redis", CacheNodeType="cache.t4g.micro")
    search = make("opensearch")
    anyone = document({"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "es:*", "Resource": "*"})
    somebody = document({"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{aws.SHOP}:role/shop"}, "Action": "es:*", "Resource": "*"})
    for name, policy in (("orders", anyone), ("ledger", somebody)):
        search.create_domain(DomainName=name, AccessPolicies=policy, VPCOptions={"SubnetIds": subnets[:1]})
    _databases(make, subnets, group)
    files = make("efs")
    made = files.create_file_system(CreationToken="files")["FileSystemId"]
    files.create_mount_target(FileSystemId=made, SubnetId=subnets[0])


def _databases(make: Any, subnets: list[str], group: str) -> None:
    """Databases and proxies that let IAM in and that do not, a Neptune cluster, MemoryDB open and closed, a Kafka cluster that asks IAM."""
    rds = make("rds")
    rds.create_db_subnet_group(DBSubnetGroupName="data", DBSubnetGroupDescription="d", SubnetIds=subnets)
    place = {"DBSubnetGroupName": "data", "VpcSecurityGroupIds": [group], "DBInstanceClass": "db.t4g.micro"}
    for name, has_iam in (("payments", True), ("legacy", False)):
        rds.create_db_instance(
            DBInstanceIdentifier=name, Engine="postgres", EnableIAMDatabaseAuthentication=has_iam, AllocatedStorage=20,
            MasterUsername="shop", MasterUserPassword="an-invented-password", **place,
        )  # fmt: skip
    rds.create_db_cluster(DBClusterIdentifier="friends", Engine="neptune", DBSubnetGroupName="data", VpcSecurityGroupIds=[group])
    rds.create_db_instance(DBInstanceIdentifier="friends-1", Engine="neptune", DBClusterIdentifier="friends", **place)
    secret = f"arn:aws:secretsmanager:{aws.REGION}:{aws.SHOP}:secret:db-AbCdEf"
    for name, how in (("front", "REQUIRED"), ("side", "DISABLED")):
        rds.create_db_proxy(
            DBProxyName=name, EngineFamily="POSTGRESQL", RoleArn=f"arn:aws:iam::{aws.SHOP}:role/proxy", VpcSubnetIds=subnets,
            VpcSecurityGroupIds=[group], Auth=[{"AuthScheme": "SECRETS", "SecretArn": secret, "IAMAuth": how}],
        )  # fmt: skip
    memory = make("memorydb")
    memory.create_subnet_group(SubnetGroupName="memory", SubnetIds=subnets)
    for name, access in (("carts", "open-access"), ("ranks", "staff")):
        memory.create_cluster(ClusterName=name, NodeType="db.t4g.small", ACLName=access, SubnetGroupName="memory", SecurityGroupIds=[group])
    make("kafka").create_cluster(
        ClusterName="events",
        BrokerNodeGroupInfo={"ClientSubnets": subnets, "SecurityGroups": [group], "InstanceType": "kafka.t3.small"},
        ClientAuthentication={"Sasl": {"Iam": {"Enabled": True}}},
        KafkaVersion="3.6.0",
        NumberOfBrokerNodes=2,
    )


def _names(resolver: Any, vpcs: list[Any]) -> None:
    """An allow-list before the resolver of the VPC, after one of AWS's lists."""
    vpc = next(one["VpcId"] for one in vpcs if one["CidrBlock"] == "10.0.0.0/16")
    threats = next(one["Id"] for one in resolver.list_firewall_domain_lists()["FirewallDomainLists"] if "Malware" in one["Name"])
    group = resolver.create_firewall_rule_group(CreatorRequestId="1", Name="names")["FirewallRuleGroup"]["Id"]
    lists = {}
    for name, domains in (("ours", ["*.example.com", "example.com"]), ("everything", ["*"])):
        lists[name] = resolver.create_firewall_domain_list(CreatorRequestId=name, Name=name)["FirewallDomainList"]["Id"]
        resolver.update_firewall_domains(FirewallDomainListId=lists[name], Operation="ADD", Domains=domains)
    for priority, (action, source) in enumerate(
        (
            ("BLOCK", {"FirewallDomainListId": threats}),
            ("BLOCK", {"DnsThreatProtection": "DNS_TUNNELING"}),
            ("ALLOW", {"FirewallDomainListId": lists["ours"]}),
            ("BLOCK", {"FirewallDomainListId": lists["everything"]}),
        ),
        start=1,
    ):
        response = {"BlockResponse": "NODATA"} if action == "BLOCK" else {}
        resolver.create_firewall_rule(
            CreatorRequestId=str(priority),
            FirewallRuleGroupId=group,
            Priority=priority,
            Action=action,
            Name=f"r{priority}",
            **source,
            **response,
        )
    resolver.associate_firewall_rule_group(CreatorRequestId="2", FirewallRuleGroupId=group, VpcId=vpc, Priority=101, Name="names")
    resolver.update_firewall_config(ResourceId=vpc, FirewallFailOpen="ENABLED")


def _access(lam: Any) -> None:
    lam.publish_version(FunctionName="checkout")
    lam.create_alias(FunctionName="checkout", Name="live", FunctionVersion="1")
    lam.create_function_url_config(FunctionName="checkout", Qualifier="live", AuthType="NONE", Cors={"AllowOrigins": ["*"]})
    lam.add_permission(
        FunctionName="checkout",
        Qualifier="live",
        StatementId="url",
        Action="lambda:InvokeFunctionUrl",
        Principal="*",
        FunctionUrlAuthType="NONE",
    )
    lam.add_permission(FunctionName="billing", StatementId="s3", Action="lambda:InvokeFunction", Principal="s3.amazonaws.com")
    lam.put_function_concurrency(FunctionName="billing", ReservedConcurrentExecutions=5)
    lam.put_function_event_invoke_config(FunctionName="billing", MaximumRetryAttempts=1)
    lam.put_function_recursion_config(FunctionName="worker", RecursiveLoop="Allow")
    lam.put_provisioned_concurrency_config(FunctionName="checkout", Qualifier="live", ProvisionedConcurrentExecutions=2)


def _watch(make: Any) -> None:
    make("s3").create_bucket(Bucket="trail", CreateBucketConfiguration={"LocationConstraint": aws.REGION})
    trails = make("cloudtrail")
    trails.create_trail(Name="all", S3BucketName="trail", IsMultiRegionTrail=True)
    trails.start_logging(Name="all")
    trails.put_event_selectors(
        TrailName="all",
        AdvancedEventSelectors=[
            {
                "Name": "lambda",
                "FieldSelectors": [
                    {"Field": "eventCategory", "Equals": ["Data"]},
                    {"Field": "resources.type", "Equals": ["AWS::Lambda::Function"]},
                ],
            }
        ],
    )
    for name in ("/aws/lambda/checkout", "/shop/worker"):
        make("logs").create_log_group(logGroupName=name)
    make("guardduty").create_detector(Enable=True, Features=[{"Name": "LAMBDA_NETWORK_LOGS", "Status": "ENABLED"}])
    make("inspector2").enable(accountIds=[aws.SHOP], resourceTypes=["LAMBDA"])


def _sources(make: Any, lam: Any) -> None:
    secret = make("secretsmanager").create_secret(Name="db", SecretString="{}")["ARN"]
    make("secretsmanager").put_resource_policy(
        SecretId=secret,
        ResourcePolicy=document({"Effect": "Allow", "Principal": "*", "Action": "secretsmanager:GetSecretValue", "Resource": "*"}),
    )
    ssm = make("ssm")
    ssm.put_parameter(Name="/shop/plain", Value="x", Type="String")
    ssm.put_parameter(Name="/shop/shared", Value="x", Type="SecureString", Tier="Advanced")
    sqs = make("sqs")
    dead = sqs.create_queue(QueueName="dead")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    queue = sqs.create_queue(
        QueueName="orders", Attributes={"RedrivePolicy": json.dumps({"deadLetterTargetArn": arn, "maxReceiveCount": 3})}
    )
    orders = sqs.get_queue_attributes(QueueUrl=queue["QueueUrl"], AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    lam.create_event_source_mapping(FunctionName="worker", EventSourceArn=orders)


def _stores(make: Any) -> None:
    billing = f"arn:aws:lambda:{aws.REGION}:{aws.SHOP}:function:billing"
    s3 = make("s3")
    s3.create_bucket(Bucket="photos", CreateBucketConfiguration={"LocationConstraint": aws.REGION})
    everyone = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::photos/*"}
    s3.put_bucket_policy(Bucket="photos", Policy=document(everyone))
    s3.put_public_access_block(Bucket="photos", PublicAccessBlockConfiguration={"RestrictPublicBuckets": True})
    s3.put_bucket_encryption(
        Bucket="photos",
        ServerSideEncryptionConfiguration={
            "Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "alias/photos"}}]
        },
    )
    s3.put_bucket_notification_configuration(
        Bucket="photos",
        NotificationConfiguration={"LambdaFunctionConfigurations": [{"LambdaFunctionArn": billing, "Events": ["s3:ObjectCreated:*"]}]},
    )
    s3.create_bucket(Bucket="inbox", CreateBucketConfiguration={"LocationConstraint": aws.REGION})
    s3.put_bucket_notification_configuration(Bucket="inbox", NotificationConfiguration={"EventBridgeConfiguration": {}})
    sns = make("sns")
    news = sns.create_topic(Name="news")["TopicArn"]
    sns.subscribe(TopicArn=news, Protocol="lambda", Endpoint=billing)
    sns.subscribe(TopicArn=news, Protocol="email", Endpoint="news@example.invalid")
    make("dynamodb").create_table(
        TableName="orders",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    make("kinesis").create_stream(StreamName="clicks", ShardCount=1)
    ecr = make("ecr")
    ecr.create_repository(repositoryName="picture")
    pull = {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "ecr:BatchGetImage"}
    ecr.set_repository_policy(repositoryName="picture", policyText=document(pull))
    events = make("events")
    events.put_rule(Name="uploads", EventPattern=json.dumps({"source": ["aws.s3"], "detail": {"bucket": {"name": ["inbox"]}}}))
    events.put_rule(Name="orders", EventPattern=json.dumps({"source": ["shop"]}))
    events.put_rule(Name="nightly", ScheduleExpression="rate(1 day)")
    for rule in ("uploads", "orders", "nightly"):
        events.put_targets(Rule=rule, Targets=[{"Id": "1", "Arn": billing if rule == "uploads" else billing.replace("billing", "worker")}])
    events.put_permission(Action="events:PutEvents", Principal="210987654321", StatementId="partner")


def _http(make: Any, subnets: list[str]) -> None:
    function = f"arn:aws:lambda:{aws.REGION}:{aws.SHOP}:function"
    rest = make("apigateway")
    everyone = document({"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "*"})
    api = rest.create_rest_api(name="shop", policy=everyone)["id"]
    root = rest.get_resources(restApiId=api)["items"][0]["id"]
    rest.put_method(restApiId=api, resourceId=root, httpMethod="GET", authorizationType="NONE")
    uri = f"arn:aws:apigateway:{aws.REGION}:lambda:path/2015-03-31/functions/{function}:billing/invocations"
    rest.put_integration(restApiId=api, resourceId=root, httpMethod="GET", type="AWS_PROXY", integrationHttpMethod="POST", uri=uri)
    rest.create_deployment(restApiId=api, stageName="prod")
    http = make("apigatewayv2")
    web = http.create_api(Name="web", ProtocolType="HTTP")["ApiId"]
    integration = http.create_integration(
        ApiId=web, IntegrationType="AWS_PROXY", IntegrationUri=f"{function}:worker", PayloadFormatVersion="2.0"
    )["IntegrationId"]
    http.create_route(ApiId=web, RouteKey="GET /work", Target=f"integrations/{integration}", AuthorizationType="AWS_IAM")
    http.create_route(ApiId=web, RouteKey="GET /open", Target=f"integrations/{integration}", AuthorizationType="NONE")
    http.create_stage(ApiId=web, StageName="$default", AutoDeploy=True)
    elb = make("elbv2")
    balancer = elb.create_load_balancer(Name="front", Subnets=subnets)["LoadBalancers"][0]["LoadBalancerArn"]
    group = elb.create_target_group(Name="picture", TargetType="lambda")["TargetGroups"][0]["TargetGroupArn"]
    elb.register_targets(TargetGroupArn=group, Targets=[{"Id": f"{function}:picture"}])
    listener = elb.create_listener(
        LoadBalancerArn=balancer, Protocol="HTTP", Port=80, DefaultActions=[{"Type": "forward", "TargetGroupArn": group}]
    )["Listeners"][0]["ListenerArn"]
    elb.create_rule(
        ListenerArn=listener,
        Priority=1,
        Conditions=[{"Field": "path-pattern", "Values": ["/picture/*"]}],
        Actions=[{"Type": "forward", "TargetGroupArn": group}],
    )
    vpc = make("ec2").describe_subnets(SubnetIds=subnets)["Subnets"][0]["VpcId"]
    inner = elb.create_load_balancer(Name="inner", Subnets=subnets, Type="network", Scheme="internal")["LoadBalancers"][0][
        "LoadBalancerArn"
    ]
    web = elb.create_target_group(Name="web", TargetType="ip", Protocol="TCP", Port=8080, VpcId=vpc)["TargetGroups"][0]["TargetGroupArn"]
    elb.register_targets(TargetGroupArn=web, Targets=[{"Id": "10.0.0.20", "Port": 8081}])
    elb.modify_target_group_attributes(TargetGroupArn=web, Attributes=[{"Key": "preserve_client_ip.enabled", "Value": "true"}])
    admin = elb.create_target_group(Name="admin", TargetType="ip", Protocol="HTTP", Port=9090, VpcId=vpc)["TargetGroups"][0][
        "TargetGroupArn"
    ]
    elb.register_targets(TargetGroupArn=admin, Targets=[{"Id": "10.0.0.21"}])
    elb.create_rule(
        ListenerArn=listener,
        Priority=7,
        Conditions=[
            {"Field": "source-ip", "SourceIpConfig": {"Values": ["10.0.0.0/25", "10.0.3.0/24"]}},
            {"Field": "host-header", "HostHeaderConfig": {"Values": ["b.example", "a.example"]}},
            {"Field": "path-pattern", "PathPatternConfig": {"Values": ["/*"]}},
            {"Field": "http-header", "HttpHeaderConfig": {"HttpHeaderName": "X-Team", "Values": ["ops"], "RegexValues": ["^dev"]}},
            {"Field": "query-string", "QueryStringConfig": {"Values": [{"Key": "v", "Value": "2"}]}},
        ],
        Actions=[
            {
                "Type": "forward",
                "ForwardConfig": {"TargetGroups": [{"TargetGroupArn": admin, "Weight": 1}, {"TargetGroupArn": group, "Weight": 0}]},
            }
        ],
    )
    elb.create_rule(
        ListenerArn=listener,
        Priority=3,
        Conditions=[{"Field": "path-pattern", "PathPatternConfig": {"Values": ["/old"]}}],
        Actions=[{"Type": "redirect", "RedirectConfig": {"Protocol": "HTTPS", "StatusCode": "HTTP_301"}}],
    )
    elb.create_listener(LoadBalancerArn=inner, Protocol="TCP", Port=5000, DefaultActions=[{"Type": "forward", "TargetGroupArn": web}])
