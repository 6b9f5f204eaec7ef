"""Packages that are signed as they are, on the embedded AWS: there, back, and cut off anywhere."""

import io
import urllib.request
import zipfile

import pytest
from msgspec.structs import replace
from tests import aws
from tests.fixes import leaky
from tests.fixes.killed import killed

from buckler import app
from buckler.app import fixing
from buckler.fixes.signing import LayerSigner, PackageSigner
from buckler.model.fix import Wishes

ROLE = f"arn:aws:iam::{aws.SHOP}:role/r"
KEY = f"arn:aws:kms:{aws.REGION}:{aws.SHOP}:key/11111111-2222-3333-4444-555555555555"


def package(others=None):
    buffer = io.BytesIO()
    files = {"app.py": b"# app.py\n", "bin/tool": b"# bin/tool\n", **(others or {})}
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0))
            entry.external_attr = (0o100755 if name == "bin/tool" else 0o100644) << 16
            archive.writestr(entry, content)
    return buffer.getvalue()


@pytest.fixture
def shared(tmp_path):
    server = aws.fresh()
    lam, s3 = aws.client("lambda", server.endpoint), aws.client("s3", server.endpoint)
    s3.create_bucket(Bucket="signed", CreateBucketConfiguration={"LocationConstraint": aws.REGION})
    s3.put_bucket_versioning(Bucket="signed", VersioningConfiguration={"Status": "Enabled"})
    common = {"Role": ROLE, "Runtime": "python3.14", "Handler": "app.handler"}
    lam.create_function(FunctionName="orders", Code={"ZipFile": package(), "SourceKMSKeyArn": KEY}, Architectures=["arm64"], **common)
    lam.create_function(FunctionName="mail", Code={"ZipFile": package()}, **common)
    with aws.environment(server.endpoint):
        yield server.endpoint


def profile_of(endpoint):
    return aws.client("signer", endpoint).put_signing_profile(profileName="release", platformId="AWSLambda-SHA384-ECDSA")[
        "profileVersionArn"
    ]


def planned(profile, check="code-signing-missing"):
    options = replace(leaky.OPTIONS, only=(check,))
    estate = app.read_live(replace(leaky.LIVE, signing_profiles=(profile,)))
    return fixing.plan_fixes((estate,), options, Wishes(signing_profile=profile, signing_bucket="signed"))


def told(endpoint, name="orders"):
    lam = aws.client("lambda", endpoint)
    answer = lam.get_function(FunctionName=name)
    members = ("CodeSha256", "SigningProfileVersionArn", "Architectures")
    config = lam.get_function_code_signing_config(FunctionName=name).get("CodeSigningConfigArn")
    return {one: answer["Configuration"].get(one) for one in members} | {"key": answer["Code"].get("SourceKMSKeyArn"), "config": config}


def entries(endpoint):
    location = aws.client("lambda", endpoint).get_function(FunctionName="orders")["Code"]["Location"]
    with urllib.request.urlopen(location) as answer:  # noqa: S310 - the embedded AWS
        archive = zipfile.ZipFile(io.BytesIO(answer.read()))
    return {one.filename: (archive.read(one), one.external_attr >> 16) for one in archive.infolist()}


def test_what_runs_is_what_ran_with_a_signature_and_goes_back(shared, tmp_path):
    before, was, profile = leaky.read(), told(shared), profile_of(shared)
    plan = planned(profile)
    assert [fix.proof.why for fix in plan.fixes] == ["", ""]
    assert [(fix.proof.verdict, len(fix.edits)) for fix in plan.fixes] == [("proved", 4)] * 2  # the configuration, and the runtime pinned
    made = fixing.apply_plan(plan, leaky.LIVE, tmp_path / "j", patience=leaky.QUICK)
    assert made.refused == ()
    assert any("stay in `s3://signed/buckler/orders/`" in one for one in made.told)
    now = told(shared)
    assert now == was | {"CodeSha256": now["CodeSha256"], "SigningProfileVersionArn": profile, "config": now["config"]}
    assert now["config"] == told(shared, "mail")["config"] is not None
    assert now["CodeSha256"] != was["CodeSha256"]
    found = entries(shared)
    assert found.pop("META_INF/aws_signer_signature_v1.0.SF")
    assert {name: one for name, one in found.items() if not name.endswith("/")} == {
        "app.py": (b"# app.py\n", 0o100644),
        "bin/tool": (b"# bin/tool\n", 0o100755),
    }
    found, first = ({one.fingerprint for one in leaky.findings(estate)} for estate in (leaky.read(), before))
    assert found == first - {fix.fingerprint for fix in plan.fixes}
    assert fixing.undo_journal(tmp_path / "j", leaky.LIVE, patience=leaky.QUICK).refused == ()
    assert told(shared) == was

    assert leaky.facts(replace(leaky.read(), signing_profiles=before.signing_profiles)) == leaky.facts(before)


def test_a_bucket_without_versions_is_refused_before_anything_is_copied(shared, tmp_path):
    s3, was = aws.client("s3", shared), told(shared)
    s3.put_bucket_versioning(Bucket="signed", VersioningConfiguration={"Status": "Suspended"})
    plan = planned(profile_of(shared))
    outcome = fixing.apply_plan(plan, leaky.LIVE, tmp_path / "j", patience=leaky.QUICK)
    assert {why for _, why in outcome.refused} == {"the bucket `signed` keeps no versions, which AWS Signer asks for: switch them on"}
    assert s3.list_objects_v2(Bucket="signed")["KeyCount"] == 0
    assert told(shared) == was


@pytest.mark.parametrize(
    ("name", "more", "why"),
    [
        ("app.py", "META_INF/aws_signer_signature_v1.0.SF", "is not what was sent: `app.py` differs; nothing was deployed"),
        (
            "META_INF/more.py",
            "META_INF/aws_signer_signature_v1.0.SF",
            "is not what was sent: `META_INF/more.py` differs; nothing was deployed",
        ),
        ("", "", "is not signed; nothing was deployed"),
    ],
)
def test_code_that_was_put_in_the_place_of_what_was_signed_is_not_deployed(shared, tmp_path, monkeypatch, name, more, why):
    was, plan = told(shared), planned(profile_of(shared))
    other = package({one: b"import os  # evil" for one in (name, more) if one})
    finished = PackageSigner._finished

    def swapped(self, job):
        answer = finished(self, job)
        aws.client("s3", shared).put_object(Bucket="signed", Key=answer["signedObject"]["s3"]["key"], Body=other)
        return answer

    monkeypatch.setattr(PackageSigner, "_finished", swapped)
    outcome = fixing.apply_plan(plan, leaky.LIVE, tmp_path / "j", patience=leaky.QUICK)
    assert all(why in one for _, one in outcome.refused)
    assert len(outcome.refused) == 2
    assert told(shared) == was


def test_code_that_was_deployed_since_is_left(shared, tmp_path):
    plan = planned(profile_of(shared))
    lam = aws.client("lambda", shared)
    lam.update_function_code(FunctionName="orders", ZipFile=aws.zipped())
    outcome = fixing.apply_plan(plan, leaky.LIVE, tmp_path / "j", patience=leaky.QUICK)
    (refused,) = outcome.refused
    assert "was changed by somebody since the plan was made" in refused[1]
    lam.update_function_code(FunctionName="mail", ZipFile=aws.zipped())
    (refused, *_) = fixing.undo_journal(tmp_path / "j", leaky.LIVE, patience=leaky.QUICK).refused
    assert "was changed by somebody since buckler made it" in refused[1]


def test_what_cannot_be_signed_says_why(shared, tmp_path):
    plan = planned(profile_of(shared))
    aws.client("signer", shared).cancel_signing_profile(profileName="release")
    outcome = fixing.apply_plan(plan, leaky.LIVE, tmp_path / "j", patience=leaky.QUICK)
    assert len(outcome.refused) == 2
    assert all("signer:StartSigningJob" in why for _, why in outcome.refused)


def under(shared, profile, does):
    lam = aws.client("lambda", shared)
    publishers = {"SigningProfileVersionArns": [profile]}
    config = lam.create_code_signing_config(AllowedPublishers=publishers, CodeSigningPolicies={"UntrustedArtifactOnDeployment": does})
    arn = config["CodeSigningConfig"]["CodeSigningConfigArn"]
    lam.put_function_code_signing_config(FunctionName="orders", CodeSigningConfigArn=arn)


@pytest.mark.parametrize(
    ("check", "does", "rescue"), [("unsigned-under-enforce", "Enforce", "undo"), ("code-signing-warns-only", "Warn", "continue")]
)
def test_a_kill_at_any_point_leaves_a_journal_that_helps(shared, tmp_path, check, does, rescue):
    profile = profile_of(shared)
    under(shared, profile, does)
    was, plan = told(shared), planned(profile, check)
    (fix,) = plan.fixes
    assert (fix.proof.why, fix.proof.verdict) == ("", "proved")
    file, end = tmp_path / "plan.json", 3 * len(fix.edits) + len(("copied", "started", "deployed"))
    file.write_text(fixing.write_plan(plan))
    for point in range(0, end, 1 if rescue == "undo" else 4):
        journal = tmp_path / f"j{point}"
        assert killed("apply", file, journal, point)
        if rescue == "continue":
            assert fixing.go_on(journal, leaky.LIVE, patience=leaky.QUICK).refused == ()
            assert told(shared)["SigningProfileVersionArn"] == profile
        assert fixing.undo_journal(journal, leaky.LIVE, patience=leaky.QUICK).refused == ()
        assert told(shared) == was


def test_undoing_may_be_cut_off_too(shared, tmp_path):
    profile = profile_of(shared)
    under(shared, profile, "Enforce")
    was, plan, journal = told(shared), planned(profile, "unsigned-under-enforce"), tmp_path / "j"
    assert fixing.apply_plan(plan, leaky.LIVE, journal, patience=leaky.QUICK).refused == ()
    assert told(shared)["SigningProfileVersionArn"] == profile
    died = [killed("undo", "-", journal, point) for point in (0, 1, 1, 1, 20)]
    assert (died, told(shared)) == ([True] * 4 + [False], was)


@pytest.fixture
def layered(shared):
    lam = aws.client("lambda", shared)
    layer = lam.publish_layer_version(LayerName="tools", Content={"ZipFile": package()}, CompatibleRuntimes=["python3.14"])
    for name in ("orders", "mail"):
        lam.update_function_configuration(FunctionName=name, Layers=[layer["LayerVersionArn"]])
    return lam


def layers_of(lam, name="orders"):
    return [one["Arn"] for one in lam.get_function_configuration(FunctionName=name)["Layers"]]


def test_functions_share_a_signed_copy_of_their_layer_and_get_the_layer_back(shared, layered, tmp_path):
    before, was, profile = leaky.read(), layers_of(layered), profile_of(shared)
    plan = planned(profile)
    assert {(fix.proof.verdict, fix.proof.why) for fix in plan.fixes} == {("proved", "")}
    made = fixing.apply_plan(plan, leaky.LIVE, tmp_path / "j", patience=leaky.QUICK)
    assert made.refused == ()
    assert sum("a copy of the layer" in one for one in made.told) == 1
    (copy,) = layers_of(layered)
    assert layers_of(layered, "mail") == [copy] != was
    version = layered.get_layer_version_by_arn(Arn=copy)
    assert (version["Content"]["SigningProfileVersionArn"], version["CompatibleRuntimes"]) == (profile, ["python3.14"])
    with urllib.request.urlopen(version["Content"]["Location"]) as answer:  # noqa: S310 - the embedded AWS
        files = {one.filename: one.external_attr >> 16 for one in zipfile.ZipFile(io.BytesIO(answer.read())).infolist()}
    assert {name for name in files if not name.endswith("/")} == {"app.py", "bin/tool", "META_INF/aws_signer_signature_v1.0.SF"}
    found, first = ({one.fingerprint for one in leaky.findings(estate)} for estate in (leaky.read(), before))
    assert found == first - {fix.fingerprint for fix in plan.fixes}
    assert fixing.undo_journal(tmp_path / "j", leaky.LIVE, patience=leaky.QUICK).refused == ()
    assert layers_of(layered) == layers_of(layered, "mail") == was
    assert leaky.facts(replace(leaky.read(), signing_profiles=before.signing_profiles)) == leaky.facts(before)


def test_a_layer_that_was_changed_in_the_bucket_is_not_published(shared, layered, tmp_path, monkeypatch):
    plan = planned(profile_of(shared))
    real = LayerSigner._compare

    def compare(self, sent, signed):
        real(self, sent, package({"evil.py": b"# evil\n"}))

    monkeypatch.setattr(LayerSigner, "_compare", compare)
    was = layers_of(layered)
    outcome = fixing.apply_plan(plan, leaky.LIVE, tmp_path / "j", patience=leaky.QUICK)
    assert {"`evil.py` differs" in why for _, why in outcome.refused} == {True}
    assert layers_of(layered) == was
    assert [one["LayerName"] for one in layered.list_layers()["Layers"]] == ["tools"]
    assert told(shared)["SigningProfileVersionArn"] is None  # what was done before is taken back


@pytest.mark.parametrize("rescue", ["undo", "continue"])
def test_a_kill_while_layers_are_signed_leaves_a_journal_that_helps(shared, layered, tmp_path, rescue):
    profile = profile_of(shared)
    was, plan = (told(shared), layers_of(layered)), planned(profile)
    part = leaky.subset(plan, {fix.id for fix in plan.fixes if fix.name == "orders"})
    file = tmp_path / "plan.json"
    file.write_text(fixing.write_plan(part))
    for point in range(6 if rescue == "undo" else 7, 13, 2):
        journal = tmp_path / f"j{point}"
        assert killed("apply", file, journal, point)
        if rescue == "continue":
            assert fixing.go_on(journal, leaky.LIVE, patience=leaky.QUICK).refused == ()
            assert layers_of(layered) != was[1]
        assert fixing.undo_journal(journal, leaky.LIVE, patience=leaky.QUICK).refused == ()
        assert (told(shared), layers_of(layered)) == was
        assert [one["LayerName"] for one in layered.list_layers()["Layers"]] == ["tools"]
