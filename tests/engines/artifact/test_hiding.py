"""What a layer by itself hides, and whether it is a genuine copy."""

import pytest
from tests.engines.artifact.trees import installed, tree, wheel_files

from buckler.engines.artifact.catalog import catalog
from buckler.engines.artifact.hiding import hides
from buckler.engines.artifact.states import assess


def told(files):
    made = tree(files)
    return {(one.kind, one.path, one.over): one.strange for one in hides(made, assess(made, catalog(made)).states)}


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"python/boto3/__init__.py": b""}, {("runtime-module", "python/boto3", "boto3"): ("python/boto3/__init__.py",)}),
        ({"python/hmac.py": b""}, {("standard-library", "python/hmac.py", "hmac"): ("python/hmac.py",)}),
        ({"python/sitecustomize.py": b""}, {("startup-module", "python/sitecustomize.py", ""): ("python/sitecustomize.py",)}),
        ({"python/x.pth": b"import os\n"}, {("pth-code", "python/x.pth", ""): ("python/x.pth",)}),
        ({"python/x.pth": b"vendored\n"}, {}),
        ({"python/ours.py": b""}, {}),
        ({"app.py": b"", "boto3/__init__.py": b""}, {}),
        (
            {"python/lib/python3.12/site-packages/botocore/__init__.py": b""},
            {
                ("runtime-module", "python/lib/python3.12/site-packages/botocore", "botocore"): (
                    "python/lib/python3.12/site-packages/botocore/__init__.py",
                )
            },
        ),
        (
            {"nodejs/node_modules/@aws-sdk/client-s3/index.js": b""},
            {
                ("runtime-module", "nodejs/node_modules/@aws-sdk/client-s3", "@aws-sdk/client-s3"): (
                    "nodejs/node_modules/@aws-sdk/client-s3/index.js",
                )
            },
        ),
    ],
)
def test_what_is_found_before_the_runtimes_own(files, expected):
    assert told(files) == expected


def test_a_package_that_hides_nothing_is_silent():
    assert told(installed(wheel_files())) == {}
