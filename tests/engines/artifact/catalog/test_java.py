"""Libraries in Java archives are found, in archives inside them too."""

import io
import zipfile

import pytest
from tests.engines.artifact.attacks import ATTACKS
from tests.engines.artifact.catalog.trees import found, purls, tree

from buckler.engines.artifact.catalog import catalog, survey


def jar(files):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def pom(group, artifact, version):
    return {
        f"META-INF/maven/{group}/{artifact}/pom.properties": f"#made\r\nversion={version}\r\ngroupId={group}\r\nartifactId={artifact}\r\n"
    }


LOG4J = jar(pom("org.apache.logging.log4j", "log4j-core", "2.14.1"))


def test_a_library():
    (one,) = catalog(tree({"java/lib/log4j-core-2.14.1.jar": LOG4J}))
    assert (one.purl, one.name, one.path) == (
        "pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1",
        "org.apache.logging.log4j:log4j-core",
        "java/lib/log4j-core-2.14.1.jar",
    )
    assert not one.is_vendored


def test_a_renamed_library_is_still_what_it_is():
    (one,) = catalog(tree({"lib/logging.jar": LOG4J}))
    assert (one.version, one.is_vendored) == ("2.14.1", False)


def test_a_shaded_jar_holds_several():
    content = jar(pom("a.b", "app", "1") | pom("org.slf4j", "slf4j-api", "1.7.0") | pom("c.d", "other", "2"))
    packages = catalog(tree({"app-1-jar-with-dependencies.jar": content}))
    assert [(one.name, one.is_vendored) for one in packages] == [("a.b:app", False), ("c.d:other", True), ("org.slf4j:slf4j-api", True)]


def test_a_jar_that_swallowed_one_library_is_not_that_library():
    told = survey(tree({"opentelemetry-sdk-trace-1.44.1.jar": jar(pom("org.jctools", "jctools-core", "4.0.5"))}))
    assert [(one.purl, one.is_vendored) for one in told.packages] == [
        ("pkg:maven/opentelemetry-sdk-trace@1.44.1", False),
        ("pkg:maven/org.jctools/jctools-core@4.0.5", True),
    ]


def test_jars_in_jars():
    content = jar({"BOOT-INF/lib/x.war": jar({"WEB-INF/lib/log4j-core-2.14.1.jar": LOG4J})})
    assert found(catalog(tree({"app.jar": content}))) == [
        ("pkg:maven/org.apache.logging.log4j/log4j-core@2.14.1", "app.jar!/BOOT-INF/lib/x.war!/WEB-INF/lib/log4j-core-2.14.1.jar")
    ]


def test_too_deep_is_said():
    content = LOG4J
    for _ in range(8):
        content = jar({"x.jar": content})
    told = survey(tree({"x.jar": content}))
    assert told.packages == ()
    assert "archives in one another" in told.not_assessed[0].why


def test_a_function_whose_classes_are_unpacked():
    packages = catalog(tree(pom("a.b", "fn", "1.0") | {"a/b/Fn.class": b"\xca\xfe\xba\xbe"}))
    assert found(packages) == [("pkg:maven/a.b/fn@1.0", "META-INF/maven/a.b/fn/pom.properties")]


def test_without_maven_the_group_stays_open_and_is_said_to():
    manifest = "Manifest-Version: 1.0\r\nBundle-SymbolicName: com.sun.j\r\n na\r\nImplementation-Version: 5.13\r\n\r\nName: x\r\n"
    told = survey(tree({"jna.jar": jar({"META-INF/MANIFEST.MF": manifest}), "asm-9.2.jar": jar({"x": ""}), "nothing.jar": jar({"x": ""})}))
    assert purls(told.packages) == ["pkg:maven/asm@9.2", "pkg:maven/jna@5.13"]
    assert sorted(one.why.partition(":")[0] for one in told.not_assessed) == ["asm-9.2.jar", "jna.jar"]


@pytest.mark.parametrize(
    ("name", "file", "wanted"),
    [
        ("spring-core-5.3.17.jar", "org/springframework/core/X.class", "org.springframework:spring-core"),
        ("spring-core-5.3.17.jar", "com/evil/X.class", "spring-core"),
        ("hibernate-core-5.6.0.Final.jar", "org/hibernate/X.class", "org.hibernate:hibernate-core"),
        ("hibernate-core-6.1.0.Final.jar", "org/hibernate/X.class", "org.hibernate.orm:hibernate-core"),
        ("tomcat-embed-core-9.0.1.jar", "org/apache/catalina/X.class", "org.apache.tomcat.embed:tomcat-embed-core"),
        ("groovy-3.0.1.jar", "groovy/lang/X.class", "org.codehaus.groovy:groovy"),
        ("groovy-4.0.1.jar", "groovy/lang/X.class", "org.apache.groovy:groovy"),
        ("commons-collections-3.2.1.jar", "org/apache/commons/collections/X.class", "commons-collections:commons-collections"),
        ("unheard-of-1.0.jar", "org/springframework/core/X.class", "unheard-of"),
    ],
)
def test_well_known_libraries_are_known_where_their_classes_are(name, file, wanted):
    (one,) = catalog(tree({name: jar({file: ""})}))
    assert one.name == wanted


@pytest.mark.parametrize(
    ("xml", "version"),
    [
        (
            "<project><parent><version>7</version></parent><version> 1.2 </version><dependencies><version>9</version></dependencies></project>",
            "1.2",
        ),
        ("<project><parent><version>7</version></parent><dependencies><version>9</version></dependencies></project>", "7"),
        ("<project><version>${revision}</version></project>", ""),
    ],
)
def test_only_a_pom(xml, version):
    (one,) = catalog(tree({"x.jar": jar({"META-INF/maven/g/a/pom.xml": xml})}))
    assert (one.name, one.version) == ("g:a", version)


def test_what_is_no_archive_is_said():
    told = survey(tree({"x.jar": b"hello"}))
    assert ([fault.kind for fault in told.faults], len(told.not_assessed)) == (["broken-archive"], 1)


@pytest.mark.parametrize("name", [name for name in ATTACKS if "70" not in name])
def test_no_attack_on_archives_is_one_on_us(name):
    survey(tree({"x.jar": ATTACKS[name][0](), "log4j-core-2.14.1.jar": LOG4J}))


def test_archives_that_unpack_to_too_much_are_said_to():
    content = jar({"zeros": b"\0" * 300_000_000})
    told = survey(tree({f"{number}.jar": content for number in range(2)}))
    assert told.packages == ()
    assert len(told.not_assessed) == 2
