"""Patched Node.js code is run as people run it: as it stands, compiled by `tsc`, and bundled by esbuild as `sam build` does it."""

import json
import subprocess

import pytest
from tests import aws
from tests.fixes.test_patching import NODE, after, files, patched
from tests.guard.runtime import SDK, emulated, environment, invoke, needs_rie, needs_sdk, node

pytestmark = needs_sdk
SHOWN = "console.log(JSON.stringify(out));\n"
# The names of variables that hold secrets, and what they are.
SECRETS = {"DB": "of-manager", "TOKEN": "of-ssm"}
TS = (
    "import { readFileSync } from 'node:fs';\nexport const out: string[] = [process.env.DB!, process.env['TOKEN'] ?? '', "
    "typeof readFileSync];\nexport const handler = async (event: unknown): Promise<string[]> => out;\n"
)


@pytest.fixture(scope="module")
def server():
    server = aws.fresh()
    manager, ssm = aws.client("secretsmanager", server.endpoint), aws.client("ssm", server.endpoint)
    ssm.put_parameter(Name="/shop/x", Value="of-ssm", Type="SecureString")
    arn = manager.create_secret(Name="text", SecretString="of-manager")["ARN"]
    server.references = {
        "DB": f"buckler:secretsmanager:{arn}",
        "TOKEN": f"buckler:ssm:arn:aws:ssm:{aws.REGION}:{aws.SHOP}:parameter/shop/x",
    }
    return server


def project(folder, contents):
    """Write files, and patch them with the tools that people have."""
    files(folder, contents)
    patch = patched(folder, NODE, *SECRETS)
    assert [one.broken for one in patch.variables] == [(), ()]
    after(folder, patch, "patch")
    (folder / "node_modules").symlink_to(SDK)
    return folder


def ran(folder, server, script, variables):
    """Give what a script prints as JSON, in a folder of which nothing but the code is known."""
    done = subprocess.run(
        [node(), script], cwd=folder, env=environment(server.endpoint, variables), capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def built(folder, *command):
    done = subprocess.run([node(), *command], cwd=folder, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def reads_both(folder, server, script, *rest):
    """The code works unchanged with values, and with references."""
    values = {"DB": "a value", "TOKEN": "another"}
    assert ran(folder, server, script, values) == [*values.values(), *rest]
    assert ran(folder, server, script, server.references) == [*SECRETS.values(), *rest]


def test_commonjs_as_it_stands(tmp_path, server):
    contents = {
        "app.js": '"use strict";\nconst { token } = require("./lib/token");\nconst out = [process.env.DB, token()];\n' + SHOWN,
        "lib/token.js": 'exports.token = () => process.env["TOKEN"];\n',
    }
    reads_both(project(tmp_path, contents), server, "app.js")


def test_both_kinds_of_module_in_one_package(tmp_path, server):
    contents = {
        "package.json": '{"type": "module"}',
        "app.js": f'import token from "./token.cjs";\nconst out = [process.env.DB, token];\n{SHOWN}',
        "token.cjs": "module.exports = process.env.TOKEN;\n",
    }
    reads_both(project(tmp_path, contents), server, "app.js")


TSC = str(SDK / "typescript" / "bin" / "tsc")
ESBUILD = str(SDK / "esbuild" / "bin" / "esbuild")


@pytest.mark.parametrize(
    ("module", "resolution", "kind"),
    [
        pytest.param("commonjs", "node10", "commonjs", id="commonjs"),
        pytest.param("nodenext", "nodenext", "commonjs", id="nodenext-commonjs"),
        pytest.param("nodenext", "nodenext", "module", id="nodenext-es-modules"),
    ],
)
def test_typescript_compiled_for_either_kind_of_module(tmp_path, server, module, resolution, kind):
    settings = {
        "strict": True, "noUncheckedIndexedAccess": True, "noUnusedLocals": True, "exactOptionalPropertyTypes": True, "target": "es2022",
        "module": module, "moduleResolution": resolution, "types": ["node"], "rootDir": "src", "outDir": "dist",
    }  # fmt: skip
    contents = {
        "package.json": json.dumps({"type": kind}),
        "tsconfig.json": json.dumps({"compilerOptions": settings, "include": ["src"]}),
        "src/app.ts": f"{TS}{SHOWN}",
    }
    folder = project(tmp_path, contents)
    assert (folder / "src" / "buckler_secret.ts").is_file()
    built(folder, TSC, "-p", ".")
    reads_both(folder, server, "dist/app.js", "function")


@pytest.mark.parametrize("shape", ["cjs", "esm"])
@pytest.mark.parametrize("more", [(), ("--minify",)], ids=["plain", "minified"])
def test_typescript_bundled_into_one_file(tmp_path, server, shape, more):
    """`sam build` with `BuildMethod: esbuild`: one file, and the SDK that Lambda has stays outside of it."""
    folder = project(tmp_path, {"app.ts": f"{TS}{SHOWN}"})
    out = "dist/app.mjs" if shape == "esm" else "dist/app.js"
    command = [ESBUILD, "app.ts", "--bundle", "--platform=node", "--target=es2020", f"--format={shape}", "--external:@aws-sdk/*", *more]
    if not (SDK / "esbuild" / "bin" / "esbuild").is_file():
        pytest.skip("esbuild is not installed: no bundle was made; hint: make test")
    built(folder, *command, f"--outfile={out}")
    reads_both(folder, server, out, "function")


def test_one_worker_asks_for_everything_at_once(tmp_path, server):
    """However many files import the helper, and however many secrets there are; how long it takes is in the benchmarks."""
    contents = {
        "app.js": 'require("./b");\nconst out = [process.env.DB, process.env.TOKEN];\n' + SHOWN,
        "b.js": "exports.b = process.env.DB;\n",
    }
    folder = project(tmp_path, contents)
    script = 'const w = require("node:worker_threads"); let n = 0; const { Worker } = w;\n'
    script += "w.Worker = class extends Worker { constructor(...a) { super(...a); n += 1; } };\n"
    (folder / "count.js").write_text(script + 'require("./app"); console.log(n);\n')
    assert _lines(folder, server, "count.js") == ['["of-manager","of-ssm"]', "1"]
    # Where nothing is referred to, none is started.
    assert _lines(folder, server, "count.js", {"DB": "a", "TOKEN": "b"}) == ['["a","b"]', "0"]


def _lines(folder, server, script, variables=None):
    given = environment(server.endpoint, server.references if variables is None else variables)
    done = subprocess.run([node(), script], cwd=folder, env=given, capture_output=True, text=True, timeout=60, check=True)
    return done.stdout.splitlines()


def test_a_secret_that_is_denied_fails_the_start_and_names_it(tmp_path, server):
    folder = project(tmp_path, {"app.js": f"const out = [process.env.DB, process.env.TOKEN];\n{SHOWN}"})
    missing = server.references | {"TOKEN": server.references["TOKEN"] + "-gone"}
    done = subprocess.run(
        [node(), "app.js"], cwd=folder, env=environment(server.endpoint, missing), capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert f"buckler: {missing['TOKEN'].removeprefix('buckler:ssm:')}: ParameterNotFound" in done.stderr
    assert "of-manager" not in done.stderr


@needs_rie
def test_commonjs_in_the_emulator(tmp_path, server):
    """The emulator's runtime API, and a handler that CommonJS exports, behind the loop that every runtime is."""
    folder = project(tmp_path / "package", {"app.js": "exports.handler = async (event) => [process.env.DB, process.env.TOKEN, event.x];\n"})
    loop = folder / "bootstrap.js"
    loop.write_text(
        'const api = `http://${process.env.AWS_LAMBDA_RUNTIME_API}/2018-06-01/runtime/invocation`;\nconst { handler } = require("./app");\n'
        "(async () => { for (;;) {\n  const next = await fetch(`${api}/next`);\n"
        '  const id = next.headers.get("lambda-runtime-aws-request-id");\n'
        "  const body = JSON.stringify(await handler(await next.json()));\n"
        '  await fetch(`${api}/${id}/response`, { method: "POST", body });\n} })();\n'
    )
    with emulated(
        folder / "app.js", server.endpoint, server.references, wrapped=False, folder=tmp_path, command=[node(), str(loop)]
    ) as port:
        assert invoke(port, {"x": 1}) == [*SECRETS.values(), 1]
