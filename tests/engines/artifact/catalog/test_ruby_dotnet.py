"""Gems and NuGet packages, by what their tools write."""

import json

from tests.engines.artifact.catalog.trees import purls, tree

from buckler.engines.artifact.catalog import catalog, survey

GEM = """# -*- encoding: utf-8 -*-
# stub: nokogiri 1.13.0 x86_64-linux lib

Gem::Specification.new do |s|
  s.name = "nokogiri".freeze
  s.version = "1.13.0"
  s.platform = "x86_64-linux".freeze
  s.licenses = ["MIT".freeze, "Ruby"]
  s.add_runtime_dependency(%q<racc>.freeze, ["~> 1.4"])
  s.add_development_dependency(%q<rake>.freeze, [">= 0"])
end
"""


def test_installed_gems():
    packages = catalog(
        tree(
            {
                "ruby/gems/3.2.0/specifications/nokogiri-1.13.0-x86_64-linux.gemspec": GEM,
                "ruby/gems/3.2.0/specifications/default/racc-1.6.0.gemspec": 's.name = "racc"\ns.version = "1.6.0"\n',
                "ruby/gems/3.2.0/gems/nokogiri-1.13.0/nokogiri.gemspec": 's.name = "other"\ns.version = VERSION\n',
            }
        )
    )
    assert purls(packages) == ["pkg:gem/nokogiri@1.13.0?platform=x86_64-linux", "pkg:gem/racc@1.6.0"]
    assert (packages[0].root, packages[0].licence) == ("ruby/gems/3.2.0/gems/nokogiri-1.13.0-x86_64-linux", "MIT OR Ruby")
    assert packages[0].depends_on == ("pkg:gem/racc@1.6.0",)


def test_a_specification_that_computes_is_a_fault():
    told = survey(tree({"specifications/x-1.gemspec": "s.name = NAME\n"}))
    assert [fault.kind for fault in told.faults] == ["malformed-metadata"]


def test_packages_of_a_program_for_dotnet():
    about = {
        "targets": {
            "net8.0": {
                "App/1.0.0": {"dependencies": {"Newtonsoft.Json": "12.0.1"}},
                "A.B/2.0.0": {"dependencies": {"Newtonsoft.Json": "12.0.1"}},
            }
        },
        "libraries": {
            "App/1.0.0": {"type": "project", "sha512": ""},
            "A.B/2.0.0": {"type": "package", "sha512": "sha512-" + "A" * 86 + "=="},
            "Newtonsoft.Json/12.0.1": {"type": "package", "sha512": "no hash"},
            "runtimepack.Microsoft.NETCore.App/8.0.1": {"type": "runtimepack"},
            "broken": {"type": "package"},
        },
    }
    packages = catalog(tree({"App.deps.json": json.dumps(about)}))
    assert purls(packages) == ["pkg:nuget/A.B@2.0.0", "pkg:nuget/Microsoft.NETCore.App@8.0.1", "pkg:nuget/Newtonsoft.Json@12.0.1"]
    assert packages[0].depends_on == ("pkg:nuget/Newtonsoft.Json@12.0.1",)
    assert [bool(one.checksum) for one in packages] == [True, False, False]
