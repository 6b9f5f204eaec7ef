"""A deployed package is opened, and each read of a variable in it told apart: as patched code has it, as it was, or not understood."""

import subprocess
import tempfile
import zipfile

import pytest
from tests.fixes.test_patching import after, files, patched
from tests.guard.runtime import SDK, needs_sdk, node

from buckler.fixes._deployed import look

PYTHON, NODE = "python3.13", "nodejs22.x"


def seen(contents, runtime):
    with tempfile.TemporaryFile() as file:
        with zipfile.ZipFile(file, "w") as package:
            for name, text in contents.items():
                package.writestr(name, text)
        file.seek(0)
        found = look(file, runtime, "DB")
    return {kind: [f"{one.file}:{one.line}" for one in getattr(found, kind)] for kind in ("wrapped", "plain", "unread")}


HELPED = "import os\nfrom buckler_secret import buckler_secret\n"


@pytest.mark.parametrize(
    ("runtime", "contents", "then"),
    [
        pytest.param(PYTHON, {"a.py": HELPED + "x = buckler_secret(os.environ['DB'])\n"}, {"wrapped": ["a.py:3"]}, id="python"),
        pytest.param(PYTHON, {"a.py": "import os\nx = os.environ['DB']\n"}, {"plain": ["a.py:2"]}, id="python-as-it-was"),
        pytest.param(PYTHON, {"a.py": "import os\nx = os.environ.pop('DB')\n"}, {"plain": ["a.py:2"]}, id="python-not-patchable"),
        pytest.param(PYTHON, {"a.py": "x = 1\nDB ="}, {"unread": ["a.py:2"]}, id="not-python"),
        pytest.param(PYTHON, {"a.py": "x = (", "b.js": "process.env.DB"}, {}, id="files-that-name-it-not-or-never-run"),
        pytest.param(NODE, {"a.js": "f(bucklerSecret(process.env.DB));\nprocess.env.DB;\n"}, {"wrapped": ["a.js:1"], "plain": ["a.js:2"]}, id="node"),
        pytest.param(NODE, {"a.js": "f((0, buckler_secret_1.bucklerSecret)(process.env.DB));\n"}, {"wrapped": ["a.js:1"]}, id="compiled-by-tsc"),
        pytest.param(NODE, {"a.js": "e(process.env.DB);\n"}, {"plain": ["a.js:1"]}, id="a-call-of-something"),
        pytest.param(NODE, {"a.js": "const { DB } = process.env;\n"}, {"plain": ["a.js:1"]}, id="destructured"),
        pytest.param(
            NODE, {"a.js": "function s(e){return e===void 0?void 0:m.get(e)??e}s(process.env.DB);t(process.env.DB);"}, {"wrapped": ["a.js:1"], "plain": ["a.js:1"]}, id="minified-and-one-that-is-not"
        ),
        pytest.param(NODE, {"buckler_secret.cjs": "process.env.DB"}, {}, id="the-helper-itself"),
    ],
)  # fmt: skip
def test_each_read_is_told_apart(runtime, contents, then):
    assert seen(contents, runtime) == {"wrapped": [], "plain": [], "unread": []} | then


@needs_sdk
@pytest.mark.parametrize("is_patched", [True, False])
@pytest.mark.parametrize("more", [(), ("--minify",)], ids=["plain", "minified"])
def test_a_bundle_is_told_apart_too(tmp_path, is_patched, more):
    text = "export const handler = async () => connect(process.env.DB!);\nfunction connect(x: string): number { return x.length + Date.now(); }\n"
    folder = files(tmp_path, {"app.ts": text})
    if is_patched:
        after(folder, patched(folder, NODE), "patch")
    command = [node(), SDK / "esbuild" / "bin" / "esbuild", "app.ts", "--bundle", "--platform=node", "--external:@aws-sdk/*", *more]
    done = subprocess.run([*command, "--outfile=app.js"], cwd=folder, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    found = seen({"app.js": (folder / "app.js").read_text()}, NODE)
    assert (bool(found["wrapped"]), bool(found["plain"])) == (is_patched, not is_patched)


def test_what_is_no_zip_is_said():
    with tempfile.TemporaryFile() as file:
        file.write(b"no zip")
        file.flush()
        with pytest.raises(ValueError, match="end-of-central-directory"):
            look(file, PYTHON, "DB")
