"""The fields that every entity of a file has."""

from typing import TypedDict

from buckler.model.origin import FileOrigin
from buckler.model.text import Text


class Common(TypedDict):
    """The fields of `Entity`."""

    arn: Text
    name: Text
    account: Text
    region: Text
    origin: FileOrigin
    address: str
