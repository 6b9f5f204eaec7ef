import pytest
from tests.estates import DENIED, FUNCTION_ARN, OTHER, alias, allow, ask, function, on, policy, verdict, version

from buckler.checks.qualifier_exposed import qualifier_exposed
from buckler.model.finding import Finding, Gap
from buckler.model.functions import LATEST
from buckler.model.result import NotAsked
from buckler.model.text import hole


def open_to_anyone(qualifier=""):
    return policy(allow("lambda:InvokeFunction", f"{FUNCTION_ARN}{':' * bool(qualifier)}{qualifier}", Principal="*"))


FOR_S3 = policy(allow("lambda:InvokeFunction", f"{FUNCTION_ARN}:live", Principal={"Service": "s3.amazonaws.com"}))
LIVE = {"aliases": (alias("live"),)}


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param({}, None, id="no-qualifiers"),
        pytest.param({**LIVE, "policies": (on(LATEST, None), on("live", open_to_anyone("live")))}, Finding, id="alias-open-latest-closed"),
        pytest.param(
            {"versions": (version("3"),), "policies": (on(LATEST, None), on("3", open_to_anyone("3")))}, Finding, id="old-version-open"
        ),
        pytest.param(
            {**LIVE, "policies": (on(LATEST, open_to_anyone()), on("live", open_to_anyone("live")))}, None, id="as-open-as-latest"
        ),
        pytest.param({**LIVE, "policies": (on(LATEST, None), on("live", FOR_S3))}, None, id="alias-open-to-a-service"),
        pytest.param(
            {**LIVE, "policies": (on(LATEST, DENIED), on("live", open_to_anyone("live")))},
            Finding,
            id="open-alias-is-told-though-latest-is-unreadable",
        ),
        pytest.param({**LIVE, "policies": (on(LATEST, None), on("live", DENIED))}, Gap, id="alias-unreadable"),
        pytest.param(
            {**LIVE, "policies": (on(LATEST, DENIED), on("live", None))}, None, id="latest-does-not-matter-when-the-alias-is-closed"
        ),
        pytest.param({"versions": (version("1"),)}, NotAsked, id="version-not-asked-at-this-depth"),
        pytest.param({"aliases": DENIED}, Gap, id="aliases-unreadable"),
        pytest.param({"policies": (on(LATEST, None), on(hole("alias"), DENIED))}, Gap, id="nobody-knows-which-qualifiers-there-are"),
        pytest.param({**LIVE, "policies": (on(LATEST, open_to_anyone()), on("live", None))}, None, id="latest-open-alias-closed"),
        pytest.param(
            {**LIVE, "policies": (on(LATEST, None), on("live", open_to_anyone()))},
            None,
            id="a-policy-that-names-the-function-opens-no-alias",
        ),
        pytest.param(
            {
                **LIVE,
                "policies": (
                    on(LATEST, FOR_S3),
                    on("live", policy(allow("lambda:InvokeFunction", f"{FUNCTION_ARN}:live", Principal={"AWS": OTHER}))),
                ),
            },
            None,
            id="alias-open-to-one-account",
        ),
        pytest.param({**LIVE, "policies": (on(LATEST, FOR_S3), on("live", open_to_anyone("*")))}, Finding, id="alias-open-by-a-pattern"),
        pytest.param(
            {
                "aliases": (alias("live"), alias("test")),
                "policies": (on(LATEST, None), on("live", DENIED), on("test", open_to_anyone("test"))),
            },
            Finding,
            id="one-alias-open-another-unreadable",
        ),
    ],
)
def test_verdict(facts, expected):
    assert verdict(qualifier_exposed, function(**facts)) is expected


def test_the_witness_asks_for_the_alias():
    fn = function(**LIVE, policies=(on(LATEST, None), on("live", open_to_anyone("live"))))
    finding = ask(qualifier_exposed, fn).findings[0]
    assert finding.witness.requests[0].resource == f"{FUNCTION_ARN}:live"
    assert finding.message == "anyone with an AWS account may invoke `live`, though not `$LATEST`"
