"""VPC Block Public Access, read from the embedded AWS, and what a permission that is missing leaves open."""

import pytest
from tests import aws
from tests.proxy import Fault, Proxy
from tests.sources.live import workshop
from tests.sources.live.conftest import scan
from tests.sources.live.honest import unexplained

from buckler.model.unknown import Unknown, UnknownKind
from buckler.sources.live import LiveOptions

OPTIONS, EXCLUSIONS = "ec2:DescribeVpcBlockPublicAccessOptions", "ec2:DescribeVpcBlockPublicAccessExclusions"


@pytest.fixture(scope="module")
def blocked():
    """The workshop, in which Block Public Access is on, and one subnet excluded."""
    server = aws.fresh()
    workshop.deploy(server.endpoint)
    exclusions = aws.client("ec2", server.endpoint).describe_vpc_block_public_access_exclusions()["VpcBlockPublicAccessExclusions"]
    return server.endpoint, exclusions[0]["ResourceArn"].rpartition("/")[2]


def block_of(estate):
    (block,) = estate.public_access_blocks
    return block


def test_the_setting_and_what_is_excluded(blocked):
    endpoint, subnet = blocked
    with Proxy(endpoint) as proxy:
        block = block_of(scan(proxy.endpoint).estate)
    assert (block.mode, block.account, block.region) == ("block-ingress", aws.SHOP, aws.REGION)
    assert [(one.resource, one.mode) for one in block.exclusions] == [(subnet, "allow-egress")]
    assert (proxy.calls[OPTIONS], proxy.calls[EXCLUSIONS]) == (1, 1), "one call a region, whatever stands in it"


@pytest.fixture(scope="module")
def plain(blocked):
    return scan(blocked[0]).estate


@pytest.mark.parametrize("kind", ["denied", "throttled", "error", "cut", "dropped", "unsupported"])
@pytest.mark.parametrize("operation", [OPTIONS, EXCLUSIONS])
def test_what_cannot_be_read_is_not_known(blocked, plain, operation, kind):
    endpoint, _ = blocked
    with Proxy(endpoint, faults=[Fault(operation, kind=kind)]) as proxy:
        estate = scan(proxy.endpoint).estate
    assert unexplained(plain, estate) == []
    if operation == OPTIONS:
        assert estate.public_access_blocks == ()
        (missing,) = (one for one in estate.missing if one.collection == "public_access_blocks")
        assert OPTIONS in missing.unknown.need
    else:
        assert isinstance(block_of(estate).exclusions, Unknown)


def test_what_is_being_changed_is_not_known(blocked):
    from tests.test_liars import liar

    endpoint, subnet = blocked
    for before, after in ((b"update-complete", b"update-in-progress"), (b"create-complete", b"delete-in-progress")):
        with liar(endpoint, lambda true, b=before, a=after: true._replace(body=true.body.replace(b, a)), "ec2") as between:
            block = block_of(scan(between).estate)
        if after == b"update-in-progress":
            assert isinstance(block.mode, Unknown)
        else:
            assert [(one.resource, isinstance(one.mode, Unknown)) for one in block.exclusions] == [(subnet, True)]


@pytest.mark.parametrize("state", [b"delete-complete", b"create-failed", b"disable-complete"])
def test_an_exclusion_that_is_over_excludes_nothing(blocked, state):
    from tests.test_liars import liar

    endpoint, _ = blocked
    with liar(endpoint, lambda true: true._replace(body=true.body.replace(b"create-complete", state)), "ec2") as between:
        assert block_of(scan(between).estate).exclusions == ()


def test_where_it_is_off_nobody_asks_for_exclusions():
    server = aws.fresh()
    workshop.deploy(server.endpoint)
    aws.client("ec2", server.endpoint).modify_vpc_block_public_access_options(InternetGatewayBlockMode="off")
    with Proxy(server.endpoint) as proxy:
        estate = scan(proxy.endpoint).estate
    assert (block_of(estate).mode, proxy.calls[EXCLUSIONS]) == ("off", 0)


def test_without_functions_in_a_vpc_nobody_asks():
    server = aws.fresh()
    with Proxy(server.endpoint) as proxy:
        estate = scan(proxy.endpoint, LiveOptions()).estate
    assert proxy.calls[OPTIONS] == 0
    assert [one.unknown.kind for one in estate.missing if one.collection == "public_access_blocks"] == [UnknownKind.NOT_ASKED]
