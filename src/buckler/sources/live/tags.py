"""Tags of functions, in bulk."""

from dataclasses import dataclass

from buckler.model.entity import Tag
from buckler.model.unknown import Unknown
from buckler.sources.live import answers
from buckler.sources.live.api import Reader
from buckler.sources.live.calls import Collector

COLLECTOR = Collector("tags")
GET_RESOURCES = COLLECTOR.call(
    "resourcegroupstaggingapi",
    "GetResources",
    "tags of functions",
    result="ResourceTagMappingList",
    page=("PaginationToken", "PaginationToken"),
)


@dataclass(frozen=True)
class Tagged:
    """Tags by ARN."""

    tags: dict[str, tuple[Tag, ...]]
    unknown: Unknown | None

    def of(self, arn: str) -> tuple[Tag, ...] | Unknown:
        """Give the tags of one resource; one that is not listed has none, unless the list is incomplete."""
        return self.tags.get(arn) or self.unknown or ()


def collect(reader: Reader) -> Tagged:
    """Read the tags of all functions of a region."""
    pages = reader.pages(GET_RESOURCES, ResourceTypeFilters=["lambda:function"], ResourcesPerPage=100)
    tags = {entry["ResourceARN"]: answers.tags(entry) for entry in pages}
    return Tagged(tags, pages.unknown)
