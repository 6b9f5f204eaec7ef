"""Known cases, as `older < newer` and `one = same`, each table with its source."""

import re

TABLES: dict[str, str] = {
    # PEP 440, "Summary of permitted suffixes and relative ordering", and its examples of epochs and local versions.
    "pypi": """
        1.0.dev456 < 1.0a1
        1.0a1 < 1.0a2.dev456
        1.0a2.dev456 < 1.0a12.dev456
        1.0a12.dev456 < 1.0a12
        1.0a12 < 1.0b1.dev456
        1.0b1.dev456 < 1.0b2
        1.0b2 < 1.0b2.post345.dev456
        1.0b2.post345.dev456 < 1.0b2.post345
        1.0b2.post345 < 1.0rc1.dev456
        1.0rc1.dev456 < 1.0rc1
        1.0rc1 < 1.0
        1.0 < 1.0+abc.5
        1.0+abc.5 < 1.0+abc.7
        1.0+abc.7 < 1.0+5
        1.0+5 < 1.0.post456.dev34
        1.0.post456.dev34 < 1.0.post456
        1.0.post456 < 1.0.15
        1.0.15 < 1.1.dev1
        2013.10 < 1!1.0
        1.0 = 1.0.0
        1.0alpha1 = 1.0a1
        v1.0-r4 = 1.0.post4
        1.0c1 = 1.0rc1
    """,
    # semver.org 2.0.0, section 11 and its examples; the loose forms are npm's (node-semver, "Versions").
    "npm": """
        1.0.0 < 2.0.0
        2.0.0 < 2.1.0
        2.1.0 < 2.1.1
        1.0.0-alpha < 1.0.0-alpha.1
        1.0.0-alpha.1 < 1.0.0-alpha.beta
        1.0.0-alpha.beta < 1.0.0-beta
        1.0.0-beta < 1.0.0-beta.2
        1.0.0-beta.2 < 1.0.0-beta.11
        1.0.0-beta.11 < 1.0.0-rc.1
        1.0.0-rc.1 < 1.0.0
        1.0.0+20130313144700 = 1.0.0
        1.0.0-beta+exp.sha.5114f85 = 1.0.0-beta
        1.2.3-A < 1.2.3-a
        1.2.3-1 < 1.2.3--
        v1.2.3 = 1.2.3
        =v1.2.3 = 1.2.3
        1.2 = 1.2.0
        1.2.3beta = 1.2.3-beta
        9.0.0 < 10.0.0
    """,
    "cargo": """
        0.1.0-alpha.1 < 0.1.0
        0.1.9 < 0.1.10
        1.0.0+zstd.1.5.2 = 1.0.0
    """,
    # go.dev/ref/mod "Pseudo-versions": each form lies between the two tagged versions around its commit. go.dev/doc/toolchain: 1.21rc1 < 1.21.0.
    "golang": """
        v0.0.0-20180101000000-aaaaaaaaaaaa < v0.0.0-20191109021931-daa7c04131f5
        v0.0.0-20191109021931-daa7c04131f5 < v0.0.1
        v1.2.3 < v1.2.4-0.20191109021931-daa7c04131f5
        v1.2.4-0.20191109021931-daa7c04131f5 < v1.2.4
        v1.2.4-pre < v1.2.4-pre.0.20191109021931-daa7c04131f5
        v1.2.4-pre.0.20191109021931-daa7c04131f5 < v1.2.4-pre.1
        v4.1.2+incompatible = v4.1.2
        4.1.2 = v4.1.2
        v2.0.0+incompatible < v2.0.1-0.20200101000000-abcdefabcdef+incompatible
        go1.20 = 1.20.0
        go1.21rc2 < go1.21.0
        go1.21rc1 < go1.21rc2
        go1.20.14 < go1.21rc1
        go1.9beta2 < go1.9rc1
        1.26.0-0 < go1.26rc1
        go1.25.9 < 1.26.0-0
        go1.22.5 X:boringcrypto = 1.22.5
    """,
    # maven.apache.org/pom.html "Version Order Specification" with its examples; the tests of ComparableVersion (apache/maven, Apache-2.0).
    "maven": """
        1 = 1.0.0
        1 = 1.ga
        1 = 1.final
        1 = 1.
        1 = 1-
        1 = 1.0.0-0.0.0
        1-foo = 1.0.0-foo.0.0
        1-1.foo-bar1baz-.1 = 1-1.foo-bar-1-baz-0.1
        1-1 = 1-ga-1
        1-1 < 1-2
        1-alpha-1 = 1a1
        1-a < 1-a.1
        1a = 1-a
        1a = 1.0.0-a
        1cr = 1rc
        1RELeaSE = 1
        1m3 = 1-MILESTONE-3
        1.0-alpha-1 < 1.0-beta-1
        1.0-beta-1 < 1.0-SNAPSHOT
        1.0-rc1 < 1.0-SNAPSHOT
        1.0-SNAPSHOT < 1.0
        1.0-alpha-1-SNAPSHOT < 1.0-alpha-1
        1.0 < 1.0-sp
        1.0-sp < 1.0-abc
        1.0-abc < 1.0-1
        1.0-1 < 1.0.1
        1-foo2 < 1-foo10
        1.foo < 1-1
        1-1 < 1.1
        2.0.1-xyz < 2.0.1-123
        1-alpha2snapshot < 1-alpha2
        1-alpha2 < 1-alpha-123
        1-m11 < 1-rc
        1-sp123 < 1-abc
        1-pom-1 < 1-1-snapshot
        1-1-snapshot < 1-1
        6.1.0rc3 < 6.1.0
        6.1.0 < 6.1H.5-beta
        20190126.230843 < 1234567890.12345
        1234567890.12345 < 123456789012345.1H.5-beta
        123456789012345.1H.5-beta < 12345678901234567890.1H.5-beta
        0.0.0-2021-05-17T01-01-51-5ec03a8b < 20.0.0
        1.0.0.RC1 < 1.0.0-RC2
        5.0.0.Beta3 < 5.0.0.Final
        31.0-android < 31.0-jre
        31.0 < 31.0-android
        2.0 < 2.0.1.RELEASE
        2.0.0.RELEASE = 2
    """,
    # Debian Policy Manual 5.6.12, and `dpkg --compare-versions` (test_dpkg asks it about generated ones).
    "deb": """
        ~~ < ~~a
        ~~a < ~
        ~ < 0
        1.0~beta1~svn1245 < 1.0~beta1
        1.0~beta1 < 1.0
        1.0 = 1.0-0
        1.0 < 1.0-1
        1.0-1 < 1.0-1+deb12u1
        1.0-1 < 1.0-1.1
        1.0-1~bpo11+1 < 1.0-1
        1.2.3 < 1:0.1
        0:1.2 = 1.2
        1.0a < 1.0b
        1.0a < 1.0+
        9 < 10
        007 = 7
        1.1.1n-0+deb11u4 < 1.1.1n-0+deb11u5
        2.36-9+deb12u3 < 2.36-9+deb12u10
        7.88.1-10+deb12u5 < 8.0.1-1
    """,
    # rpm's own tests (tests/rpmvercmp.at) as osv-scanner's fixtures state them.
    "rpm": """
        2.0 < 2.0.1
        2.0.1 < 2.0.1a
        5.5p1 < 5.5p10
        10xyz < 10.1xyz
        xyz10 < xyz10.1
        xyz.4 < 8
        5.5p2 < 5.6p1
        6.0 < 6.0.rc1
        10a2 < 10b2
        1.0a < 1.0aa
        10.0001 = 10.1
        10.0001 < 10.0039
        4.999.9 < 5.0
        2_0 = 2.0
        +a = _a
        1.0~rc1 < 1.0
        1.0~rc1 < 1.0~rc2
        1.0~rc1~git123 < 1.0~rc1
        1.0~rc1 < 1.0arc1
        0:1 < 1:1
        1~1 < 1:2
        13:5 > 04:2
        01:2 = 1:2
        1 < 1-0
        1-2 < 1-123
        1-123 > 1-1.el7
        0:3.10.0-229.el7 < 0:3.10.0-229.1.2.ael7b
        0:2.4.21-9.EL < 0:2.4.21-9.0.1.EL
        1-1. = 1-1
        1-1.ael7b < 1-1.el7
        1.0 < 1.0^
        1.0^git1 < 1.0^git2
        1.0^git1 < 1.01
        1.0^20160101 < 1.0.1
        1.0^20160101^git1 < 1.0^20160102
        1.0~rc1 < 1.0~rc1^git1
        1.0^git1~pre < 1.0^git1
        1.1.α = 1.1.ββ
        1.1.α < 1.1.a
        3.0.7-24.amzn2023.0.2 < 3.0.7-24.amzn2023.0.3
    """,
    # apk-tools' test/version.data as osv-scanner's fixtures state it.
    "apk": """
        2.34 > 0.1.0_alpha
        0.1.0_alpha < 0.1.3_alpha
        0.1.0_alpha2 > 0.1.0_alpha
        1.0.4-r3 < 1.0.4-r4
        1.0.4-r4 < 1.6
        1.1 > 1.1_alpha1
        1.3_alpha < 1.3_alpha2
        2.3.0b-r1 < 2.3.0b-r2
        3.1_p16 < 3.1_p17
        3.1_p17 > 1.06-r6
        1.06-r6 < 006
        006 > 1.0.0
        2.01.01_alpha10 > 0.94
        1.39 > 1.00_beta2
        1.02 < 1.03-r1
        1.02.07 < 1.02.10-r1
        4.2.52_p2-r1 < 4.2.52_p4-r2
        2.5.1-r8 < 2.5.1a-r1
        1.7 < 1.7b
        1.7b < 1.8.4-r3
        0.9.8c-r1 < 0.9.8d
        1.07-r1 < 1.07.5
        1.07 < 1.19
        2.9.11_pre20051101 < 2.9.11_pre20061021-r1
        2.1_pre20 < 2.1_pre26
        4.5_p1 < 4.5_p1-r1
        0.2.10-r2 < 2.01
        7.0.17 < 7.0.174
        1.6.8_p12-r1 > 1.6.8_p9-r2
        1.3-r0 < 1.3.1-r0
        1.3_pre1-r1 < 1.3.2
        0.1.0_alpha_pre2 < 0.1.0_alpha
        1.0.0_pre20191002222144-r0 < 1.0.0_pre20210530193627-r0
        1.0_rc1 < 1.0
        1.0 < 1.0_p1
        1.0_git20200101 < 1.0_p1
        3.1.4-r5 = 3.1.4-r5
    """,
    # The documentation of Gem::Version, and rubygems' test_gem_version.rb.
    "gem": """
        1.0 = 1
        1.0.0 = 1.0
        1.0.a < 1.0
        1.0.a.2 < 1.0.b1
        1.0.b1 < 1.0
        1.8.2.a < 1.8.2
        1.8.2.a9 < 1.8.2.a10
        1.8.2.a.9 < 1.8.2.a.10
        1.8.2.b < 1.8.2
        1.8.2.b < 1.9
        0.beta.1 = 0.0.beta.1
        0.0.beta < 0.0.beta.1
        5.a < 5.0.0.rc2
        5.x > 5.0.0.rc2
        1.9.3.0 = 1.9.3
        1.0.0-alpha < 1.0.0
        1.a.0.b < 1.a
        1.a.b < 1.a.0.b
        1.9 < 1.10
    """,
    # osv-scanner's fixtures for NuGet.
    "nuget": """
        1.0.0-BETA = 1.0.0-beta
        1.0.0-BETA.X.y.5.77.0+AA = 1.0.0-beta.x.y.5.77.0+aa
        1.0 = 1.0.0.0
        1.0.01 = 1.0.1.0
        1.0 < 1.0.0.1
        1.0.0.1-1.2.A < 1.0.0.1-1.2.a.A+A
        1.0.0-BETA < 1.0.0-beta2
        1.0.0-pre < 1.0.0.1-alpha
        1.0.0.1-alpha < 1.0.0.1-pre
        1.0.0 < 1.0.0.1-alpha
        0.9.9.1 < 1.0.0
        999999999999999999999999999991 < 999999999999999999999999999999
    """,
}


def cases() -> list[tuple[str, str, str, str]]:
    """Give (ecosystem, one, sign, other) of every line."""
    found = []
    for ecosystem, table in TABLES.items():
        for line in table.strip().splitlines():
            match = re.fullmatch(r"\s*(.+?) ([<=>]) (.+?)\s*", line)
            assert match is not None, line
            found.append((ecosystem, match[1], match[2], match[3]))
    return found


def spelled(ecosystem: str) -> list[str]:
    """Give every version of a table."""
    return [version for name, one, _, other in cases() if name == ecosystem for version in (one, other)]
