"""Layers over layers, as each runtime looks for code in them."""

import pytest
from tests.engines.artifact.images import archive, entry

from buckler.engines.artifact.overlay import shadowed
from buckler.engines.artifact.shadow import Shadow
from buckler.engines.artifact.tar import read_tar
from buckler.engines.artifact.tree import Tree

SITE = "python/lib/python3.12/site-packages"


def tree(files: dict[str, bytes] | None = None, mode: int = 0o644) -> Tree:
    return read_tar(archive(*(entry(name, content, mode=mode) for name, content in (files or {}).items())))


def ask(*layers: dict[str, bytes], code: dict[str, bytes] | None = None, runtime: str = "python3.12", **environment: str) -> list[Shadow]:
    named = [(f"layer-{number + 1}", tree(files)) for number, files in enumerate(layers)]
    return list(shadowed(tree(code), named, runtime, environment))


def said(shadows: list[Shadow]) -> list[tuple[str, str, str, str, str]]:
    return [(one.kind, one.path, one.by, one.over, one.of) for one in shadows]


def test_nothing_hides_nothing() -> None:
    code = {"app.py": b"", "lib/helper.py": b"", "requests/__init__.py": b""}
    layer = {"python/numpy/__init__.py": b"", f"{SITE}/pandas/__init__.py": b"", "bin/tool": b"", "lib/libx.so.1": b""}
    assert ask(layer, code=code) == []


def test_a_later_layer_replaces_files_of_an_earlier_one() -> None:
    low = {"python/requests/__init__.py": b"1", "python/requests/api.py": b"1", "python/same.py": b"=", "bin/tool": b"1"}
    high = {"python/requests/__init__.py": b"2", "python/requests/api.py": b"2", "python/same.py": b"=", "bin/tool": b"2"}
    found = ask(low, high)
    assert said(found) == [
        ("file", "/opt/bin/tool", "layer-2", "/opt/bin/tool", "layer-1"),
        ("file", "/opt/python/requests", "layer-2", "/opt/python/requests", "layer-1"),
    ]
    assert found[1].files == ("/opt/python/requests/__init__.py", "/opt/python/requests/api.py")
    assert found[1].count == 2


def test_the_order_of_layers_decides() -> None:
    one, other = {"python/a.py": b"1"}, {"python/a.py": b"2"}
    assert [(shadow.by, shadow.of) for shadow in ask(one, other)] == [("layer-2", "layer-1")]


def test_python_finds_function_code_first_then_site_packages_then_python() -> None:
    layer = {"python/requests/__init__.py": b"1", f"{SITE}/requests/__init__.py": b"2"}
    assert said(ask(layer, code={"requests/__init__.py": b"3"})) == [
        ("module", f"/opt/{SITE}/requests", "layer-1", "/opt/python/requests", "layer-1"),
        ("module", "/var/task/requests", "function code", f"/opt/{SITE}/requests", "layer-1"),
        ("module", "/var/task/requests", "function code", "/opt/python/requests", "layer-1"),
    ]


def test_the_site_packages_of_another_version_are_not_searched() -> None:
    assert ask({"python/lib/python3.9/site-packages/boto3/__init__.py": b""}) == []


def test_the_same_module_twice_hides_nothing_that_counts() -> None:
    assert ask({"python/six2.py": b"1"}, code={"six2.py": b"1"}) == []


def test_parts_of_a_namespace_package_live_side_by_side() -> None:
    assert ask({"python/google/cloud/__init__.py": b"1"}, code={"google/api/__init__.py": b"2"}) == []


@pytest.mark.parametrize(
    ("path", "kind", "name"),
    [
        ("python/boto3/__init__.py", "runtime-module", "boto3"),
        (f"{SITE}/botocore/__init__.py", "runtime-module", "botocore"),
        ("python/urllib3.py", "runtime-module", "urllib3"),
        ("python/hashlib.py", "standard-library", "hashlib"),
        ("python/ssl.cpython-312-x86_64-linux-gnu.so", "standard-library", "ssl"),
        ("python/http/__init__.py", "standard-library", "http"),
    ],
)
def test_what_python_brings_can_be_hidden(path: str, kind: str, name: str) -> None:
    (found,) = ask({path: b"x"})
    assert (found.kind, found.over, found.of, found.is_certain) == (kind, name, "runtime", True)


@pytest.mark.parametrize(
    "path", ["python/json.py", "python/os.py", "python/sys.py", "python/boto3-1.0.dist-info/METADATA", "python/sub/hashlib.py"]
)
def test_what_is_loaded_before_or_never_found_hides_nothing(path: str) -> None:
    assert ask({path: b"x"}) == []


def test_with_pythonpath_set_layers_are_searched_only_where_it_leads() -> None:
    layer = {"python/hashlib.py": b"x"}
    assert [one.is_certain for one in ask(layer, PYTHONPATH="/var/runtime")] == [False]
    assert [one.is_certain for one in ask(layer, PYTHONPATH="/opt/python/:/var/runtime") if one.kind == "standard-library"] == [True]


def test_lines_of_pth_files_run_in_every_folder_that_bootstrap_adds() -> None:
    line = b"import os; os.system('x')\n"
    layer = {
        "python/a.pth": line,
        f"{SITE}/b.pth": line,
        "python/paths.pth": b"../lib\n",
        "python/.hidden.pth": line,
        "elsewhere/c.pth": line,
    }
    assert said(ask(layer, code={"d.pth": line})) == [
        ("pth-code", "/opt/python/a.pth", "layer-1", "", ""),
        ("pth-code", f"/opt/{SITE}/b.pth", "layer-1", "", ""),
        ("pth-code", "/var/task/d.pth", "function code", "", ""),
    ]


def test_startup_modules_run_where_pythonpath_leads() -> None:
    layer = {"python/sitecustomize.py": b"x", f"{SITE}/usercustomize/__init__.py": b"x"}
    assert [(one.kind, one.path, one.is_certain) for one in ask(layer)] == [
        ("startup-module", f"/opt/{SITE}/usercustomize", False),
        ("startup-module", "/opt/python/sitecustomize.py", False),
    ]
    found = [one for one in ask(layer, PYTHONPATH="/opt/python") if one.is_certain]
    assert [(one.kind, one.path) for one in found] == [("startup-module", "/opt/python/sitecustomize.py"), ("variable", "/opt/python")]


def test_node_finds_function_code_first_and_layers_before_the_runtime() -> None:
    layer = {
        "nodejs/node20/node_modules/axios/index.js": b"1",
        "nodejs/node_modules/axios/index.js": b"2",
        "nodejs/node_modules/@aws-sdk/client-s3/index.js": b"x",
        "nodejs/node_modules/.bin/x": b"x",
    }
    assert said(ask(layer, code={"node_modules/axios/index.js": b"3"}, runtime="nodejs20.x")) == [
        ("module", "/opt/nodejs/node20/node_modules/axios", "layer-1", "/opt/nodejs/node_modules/axios", "layer-1"),
        ("module", "/var/task/node_modules/axios", "function code", "/opt/nodejs/node20/node_modules/axios", "layer-1"),
        ("module", "/var/task/node_modules/axios", "function code", "/opt/nodejs/node_modules/axios", "layer-1"),
        ("runtime-module", "/opt/nodejs/node_modules/@aws-sdk/client-s3", "layer-1", "@aws-sdk/client-s3", "runtime"),
    ]


def test_java_class_paths_may_hold_a_class_twice() -> None:
    (found,) = ask({"java/lib/aws-lambda-java-core-1.2.3.jar": b"x"}, runtime="java21")
    assert (found.kind, found.is_certain) == ("runtime-module", False)


def test_libraries_of_the_function_come_before_those_of_layers() -> None:
    assert said(ask({"lib/libpq.so.5": b"1"}, code={"lib/libpq.so.5": b"2"})) == [
        ("file", "/var/task/lib/libpq.so.5", "function code", "/opt/lib/libpq.so.5", "layer-1")
    ]


@pytest.mark.parametrize(
    ("runtime", "code", "expected"),
    [
        ("provided.al2023", {}, [("bootstrap", "/opt/bootstrap", "layer-1", "", "")]),
        ("provided.al2023", {"bootstrap": b"y"}, [("file", "/var/task/bootstrap", "function code", "/opt/bootstrap", "layer-1")]),
        ("python3.12", {}, []),
    ],
)
def test_a_layer_may_be_the_runtime(runtime: str, code: dict[str, bytes], expected: list) -> None:
    assert said(ask({"bootstrap": b"x"}, code=code, runtime=runtime)) == expected


@pytest.mark.parametrize(("mode", "certain"), [(0o755, [True]), (0o644, []), (0, [False])])
def test_extensions_start_by_themselves(mode: int, certain: list[bool]) -> None:
    layer = tree({"extensions/agent": b"\x7fELF", "extensions/lib/x": b""}, mode=mode)
    assert [one.is_certain for one in shadowed(tree(), [("agent", layer)], "python3.12", {})] == certain


@pytest.mark.parametrize(
    ("variable", "value", "path"),
    [
        ("AWS_LAMBDA_EXEC_WRAPPER", "/opt/wrap", "/opt/wrap"),
        ("NODE_OPTIONS", "--max-old-space-size=512 --require /opt/wrap", "/opt/wrap"),
        ("NODE_OPTIONS", "--require=/opt/dir/x.js", "/opt/dir/x.js"),
        ("PYTHONPATH", "/var/task:/opt/dir/", "/opt/dir"),
        ("LD_PRELOAD", "/opt/dir/x.js:/lib64/a.so", "/opt/dir/x.js"),
        ("LD_LIBRARY_PATH", "/opt", "/opt"),
        ("PERL5LIB", "/opt/dir", "/opt/dir"),
        ("RUBYOPT", "-r/opt/wrap", "/opt/wrap"),
        ("JAVA_TOOL_OPTIONS", "-javaagent:/opt/wrap -Dx=y", "/opt/wrap"),
    ],
)
def test_variables_that_lead_into_a_layer_are_named(variable: str, value: str, path: str) -> None:
    (found,) = ask({"wrap": b"x", "dir/x.js": b"x"}, runtime="", **{variable: value})
    assert (found.kind, found.variable, found.path, found.by) == ("variable", variable, path, "layer-1")


def test_a_variable_that_leads_to_nothing_waits_for_a_layer() -> None:
    (found,) = ask({"dir/x.js": b"x"}, AWS_LAMBDA_EXEC_WRAPPER="/opt/gone")
    assert (found.kind, found.by) == ("variable-to-nothing", "")


def test_of_a_value_only_paths_in_opt_are_shown() -> None:
    found = ask({"wrap": b"x"}, NODE_OPTIONS="--token=hunter2 -r /opt/wrap", DATABASE_URL="/opt/wrap", LD_PRELOAD="/optional/x /usr/opt/x")
    assert [one.variable for one in found] == ["NODE_OPTIONS"]
    assert "hunter2" not in repr(found)


def test_the_answer_does_not_depend_on_the_order_of_entries() -> None:
    files = {"python/boto3/__init__.py": b"1", "python/a.pth": b"import x", "bin/t": b"1", "extensions/e": b""}
    backwards = dict(reversed(files.items()))
    assert ask(files, {"bin/t": b"2"}) == ask(backwards, {"bin/t": b"2"})
