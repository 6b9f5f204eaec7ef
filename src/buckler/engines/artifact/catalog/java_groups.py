"""Groups of well-known libraries whose builds leave no mark of Maven in the jar: Gradle's and Ant's.

A name alone proves nothing, so each is believed only where the jar holds classes of the package that belongs to it.
Source: the coordinates these projects publish under, as their documentation gives them; checked on a thousand jars of known groups.
"""

import re
from typing import Final, NamedTuple

from buckler.engines.artifact.tree import Tree


class _Known(NamedTuple):
    artifact: re.Pattern[str]
    package: str
    """Folder that classes of it stand in."""
    group: str
    before: int = 0
    """Only of releases whose first number is smaller; 0 for all."""


def _known(artifact: str, package: str, group: str, before: int = 0) -> _Known:
    return _Known(re.compile(artifact + r"\Z"), package, group, before)


_KNOWN: Final = (
    _known(
        r"spring-(?:aop|aspects|beans|context(?:-support|-indexer)?|core|core-test|expression|instrument|jcl|jdbc|jms|messaging|orm|oxm|r2dbc"
        r"|test|tx|web|webmvc|webflux|websocket)",
        "org/springframework/",
        "org.springframework",
    ),
    _known(r"spring-boot(?:-.+)?", "org/springframework/boot/", "org.springframework.boot"),
    _known(r"spring-security-.+", "org/springframework/security/", "org.springframework.security"),
    _known(r"tomcat-embed-.+", "", "org.apache.tomcat.embed"),
    _known(r"okhttp(?:-.+)?", "okhttp3/", "com.squareup.okhttp3"),
    _known(r"okio(?:-jvm)?", "okio/", "com.squareup.okio"),
    _known(r"kotlin-(?:stdlib|reflect)(?:-.+)?", "kotlin/", "org.jetbrains.kotlin"),
    _known(r"kotlinx-.+", "kotlinx/", "org.jetbrains.kotlinx"),
    _known(r"hibernate-core", "org/hibernate/", "org.hibernate", before=6),
    _known(r"hibernate-core", "org/hibernate/", "org.hibernate.orm"),
    _known(r"jna(?:-platform)?", "com/sun/jna/", "net.java.dev.jna"),
    _known(r"asm(?:-(?:analysis|commons|tree|util))?", "org/objectweb/asm/", "org.ow2.asm"),
    _known(r"reactor-core", "reactor/core/", "io.projectreactor"),
    _known(r"reactor-netty-.+", "reactor/netty/", "io.projectreactor.netty"),
    _known(r"micrometer-.+", "io/micrometer/", "io.micrometer"),
    _known(r"caffeine", "com/github/benmanes/caffeine/", "com.github.ben-manes.caffeine"),
    _known(r"groovy(?:-.+)?", "", "org.codehaus.groovy", before=4),
    _known(r"groovy(?:-.+)?", "", "org.apache.groovy"),
    _known(r"grpc-.+", "io/grpc/", "io.grpc"),
    _known(r"opentelemetry-(?:api|common|context|sdk|sdk-.+|exporter-.+|extension-.+)", "io/opentelemetry/", "io.opentelemetry"),
    _known(r"lombok", "lombok/", "org.projectlombok"),
    _known(r"mockito-.+", "org/mockito/", "org.mockito"),
    _known(r"bc(?:prov|pkix|util|pg|mail|tls)-.+", "org/bouncycastle/", "org.bouncycastle"),
    _known(r"dom4j", "org/dom4j/", "dom4j", before=2),
    _known(r"dom4j", "org/dom4j/", "org.dom4j"),
    _known(r"lucene-.+", "org/apache/lucene/", "org.apache.lucene"),
    _known(r"kafka-clients", "org/apache/kafka/", "org.apache.kafka"),
    _known(r"protobuf-java(?:-util)?", "com/google/protobuf/", "com.google.protobuf"),
    _known(r"scala-(?:library|reflect|compiler)", "scala/", "org.scala-lang"),
    _known(r"junit", "org/junit/", "junit"),
    _known(r"junit-jupiter(?:-.+)?", "org/junit/jupiter/", "org.junit.jupiter"),
    _known(r"xz", "org/tukaani/xz/", "org.tukaani"),
    _known(r"zstd-jni", "com/github/luben/zstd/", "com.github.luben"),
    *(
        _known(f"commons-{name}", f"org/apache/commons/{name}/", f"commons-{name}")
        for name in (
            "beanutils",
            "cli",
            "codec",
            "collections",
            "digester",
            "fileupload",
            "httpclient",
            "io",
            "lang",
            "logging",
            "net",
            "validator",
        )
    ),
    _known(r"ant(?:-.+)?", "org/apache/tools/ant/", "org.apache.ant"),
)
_ANY_PACKAGE: Final = {
    "org.apache.tomcat.embed": ("org/apache/", "jakarta/", "javax/"),
    "org.codehaus.groovy": ("org/codehaus/groovy/", "groovy/"),
}
_ANY_PACKAGE["org.apache.groovy"] = ("org/apache/groovy/", "org/codehaus/groovy/", "groovy/")


def group_of(artifact: str, version: str, tree: Tree) -> str:
    """Give the group of a well-known library; "" for any other."""
    first = re.match(r"\d+", version)
    for known in _KNOWN:
        if not known.artifact.match(artifact) or (known.before and (first is None or int(first[0]) >= known.before)):
            continue
        packages = (known.package,) if known.package else _ANY_PACKAGE[known.group]
        if any(path.endswith(".class") and path.startswith(packages) for path in tree.entries):
            return known.group
    return ""
