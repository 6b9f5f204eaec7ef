"""Source that reads variables is patched so that it takes references as well as values; what cannot be patched is named with its place."""

import shutil
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from buckler.errors import UsageError
from buckler.fixes.patching import make_patch, suffixes_of
from buckler.model.code import Folder, SourceFile
from buckler.report.patch import is_masked, patch_text
from buckler.sources.project import read_project

PYTHON, NODE = "python3.13", "nodejs22.x"
HELPED = "from buckler_secret import buckler_secret\n"


def patched(folder, runtime=PYTHON, *variables):
    return make_patch(read_project(folder, suffixes_of(runtime)), runtime, "app.handler", variables or ("DB",))


def files(folder, contents):
    for name, text in contents.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder


def after(folder, patch, tool):
    """Apply a patch with the tools that people have, and give the files."""
    command = {"patch": ["patch", "-p1", "--binary"], "git": ["git", "apply", "-"]}[tool]
    if shutil.which(command[0]) is None:
        pytest.skip(f"there is no `{command[0]}`")
    done = subprocess.run(command, input=patch.diff.encode(), cwd=folder, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode() + done.stdout.decode()
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def places(patch, what, variable="DB"):
    return [(one.file, one.line) for one in getattr(patch.of(variable), what)]


# --- Python --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("imports", "before", "then"),
    [
        pytest.param("import os", 'os.environ["DB"]', 'buckler_secret(os.environ["DB"])', id="subscript"),
        pytest.param("import os", "os.environ.get('DB')", "buckler_secret(os.environ.get('DB'))", id="get"),
        pytest.param("import os", 'os.environ.get("DB", None)', 'buckler_secret(os.environ.get("DB", None))', id="get-default"),
        pytest.param("import os", 'os.getenv("DB")', 'buckler_secret(os.getenv("DB"))', id="getenv"),
        pytest.param("import os", 'os.getenv(key="DB")', 'buckler_secret(os.getenv(key="DB"))', id="getenv-by-name"),
        pytest.param("import os as system", 'system.environ["DB"]', 'buckler_secret(system.environ["DB"])', id="module-alias"),
        pytest.param("from os import environ", 'environ["DB"]', 'buckler_secret(environ["DB"])', id="from"),
        pytest.param(
            "from os import environ as e, getenv as g",
            'e["DB"] + g("DB")',
            'buckler_secret(e["DB"]) + buckler_secret(g("DB"))',
            id="from-as",
        ),
        pytest.param("from os import *", 'getenv("DB")', 'buckler_secret(getenv("DB"))', id="star"),
        pytest.param("import os.path", 'os.environ["DB"].strip()', 'buckler_secret(os.environ["DB"]).strip()', id="a-method-of-it"),
        pytest.param(
            "import os", "f\"postgres://{os.environ['DB']}@h\"", "f\"postgres://{buckler_secret(os.environ['DB'])}@h\"", id="f-string"
        ),
        pytest.param(
            "import os", '(os\n  .environ[  # why\n  "DB"])', '(buckler_secret(os\n  .environ[  # why\n  "DB"]))', id="over-lines"
        ),
        pytest.param("import os", '"é" + os.environ["DB"]', '"é" + buckler_secret(os.environ["DB"])', id="behind-a-letter-of-two-bytes"),
    ],
)
def test_each_read_of_python_is_wrapped_and_nothing_else_changes(tmp_path, imports, before, then):
    body = '"""Doc."""\n\n{imports}\n{helper}\n\nPASSWORD = {read}   # keep\n'
    files(tmp_path, {"app.py": body.format(imports=imports, helper="", read=before)})
    patch = patched(tmp_path)
    assert patch.of("DB").broken == ()
    found = after(tmp_path, patch, "patch")
    assert found["app.py"].decode() == body.format(imports=imports, helper=HELPED, read=then)
    assert set(found) == {"app.py", "buckler_secret.py"}


@pytest.mark.parametrize(
    ("text", "what", "line"),
    [
        pytest.param('import os\nname = "x"\nos.environ[name]\n', "perhaps", 3, id="computed-name"),
        pytest.param("import os\nrun(env=os.environ)\n", "perhaps", 2, id="handed-on"),
        pytest.param("import os\nrun({**os.environ})\n", "perhaps", 2, id="spread"),
        pytest.param("import os\ndict(os.environ.items())\n", "perhaps", 2, id="items"),
        pytest.param("import os\nlist(map(os.getenv, names))\n", "perhaps", 2, id="getenv-handed-on"),
        pytest.param("import os\nos.environb[b'X']\n", "perhaps", 2, id="bytes"),
        pytest.param("from decouple import config\nconfig('DB')\n", "perhaps", 2, id="another-library"),
        pytest.param("class S(BaseSettings):\n    db: str\n", "perhaps", 2, id="a-field-of-settings"),
        pytest.param("import os\ndef f(os):\n    return os.environ['DB']\n", "perhaps", 3, id="another-os"),
        pytest.param("import os\nx = os.environ.pop('DB')\n", "broken", 2, id="pop"),
        pytest.param("import os\nos.environ['DB'] += 'x'\n", "broken", 2, id="read-and-written"),
        pytest.param("print 'DB'\n", "broken", 1, id="not-python"),
        pytest.param("# -*- coding: latin-1 -*-\n# DB \xe9\n".encode("latin-1"), "broken", 2, id="not-utf-8"),
        pytest.param("# -*- coding: latin-1 -*-\n\nx = 'DB'\n", "broken", 3, id="declared-otherwise"),
        pytest.param(
            "import os; x = 1; y = os.environ['DB']\n".replace("import os;", "'doc'; import os;"), "broken", 1, id="no-line-for-an-import"
        ),
        pytest.param("x = 1\n\0", "perhaps", 0, id="a-null-byte"),
    ],
)
def test_what_cannot_be_patched_is_named_with_its_place(tmp_path, text, what, line):
    patch = patched(files(tmp_path, {"app.py": text}))
    assert places(patch, what) == [("app.py", line)]
    assert patch.diff == ""


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("import os\nos.environ['DB'] = 'x'\ndel os.environ['DB']\n", id="written"),
        pytest.param("import os\nif 'DB' in os.environ: pass\n", id="asked-for"),
        pytest.param("import os\nfor name in os.environ: pass\n", id="names"),
        pytest.param("import os\nos.environ['OTHER']; os.getenv('OTHER')\n", id="another-variable"),
        pytest.param("'''DB is read elsewhere'''\n", id="prose"),
        pytest.param("from mine import environ\nenviron.get('OTHER')\n", id="not-os"),
    ],
)
def test_what_reads_no_value_of_it_is_passed_over(tmp_path, text):
    found = patched(files(tmp_path, {"app.py": text})).of("DB")
    assert (found.reads, found.broken, found.perhaps) == ((), (), ())


@pytest.mark.parametrize("tool", ["patch", "git"])
def test_line_ends_a_byte_order_mark_and_a_missing_last_line_end_stay(tmp_path, tool):
    files(
        tmp_path,
        {"app.py": b"\xef\xbb\xbfimport os\r\nX = os.environ['DB']", "my lib/a b.py": b"from os import environ\nX = environ['DB']\n"},
    )
    found = after(tmp_path, patched(tmp_path), tool)
    assert found["app.py"] == b"\xef\xbb\xbfimport os\r\nfrom buckler_secret import buckler_secret\r\nX = buckler_secret(os.environ['DB'])"
    assert (
        found["my lib/a b.py"] == b"from os import environ\nfrom buckler_secret import buckler_secret\nX = buckler_secret(environ['DB'])\n"
    )


def test_a_patched_folder_has_nothing_left_to_patch(tmp_path):
    after(files(tmp_path, {"app.py": "import os\nX = os.environ['DB']\n"}), patched(tmp_path), "patch")
    again = patched(tmp_path)
    assert (again.diff, again.files, again.refusal) == ("", (), "")
    assert places(again, "reads") == [("app.py", 3)]


def test_a_variable_of_which_one_read_cannot_be_patched_is_left_alone(tmp_path):
    files(tmp_path, {"app.py": "import os\nA = os.environ['A']\nB = os.environ['B'], os.environ.pop('B')\n"})
    patch = patched(tmp_path, PYTHON, "A", "B")
    assert "buckler_secret(os.environ['A'])" in patch.diff
    assert "buckler_secret(os.environ['B'])" not in patch.diff
    assert places(patch, "broken", "B") == [("app.py", 3)]


def test_links_that_lead_out_and_what_others_installed_are_not_patched(tmp_path):
    reads = "import os\nX = os.environ['DB']\n"
    outside = files(tmp_path / "outside", {"x.py": reads, "lib/y.py": reads})
    folder = files(
        tmp_path / "src", {"app.py": reads, "requests/api.py": reads, "requests-2.dist-info/RECORD": "requests/api.py,sha256=x,9\n"}
    )
    (folder / "x.py").symlink_to(outside / "x.py")
    (folder / "lib").symlink_to(outside / "lib")
    (folder / "loop").symlink_to(folder / "loop")
    patch = patched(folder)
    assert patch.files == ("app.py", "buckler_secret.py")
    assert [one.file for one in patch.of("DB").perhaps] == ["lib", "x.py"]


def test_the_folder_must_be_what_is_deployed(tmp_path):
    files(tmp_path, {"src/app.py": "import os\nX = os.environ['DB']\n"})
    assert "name the folder that is deployed" in patched(tmp_path).refusal
    assert patched(tmp_path / "src").refusal == ""
    with pytest.raises(UsageError, match="is no folder"):
        patched(tmp_path / "nothing")


def test_a_module_of_the_helpers_name_that_is_not_ours_is_refused(tmp_path):
    files(tmp_path, {"app.py": "import os\nX = os.environ['DB']\n", "buckler_secret.py": "mine = 1\n"})
    assert "is not buckler's" in patched(tmp_path).refusal


def test_other_runtimes_are_refused_in_words(tmp_path):
    assert "for Python and Node.js, not for java21" in make_patch(Folder(name="src", files=()), "java21", "App", ["DB"]).refusal


@given(st.text(max_size=200) | st.binary(max_size=200))
@settings(max_examples=300)
def test_any_file_is_understood_or_said_not_to_be(text):
    content = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
    for runtime, name in ((PYTHON, "app.py"), (NODE, "app.mjs"), (NODE, "app.js"), (NODE, "app.ts"), (NODE, "app.tsx")):
        folder = Folder(name="src", files=(SourceFile(path=name, content=content),))
        assert make_patch(folder, runtime, "app.handler", ["DB"]).refusal == ""


# --- Node.js -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "then"),
    [
        pytest.param("process.env.DB", "bucklerSecret(process.env.DB)", id="member"),
        pytest.param('process.env["DB"]', 'bucklerSecret(process.env["DB"])', id="subscript"),
        pytest.param("process?.env?.DB ?? ''", "bucklerSecret(process?.env?.DB) ?? ''", id="optional"),
        pytest.param("globalThis.process.env.DB", "bucklerSecret(globalThis.process.env.DB)", id="global"),
        pytest.param("`a${process.env.DB}`", "`a${bucklerSecret(process.env.DB)}`", id="template"),
        pytest.param(
            "/process.env.DB/.test(process.env.DB)",
            "/process.env.DB/.test(bucklerSecret(process.env.DB))",
            id="behind-a-regular-expression",
        ),
    ],
)
def test_each_read_of_an_es_module_is_wrapped_and_nothing_else_changes(tmp_path, before, then):
    body = (
        '#!/usr/bin/env node\n// about process.env.DB\n"use strict";\n{helper}import fs from "node:fs";\nexport const x = {read}; // keep\n'
    )
    files(
        tmp_path,
        {"package.json": '{"type": "module"}', "app.mjs": "export const handler = 1;\n", "lib/a.js": body.format(helper="", read=before)},
    )
    found = after(tmp_path, patched(tmp_path, NODE), "patch")
    helper = 'import { bucklerSecret } from "../buckler_secret.mjs";\n'
    assert found["lib/a.js"].decode() == body.format(helper=helper, read=then)
    assert set(found) == {"package.json", "app.mjs", "lib/a.js", "buckler_secret.mjs"}


@pytest.mark.parametrize(
    ("name", "text", "what", "line"),
    [
        pytest.param("app.mjs", "\nconst { A, DB } = process.env;\n", "broken", 2, id="destructured"),
        pytest.param("app.mjs", "\nconst { DB: password = 'x' } = process.env;\n", "broken", 2, id="destructured-under-another-name"),
        pytest.param("app.mjs", "process.env.DB ||= 'x';\n", "broken", 1, id="read-and-written"),
        pytest.param("app.mjs", "let x = ;\nprocess.env.DB\n", "broken", 2, id="not-javascript"),
        pytest.param("app.cjs", "'a'; f(process.env.DB);\n", "broken", 1, id="no-line-for-what-it-is-wrapped-in"),
        pytest.param("app.ts", "export let x = ;\nprocess.env.DB\n", "broken", 2, id="not-typescript"),
        pytest.param("app.ts", "const x: string = process.env.DB!;\n", "broken", 1, id="a-script-of-typescript"),
        pytest.param("app.ts", "export const x = 1;\nprocess.env.DB! ||= 'x';\n", "broken", 2, id="typescript-read-and-written"),
        pytest.param("app.ts", "export const { DB } = process.env;\n", "broken", 1, id="typescript-destructured"),
        pytest.param("app.ts", "\nimport p = require('node:process');\n", "perhaps", 2, id="process-by-typescripts-require"),
        pytest.param("app.mjs", "\nprocess.env[name];\n", "perhaps", 2, id="computed-name"),
        pytest.param("app.mjs", "run({ ...process.env });\n", "perhaps", 1, id="spread"),
        pytest.param("app.mjs", "const { A, ...rest } = process.env;\n", "perhaps", 1, id="the-rest"),
        pytest.param("app.mjs", 'import { env } from "node:process";\n', "perhaps", 1, id="env-of-its-own"),
        pytest.param("app.mjs", 'import p from "node:process";\n', "perhaps", 1, id="process-under-another-name"),
        pytest.param("app.mjs", "config('DB');\n", "perhaps", 1, id="another-library"),
        pytest.param("app.mjs", "const f = (process) => process.env.DB;\n", "perhaps", 1, id="another-process"),
    ],
)
def test_what_cannot_be_patched_of_node_is_named_with_its_place(tmp_path, name, text, what, line):
    patch = patched(files(tmp_path, {name: text}), NODE)
    assert places(patch, what) == [(name, line)]
    assert patch.diff == ""


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("export type X = typeof process.env.DB;\n", id="type-of-a-member"),
        pytest.param("export type X = typeof process.env['DB'];\n", id="type-of-a-subscript"),
        pytest.param("export {}; declare global { namespace NodeJS { interface ProcessEnv { DB: string } } }\n", id="declared"),
        pytest.param("export {}; process.env.DB! = 'x';\n", id="written"),
    ],
)
def test_what_typescript_says_of_a_type_is_no_read(tmp_path, text):
    files(tmp_path, {"app.ts": text, "types.d.ts": "declare const x: typeof process.env.DB;\n"})
    assert patched(tmp_path, NODE).diff == ""


@pytest.mark.parametrize(
    ("contents", "then"),
    [
        pytest.param(
            {"app.js": '"use strict";\nconst x = process.env.DB;\n'},
            {
                "app.js": '"use strict";\nconst { bucklerSecret } = require("./buckler_secret.cjs");\nconst x = bucklerSecret(process.env.DB);\n'
            },
            id="commonjs",
        ),
        pytest.param(
            {"package.json": '{"type": "module"}', "app.js": "", "lib/a.cjs": "f(process.env.DB);\n", "lib/b.js": "f(process.env.DB);\n"},
            {
                "lib/a.cjs": 'const { bucklerSecret } = require("../buckler_secret.cjs");\nf(bucklerSecret(process.env.DB));\n',
                "lib/b.js": 'import { bucklerSecret } from "../buckler_secret.cjs";\nf(bucklerSecret(process.env.DB));\n',
            },
            id="both-kinds-share-one-helper",
        ),
        pytest.param(
            {"app.js": "export const x = process.env.DB;\n"},
            {"app.js": 'import { bucklerSecret } from "./buckler_secret.cjs";\nexport const x = bucklerSecret(process.env.DB);\n'},
            id="of-either-kind",
        ),
        pytest.param(
            {"app.cjs": "require('./x.mjs');\n", "x.mjs": "export const x = process.env.DB;\n"},
            {"x.mjs": 'import { bucklerSecret } from "./buckler_secret.cjs";\nexport const x = bucklerSecret(process.env.DB);\n'},
            id="an-es-module-that-is-required-waits-for-nothing",
        ),
        pytest.param(
            {"app.jsx": "export const X = () => <a href={process.env.DB} />;\n"},
            {
                "app.jsx": 'import { bucklerSecret } from "./buckler_secret.cjs";\n'
                "export const X = () => <a href={bucklerSecret(process.env.DB)} />;\n"
            },
            id="what-is-built",
        ),
        pytest.param(
            {
                "src/app.ts": "export const x: string = process.env.DB!;\n",
                "src/lib/b.ts": "export const y = process.env['DB'] as string;\n",
            },
            {
                "src/app.ts": 'import { bucklerSecret } from "./buckler_secret";\nexport const x: string = bucklerSecret(process.env.DB)!;\n',
                "src/lib/b.ts": 'import { bucklerSecret } from "../buckler_secret";\n'
                "export const y = bucklerSecret(process.env['DB']) as string;\n",
                "src/buckler_secret.ts": None,
            },
            id="typescript-beside-what-it-is-for",
        ),
        pytest.param(
            {"app.ts": "import { y } from './b.js';\nexport const x = process.env.DB;\n", "b.ts": "export const y = 1;\n"},
            {
                "app.ts": "import { bucklerSecret } from \"./buckler_secret.js\";\nimport { y } from './b.js';\n"
                "export const x = bucklerSecret(process.env.DB);\n"
            },
            id="typescript-names-modules-as-the-file-does",
        ),
        pytest.param(
            {"package.json": '{"type": "module"}', "app.ts": "export const x = process.env.DB;\n"},
            {"app.ts": 'import { bucklerSecret } from "./buckler_secret.js";\nexport const x = bucklerSecret(process.env.DB);\n'},
            id="typescript-of-es-modules",
        ),
    ],
)
def test_each_kind_of_module_gets_the_helper_that_works_in_it(tmp_path, contents, then):
    files(tmp_path, contents)
    patch = patched(tmp_path, NODE)
    assert patch.of("DB").broken == patch.of("DB").perhaps == ()
    found = after(tmp_path, patch, "patch")
    assert {name: found[name].decode() for name, text in then.items() if text is not None} == {
        name: text for name, text in then.items() if text is not None
    }
    assert set(found) - set(contents) == {name for name in patch.files if name not in contents}
    again = patched(tmp_path, NODE)
    assert (again.diff, again.refusal) == ("", "")
    assert set(again.files) == set()


def test_a_helper_that_is_there_is_used_again(tmp_path):
    files(tmp_path, {"app.ts": "export {};\n", "src/a.ts": "export const x = process.env.DB;\n"})
    after(tmp_path, patched(tmp_path, NODE), "patch")
    files(tmp_path, {"b.ts": "export const x = process.env.DB;\n"})
    patch = patched(tmp_path, NODE)
    assert patch.files == ("b.ts",)
    assert '+import { bucklerSecret } from "./src/buckler_secret";' in patch.diff


def test_an_es_module_that_waits_already_and_is_required_is_named(tmp_path):
    """Node.js 22 and later load ES modules by `require`, if nothing in them waits."""
    read = 'import { bucklerSecret } from "./buckler_secret.mjs";\nexport const x = bucklerSecret(process.env.DB);\n'
    files(tmp_path, {"app.cjs": "exports.handler = require('./x.mjs');\nrequire('./other'); import('./x.mjs');\n", "x.mjs": read})
    patch = patched(tmp_path, NODE)
    assert places(patch, "reads") == [("x.mjs", 2)]
    assert places(patch, "perhaps") == [("app.cjs", 1)]
    assert "fails when it waits for a secret" in patch.of("DB").perhaps[0].why


# --- for people ----------------------------------------------------------------------------------------------------------


def test_what_is_shown_masks_secrets_and_what_is_written_does_not(tmp_path):
    token = "sk_" + "live_" + "4eC39HqLyjWDarjtT1zdp7dc"
    files(tmp_path, {"app.py": f"import os\nTOKEN = '{token}'\npassword = os.environ.get('DB_PASSWORD', 'hunter2')\n"})
    patch = patched(tmp_path, PYTHON, "DB_PASSWORD")
    shown = patch_text(patch)
    assert token in patch.diff
    assert token not in shown
    assert "hunter2" not in shown
    assert "+password = buckler_secret(os.environ.get('DB_PASSWORD', '…'))" in shown
    assert is_masked(patch)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        pytest.param("app.py", "import os\npassword = os.environ['DB_PASSWORD']\n", id="python"),
        pytest.param("app.py", "import os\nclient = Client(password=os.getenv('DB_PASSWORD'), user='app')\n", id="argument"),
        pytest.param(
            "app.mjs", "const password = process.env.DB_PASSWORD;\nconnect({ password: process.env['DB_PASSWORD'] });\n", id="node"
        ),
    ],
)
def test_what_holds_no_secret_is_shown_as_it_is(tmp_path, name, text):
    patch = patched(files(tmp_path, {name: text}), NODE if name.endswith("mjs") else PYTHON, "DB_PASSWORD")
    assert patch_text(patch) == patch.diff
    assert not is_masked(patch)
