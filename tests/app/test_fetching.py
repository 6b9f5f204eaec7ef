"""The code of a live account: each package once, compared with what AWS says of it, and joined with whatever runs it."""

import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.app.test_inspecting import layer
from tests.aws import REGION, SHOP, client, environment, fresh, server, zipped
from tests.engines.artifact.image_signing import NOW, attach, chain, jws
from tests.engines.artifact.images import Layout
from tests.engines.artifact.images import layer as tar_layer
from tests.proxy import Fault as ProxyFault
from tests.proxy import Proxy

from buckler.app import ScanOptions, read_live, scan_live
from buckler.app.fetching import inventories, look_into
from buckler.app.inspecting import Inspector, inspector
from buckler.app.layering import layers_of
from buckler.config_signing import Signing
from buckler.errors import Interrupted
from buckler.model.artifact import Artifact, Fault, Inventory
from buckler.model.estate import Estate
from buckler.model.progress import Silent
from buckler.model.result import ScanResult
from buckler.model.unknown import Unknown, UnknownKind
from buckler.reach.analysis import Analysis
from buckler.sources.live import LiveOptions
from buckler.sources.live.code import CodeSource
from buckler.sources.live.download import Fetched

LIVE = LiveOptions(regions=(REGION,), code=True)


@pytest.fixture(autouse=True)
def aws(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    for name in ("XDG_DATA_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(tmp_path / name))
    monkeypatch.delenv("OSV_SCANNER_LOCAL_DB_CACHE_DIRECTORY", raising=False)
    inspector.cache_clear()
    endpoint = fresh().endpoint
    with environment(endpoint):
        yield endpoint


def deploy(endpoint: str, names: tuple[str, ...], layers: tuple[bytes, ...] = (), **code: bytes) -> tuple[str, ...]:
    """Make functions that use the layers; gives the layers' ARNs."""
    iam, functions = client("iam", endpoint), client("lambda", endpoint)
    trust = {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}
    role = iam.create_role(RoleName="r", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}))["Role"][
        "Arn"
    ]
    iam.attach_role_policy(RoleName="r", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    arns = tuple(
        functions.publish_layer_version(LayerName=f"shared-{at}", Content={"ZipFile": one})["LayerVersionArn"]
        for at, one in enumerate(layers)
    )
    for name in names:
        functions.create_function(
            FunctionName=name,
            Runtime="python3.13",
            Role=role,
            Handler="app.handler",
            Code={"ZipFile": code.get(name, zipped())},
            Layers=list(arns),
        )
    return arns


class Counting(CodeSource):
    """The real source, which also says what was fetched."""

    fetched: list[str]

    def function(self, account: str, region: str, arn: str, code_sha256: str) -> Any:
        self.fetched.append(arn)
        return super().function(account, region, arn, code_sha256)

    def layer(self, account: str, region: str, arn: str, code_sha256: str) -> Any:
        self.fetched.append(arn)
        return super().layer(account, region, arn, code_sha256)


def looked(source_type: type[CodeSource] = Counting) -> tuple[Estate, list[str]]:
    estate = read_live(LiveOptions(regions=(REGION,)))
    fetched: list[str] = []
    looking = inspector()
    with source_type(LIVE, Silent()) as source:
        if isinstance(source, Counting):
            source.fetched = fetched
        return look_into(estate, source, looking, Silent(), inventories(looking)), fetched


def by_use(estate: Estate, use: str) -> list[Artifact]:
    return [one for one in estate.artifacts if one.use == use]


def test_a_tampered_layer_of_five_functions_is_one_finding_that_names_them(aws: str) -> None:
    tampered = layer(**{"python/click/core.py": b"import os\n"})
    (arn,) = deploy(aws, ("a", "b", "c", "d", "e"), (tampered,))
    result = scan_live(LIVE, ScanOptions(only=("artifact-modified",)))
    (finding,) = result.findings
    assert finding.subject.arn == arn
    assert finding.reach.startswith("runs in `a`, `b`, `c`, `d`, `e`: ")
    # High by itself, and the functions are administrators.
    assert finding.severity.value == "critical"


def test_packages_are_fetched_once_for_all_who_run_them_and_not_again_when_they_are_known(aws: str) -> None:
    (arn,) = deploy(aws, ("a", "b", "c"), (layer(),), c=zipped(app="def handler(e, c): return 1\n"))
    estate, fetched = looked()
    assert len(fetched) == 3
    assert arn in fetched
    (shared,) = by_use(estate, "layer")
    assert [one.rpartition(":")[2] for one in map(str, shared.used_by)] == ["a", "b", "c"]
    assert sorted(len(one.used_by) for one in by_use(estate, "function")) == [1, 2]
    again, fetched = looked()
    assert fetched == []
    assert again.artifacts == estate.artifacts


def test_the_cache_is_not_used_under_other_rules(aws: str, tmp_path: Path) -> None:
    deploy(aws, ("a",))
    looked()
    reference = tmp_path / "XDG_DATA_HOME" / "buckler" / "reference" / "purls" / "cd" / "ef"
    reference.mkdir(parents=True)
    (reference / "0123").touch()
    inspector.cache_clear()
    assert len(looked()[1]) == 1


def test_a_damaged_cache_costs_time_and_is_told(aws: str, tmp_path: Path) -> None:
    deploy(aws, ("a",))
    estate, _ = looked()
    (kept,) = (tmp_path / "XDG_CACHE_HOME").glob("buckler/inventories/*/??/*.json")
    kept.write_bytes(kept.read_bytes()[:-20])
    again, fetched = looked()
    assert len(fetched) == 1
    assert again.artifacts == estate.artifacts
    assert any("damaged" in note.message for note in again.notes)


def test_the_code_behind_an_alias_is_looked_into_too(aws: str) -> None:
    deploy(aws, ("a",))
    functions = client("lambda", aws)
    functions.publish_version(FunctionName="a")
    functions.create_alias(FunctionName="a", Name="live", FunctionVersion="1")
    functions.update_function_code(FunctionName="a", ZipFile=zipped(app="def handler(e, c): return 2\n"))
    estate, fetched = looked()
    assert sorted(one.name for one in by_use(estate, "function")) == ["a", "a:1"]
    assert sorted(one.rpartition("function:")[2] for one in fetched) == ["a", "a:1"]


class Lying(CodeSource):
    """AWS gives other bytes than it says."""

    def function(self, account: str, region: str, arn: str, code_sha256: str) -> Fetched | Fault | Unknown:
        del account, region, arn, code_sha256
        return Fault(kind="digest-differs", entry="", detail="AWS says sha256 1, and what it gives has 2", is_fatal=True)


class Refused(CodeSource):
    def function(self, account: str, region: str, arn: str, code_sha256: str) -> Fetched | Fault | Unknown:
        del account, region, arn, code_sha256
        return Unknown(kind=UnknownKind.DENIED, why="AccessDeniedException", need="lambda:GetFunction")


class Interrupting(CodeSource):
    def function(self, account: str, region: str, arn: str, code_sha256: str) -> Fetched | Fault | Unknown:
        raise KeyboardInterrupt


def test_other_bytes_than_aws_says_are_not_read_and_are_a_fault(aws: str) -> None:
    deploy(aws, ("a",))
    estate, _ = looked(Lying)
    (package,) = by_use(estate, "function")
    assert isinstance(package.inventory, Inventory)
    assert [one.kind for one in package.inventory.faults] == ["digest-differs"]
    assert package.inventory.not_assessed
    assert package.inventory.packages == ()


def test_what_may_not_be_fetched_is_unknown_with_its_permission(aws: str) -> None:
    deploy(aws, ("a",))
    estate, _ = looked(Refused)
    (package,) = by_use(estate, "function")
    assert isinstance(package.inventory, Unknown)
    assert package.inventory.need == "lambda:GetFunction"


def test_an_interruption_ends_it(aws: str) -> None:
    deploy(aws, ("a", "b"))
    with pytest.raises(Interrupted):
        looked(Interrupting)


def test_without_the_flag_every_question_about_code_counts_as_not_asked(aws: str) -> None:
    deploy(aws, ("a",))
    result: ScanResult = scan_live(LiveOptions(regions=(REGION,)), ScanOptions())
    asked = {one.check for one in result.coverage.not_asked if one.need == "--code"}
    assert {"artifact-modified", "known-malware", "vulnerable-package", "secret-in-code"} <= asked
    assert not [gap for gap in result.gaps if gap.check == "artifact-modified"]


def test_an_image_is_not_fetched_and_says_so(aws: str) -> None:
    iam, functions = client("iam", aws), client("lambda", aws)
    role = iam.create_role(RoleName="r", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    uri = f"{SHOP}.dkr.ecr.{REGION}.amazonaws.com/shop@sha256:{hashlib.sha256(b'x').hexdigest()}"
    functions.create_function(FunctionName="i", Role=role, PackageType="Image", Code={"ImageUri": uri})
    estate, fetched = looked()
    (image,) = by_use(estate, "image")
    assert isinstance(image.inventory, Unknown)
    assert fetched == []


def test_layers_are_listed_with_what_was_found_in_them(aws: str) -> None:
    import datetime as dt

    deploy(aws, ("a", "b"), (layer(**{"python/click/core.py": b"import os\n"}),))
    estate = read_live(LIVE)
    (row,) = layers_of([Analysis(estate, today=dt.date(2026, 11, 26))])
    assert (row.integrity, len(row.functions)) == ("modified", 2)


def test_no_location_is_kept_anywhere(aws: str, tmp_path: Path) -> None:
    deploy(aws, ("a",), (layer(),))
    estate = read_live(LIVE)
    assert "http" not in repr(estate.artifacts)
    kept = b"".join(one.read_bytes() for one in tmp_path.rglob("*.json"))
    assert b"Signature=" not in kept
    assert aws.encode() not in kept


def test_a_signature_that_was_kept_expires() -> None:
    import datetime as dt

    from buckler.app.fetching import _as_of
    from buckler.model.artifact import Signature

    signature = Signature(kind="aws-signer", state="valid", expires="2026-11-27T00:00:00+00:00")
    kept = Inventory(digest="0" * 64, kind="zip", size_bytes=0, entries=0, tree_hash="", signature=signature)
    now = dt.datetime(2026, 11, 26, tzinfo=dt.UTC)
    assert _as_of(kept, now) is kept
    later = _as_of(kept, now + dt.timedelta(days=2)).signature
    assert isinstance(later, Signature)
    assert later.state == "expired"


def test_the_inspector_is_the_same_for_the_same_keys() -> None:
    assert inventories(Inspector()).folder == inventories(Inspector()).folder


# --- images --------------------------------------------------------------------------------------------------------------


REPOSITORY = f"{SHOP}.dkr.ecr.{REGION}.amazonaws.com/checkout"


def pushed(layout: Layout, tag: str = "1", repository: str = "checkout") -> str:
    """Put an image into the embedded registry; gives its digest."""
    world, descriptor = server().world, layout.index["manifests"][0]
    for name, data in layout.blobs.items():
        world.blobs[SHOP, name] = data
    manifest = layout.blobs[descriptor["digest"]]
    for one in (tag, descriptor["digest"]):
        world.manifests[SHOP, repository, one] = manifest
    for other in layout.index["manifests"][1:]:
        name = (other.get("annotations") or {}).get("org.opencontainers.image.ref.name") or other["digest"]
        world.manifests[SHOP, repository, name] = layout.blobs[other["digest"]]
    return descriptor["digest"]


def image_functions(endpoint: str, *names: str, uri: str = f"{REPOSITORY}:1") -> None:
    deploy(endpoint, ())
    for name in names:
        client("lambda", endpoint).create_function(
            FunctionName=name, PackageType="Image", Role=f"arn:aws:iam::{SHOP}:role/r", Code={"ImageUri": uri}
        )


def an_image(files: dict[str, bytes]) -> Layout:
    layout = Layout()
    layout.image((tar_layer({"var/task/app.py": b"def handler(event, context): ...\n"}), tar_layer(files)))
    return layout


TAMPERED_FILES = {
    "var/task/shop-1.0.dist-info/METADATA": b"Metadata-Version: 2.1\nName: shop\nVersion: 1.0\n",
    "var/task/shop/__init__.py": b"import os\n",
    "var/task/shop-1.0.dist-info/RECORD": b"shop/__init__.py,sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU,0\nshop-1.0.dist-info/RECORD,,\n",
}


def test_an_image_of_three_functions_is_fetched_from_ecr_once_and_looked_into(aws: str) -> None:
    digest = pushed(an_image(TAMPERED_FILES))
    image_functions(aws, "a", "b", "c")
    result = scan_live(LIVE, ScanOptions(only=("artifact-modified",)))
    (finding,) = result.findings
    assert finding.subject.arn.endswith(":function:a")
    assert finding.reach.startswith("runs in `a`, `b`, `c`")
    assert finding.evidence[0].origin.path == "var/task/shop/__init__.py"
    assert dict(result.coverage.calls)["ecr:GetAuthorizationToken"] == 1
    (kept,) = inventories(inspector())
    assert isinstance(kept, Inventory)
    assert f"sha256:{kept.digest}" == digest
    assert not list((Path(os.environ["XDG_CACHE_HOME"]) / "buckler").glob("buckler-images-*"))


def test_an_image_that_was_looked_into_is_not_fetched_again(aws: str) -> None:
    pushed(an_image({}))
    image_functions(aws, "a")
    first = looked(CodeSource)[0]
    server().world.blobs.clear()
    server().world.manifests.clear()
    again = looked(CodeSource)[0]
    assert first.artifacts == again.artifacts
    assert isinstance(again.artifacts[0].inventory, Inventory)


def test_an_image_that_is_gone_is_a_gap_that_says_what_is_needed(aws: str) -> None:
    image_functions(aws, "a")
    (one,) = looked(CodeSource)[0].artifacts
    assert isinstance(one.inventory, Unknown)
    assert "no such image" in one.inventory.why
    assert "ecr:BatchGetImage" in one.inventory.need


def test_a_blob_that_is_not_what_its_digest_says_is_no_image(aws: str) -> None:
    layout = an_image({})
    pushed(layout)
    world = server().world
    at = next(name for name, data in layout.blobs.items() if data[:2] == b"\x1f\x8b")
    world.blobs[SHOP, at] = world.blobs[SHOP, at][:-1] + b"!"
    image_functions(aws, "a")
    (one,) = looked(CodeSource)[0].artifacts
    assert isinstance(one.inventory, Unknown)
    assert "for sha256:" in one.inventory.why


def test_an_image_elsewhere_than_in_ecr_is_not_asked_for(aws: str) -> None:
    image_functions(aws, "a", uri="registry.invalid/checkout:1")
    (one,) = looked(CodeSource)[0].artifacts
    assert isinstance(one.inventory, Unknown)
    assert "no registry of ECR" in one.inventory.why


def test_a_signature_in_the_registry_counts(aws: str, tmp_path: Path) -> None:
    by = chain()
    layout = an_image({})
    attach(layout, layout.index["manifests"][0], jws(by, layout.index["manifests"][0]["digest"]))
    pushed(layout)
    image_functions(aws, "a")
    (tmp_path / "root.pem").write_bytes(by.root)
    signing = Signing(notation_certificates=(str(tmp_path / "root.pem"),))
    estate = read_live(LiveOptions(regions=(REGION,)))
    with CodeSource(LIVE, Silent()) as source:
        estate = look_into(estate, source, Inspector(signing=signing, now=lambda: NOW), Silent())
    (one,) = estate.artifacts
    assert isinstance(one.inventory, Inventory)
    assert one.inventory.signature is not None
    assert one.inventory.signature.state == "valid"


def test_without_the_right_to_a_token_an_image_is_a_gap_that_names_it(aws: str) -> None:
    pushed(an_image({}))
    image_functions(aws, "a", "b")
    with Proxy(aws, faults=(ProxyFault("ecr:GetAuthorizationToken", kind="denied"),)) as proxy, environment(proxy.endpoint):
        result = scan_live(LIVE, ScanOptions(only=("artifact-modified",)))
    assert {gap.need for gap in result.gaps} == {"ecr:GetAuthorizationToken"}
    assert len(result.gaps) == 1
