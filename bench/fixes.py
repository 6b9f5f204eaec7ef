"""How much of what is found can be mended: the share of findings with a remedy that was proved.

In the leaky shop, read live from the embedded AWS, and in the real SAM templates of ../shared/data. The user's wishes (key, concurrency,
retention) are given, as one who fixes would. No peer proves a remedy.
"""

import os
import sys
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from msgspec.structs import replace

from buckler import app
from buckler.app.fixing import plan_fixes
from buckler.errors import NothingToScan
from buckler.model.estate import Estate
from buckler.model.fix import Fix, Wishes
from buckler.model.functions import VpcConfig
from buckler.model.severity import Persona
from buckler.model.text import shown
from buckler.model.unknown import known

SAM = Path(__file__).parents[2] / "shared" / "data" / "sam"
ROLES = tuple(f"arn:aws:iam::{account}:role/BucklerAudit" for account in ("123456789012", "210987654321"))
SIGNING_PROFILE = "arn:aws:signer:eu-west-1:123456789012:/signing-profiles/shop_release/abcdefghij"
WISHES = Wishes(
    reserved_concurrency=10,
    kms_key="arn:aws:kms:eu-west-1:123456789012:key/1111",
    secrets_to="secretsmanager",
    allow_origins=("https://shop.example",),
    timeout_s=30,
    failure_destination="arn:aws:sqs:eu-west-1:123456789012:failed",
    extension_layer="arn:aws:lambda:eu-west-1:464622532012:layer:Datadog-Extension:90",
    signing_bucket="shop-signed-code",
    more=tuple(
        (field, arn.replace("eu-west-1", region).replace("123456789012", account))
        for field, arn in (
            ("kms_key", "arn:aws:kms:eu-west-1:123456789012:key/1111"),
            ("failure_destination", "arn:aws:sqs:eu-west-1:123456789012:failed"),
            ("extension_layer", "arn:aws:lambda:eu-west-1:464622532012:layer:Datadog-Extension:90"),
        )
        for account, region in (("123456789012", "us-east-1"), ("210987654321", "eu-west-1"), ("210987654321", "us-east-1"))
    ),
    guardduty=True,
)


def shop() -> tuple[Estate, ...]:
    """Read the leaky shop."""
    from buckler.demo.embedded import EmbeddedAws
    from buckler.demo.shop import deploy
    from buckler.sources.live import LiveOptions

    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    with EmbeddedAws() as aws:
        deploy(aws.endpoint)
        os.environ |= {"AWS_ENDPOINT_URL": aws.endpoint, "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x"}
        live = LiveOptions(regions=("eu-west-1", "us-east-1"), role_arns=ROLES, deep=True)
        return (app.read_live(live),)


def templates() -> Iterable[tuple[Estate, ...]]:
    """Read the real templates, each for itself."""
    for path in sorted(SAM.rglob("*")) if SAM.exists() else ():
        if path.suffix in {".yaml", ".yml", ".json"}:
            try:
                estates = app.read_targets([path], app.ScanOptions()).estates
            except NothingToScan:
                continue
            yield tuple(one for one in estates if one.scopes and one.scopes[0].kind == "template")


def wishes_of(estate: Estate) -> Wishes:
    """Name what the shop has: the network of its payments, for functions in none, and the profile that its releases are signed by.

    For functions of templates the ids of a network that stands elsewhere, as most do.
    """
    profile = next((shown(one.version_arn) for one in estate.signing_profiles if one.name == "shop_release"), SIGNING_PROFILE)
    wishes = replace(WISHES, signing_profile=profile)
    if estate.scopes and estate.scopes[0].kind == "template":
        return replace(wishes, subnets=("subnet-0a1b2c3d", "subnet-0a1b2c3e"), security_groups=("sg-0a1b2c3d",))
    for function in estate.functions:
        vpc = function.vpc
        if shown(function.name) == "payments-webhook" and isinstance(vpc, VpcConfig):
            return replace(
                wishes, subnets=tuple(map(shown, known(vpc.subnet_ids))), security_groups=tuple(map(shown, known(vpc.security_group_ids)))
            )
    return wishes


def fixes(sets: Iterable[Sequence[Estate]], persona: Persona) -> list[Fix]:
    """Plan everything."""
    options = app.ScanOptions(persona=persona)
    return [fix for estates in sets if estates for fix in plan_fixes(estates, options, wishes_of(estates[0])).fixes]


def main() -> None:
    whole = [("the leaky shop, live", [shop()])]
    if SAM.exists():
        made = list(templates())
        whole.append((f"{sum(map(bool, made))} real SAM templates", made))
    else:
        print("../shared/data/sam is not here: templates were NOT measured\n")
    print("| findings of | persona | findings | proved | share (aim: 80 %) | seconds |\n|---|---|--:|--:|--:|--:|")
    rest: Counter[str] = Counter()
    for name, sets in whole:
        for persona in (Persona.REGULAR, Persona.AUDITOR):
            started = time.perf_counter()
            found = fixes(sets, persona)
            proved = sum(fix.proof.verdict == "proved" for fix in found)
            share = f"{proved / len(found):.0%}" if found else "-"
            print(f"| {name} | {persona.value} | {len(found)} | {proved} | {share} | {time.perf_counter() - started:.1f} |")
            rest.update(fix.check for fix in found if fix.proof.verdict != "proved")
    print("\nmost often without: " + ", ".join(f"{check} {count}" for check, count in rest.most_common(8)))


if __name__ == "__main__":
    main()
