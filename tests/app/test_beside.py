"""Code beside templates and plans: found, looked into once, and joined with what runs it."""

import json
import zipfile
from pathlib import Path

import pytest

from buckler.app import ScanOptions, read_targets, scan_targets
from buckler.model.artifact import Inventory
from buckler.model.unknown import Unknown, UnknownKind

KEY = "AKIAQYLPMN5HFIQR7XYA"
LEAKY = f'KEY = "{KEY}"\n'
SAM = """
Transform: AWS::Serverless-2016-10-31
Globals:
  Function: {Runtime: python3.12, Handler: app.handler}
Resources:
  Checkout:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: ./src, Layers: [!Ref Shared]}
  Again:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: src/}
  Shared:
    Type: AWS::Serverless::LayerVersion
    Properties: {ContentUri: layer}
"""


def put(folder, name, text):
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    return file


def pack(path, **files):
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as made:
        for name, text in files.items():
            made.writestr(f"{name}.py", text)


@pytest.fixture
def project(tmp_path):
    put(tmp_path, "src/app.py", LEAKY)
    put(tmp_path, "layer/python/shared.py", "x = 1\n")
    return tmp_path


def read(path, **more):
    found = read_targets([path], ScanOptions(code=True, **more))
    assert not found.errors
    return found.estates


def told(estate):
    return {
        one.address: (one.use, one.origin.file, one.inventory.kind if isinstance(one.inventory, Inventory) else one.inventory.why)
        for one in estate.artifacts
    }


class TestTemplates:
    def test_functions_and_layers_of_sam(self, project):
        (estate,) = read(put(project, "template.yaml", SAM))
        src, layer = str(project / "src"), str(project / "layer")
        layers = {key: value for key, value in told(estate).items() if value[0] == "layer"}
        assert [*layers.values()] == [("layer", layer, "folder")]
        assert {key: told(estate)[key] for key in ("Checkout", "Again")} == dict.fromkeys(
            ("Checkout", "Again"), ("function", src, "folder")
        )
        (shared,) = [one for one in estate.artifacts if one.use == "layer"]
        assert shared.used_by == tuple(one.arn for one in estate.functions if one.address == "Checkout")

    def test_of_what_cloudformation_packages_and_the_cdk_builds(self, project):
        pack(project / "asset.1f.zip", app=LEAKY)
        body = {
            "Resources": {
                "A": {"Type": "AWS::Lambda::Function", "Properties": {"Code": "src", "Role": "arn:aws:iam::123456789012:role/r"}},
                "B": {
                    "Type": "AWS::Lambda::Function",
                    "Properties": {"Code": {"S3Bucket": "cdk-assets", "S3Key": "1f.zip"}, "Role": "arn:aws:iam::123456789012:role/r"},
                    "Metadata": {"aws:asset:path": "asset.1f.zip", "aws:asset:property": "Code"},
                },
                "C": {"Type": "AWS::Lambda::Function", "Properties": {"Code": {"S3Bucket": "b", "S3Key": "k"}, "Role": "r"}},
                "D": {"Type": "AWS::Lambda::Function", "Properties": {"Code": {"ZipFile": "def handler(): pass"}, "Role": "r"}},
                "L": {"Type": "AWS::Lambda::LayerVersion", "Properties": {"Content": "./layer"}},
            }
        }
        (estate,) = read(put(project, "template.json", json.dumps(body)))
        assert told(estate) == {
            "A": ("function", str(project / "src"), "folder"),
            "B": ("function", str(project / "asset.1f.zip"), "zip"),
            "L": ("layer", str(project / "layer"), "folder"),
        }

    def test_code_in_s3_stays_where_it_is(self, project):
        text = (
            SAM.replace("./src", "s3://bucket/a.zip")
            .replace("src/", "s3://bucket/a.zip")
            .replace("ContentUri: layer", "ContentUri: s3://b/c")
        )
        (estate,) = read(put(project, "template.yaml", text))
        assert estate.artifacts == ()
        assert {(one.code_object.bucket, one.code_object.key) for one in estate.functions} == {("bucket", "a.zip")}


class TestTerraform:
    MAIN = """
        data "archive_file" "z" {
          type        = "zip"
          source_dir  = "${path.module}/src"
          output_path = "${path.module}/build/z.zip"
        }
        data "archive_file" "one" {
          type        = "zip"
          source_file = "src/app.py"
          output_path = "one.zip"
        }
        resource "aws_lambda_function" "a" {
          function_name = "a"
          role          = "arn:aws:iam::123456789012:role/x"
          filename      = data.archive_file.z.output_path
          layers        = [aws_lambda_layer_version.l.arn]
        }
        resource "aws_lambda_function" "b" {
          function_name = "b"
          role          = "arn:aws:iam::123456789012:role/x"
          filename      = "one.zip"
        }
        resource "aws_lambda_layer_version" "l" {
          layer_name = "l"
          filename   = "layer.zip"
        }
    """

    def test_what_the_archive_is_made_of_where_nobody_made_it_yet(self, project):
        pack(project / "layer.zip", shared="x = 1")
        put(project, "main.tf", self.MAIN)
        (estate,) = read(project)
        assert told(estate) == {
            "aws_lambda_function.a": ("function", str(project / "src"), "folder"),
            "aws_lambda_function.b": ("function", str(project / "src"), "folder"),
            "aws_lambda_layer_version.l": ("layer", str(project / "layer.zip"), "zip"),
        }
        (layer,) = [one for one in estate.artifacts if one.use == "layer"]
        assert len(layer.used_by) == 1

    def test_the_archive_where_it_is_there(self, project):
        pack(project / "build/z.zip", app="x = 1")
        put(project, "main.tf", self.MAIN)
        (estate,) = [one for one in read(project) if one.functions]
        assert told(estate)["aws_lambda_function.a"] == ("function", str(project / "build/z.zip"), "zip")


class TestFindings:
    def scan(self, path, **more):
        return scan_targets([path], ScanOptions(code=True, only=("secret-in-code",), **more))

    def test_a_secret_is_found_where_it_lies_and_in_whom_it_runs(self, project):
        result = self.scan(put(project, "template.yaml", SAM))
        assert {(one.subject.name, one.evidence[0].origin.file, one.evidence[0].origin.line) for one in result.findings} == {
            (name, str(project / "src/app.py"), 1) for name in ("Checkout", "Again")
        }
        assert all(one.reach.startswith("runs in") for one in result.findings)
        assert KEY not in repr(result)

    def test_it_is_known_again_wherever_it_is_asked_from(self, project, monkeypatch):
        file = put(project, "template.yaml", SAM)
        (project / ".git").mkdir()
        monkeypatch.chdir(project)
        here = {one.fingerprint for one in self.scan(Path("template.yaml")).findings}
        assert here == {one.fingerprint for one in self.scan(file).findings}
        assert len(here) == 2

    def test_a_zip_that_a_template_names_is_looked_into_once(self, project):
        pack(project / "x.zip", app=LEAKY)
        put(project, "template.yaml", SAM.replace("./src", "x.zip").replace("src/", "./x.zip"))
        assert {one.subject.name for one in self.scan(project).findings} == {"Checkout", "Again"}

    def test_code_that_is_not_there_is_a_gap(self, project):
        put(project, "template.yaml", SAM.replace("./src", "./gone"))
        (estate,) = read(project / "template.yaml")
        (gone,) = [one for one in estate.artifacts if one.address == "Checkout"]
        assert isinstance(gone.inventory, Unknown)
        assert (gone.inventory.why, gone.inventory.kind) == (f"there is no `{project / 'gone'}`", UnknownKind.FAILED)
        result = self.scan(project / "template.yaml")
        assert {one.subject.name for one in result.findings} == {"Again"}
        (gap,) = result.gaps
        assert (gap.subject.name, gap.need) == ("Checkout", "a build: sam build, cdk synth, or whatever makes the package")

    def test_a_file_that_is_no_package_is_a_gap(self, project):
        put(project, "x.zip", "not a zip")
        put(project, "template.yaml", SAM.replace("./src", "x.zip"))
        (estate,) = read(project / "template.yaml")
        (bad,) = [one for one in estate.artifacts if one.address == "Checkout"]
        assert isinstance(bad.inventory, Unknown)

    def test_without_asking_nobody_looks_and_it_is_said(self, project):
        result = scan_targets([put(project, "template.yaml", SAM)], ScanOptions(only=("secret-in-code",)))
        assert result.findings == ()
        assert "--code" in {one.need for one in result.coverage.not_asked}
