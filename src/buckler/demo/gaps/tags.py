"""Tags of Lambda's resources, through Lambda and through the tagging API."""

from collections.abc import Iterator
from typing import Any

from moto.core.resource_tagging import make_tag_matcher, match_resource_type
from moto.resourcegroupstaggingapi.models import resourcegroupstaggingapi_backends

from buckler.demo.gaps import names
from buckler.demo.gaps.operations import AwsError, Call, operation, page
from buckler.demo.gaps.store import Document


@operation("lambda", "TagResource")
def tag_resource(call: Call) -> None:
    """Set tags."""
    _tags(call).update(call.params["Tags"])


@operation("lambda", "UntagResource")
def untag_resource(call: Call) -> None:
    """Remove tags."""
    for key in call.params["TagKeys"]:
        _tags(call).pop(key, None)


@operation("lambda", "ListTags")
def list_tags(call: Call) -> Document:
    """A resource's tags."""
    return {"Tags": _tags(call)}


def _tags(call: Call) -> dict[str, str]:
    arn = str(call.params["Resource"])
    if ":function:" in arn:
        call.params["FunctionName"] = arn
        if names.split(call)[1]:
            raise AwsError("InvalidParameterValueException", "Tags on function aliases and versions are not supported.")
        return names.function(call).tags
    if arn not in call.home.resource_tags:
        raise names.not_found()
    return call.home.resource_tags[arn]


@operation("resourcegroupstaggingapi", "GetResources")
def get_resources(call: Call) -> Document:
    """Tagged resources: Lambda's from here, all others' from moto, in one sequence of pages."""
    params = call.params
    wanted: list[str] = list(params.get("ResourceTypeFilters") or [])
    matches = make_tag_matcher(params.get("TagFilters"))
    tagged = [(arn, tags) for arn, kind, tags in _lambda_tags(call) if tags and match_resource_type(kind, wanted) and matches(tags)]
    moto: Any = resourcegroupstaggingapi_backends[call.account][call.region]
    tagged += [(str(found.arn), dict(found.tags)) for found in moto._get_resources_generator(params.get("TagFilters"), wanted)]  # noqa: SLF001 - its one list of all
    arns = set(params.get("ResourceARNList") or [])
    chosen, marker = page([one for one in tagged if not arns or one[0] in arns], params, most=100, asked="ResourcesPerPage")
    return {
        "ResourceTagMappingList": [
            {"ResourceARN": arn, "Tags": [{"Key": key, "Value": value} for key, value in tags.items()]} for arn, tags in chosen
        ],
        "PaginationToken": marker or "",
    }


def _lambda_tags(call: Call) -> Iterator[tuple[str, str, dict[str, str]]]:
    for found in call.home.functions.values():
        yield found.arn, "lambda:function", found.tags
    for arn, tags in call.home.resource_tags.items():
        yield arn, f"lambda:{arn.split(':')[5]}", tags
