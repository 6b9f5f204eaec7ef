"""VPC Block Public Access, which moto does not have: off until it is turned on, with exclusions of its own."""

import uuid
from datetime import UTC, datetime

from buckler.demo.gaps.operations import AwsError, Call, operation, page
from buckler.demo.gaps.store import Document


@operation("ec2", "DescribeVpcBlockPublicAccessOptions")
def describe_options(call: Call) -> Document:
    """The setting of the account in the region."""
    kept = call.home.public_access
    return {
        "VpcBlockPublicAccessOptions": {
            "AwsAccountId": call.account,
            "AwsRegion": call.region,
            "State": "update-complete" if kept else "default-state",
            "InternetGatewayBlockMode": kept.get("mode", "off"),
            "ManagedBy": "account",
            "ExclusionsAllowed": "allowed",
        }
    }


@operation("ec2", "ModifyVpcBlockPublicAccessOptions")
def modify_options(call: Call) -> Document:
    """Turn it on or off; what AWS does in minutes is done at once."""
    call.home.public_access["mode"] = str(call.params["InternetGatewayBlockMode"])
    return describe_options(call)


@operation("ec2", "CreateVpcBlockPublicAccessExclusion")
def create_exclusion(call: Call) -> Document:
    """Exclude one VPC or one subnet."""
    named = [(kind, str(call.params[key])) for key, kind in (("VpcId", "vpc"), ("SubnetId", "subnet")) if key in call.params]
    if len(named) != 1:
        raise AwsError("InvalidParameterCombination", "Specify either a VPC or a subnet.")
    ((kind, identity),) = named
    made: Document = {
        "ExclusionId": f"vpcbpa-exclude-{uuid.uuid4().hex[:17]}",
        "InternetGatewayExclusionMode": str(call.params["InternetGatewayExclusionMode"]),
        "ResourceArn": f"arn:aws:ec2:{call.region}:{call.account}:{kind}/{identity}",
        "State": "create-complete",
        "CreationTimestamp": datetime.now(UTC),
        "LastUpdateTimestamp": datetime.now(UTC),
        "Tags": [],
    }
    call.home.exclusions[made["ExclusionId"]] = made
    return {"VpcBlockPublicAccessExclusion": made}


@operation("ec2", "DescribeVpcBlockPublicAccessExclusions")
def describe_exclusions(call: Call) -> Document:
    """All exclusions, in pages."""
    chosen, token = page(call.home.exclusions.values(), call.params, default=1000, most=1000, asked="MaxResults")
    return {"VpcBlockPublicAccessExclusions": chosen, "NextToken": token}


@operation("ec2", "DeleteVpcBlockPublicAccessExclusion")
def delete_exclusion(call: Call) -> Document:
    """Take one back."""
    gone = call.home.exclusions.pop(str(call.params["ExclusionId"]), None)
    if gone is None:
        raise AwsError("InvalidVpcBlockPublicAccessExclusionId.NotFound", "The exclusion does not exist.")
    return {"VpcBlockPublicAccessExclusion": gone | {"State": "delete-complete"}}
