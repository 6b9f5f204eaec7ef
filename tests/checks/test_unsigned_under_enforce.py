import pytest
from tests.estates import ACCOUNT, DENIED, OTHER, REGION, artifact, ask, code_signing_config, function, layer, layer_ref, verdict

from buckler.checks.unsigned_under_enforce import unsigned_under_enforce
from buckler.model.artifact import Signature
from buckler.model.finding import Finding, Gap
from buckler.model.functions import LayerRef
from buckler.model.origin import FileOrigin
from buckler.model.result import NotAsked
from buckler.model.text import hole

CONFIG = code_signing_config()
(RELEASE,) = CONFIG.publishers
STRANGER = f"arn:aws:signer:{REGION}:{OTHER}:/signing-profiles/theirs/zyxwvu9876"
LAYER = f"arn:aws:lambda:{REGION}:{ACCOUNT}:layer:shared:3"
SIGNED_LAYER = LayerRef(arn=LAYER, signing_profile_version_arn=RELEASE, origin=layer_ref(LAYER).origin)
FILE = FileOrigin(file="template.yaml", path="Fn")


def signed(**more):
    return function("pay", **{"code_signing_config": CONFIG.arn, "signing_profile_version_arn": RELEASE, "code_sha256": "x=", **more})


@pytest.mark.parametrize(
    ("fn", "others", "expected"),
    [
        pytest.param(signed(), (CONFIG,), None, id="signed"),
        pytest.param(signed(signing_profile_version_arn=None), (CONFIG,), Finding, id="was-there-before-the-configuration"),
        pytest.param(signed(signing_profile_version_arn=STRANGER), (CONFIG,), Finding, id="signed-by-nobody-who-is-allowed"),
        pytest.param(signed(signing_profile_version_arn=RELEASE[:-1] + "5"), (CONFIG,), Finding, id="another-version-of-the-profile"),
        pytest.param(
            signed(signing_profile_version_arn=None),
            (code_signing_config(untrusted_artifact_on_deployment="Warn"),),
            None,
            id="only-warns-is-another-finding",
        ),
        pytest.param(function("pay", code_sha256="x="), (CONFIG,), None, id="no-configuration"),
        pytest.param(signed(package_type="Image", signing_profile_version_arn=None), (CONFIG,), None, id="image"),
        pytest.param(signed(layers=(layer_ref(LAYER),)), (CONFIG,), Finding, id="an-unsigned-layer"),
        pytest.param(signed(layers=(SIGNED_LAYER,)), (CONFIG,), None, id="a-signed-layer"),
        pytest.param(
            signed(layers=(layer_ref(LAYER),)),
            (CONFIG, layer(LAYER, signing_profile_version_arn=RELEASE)),
            None,
            id="a-layer-whose-own-answer-tells-the-signer",
        ),
        pytest.param(signed(layers=DENIED), (CONFIG,), Gap, id="layers-unreadable"),
        pytest.param(signed(layers=DENIED, signing_profile_version_arn=None), (CONFIG,), Finding, id="proven-by-the-package"),
        pytest.param(signed(code_signing_config=DENIED), (CONFIG,), Gap, id="configuration-unreadable"),
        pytest.param(signed(), (code_signing_config(untrusted_artifact_on_deployment=DENIED),), Gap, id="policy-unreadable"),
        pytest.param(signed(), (code_signing_config(publishers=DENIED),), Gap, id="publishers-unreadable"),
        pytest.param(signed(), (code_signing_config(publishers=(hole("Profile"),)),), Gap, id="a-publisher-is-a-hole"),
        pytest.param(signed(), (), Gap, id="configuration-not-listed"),
        pytest.param(signed(origin=FILE, code_sha256=None, signing_profile_version_arn=None), (CONFIG,), NotAsked, id="a-template"),
    ],
)
def test_verdict(fn, others, expected):
    assert verdict(unsigned_under_enforce, fn, *others) is expected


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param({}, Finding, id="unsigned"),
        pytest.param({"signature": Signature(kind="aws-signer", state="valid", signer=RELEASE)}, None, id="signed"),
        pytest.param({"signature": Signature(kind="aws-signer", state="valid", signer=STRANGER)}, Finding, id="by-a-stranger"),
        pytest.param({"signature": DENIED}, Gap, id="signature-unread"),
        pytest.param({"inventory": DENIED}, Gap, id="package-unread"),
    ],
)
def test_what_stands_in_the_package_counts_where_aws_tells_nothing(facts, expected):
    fn = signed(origin=FILE, code_sha256=None, signing_profile_version_arn=None)
    code = artifact("pay.zip", use="function", used_by=(fn.arn,), **facts)
    assert verdict(unsigned_under_enforce, fn, CONFIG, code) is expected


def test_what_it_says():
    fn = signed(signing_profile_version_arn=STRANGER, layers=(layer_ref(LAYER),))
    (finding,) = ask(unsigned_under_enforce, fn, CONFIG).findings
    assert finding.message == (
        "only signed code may be deployed to it, but its package is signed by `theirs/zyxwvu9876`, which the configuration does not allow, "
        "and 1 more"
    )
    assert [one.note for one in finding.evidence][1:] == [
        "the layer `shared:3` is not signed",
        "UntrustedArtifactOnDeployment is Enforce",
    ]
