import pytest
from tests.estates import DENIED, ask, at, function, verdict

from buckler.checks.image_tag_not_digest import image_tag_not_digest
from buckler.model.finding import Finding, Gap
from buckler.model.functions import ImageRef
from buckler.model.text import hole, join

REPOSITORY = "123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop"
DIGEST = f"{REPOSITORY}@sha256:{'a' * 64}"


def image(uri, **more):
    return ImageRef(uri=uri, origin=at("lambda:GetFunction"), **more)


def runs(found):
    return function(package_type="Image", runtime=None, image=found)


@pytest.mark.parametrize(
    ("uri", "tag"),
    [
        pytest.param(f"{REPOSITORY}:latest", "latest", id="latest"),
        pytest.param(f"{REPOSITORY}:1.4.2", "1.4.2", id="a-version-is-a-tag-too"),
        pytest.param(REPOSITORY, "latest", id="no-tag-is-latest"),
        pytest.param("localhost:5000/shop", "latest", id="a-port-is-no-tag"),
        pytest.param(join(hole("Repo"), ":v1"), "v1", id="repository-is-a-hole"),
        pytest.param(join(hole("Registry"), "/shop"), "latest", id="registry-is-a-hole"),
        pytest.param(join(REPOSITORY, ":", hole("Tag")), "${Tag}", id="tag-is-a-hole"),
    ],
)
def test_tags_are_found(uri, tag):
    (finding,) = ask(image_tag_not_digest, runs(image(uri))).findings
    assert f"`{tag}`" in finding.message


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        pytest.param(image(f"{REPOSITORY}:latest"), Finding, id="tag"),
        pytest.param(image(DIGEST), None, id="digest"),
        pytest.param(image(join(hole("Repo"), "@sha256:", hole("Digest"))), None, id="digest-with-holes"),
        pytest.param(image(f"{REPOSITORY}:{'0af3' * 16}"), None, id="content-hash-of-a-cdk-asset"),
        pytest.param(DENIED, Gap, id="unreadable"),
        pytest.param(image(hole("ImageUri")), Gap, id="hole-may-hold-a-digest"),
        pytest.param(image(join(hole("Base"), "-arm64")), Gap, id="hole-may-hold-the-tag's-beginning"),
        pytest.param(image(f"{REPOSITORY}:latest@sha256:{'a' * 64}"), None, id="tag-and-digest"),
        pytest.param(image(f"{REPOSITORY}:{'a' * 63}"), Finding, id="a-hash-that-is-too-short"),
        pytest.param(image(f"{REPOSITORY}:sha256-{'a' * 64}"), Finding, id="a-tag-that-spells-a-digest"),
        pytest.param(image(f"{REPOSITORY}:latest", resolved_uri=DIGEST), Finding, id="what-runs-is-known-but-not-what-comes-next"),
        pytest.param(image(f"{REPOSITORY}:latest", resolved_uri=DENIED), Finding, id="what-runs-is-unreadable"),
        pytest.param(image(DIGEST.replace("amazonaws.com/", "amazonaws.com.cn/")), None, id="digest-in-the-china-partition"),
    ],
)
def test_verdict(found, expected):
    assert verdict(image_tag_not_digest, runs(found)) is expected


def test_zip_packages_have_no_image():
    assert verdict(image_tag_not_digest, function()) is None


def test_the_remedy_is_the_digest_aws_resolved():
    (finding,) = ask(image_tag_not_digest, runs(image(f"{REPOSITORY}:latest", resolved_uri=DIGEST))).findings
    assert DIGEST in finding.remedy.text


def test_an_unreadable_package_type_is_a_gap():
    assert verdict(image_tag_not_digest, function(package_type=DENIED, image=image(f"{REPOSITORY}:latest"))) is Gap
