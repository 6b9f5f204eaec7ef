"""A small CloudFormation of our own: deploys a template into the embedded AWS with boto3, so that one template can be read in two ways.

Knows the resource types and intrinsics the parity templates use, and refuses everything else. Reads the template with PyYAML alone: nothing
of the product's reader takes part.
"""

# ruff: noqa: N802 - the methods are named after the resource types they make

import io
import json
import re
import zipfile
from typing import Any

import yaml
from tests.aws import REGION, SHOP, client


class _Tag(yaml.SafeLoader):
    pass


def _intrinsic(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> Any:
    value: Any
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)
    return {"Ref": value} if suffix == "Ref" else {f"Fn::{suffix}": value}


_Tag.add_multi_constructor("!", _intrinsic)

PSEUDO = {"AWS::AccountId": SHOP, "AWS::Region": REGION, "AWS::Partition": "aws"}


class Stack:
    """One deployment."""

    def __init__(self, text: str, endpoint: str) -> None:
        self.template = yaml.load(text, _Tag)  # noqa: S506 - a SafeLoader with the short intrinsics
        self.endpoint = endpoint
        self.refs: dict[str, str] = dict(PSEUDO)
        self.arns: dict[str, str] = {}
        self.lambda_ = client("lambda", endpoint)

    def deploy(self) -> None:
        """Create everything, in the order of the template."""
        for name, resource in self.template["Resources"].items():
            make = getattr(self, resource["Type"].replace("AWS::", "").replace("::", "_"))
            make(name, self.solve(resource.get("Properties", {})))

    def solve(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self.solve(one) for one in value]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            ((key, argument),) = value.items()
            if key == "Ref":
                return self.refs[argument]
            if key == "Fn::GetAtt":
                logical, _, attribute = (argument if isinstance(argument, str) else ".".join(argument)).partition(".")
                assert attribute in {"Arn", "FunctionArn", "Version", "LayerVersionArn", "CodeSigningConfigArn"}, attribute
                return self.refs[logical] if attribute == "Version" else self.arns[logical]
            if key == "Fn::Sub":
                return re.sub(r"\$\{([^}]+)\}", lambda m: self.arns[m[1][:-4]] if m[1].endswith(".Arn") else self.refs[m[1]], argument)
        return {key: self.solve(one) for key, one in value.items()}

    def IAM_Role(self, name: str, p: dict[str, Any]) -> None:
        iam = client("iam", self.endpoint)
        made = iam.create_role(RoleName=p["RoleName"], AssumeRolePolicyDocument=json.dumps(p["AssumeRolePolicyDocument"], default=str))
        for arn in p.get("ManagedPolicyArns", []):
            iam.attach_role_policy(RoleName=p["RoleName"], PolicyArn=arn)
        for policy in p.get("Policies", []):
            iam.put_role_policy(
                RoleName=p["RoleName"], PolicyName=policy["PolicyName"], PolicyDocument=json.dumps(policy["PolicyDocument"], default=str)
            )
        self.refs[name], self.arns[name] = p["RoleName"], made["Role"]["Arn"]

    def Lambda_Function(self, name: str, p: dict[str, Any]) -> None:
        p = dict(p)
        reserved = p.pop("ReservedConcurrentExecutions", None)
        recursion = p.pop("RecursiveLoop", None)
        code = p.pop("Code")
        if "ZipFile" in code:
            buffer = io.BytesIO()
            with zipfile.ZipFile(buffer, "w") as archive:
                archive.writestr("index.py", code["ZipFile"])
            code = {"ZipFile": buffer.getvalue()}
        # CloudFormation tags what it makes with its stack.
        made = self.lambda_.create_function(Code=code, Tags={"aws:cloudformation:stack-name": "parity"}, **p)
        self.refs[name], self.arns[name] = p["FunctionName"], made["FunctionArn"]
        if reserved is not None:
            self.lambda_.put_function_concurrency(FunctionName=p["FunctionName"], ReservedConcurrentExecutions=reserved)
        if recursion:
            self.lambda_.put_function_recursion_config(FunctionName=p["FunctionName"], RecursiveLoop=recursion)

    def Lambda_Permission(self, name: str, p: dict[str, Any]) -> None:
        function, _, qualifier = (
            p.pop("FunctionName").partition(":") if not p["FunctionName"].startswith("arn:") else _cut(p.pop("FunctionName"))
        )
        more = {"Qualifier": qualifier} if qualifier else {}
        self.lambda_.add_permission(FunctionName=function, StatementId=name, **p, **more)

    def Lambda_Url(self, name: str, p: dict[str, Any]) -> None:
        self.lambda_.create_function_url_config(FunctionName=p.pop("TargetFunctionArn"), **p)

    def Lambda_Version(self, name: str, p: dict[str, Any]) -> None:
        made = self.lambda_.publish_version(FunctionName=p["FunctionName"])
        self.refs[name], self.arns[name] = made["Version"], made["FunctionArn"]

    def Lambda_Alias(self, name: str, p: dict[str, Any]) -> None:
        made = self.lambda_.create_alias(**p)
        self.refs[name] = self.arns[name] = made["AliasArn"]

    def Lambda_LayerVersion(self, name: str, p: dict[str, Any]) -> None:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            archive.writestr("python/shared.py", "")
        p.pop("Content")
        made = self.lambda_.publish_layer_version(LayerName=p.pop("LayerName"), Content={"ZipFile": buffer.getvalue()}, **p)
        self.refs[name] = self.arns[name] = made["LayerVersionArn"]

    def Lambda_LayerVersionPermission(self, name: str, p: dict[str, Any]) -> None:
        layer, _, version = p.pop("LayerVersionArn").rpartition(":")
        self.lambda_.add_layer_version_permission(LayerName=layer, VersionNumber=int(version), StatementId=name, **p)

    def Lambda_EventSourceMapping(self, name: str, p: dict[str, Any]) -> None:
        self.lambda_.create_event_source_mapping(**p)

    def Lambda_EventInvokeConfig(self, name: str, p: dict[str, Any]) -> None:
        self.lambda_.put_function_event_invoke_config(**p)

    def Lambda_CodeSigningConfig(self, name: str, p: dict[str, Any]) -> None:
        made = self.lambda_.create_code_signing_config(**p)
        self.refs[name] = self.arns[name] = made["CodeSigningConfig"]["CodeSigningConfigArn"]

    def Lambda_CapacityProvider(self, name: str, p: dict[str, Any]) -> None:
        made = self.lambda_.create_capacity_provider(**p)
        self.refs[name], self.arns[name] = p["CapacityProviderName"], made["CapacityProvider"]["CapacityProviderArn"]

    def EC2_VPC(self, name: str, p: dict[str, Any]) -> None:
        self.refs[name] = client("ec2", self.endpoint).create_vpc(**p)["Vpc"]["VpcId"]

    def EC2_Subnet(self, name: str, p: dict[str, Any]) -> None:
        self.refs[name] = client("ec2", self.endpoint).create_subnet(**p)["Subnet"]["SubnetId"]

    def EC2_SecurityGroup(self, name: str, p: dict[str, Any]) -> None:
        made = client("ec2", self.endpoint).create_security_group(Description=p.pop("GroupDescription"), **p)
        self.refs[name] = made["GroupId"]

    def SQS_Queue(self, name: str, p: dict[str, Any]) -> None:
        sqs = client("sqs", self.endpoint)
        self.refs[name] = sqs.create_queue(QueueName=p["QueueName"])["QueueUrl"]
        self.arns[name] = f"arn:aws:sqs:{REGION}:{SHOP}:{p['QueueName']}"

    def Kinesis_Stream(self, name: str, p: dict[str, Any]) -> None:
        client("kinesis", self.endpoint).create_stream(StreamName=p["Name"], ShardCount=p["ShardCount"])
        self.refs[name], self.arns[name] = p["Name"], f"arn:aws:kinesis:{REGION}:{SHOP}:stream/{p['Name']}"

    def Logs_LogGroup(self, name: str, p: dict[str, Any]) -> None:
        logs = client("logs", self.endpoint)
        logs.create_log_group(logGroupName=p["LogGroupName"])
        if "RetentionInDays" in p:
            logs.put_retention_policy(logGroupName=p["LogGroupName"], retentionInDays=p["RetentionInDays"])
        self.refs[name] = p["LogGroupName"]

    def S3_Bucket(self, name: str, p: dict[str, Any]) -> None:
        s3, bucket = client("s3", self.endpoint), p["BucketName"]
        self.refs[name], self.arns[name] = bucket, f"arn:aws:s3:::{bucket}"
        s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
        if "PublicAccessBlockConfiguration" in p:
            s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=p["PublicAccessBlockConfiguration"])
        if "BucketEncryption" in p:
            rules = [
                {"ApplyServerSideEncryptionByDefault": rule["ServerSideEncryptionByDefault"]}
                for rule in p["BucketEncryption"]["ServerSideEncryptionConfiguration"]
            ]
            s3.put_bucket_encryption(Bucket=bucket, ServerSideEncryptionConfiguration={"Rules": rules})
        told = [
            {"LambdaFunctionArn": one["Function"], "Events": [one["Event"]]}
            for one in p.get("NotificationConfiguration", {}).get("LambdaConfigurations", [])
        ]
        if told:
            s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={"LambdaFunctionConfigurations": told})

    def S3_BucketPolicy(self, _: str, p: dict[str, Any]) -> None:
        client("s3", self.endpoint).put_bucket_policy(Bucket=p["Bucket"], Policy=json.dumps(p["PolicyDocument"], default=str))

    def SQS_QueuePolicy(self, _: str, p: dict[str, Any]) -> None:
        for url in p["Queues"]:
            policy = json.dumps(p["PolicyDocument"], default=str)
            client("sqs", self.endpoint).set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})

    def SNS_Topic(self, name: str, p: dict[str, Any]) -> None:
        self.refs[name] = self.arns[name] = client("sns", self.endpoint).create_topic(Name=p["TopicName"])["TopicArn"]

    def SNS_TopicPolicy(self, _: str, p: dict[str, Any]) -> None:
        for arn in p["Topics"]:
            policy = json.dumps(p["PolicyDocument"], default=str)
            client("sns", self.endpoint).set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=policy)

    def SNS_Subscription(self, _: str, p: dict[str, Any]) -> None:
        client("sns", self.endpoint).subscribe(**p)

    def DynamoDB_Table(self, name: str, p: dict[str, Any]) -> None:
        self.arns[name] = client("dynamodb", self.endpoint).create_table(**p)["TableDescription"]["TableArn"]

    def ECR_Repository(self, name: str, p: dict[str, Any]) -> None:
        ecr = client("ecr", self.endpoint)
        self.arns[name] = ecr.create_repository(repositoryName=p["RepositoryName"])["repository"]["repositoryArn"]
        ecr.set_repository_policy(repositoryName=p["RepositoryName"], policyText=json.dumps(p["RepositoryPolicyText"], default=str))


def _cut(arn: str) -> tuple[str, str, str]:
    pieces = arn.split(":")
    return ":".join(pieces[:7]), ":", ":".join(pieces[7:])
