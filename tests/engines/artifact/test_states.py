"""What is said of each file: by its record, by the registry, by the lock, by where it stands."""

import importlib.util
import json
import marshal
import struct

import pytest
from tests.engines.artifact.trees import SOURCES, installed, npm, record, tarball, tree, wheel, wheel_files

from buckler.engines.artifact.bytecode import THIS
from buckler.engines.artifact.catalog import catalog
from buckler.engines.artifact.compare import ADDED as NOT_PUBLISHED
from buckler.engines.artifact.compare import DIFFERS as NOT_AS_PUBLISHED
from buckler.engines.artifact.compare import STRANGE
from buckler.engines.artifact.lockfile import UNLISTED
from buckler.engines.artifact.record import DIFFERS, UNHASHED
from buckler.engines.artifact.reference import manifest_of
from buckler.engines.artifact.states import ADDED, AMONG, INTERPRETER, MISSING, NO_SOURCE, OWN_CODE, TOOL, assess


def told(found, *, reference=None, links=None, **options):
    """Give {path: (state, why)} of what is told, and the counts."""
    made = tree(found, links=links)
    known = [manifest_of(one) for one in reference or ()]
    states = assess(made, catalog(made), lambda purl: tuple(one for one in known if one.purl == purl), **options)
    return {one.path: (one.state, one.why) for one in states.states}, dict(states.counted), states


# --- records --------------------------------------------------------------------------------------------------------------


def test_an_installed_wheel_is_what_its_record_says():
    found, counted, states = told(installed(wheel_files()))
    assert found == {}
    assert counted == {"record-only": 7}
    assert "1 packages were not compared" in states.not_assessed[0].why


@pytest.mark.parametrize("kind", ["sha256", "sha384", "sha512"])
def test_an_edited_module(kind):
    layer = installed(wheel_files(), kind=kind)
    assert told(layer)[0] == {}
    layer["python/pkg/core.py"] += b"# touched\n"
    assert told(layer)[0] == {"python/pkg/core.py": ("modified", DIFFERS)}


def test_a_deleted_module_is_missing_and_deleted_tests_are_trimmed():
    sources = {**SOURCES, "pkg/tests/test_core.py": b"pass\n", "pkg/py.typed": b""}
    layer = installed(wheel_files(sources=sources))
    for path in ("python/pkg/core.py", "python/pkg/tests/test_core.py", "python/pkg/py.typed"):
        del layer[path]
    found, counted, states = told(layer)
    assert found == {"python/pkg/core.py": ("modified", MISSING)}
    assert counted["modified"] == 1
    # REQUESTED is listed by our record and was never there.
    assert states.trimmed == 3
    assert states.paths("modified") == (), "a missing file cannot be read"


def test_a_hash_taken_out_of_the_record():
    layer = installed(wheel_files(), bare=("pkg/core.py",))
    assert told(layer)[0] == {"python/pkg/core.py": ("modified", UNHASHED)}


def test_a_record_without_any_hashes_vouches_for_nothing():
    files = wheel_files()
    layer = installed(files, bare=(*files, "pkg-1.0.dist-info/INSTALLER"))
    found, _, _ = told(layer)
    assert found["python/pkg/core.py"][0] == "not-assessed"


def test_a_record_that_was_taken_away():
    layer = installed(wheel_files())
    del layer["python/pkg-1.0.dist-info/RECORD"]
    layer["python/pkg/core.py"] += b"# touched\n"
    found, _, _ = told(layer)
    assert found["python/pkg-1.0.dist-info/RECORD"] == ("modified", MISSING)
    assert told(layer, reference=[wheel(wheel_files())])[0]["python/pkg/core.py"] == ("modified", NOT_AS_PUBLISHED)


def test_a_row_taken_out_of_the_record():
    files = wheel_files()
    layer = installed({path: content for path, content in files.items() if path != "pkg/core.py"})
    layer["python/pkg/core.py"] = b"evil\n"
    assert told(layer)[0] == {"python/pkg/core.py": ("unowned", AMONG)}


def test_a_link_in_place_of_a_file():
    layer = installed(wheel_files())
    del layer["python/pkg/core.py"]
    found, _, _ = told(layer, links={"python/pkg/core.py": "../../other.py"})
    assert found["python/pkg/core.py"][0] == "modified"


def test_a_file_two_packages_claim_is_right_when_one_of_them_is():
    one = installed(wheel_files(sources={"shared/__init__.py": b"1\n"}, name="one"), name="one")
    two = installed(wheel_files(sources={"shared/__init__.py": b"2\n"}, name="two"), name="two")
    assert told({**one, **two})[0] == {}


def test_metadata_left_by_an_upgrade_is_no_alarm():
    old = installed(wheel_files(sources={"pkg/core.py": b"old\n", "pkg/gone.py": b"old\n"}))
    old = {path: content for path, content in old.items() if ".dist-info/" in path}
    assert told({**old, **installed(wheel_files(version="2.0"), version="2.0")})[0] == {}


def test_a_script_in_bin_is_listed_as_two_folders_up():
    script = b"#!/usr/bin/python3\n"
    layer = installed(wheel_files())
    layer["python/bin/pkg"] = script
    layer["python/pkg-1.0.dist-info/RECORD"] += record({"../../bin/pkg": script})
    assert told(layer)[0] == {}
    layer["python/bin/pkg"] += b"import os\n"
    assert told(layer)[0] == {"python/bin/pkg": ("modified", DIFFERS)}


# --- nobody's files -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "is_layer", "why"),
    [
        ("python/pkg/new.py", None, AMONG),
        ("python/zz.pth", None, ADDED),
        ("extensions/telemetry", None, ADDED),
        ("python/own/__init__.py", True, ADDED),
        ("python/own/__init__.py", False, OWN_CODE),
    ],
)
def test_what_nobody_lists(path, is_layer, why):
    assert told({**installed(wheel_files()), path: b"x = 1\n"}, is_layer=is_layer)[0] == {path: ("unowned", why)}


def test_a_function_is_told_from_a_layer_by_its_folders():
    function = {**installed(wheel_files(), root=""), "app.py": b"def handler(*_): ...\n"}
    function = {path.removeprefix("/"): content for path, content in function.items()}
    assert told(function)[0] == {"app.py": ("unowned", OWN_CODE)}


def test_the_python_of_an_image_is_not_assessed_and_not_taken_for_somebodys_code():
    lib = "usr/local/lib/python3.11"
    found, _, states = told(
        {f"{lib}/os.py": b"1\n", f"{lib}/encodings/__init__.py": b"1\n", f"{lib}/site-packages/zz.pth": b"import x\n", "etc/hosts": b""}
    )
    assert {path: state for path, (state, _) in found.items()} == {
        f"{lib}/os.py": "not-assessed",
        f"{lib}/encodings/__init__.py": "not-assessed",
        f"{lib}/site-packages/zz.pth": "unowned",
        "etc/hosts": "unowned",
    }
    assert found[f"{lib}/os.py"][1] == INTERPRETER
    assert f"{lib}/os.py" not in states.paths("not-assessed")


# --- the registry ---------------------------------------------------------------------------------------------------------


def test_the_published_wheel_verifies_every_file():
    files = wheel_files()
    layer = installed(files)
    found, counted, states = told(layer, reference=[wheel(files)])
    assert found == {}
    assert counted == {"verified": 5, "record-only": 2}
    assert states.referenced == ("pkg:pypi/pkg@1.0",)
    assert states.not_assessed == ()


def test_a_forged_record_is_seen_through():
    files = wheel_files()
    forged = installed({**files, "pkg/core.py": b"evil\n", "pkg/new.py": b"evil\n"})
    assert told(forged)[0] == {}, "the record alone says nothing"
    found, _, _ = told(forged, reference=[wheel(files)])
    assert found == {"python/pkg/core.py": ("modified", NOT_AS_PUBLISHED), "python/pkg/new.py": ("modified", NOT_PUBLISHED)}


def test_a_forged_wheel_file_does_not_help():
    files = wheel_files()
    info = "pkg-1.0.dist-info/WHEEL"
    forged = installed({**files, info: files[info] + b"Build: 1\n", "pkg/core.py": b"evil\n"})
    assert told(forged, reference=[wheel(files)])[0] == {"python/pkg/core.py": ("modified", NOT_AS_PUBLISHED)}


def test_a_wheel_of_another_platform_is_no_reference():
    linux = wheel_files(wheel=b"Tag: cp311-cp311-manylinux2014_x86_64\n")
    musl = wheel_files(wheel=b"Tag: cp311-cp311-musllinux_1_1_x86_64\n", sources={**SOURCES, "pkg/core.py": b"other\n"})
    found, counted, states = told(installed(linux), reference=[wheel(musl)])
    assert found == {}
    assert set(counted) == {"record-only"}
    assert "other platforms" in states.not_assessed[0].why
    assert told(installed(linux), reference=[wheel(musl), wheel(linux)])[1]["verified"] == 5


def test_the_console_script_of_an_entry_point_is_known():
    files = wheel_files()
    script = b"#!/opt/python\n# -*- coding: utf-8 -*-\nimport re\nimport sys\nfrom pkg.core import answer\nif __name__ == '__main__':\n    sys.exit(answer())\n"
    layer = installed(files)
    layer["python/bin/pkg"] = script
    layer["python/pkg-1.0.dist-info/RECORD"] += record({"../../bin/pkg": script})
    assert told(layer, reference=[wheel(files)])[0] == {}
    forged = script + b"import os\n"
    layer["python/bin/pkg"] = forged
    layer["python/pkg-1.0.dist-info/RECORD"] += b"\n" + record({"../../bin/pkg": forged})
    assert told(layer, reference=[wheel(files)])[0] == {"python/bin/pkg": ("modified", NOT_PUBLISHED)}


# --- npm ------------------------------------------------------------------------------------------------------------------

LODASH = npm("lodash", "4.17.21", {"lodash.js": b"module.exports = 1\n", "README.md": b"#\n"})
ROOT = "nodejs/node_modules/lodash"


def modules(files=None):
    return {f"{ROOT}/{path}": content for path, content in (LODASH if files is None else files).items()}


def test_without_a_reference_nothing_is_said_of_npm():
    found, counted, _ = told(modules())
    assert set(counted) == {"not-assessed"}
    assert found[f"{ROOT}/lodash.js"][0] == "not-assessed"


def test_the_tarball_settles_it():
    reference = [tarball(LODASH)]
    assert told(modules(), reference=reference)[:2] == ({}, {"verified": 3})
    changed = modules() | {f"{ROOT}/lodash.js": b"evil\n", f"{ROOT}/new.js": b"evil\n"}
    assert told(changed, reference=reference)[0] == {
        f"{ROOT}/lodash.js": ("modified", NOT_AS_PUBLISHED),
        f"{ROOT}/new.js": ("unowned", STRANGE),
    }
    gone = {path: content for path, content in modules().items() if not path.endswith((".js", ".md"))}
    assert told(gone, reference=reference)[0] == {f"{ROOT}/lodash.js": ("modified", MISSING)}


def test_what_npm_6_writes_into_package_json_is_no_change():
    about = json.loads(LODASH["package.json"])
    written = modules() | {
        f"{ROOT}/package.json": json.dumps({**about, "_resolved": "x", "_from": "y", "bundleDependencies": False}).encode()
    }
    assert told(written, reference=[tarball(LODASH)])[0] == {}
    scripted = modules() | {f"{ROOT}/package.json": json.dumps({**about, "_from": "y", "scripts": {"postinstall": "x"}}).encode()}
    assert told(scripted, reference=[tarball(LODASH)])[0] == {f"{ROOT}/package.json": ("modified", NOT_AS_PUBLISHED)}


def test_a_tarball_other_than_the_locks_is_no_reference():
    lock = {"lockfileVersion": 3, "packages": {"node_modules/lodash": {"version": "4.17.21", "integrity": "sha512-" + "A" * 86 + "=="}}}
    layer = modules() | {"nodejs/package-lock.json": json.dumps(lock).encode()}
    found, _, states = told(layer, reference=[tarball(LODASH)])
    assert found[f"{ROOT}/lodash.js"][0] == "not-assessed"
    assert found["nodejs/package-lock.json"] == ("unowned", TOOL)
    assert any("another tarball than the lock file's" in one.why for one in states.not_assessed)


def test_a_package_in_a_packages_folder_is_not_the_packages():
    inner = {f"{ROOT}/node_modules/evil/{path}": content for path, content in npm("evil", "1.0.0", {"a.js": b"1"}).items()}
    found, _, _ = told(modules() | inner, reference=[tarball(LODASH)])
    assert {path for path, (state, _) in found.items() if state == "not-assessed"} == set(inner)


@pytest.mark.parametrize("flag", [True, False])
def test_an_install_script_the_lock_does_not_know(flag):
    scripted = npm("lodash", "4.17.21", {}, scripts={"postinstall": "node x.js"})
    locked = {"version": "4.17.21", **({"hasInstallScript": True} if flag else {})}
    layer = modules(scripted) | {
        "nodejs/package-lock.json": json.dumps({"lockfileVersion": 3, "packages": {"node_modules/lodash": locked}}).encode()
    }
    state, _ = told(layer)[0][f"{ROOT}/package.json"]
    assert state == ("not-assessed" if flag else "modified")


def test_a_package_its_lock_does_not_list():
    lock = {"lockfileVersion": 3, "packages": {"": {}, "node_modules/lodash": {"version": "4.17.21"}}}
    evil = {f"nodejs/node_modules/evil/{path}": content for path, content in npm("evil", "1.0.0", {}).items()}
    inner = {f"{ROOT}/node_modules/evil/{path}": content for path, content in npm("evil", "1.0.0", {}).items()}
    fixture = {f"{ROOT}/test/node_modules/x/{path}": content for path, content in npm("x", "1.0.0", {}).items()}
    found, _, _ = told(modules() | evil | inner | fixture | {"nodejs/node_modules/.package-lock.json": json.dumps(lock).encode()})
    assert {path for path, (_, why) in found.items() if why == UNLISTED} == {*evil, *inner}


PNPM_LOCK = """lockfileVersion: '9.0'
importers:
  .:
    dependencies:
      a: {specifier: 1.0.0, version: 1.0.0}
      alias: {specifier: npm:b@2.0.0, version: b@2.0.0}
snapshots:
  a@1.0.0:
    dependencies:
      b: 2.0.0
  a@0.9.0: {}
  b@1.0.0: {}
  b@2.0.0: {}
"""
STORE = "nodejs/node_modules/.pnpm"


@pytest.mark.parametrize(
    ("links", "wrong"),
    [
        ({}, None),
        ({"nodejs/node_modules/alias": ".pnpm/b@2.0.0/node_modules/b"}, None),
        ({"nodejs/node_modules/a": ".pnpm/b@2.0.0/node_modules/b"}, "nodejs/node_modules/a"),
        ({"nodejs/node_modules/a": ".pnpm/a@0.9.0/node_modules/a"}, "nodejs/node_modules/a"),
        ({"nodejs/node_modules/a": "../../../outside"}, "nodejs/node_modules/a"),
        ({f"{STORE}/a@1.0.0/node_modules/b": "../../b@1.0.0/node_modules/b"}, f"{STORE}/a@1.0.0/node_modules/b"),
    ],
)
def test_links_of_pnpm_lead_where_its_lock_says(links, wrong):
    releases = [("a", "1.0.0"), ("a", "0.9.0"), ("b", "2.0.0"), ("b", "1.0.0")]
    files = {
        f"{STORE}/{name}@{version}/node_modules/{name}/package.json": npm(name, version, {})["package.json"] for name, version in releases
    }
    files["nodejs/node_modules/.pnpm/lock.yaml"] = PNPM_LOCK.encode()
    given = {"nodejs/node_modules/a": ".pnpm/a@1.0.0/node_modules/a", f"{STORE}/a@1.0.0/node_modules/b": "../../b@2.0.0/node_modules/b"}
    found, _, _ = told(files, links={**given, **links})
    assert [path for path, (state, _) in found.items() if state == "modified"] == ([wrong] if wrong else [])


# --- compiled Python ------------------------------------------------------------------------------------------------------


def compiled(source: bytes, *, size: int | None = None, flags: int = 0) -> bytes:
    header = importlib.util.MAGIC_NUMBER + struct.pack("<I", flags)
    header += importlib.util.source_hash(source) if flags & 1 else struct.pack("<II", 0, len(source) if size is None else size)
    return header + marshal.dumps(compile(source, "elsewhere/core.py", "exec"))


PYC = f"python/pkg/__pycache__/core.cpython-{THIS}.pyc"
CORE = SOURCES["pkg/core.py"]


@pytest.mark.parametrize("flags", [0, 1, 3])
def test_compiled_python_is_what_its_source_compiles_to(flags):
    layer = installed(wheel_files())
    found, counted, _ = told({**layer, PYC: compiled(CORE, flags=flags)})
    assert found == {}
    assert counted == {"record-only": 8}


def test_stale_compiled_python_is_modified():
    evil = compiled(b"def answer():\n    return 43\n", size=len(CORE))
    found, _, _ = told({**installed(wheel_files()), PYC: evil})
    assert found == {PYC: ("modified", "its code is not what its source compiles to")}


@pytest.mark.parametrize("cut", [0, 3, 16, 40])
def test_broken_compiled_python_is_never_fine(cut):
    state, _ = told({**installed(wheel_files()), PYC: compiled(CORE)[:cut]})[0][PYC]
    assert state in {"modified", "not-assessed"}


def test_compiled_python_without_its_source_or_of_another_version():
    layer = installed(wheel_files())
    found, _, _ = told({**layer, "python/pkg/__pycache__/x.cpython-311.pyc": compiled(CORE), "python/evil.pyc": compiled(CORE)})
    assert {path: why for path, (_, why) in found.items()} == {
        "python/pkg/__pycache__/x.cpython-311.pyc": NO_SOURCE,
        "python/evil.pyc": NO_SOURCE,
    }
    found, _, states = told({**layer, PYC.replace(THIS, "39"): compiled(CORE)})
    assert found[PYC.replace(THIS, "39")][0] == "not-assessed"
    assert any("another Python" in one.why for one in states.not_assessed)


def test_more_python_than_is_compiled_anew_is_not_assessed():
    found, _, states = told({**installed(wheel_files()), PYC: compiled(CORE)}, most_source=10)
    assert found[PYC][0] == "not-assessed"
    assert any("more than 10 bytes" in one.why for one in states.not_assessed)
    evil = compiled(b"import socket\ndef answer():\n    return socket.create_connection\n", size=len(CORE))
    assert told({**installed(wheel_files()), PYC: evil}, most_source=10)[0][PYC][0] == "modified", "it has names its source does not spell"


def test_a_signature_is_no_strange_file_and_makes_no_function_of_a_layer():
    found, counted, _ = told({**installed(wheel_files()), "META_INF/aws_signer_signature_v1.0.SF": b"-----BEGIN PKCS7-----"})
    assert found == {}
    assert counted == {"record-only": 7}
    found, _, _ = told({**installed(wheel_files()), "META_INF/aws_signer_signature_v1.0.SF": b"", "python/more.py": b"x = 1"})
    assert found == {"python/more.py": ("unowned", ADDED)}
