"""Package URLs are written as the specification's own examples are."""

import pytest

from buckler.engines.artifact.catalog.purl import purl


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        (("pypi", "Django_allauth", "12.23"), "pkg:pypi/django-allauth@12.23"),
        (("pypi", "x", "1.0+local"), "pkg:pypi/x@1.0%2Blocal"),
        (("golang", "API", "v1.2.0", "github.com/Masterminds"), "pkg:golang/github.com/masterminds/api@v1.2.0"),
        (("npm", "animation", "12.3.1", "@angular"), "pkg:npm/%40angular/animation@12.3.1"),
        (("npm", "JSONStream", "1.0.0"), "pkg:npm/JSONStream@1.0.0"),
        (("maven", "batik-anim", "1.9.1", "org.apache.xmlgraphics"), "pkg:maven/org.apache.xmlgraphics/batik-anim@1.9.1"),
        (("generic", "a b", ""), "pkg:generic/a%20b"),
        (("cargo", "rand", "0.7.2"), "pkg:cargo/rand@0.7.2"),
    ],
)
def test_written(given, wanted):
    ecosystem, name, version, *namespace = given
    assert purl(ecosystem, name, version, namespace="".join(namespace)) == wanted


def test_qualifiers_are_sorted_and_empty_ones_left_out():
    written = purl(
        "deb", "libstdc++6", "1:12.2-14+b1", namespace="Debian", qualifiers={"distro": "debian-12", "arch": "amd64", "upstream": ""}
    )
    assert written == "pkg:deb/debian/libstdc%2B%2B6@1:12.2-14%2Bb1?arch=amd64&distro=debian-12"


def test_a_checkout_is_no_release():
    url = "git+https://git.invalid/a@abc"
    assert purl("pypi", "x", "1", qualifiers={"vcs_url": url}) == "pkg:pypi/x@1?vcs_url=git%2Bhttps://git.invalid/a%40abc"
