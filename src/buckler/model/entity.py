"""What all things in an account have in common."""

from buckler.model.origin import Origin
from buckler.model.text import Text
from buckler.model.value import Value


class Tag(Value):
    key: Text
    value: Text


class Entity(Value):
    """Something with a name and an ARN in an account.

    In a template both may have holes. A source makes them so that references meet: what `!GetAtt Role.Arn` gives in one place equals `arn`
    of that role (same holes, same text), so that entities are found by their ARN in every kind of estate.
    """

    arn: Text
    name: Text
    """The name AWS shows. In a template that gives none: a hole named after the logical id."""
    account: Text
    """12 digits, or the hole `AWS::AccountId`."""
    region: Text
    """Region code, the hole `AWS::Region`, or "" for global services."""
    origin: Origin
    address: str = ""
    """How its source calls it: a logical id (`Checkout`), a Terraform address (`aws_lambda_function.checkout`); empty when read live."""
