"""Which object in S3 a template takes a function's package from."""

import pytest
from tests.sources.cfn.templates import judge

from buckler.model.functions import CodeObject
from buckler.sources.cfn import read_template

PLAIN = """\
Resources:
  Job:
    Type: AWS::Lambda::Function
    Properties: {{Handler: a.b, Runtime: python3.13, Role: "arn:aws:iam::123456789012:role/job", Code: {code}}}
"""
SAM = """\
Transform: AWS::Serverless-2016-10-31
Resources:
  Job:
    Type: AWS::Serverless::Function
    Properties: {{Handler: a.b, Runtime: python3.13, {code}}}
"""


@pytest.mark.parametrize(
    ("template", "code", "found"),
    [
        pytest.param(PLAIN, "{S3Bucket: b, S3Key: k.zip}", CodeObject(bucket="b", key="k.zip"), id="object"),
        pytest.param(
            PLAIN, "{S3Bucket: b, S3Key: k.zip, S3ObjectVersion: v1}", CodeObject(bucket="b", key="k.zip", version="v1"), id="version"
        ),
        pytest.param(PLAIN, "{ZipFile: x}", None, id="inline"),
        pytest.param(SAM, "CodeUri: s3://b/dir/k.zip", CodeObject(bucket="b", key="dir/k.zip"), id="sam-uri"),
        pytest.param(SAM, "CodeUri: {Bucket: b, Key: k.zip}", CodeObject(bucket="b", key="k.zip"), id="sam-object"),
        pytest.param(SAM, "CodeUri: src/", None, id="sam-folder"),
        pytest.param(SAM, "InlineCode: x", None, id="sam-inline"),
    ],
)
def test_where_the_package_is(tmp_path, template, code, found):
    path = tmp_path / "template.yaml"
    path.write_text(template.format(code=code))
    (function,) = read_template(path, judge=judge).functions
    assert function.code_object == found
