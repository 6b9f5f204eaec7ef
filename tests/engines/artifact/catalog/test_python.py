"""Python packages are found where they are, with the files they claim."""

import base64
import hashlib
import io
import json
import site
import sys
import zipfile
from importlib.metadata import distributions
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name
from packaging.version import Version
from tests.engines.artifact.catalog.trees import found, purls, tree

from buckler.engines.artifact.catalog import catalog, survey
from buckler.engines.artifact.folder import read_folder

META = "Metadata-Version: 2.1\nName: Flask_Thing\nVersion: 01.2.0-RC1\nLicense: UNKNOWN\nClassifier: License :: OSI Approved :: MIT License\nRequires-Dist: six (>=1)\nRequires-Dist: absent\nRequires-Dist: socks ; extra == 'x'\n\nName: other\nVersion: 9\n"
SIX = "Name: six\nVersion: 1.16.0\nLicense-Expression: MIT\n\n"
CODE = b"print(1)\n"
DIGEST = base64.urlsafe_b64encode(hashlib.sha256(CODE).digest()).rstrip(b"=").decode()


def layer(record=f"thing/__init__.py,sha256={DIGEST},9\n", **more):
    base = "python/flask_thing-1.2.0rc1.dist-info"
    return tree({f"{base}/METADATA": META, f"{base}/RECORD": record, "python/thing/__init__.py": CODE, **more})


def test_name_and_version_are_those_of_the_index():
    (one,) = catalog(layer())
    assert (one.purl, one.name, one.version, one.root, one.source) == (
        "pkg:pypi/flask-thing@1.2.0rc1",
        "flask-thing",
        "1.2.0rc1",
        "python",
        "dist-info",
    )
    assert one.licence == "MIT License"
    assert not one.is_vendored


def test_what_it_claims_has_the_hash_of_its_record():
    (one,) = catalog(layer())
    assert [(file.path, file.sha256) for file in one.files] == [("python/thing/__init__.py", hashlib.sha256(CODE).hexdigest())]


@pytest.mark.parametrize(
    ("row", "where"),
    [
        ("../../bin/tool,,", ["python/bin/tool"]),
        ("../bin/other,,", ["bin/other"]),
        ("../../../bin/gone,,", []),
        ("thing\\win.py,,", ["python/thing/win.py"]),
        ("thing/missing.py,md5=abc,1", ["python/thing/missing.py"]),
        ('"thing/a,b.py",,', ["python/thing/a,b.py"]),
        (",,", []),
        ("only-one-field", []),
    ],
)
def test_rows_of_a_record(row, where):
    (one,) = catalog(layer(record=row + "\n", **{"python/bin/tool": b"x", "bin/other": b"x"}))
    assert [(file.path, file.sha256) for file in one.files] == [(path, "") for path in where]


def test_without_a_record_nothing_is_claimed():
    (one,) = catalog(tree({"x-1.dist-info/METADATA": SIX}))
    assert one.files is None
    assert one.root == ""


def test_needs_lead_to_what_is_there():
    packages = catalog(layer(**{"python/six-1.16.0.dist-info/METADATA": SIX}))
    assert {one.name: one.depends_on for one in packages} == {"flask-thing": ("pkg:pypi/six@1.16.0",), "six": ()}


def test_the_older_forms():
    packages = catalog(
        tree(
            {
                "a/six-1.16.0.egg-info/PKG-INFO": SIX,
                "a/six-1.16.0.egg-info/installed-files.txt": "../six.py\n../../bin/x\nPKG-INFO\n",
                "a/six.py": CODE,
                "b/six-1.16.0-py3.9.egg/EGG-INFO/PKG-INFO": SIX,
                "c/six-1.16.0-py3.9.egg-info": SIX,
                "d/PKG-INFO": SIX,
            }
        )
    )
    assert [(one.root, one.source) for one in packages] == [("a", "egg-info"), ("b/six-1.16.0-py3.9.egg", "egg"), ("c", "egg-info")]
    assert [file.path for file in packages[0].files] == ["a/six.py", "bin/x", "a/six-1.16.0.egg-info/PKG-INFO"]


def test_an_egg_may_be_an_archive():
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("EGG-INFO/PKG-INFO", SIX)
    told = survey(tree({"lib/six-1.16.0-py3.9.egg": buffer.getvalue(), "lib/broken.egg": b"x"}))
    assert [(one.purl, one.path, one.source) for one in told.packages] == [("pkg:pypi/six@1.16.0", "lib/six-1.16.0-py3.9.egg", "egg")]
    assert [fault.entry for fault in told.faults] == ["lib/broken.egg"]


def test_the_same_in_one_place_counts_once():
    packages = catalog(
        tree({"p/six-1.16.0.egg-info/PKG-INFO": SIX, "p/six-1.16.0.dist-info/METADATA": SIX, "p/six-1.16.0.dist-info/RECORD": "six.py,,\n"})
    )
    assert [(one.source, len(one.files)) for one in packages] == [("dist-info", 1)]


def test_two_versions_in_one_place_are_both_said():
    packages = catalog(tree({"p/six-1.16.0.dist-info/METADATA": SIX, "p/six-1.15.0.dist-info/METADATA": SIX.replace("1.16", "1.15")}))
    assert purls(packages) == ["pkg:pypi/six@1.15.0", "pkg:pypi/six@1.16.0"]


def test_a_checkout_says_which_and_no_password():
    about = {"url": "https://ann:hunter2@git.invalid/a/six", "vcs_info": {"vcs": "git", "commit_id": "c0ffee"}}
    packages = catalog(tree({"six-1.16.0.dist-info/METADATA": SIX, "six-1.16.0.dist-info/direct_url.json": json.dumps(about)}))
    assert purls(packages) == ["pkg:pypi/six@1.16.0?vcs_url=git%2Bhttps://git.invalid/a/six%40c0ffee"]


def test_copies_with_a_list():
    packages = catalog(
        tree(
            {
                "pip/_vendor/vendor.txt": "requests==2.31.0\n    urllib3==1.26.16  # why\nsetuptools==68.0.0\nabsent==1\n-e x\n",
                "pip/_vendor/requests/__init__.py": '__version__ = "0.0.0"\n',
                "pip/_vendor/urllib3/__init__.py": "",
                "pip/_vendor/pkg_resources/__init__.py": "",
            }
        )
    )
    assert found(packages) == [
        ("pkg:pypi/requests@2.31.0", "pip/_vendor/vendor.txt"),
        ("pkg:pypi/setuptools@68.0.0", "pip/_vendor/vendor.txt"),
        ("pkg:pypi/urllib3@1.26.16", "pip/_vendor/vendor.txt"),
    ]
    assert all(one.is_vendored for one in packages)


def test_a_folder_for_copies_is_one_only_inside_a_package():
    packages = catalog(
        tree(
            {
                "setuptools/__init__.py": "",
                "setuptools/_vendor/six-1.16.0.dist-info/METADATA": SIX,
                "vendor/six-1.15.0.dist-info/METADATA": SIX.replace("1.16", "1.15"),
                "python/vendor/six-1.14.0.dist-info/METADATA": SIX.replace("1.16", "1.14"),
            }
        )
    )
    assert {one.version: one.is_vendored for one in packages} == {"1.16.0": True, "1.15.0": False, "1.14.0": False}


def test_copies_without_a_list():
    packages = catalog(
        tree(
            {
                "requests/packages/urllib3/__init__.py": "import x\n__version__ = '1.24.1'\n",
                "botocore/vendored/six.py": '__version__ = "1.16.0"\n',
                "setuptools/_vendor/packaging/__about__.py": '__version__ = "21.3"\n',
                "setuptools/_vendor/packaging/__init__.py": "from .__about__ import __version__\n",
                "app/requests/__init__.py": '__version__ = "1.0"\n',
                "app/vendor/unheard_of/__init__.py": '__version__ = "1.0"\n',
            }
        )
    )
    assert found(packages) == [
        ("pkg:pypi/packaging@21.3", "setuptools/_vendor/packaging/__about__.py"),
        ("pkg:pypi/six@1.16.0", "botocore/vendored/six.py"),
        ("pkg:pypi/urllib3@1.24.1", "requests/packages/urllib3/__init__.py"),
    ]


@pytest.mark.parametrize("text", ["", "Name: ../evil\nVersion: 1\n", "Version: 1\n", "\0\xff", "Name:\n continued\n"])
def test_bad_metadata_is_a_fault(text):
    told = survey(tree({"x-1.dist-info/METADATA": text}))
    assert told.packages == ()
    assert [(fault.kind, fault.entry) for fault in told.faults] == [("malformed-metadata", "x-1.dist-info/METADATA")]


def test_missing_metadata_does_not_hide_a_package():
    told = survey(tree({"p/six-1.16.0.dist-info/RECORD": "six.py,,\n"}))
    assert purls(told.packages) == ["pkg:pypi/six@1.16.0"]
    assert [fault.kind for fault in told.faults] == ["metadata-missing"]


def test_the_environment_of_this_test():
    folder = Path(next(one for one in (*site.getsitepackages(), *sys.path) if Path(one, "pytest").is_dir()))
    wanted = {(canonicalize_name(one.metadata["Name"]), str(Version(one.version))) for one in distributions(path=[str(folder)])}
    told = survey(read_folder(folder))
    assert {(one.name, one.version) for one in told.packages if one.ecosystem == "pypi" and not one.is_vendored} == wanted
    assert told.faults == ()
    by_name = {one.name: one for one in told.packages if not one.is_vendored}
    assert "pkg:pypi/pluggy@" in " ".join(by_name["pytest"].depends_on)
    assert {one.name for one in told.packages if one.path == "pip/_vendor/vendor.txt"} >= {"requests", "urllib3", "certifi"}
