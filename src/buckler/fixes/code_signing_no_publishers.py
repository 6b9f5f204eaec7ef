"""code-signing-no-publishers: say what to trust; Lambda keeps no configuration that trusts nobody."""

from collections.abc import Iterator

from buckler.fixes._fix import Advice, Case, remedy
from buckler.model.functions import CodeSigningConfig
from buckler.model.text import shown


@remedy
def code_signing_no_publishers(case: Case[CodeSigningConfig]) -> Iterator[Advice]:
    """Name the command. Lambda takes no empty list of publishers, so this could not be undone; in a text it is edited."""
    profile = case.wishes.signing_profile or "ARN"
    yield Advice(
        f"trust your signing profile: `aws lambda update-code-signing-config --code-signing-config-arn {shown(case.subject.arn)} "
        f"--allowed-publishers SigningProfileVersionArns={profile}`",
        "Lambda takes no list of publishers without any: it could not be put back as it is",
    )
