"""npm packages are found in node_modules, however they came there, and told from what only looks like one."""

import json

import pytest
from tests.engines.artifact.catalog.trees import found, purls, tree

from buckler.engines.artifact.catalog import catalog, survey

SHA = "sha512-" + "A" * 86 + "=="
SHA2 = "sha512-" + "B" * 86 + "=="


def package(name, version="1.0.0", **more):
    return json.dumps({"name": name, "version": version, **more})


def lock(packages, version=3):
    return json.dumps({"name": "app", "lockfileVersion": version, "packages": packages})


def test_without_a_lock():
    packages = catalog(
        tree(
            {
                "nodejs/package.json": package("layer"),
                "nodejs/node_modules/express/package.json": package("express", license="MIT", dependencies={"qs": "1", "gone": "1"}),
                "nodejs/node_modules/qs/package.json": package("qs", "6.0.0", licenses=[{"type": "BSD"}]),
                "nodejs/node_modules/express/node_modules/qs/package.json": package("qs", "v5.0.0", license={"type": "ISC"}),
                "nodejs/node_modules/@aws-sdk/core/package.json": package("@aws-sdk/core"),
            }
        )
    )
    assert found(packages) == [
        ("pkg:npm/%40aws-sdk/core@1.0.0", "nodejs/node_modules/@aws-sdk/core/package.json"),
        ("pkg:npm/express@1.0.0", "nodejs/node_modules/express/package.json"),
        ("pkg:npm/qs@5.0.0", "nodejs/node_modules/express/node_modules/qs/package.json"),
        ("pkg:npm/qs@6.0.0", "nodejs/node_modules/qs/package.json"),
    ]
    assert [one.licence for one in packages] == ["", "MIT", "ISC", "BSD"]
    assert packages[1].depends_on == ("pkg:npm/qs@5.0.0",)
    assert all(one.files is None and one.root == one.path.removesuffix("/package.json") for one in packages)


@pytest.mark.parametrize(
    "path",
    [
        "node_modules/x/dist/esm/package.json",
        "node_modules/x/test/fixtures/y/package.json",
        "node_modules/@scope/package.json",
        "node_modules/.cache/package.json",
        "node_modules/package.json",
        "package.json",
        "src/package.json",
    ],
)
def test_what_is_no_package(path):
    assert catalog(tree({path: package("y")})) == ()


def test_copies_by_hand():
    packages = catalog(
        tree(
            {
                "src/vendor/lodash/package.json": package("lodash", "4.17.4"),
                "bower_components/jquery/package.json": package("jquery", "3.0.0"),
                "vendor/own/package.json": package("own", private=True),
                "vendor/stub/package.json": '{"type": "module"}',
                "lib/other/package.json": package("other"),
            }
        )
    )
    assert [(one.purl, one.is_vendored) for one in packages] == [("pkg:npm/jquery@3.0.0", True), ("pkg:npm/lodash@4.17.4", True)]


def test_a_stub_is_no_package():
    told = survey(tree({"node_modules/x/package.json": '{"type": "module"}'}))
    assert told.packages == ()


def test_an_alias_is_what_it_says_it_is():
    packages = catalog(
        tree(
            {
                "node_modules/mine/package.json": package("left-pad", "1.3.0"),
                "package-lock.json": lock({"": {}, "node_modules/mine": {"name": "left-pad", "version": "1.3.0", "integrity": SHA}}),
            }
        )
    )
    assert [(one.purl, one.checksum) for one in packages] == [("pkg:npm/left-pad@1.3.0", SHA)]


@pytest.mark.parametrize("name", ["package-lock.json", "npm-shrinkwrap.json", "node_modules/.package-lock.json"])
def test_locks_of_npm_give_the_hash_of_the_tarball(name):
    packages = {
        "": {},
        "node_modules/a": {"version": "1.0.0", "integrity": f"sha1-abc {SHA}"},
        "node_modules/dev": {"version": "1", "dev": True},
    }
    told = survey(tree({f"app/{name}": lock(packages), "app/node_modules/a/package.json": package("a")}))
    assert [(one.purl, one.checksum) for one in told.packages] == [("pkg:npm/a@1.0.0", SHA)]
    assert told.faults == ()


def test_the_first_lock_of_npm_is_a_tree():
    nested = {"b": {"version": "2.0.0", "integrity": SHA2, "bundled": True}}
    text = json.dumps(
        {
            "dependencies": {
                "a": {"version": "1.0.0", "integrity": SHA, "dependencies": nested},
                "al": {"version": "npm:c@3.0.0", "integrity": SHA},
            }
        }
    )
    packages = catalog(
        tree(
            {
                "package-lock.json": text,
                "node_modules/a/package.json": package("a"),
                "node_modules/a/node_modules/b/package.json": package("b", "2.0.0"),
                "node_modules/al/package.json": package("c", "3.0.0"),
            }
        )
    )
    assert [(one.name, one.checksum, one.is_vendored) for one in packages] == [("a", SHA, False), ("b", SHA2, True), ("c", SHA, False)]


def test_what_another_package_brings_is_a_copy():
    packages = catalog(
        tree(
            {
                "node_modules/npm/package.json": package("npm", bundleDependencies=["abbrev"]),
                "node_modules/npm/node_modules/abbrev/package.json": package("abbrev"),
                "node_modules/npm/node_modules/abbrev/node_modules/deep/package.json": package("deep"),
                "node_modules/npm/node_modules/other/package.json": package("other"),
            }
        )
    )
    assert {one.name: one.is_vendored for one in packages} == {"npm": False, "abbrev": True, "deep": True, "other": False}


def test_a_lock_that_says_another_release_is_named():
    told = survey(
        tree(
            {
                "package-lock.json": lock({"node_modules/a": {"version": "1.0.0", "integrity": SHA}}),
                "node_modules/a/package.json": package("a", "1.0.1"),
            }
        )
    )
    assert [(one.purl, one.checksum) for one in told.packages] == [("pkg:npm/a@1.0.1", "")]
    assert [fault.kind for fault in told.faults] == ["lock-differs"]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (
            "yarn.lock",
            f'# yarn lockfile v1\n\n"@s/a@^1.0.0", "@s/a@~1":\n  version "1.0.0"\n  resolved "https://x.invalid/a.tgz#1"\n  integrity {SHA}\n  dependencies:\n    version "9"\n',
        ),
        ("yarn.lock", f'"@s/a@npm:^1.0.0":\n  version: 1.0.0\n  resolution: "@s/a@npm:1.0.0"\n  integrity {SHA}\n'),
        (
            "pnpm-lock.yaml",
            f"lockfileVersion: '9.0'\n\nimporters:\n\n  .:\n    dependencies:\n\npackages:\n\n  '@s/a@1.0.0':\n    resolution: {{integrity: {SHA}}}\n\nsnapshots:\n",
        ),
        ("pnpm-lock.yaml", f"lockfileVersion: '6.0'\npackages:\n\n  /@s/a@1.0.0(peer@2.0.0):\n    resolution: {{integrity: {SHA}}}\n"),
        ("pnpm-lock.yaml", f"lockfileVersion: 5.4\npackages:\n\n  /@s/a/1.0.0_peer@2.0.0:\n    resolution: {{integrity: {SHA}}}\n"),
        ("node_modules/.pnpm/lock.yaml", f"packages:\n  /@s/a@1.0.0:\n    resolution: {{integrity: {SHA}}}\n"),
    ],
)
def test_locks_of_yarn_and_pnpm_know_releases(name, text):
    packages = catalog(tree({name: text, "node_modules/@s/a/package.json": package("@s/a")}))
    assert [(one.purl, one.checksum) for one in packages] == [("pkg:npm/%40s/a@1.0.0", SHA)]


def test_the_store_of_pnpm():
    store = "node_modules/.pnpm"
    packages = catalog(
        tree(
            {
                f"{store}/a@1.0.0/node_modules/a/package.json": package("a", dependencies={"b": "2"}),
                f"{store}/b@2.0.0/node_modules/b/package.json": package("b", "2.0.0"),
            },
            links={"node_modules/a": ".pnpm/a@1.0.0/node_modules/a", f"{store}/a@1.0.0/node_modules/b": "../../b@2.0.0/node_modules/b"},
        )
    )
    assert purls(packages) == ["pkg:npm/a@1.0.0", "pkg:npm/b@2.0.0"]
    assert packages[0].depends_on == ("pkg:npm/b@2.0.0",)


def test_where_nothing_is_installed_the_lock_is_what_is_known():
    packages = {"": {}, "node_modules/a": {"version": "1.0.0", "integrity": SHA}, "node_modules/dev": {"version": "1.0.0", "dev": True}}
    (one,) = catalog(tree({"app/package-lock.json": lock(packages), "app/index.js": ""}))
    assert (one.purl, one.path, one.source, one.root) == ("pkg:npm/a@1.0.0", "app/package-lock.json", "package-lock", "")


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"name": 1, "version": {}}', "\ufeff[1]", "[" * 100_000, '{"name": "../x", "version": "1"}']
)
def test_bad_metadata_is_a_fault_and_hides_nothing(text):
    told = survey(tree({"node_modules/x/package.json": text, "node_modules/ok/package.json": "\ufeff" + package("ok")}))
    assert "pkg:npm/ok@1.0.0" in purls(told.packages)
    if text != '{"name": 1, "version": {}}':
        assert [fault.entry for fault in told.faults] == ["node_modules/x/package.json"]


def test_a_huge_file_is_not_read():
    told = survey(tree({"node_modules/x/package.json": b" " * (17 * 1024 * 1024)}))
    assert [fault.kind for fault in told.faults] == ["metadata-too-large"]
    assert len(told.not_assessed) == 1
