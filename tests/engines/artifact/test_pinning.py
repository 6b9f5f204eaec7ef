"""A pin holds every file of an artifact exactly once, so that nothing changes unseen."""

import io
import zipfile

from hypothesis import given
from hypothesis import strategies as st

from buckler.engines.artifact.pinning import pin_artifact
from buckler.engines.artifact.tree import Tree
from buckler.engines.artifact.zip import read_zip
from buckler.model.artifact import Fault, Package, PackageFile
from buckler.model.unknown import Unknown, UnknownKind

IDNA = Package(
    purl="pkg:pypi/idna@3.10",
    ecosystem="pypi",
    name="idna",
    version="3.10",
    path="python/idna-3.10.dist-info/METADATA",
    files=(PackageFile(path="python/idna/core.py", sha256="00"),),
    root="python",
)
LEFT = Package(
    purl="pkg:npm/left@1.0",
    ecosystem="npm",
    name="left",
    version="1.0",
    path="nodejs/node_modules/left/package.json",
    root="nodejs/node_modules/left",
)


def tree(files, *, mode=0o644, compression=zipfile.ZIP_DEFLATED, year=2026) -> Tree:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        for name, text in files.items():
            info = zipfile.ZipInfo(name, (year, 1, 1, 0, 0, 0))
            info.external_attr = (0o100000 | mode) << 16
            archive.writestr(info, text)
    return read_zip(buffer.getvalue())


def pin(of: Tree, *packages: Package, **more):
    return pin_artifact(of, path="a.zip", kind="zip", sha256="00", size_bytes=1, packages=packages, **more)


FILES = {"python/idna/core.py": "a", "nodejs/node_modules/left/index.js": "b", "nodejs/node_modules/left/lib/x.js": "c", "app.py": "d"}


def test_files_belong_to_the_package_that_lists_them_or_whose_folder_they_stand_in():
    made = pin(tree(FILES), IDNA, LEFT)
    assert [(one.purl, one.files) for one in made.packages] == [("pkg:npm/left@1.0", 2), ("pkg:pypi/idna@3.10", 1)]
    assert [one.path for one in made.files] == ["app.py"]


def test_a_package_without_a_folder_of_its_own_does_not_own_the_artifact():
    made = pin(tree({"a.py": "x"}), Package(purl="pkg:npm/app@1", ecosystem="npm", name="app", version="1", path="package.json", root=""))
    assert [one.path for one in made.files] == ["a.py"]
    assert made.packages[0].content == ""


@given(changed=st.sampled_from(sorted(FILES)))
def test_no_file_changes_unseen(changed):
    before, after = pin(tree(FILES), IDNA, LEFT), pin(tree({**FILES, changed: "tampered"}), IDNA, LEFT)
    assert (before.packages, before.files) != (after.packages, after.files)
    assert before.tree_hash != after.tree_hash


def test_an_executable_is_not_the_same_as_a_file_of_the_same_content():
    assert pin(tree(FILES)).files != pin(tree(FILES, mode=0o755)).files


def test_zipped_again_it_is_the_same():
    assert pin(tree(FILES)) == pin(tree(FILES, compression=zipfile.ZIP_STORED, year=1999))


def test_what_was_not_read_is_written_down():
    broken = Tree(
        (), {}, (Fault(kind="bomb", entry="big", detail="it is too big", is_fatal=True), Fault(kind="twin-name", entry="A", detail="x"))
    )
    unknown = Unknown(kind=UnknownKind.FAILED, why="the database of packages is damaged", need="a whole image")
    made = pin(broken, not_assessed=(unknown,))
    assert [one.not_read for one in made.not_assessed] == ["the database of packages is damaged"]
    assert [one.not_read for one in made.unread] == ["`big` was not read: it is too big"]
    assert made.faults == ("bomb big", "twin-name A")
