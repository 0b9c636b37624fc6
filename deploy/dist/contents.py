#!/usr/bin/env python3
"""Says what is inside a release: an SBOM (CycloneDX 1.6) and the licence texts of everything, written into the folder that is named.

Inside are the crates that the two programs are linked from and the packages that the page is bundled from; the pinned tools, which
are fetched later, are listed as what is besides. What is under no licence of ALLOWED stops the release.
"""

import base64, datetime, json, os, re, subprocess, sys, tomllib, uuid
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = ("trainyard", "trainyard-vision")
TARGET = "x86_64-unknown-linux-gnu"
# What the page's bundle takes besides its own dependencies: the runtime of Svelte.
RUNTIME = ("svelte", "clsx", "esm-env")
ALLOWED = {
    "0BSD", "Apache-2.0", "BSD-1-Clause", "BSD-2-Clause", "BSD-3-Clause", "BSL-1.0", "CC0-1.0", "CDLA-Permissive-2.0", "ISC", "MIT", "MIT-0",
    "MPL-2.0", "NCSA", "OpenSSL", "Unicode-3.0", "Unicode-DFS-2016", "Unlicense", "Zlib", "bzip2-1.0.6",
}
LICENCE_FILE = re.compile(r"(?i)^(licen[cs]e|copying|notice|unlicense)([-_.].*)?$")


class Refused(Exception):
    """What may not be released; printed as one line."""


def is_allowed(expression):
    """Whether an SPDX expression leaves a choice of ALLOWED; AND binds closer than OR, and an exception only gives more."""
    words = re.findall(r"[()]|[^\s()]+", expression.replace("/", " OR "))

    def either():
        found = both()
        while words and words[0].upper() == "OR":
            words.pop(0)
            found = both() or found
        return found

    def both():
        found = one()
        while words and words[0].upper() == "AND":
            words.pop(0)
            found = one() and found
        return found

    def one():
        if not words:
            return False
        word = words.pop(0)
        if word == "(":
            found = either()
            return bool(words) and words.pop(0) == ")" and found
        if words and words[0].upper() == "WITH":
            del words[:2]
        return word in ALLOWED

    return either() and not words


def component(kind, name, version, licence, alg="SHA-256", digest=None, scope="required", folder=None):
    """One thing inside, as the SBOM has it, and where its licence texts are."""
    purl = f"pkg:{kind}/{name.replace('@', '%40')}@{version}"
    entry = {"type": "library", "bom-ref": purl, "name": name, "version": version, "scope": scope, "purl": purl,
             "licenses": [{"expression": re.sub(r"\s*/\s*", " OR ", licence)}]}
    if digest:
        entry["hashes"] = [{"alg": alg, "content": digest}]
    return entry, folder


def crates():
    """Those that the programs are linked from, and who needs whom; nothing that only builds or tests them."""
    command = ["cargo", "metadata", "--locked", "--offline", "--format-version", "1", "--filter-platform", TARGET]
    metadata = json.loads(subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout)
    locked = tomllib.loads((ROOT / "Cargo.lock").read_text())["package"]
    hashes = {(package["name"], package["version"]): package.get("checksum") for package in locked}
    packages = {package["id"]: package for package in metadata["packages"]}
    needs = {
        node["id"]: [dep["pkg"] for dep in node["deps"] if any(kind["kind"] is None for kind in dep["dep_kinds"])]
        for node in metadata["resolve"]["nodes"]
    }
    left = [id for id, package in packages.items() if package["name"] in PROGRAMS and package["source"] is None]
    inside = set()
    while left:
        id = left.pop()
        if id not in inside:
            inside.add(id)
            left += needs[id]
    found, refs = [], {}
    for id in sorted(inside, key=lambda id: (packages[id]["name"], packages[id]["version"])):
        package = packages[id]
        name, version = package["name"], package["version"]
        licence = package["license"] or "NOASSERTION"
        folder = Path(package["manifest_path"]).parent
        digest = hashes.get((name, version))
        found.append(component("cargo", name, version, licence, digest=digest, folder=folder if package["source"] else ROOT))
        refs[id] = found[-1][0]["bom-ref"]
    return found, {refs[id]: sorted({refs[need] for need in needs[id]}) for id in inside}


def of_the_page():
    web = ROOT / "gateway/web"
    found = []
    for place, package in sorted(json.loads((web / "package-lock.json").read_text())["packages"].items()):
        name = place.removeprefix("node_modules/")
        if place and "/node_modules/" not in place and (not package.get("dev") or name in RUNTIME):
            alg, digest = package["integrity"].split("-", 1)
            alg, digest = alg.upper().replace("SHA", "SHA-"), base64.b64decode(digest).hex()
            found.append(component("npm", name, package["version"], package["license"], alg, digest, folder=web / place))
    return found


def tools():
    """Fetched onto the machine by hash, and not inside."""
    licences = json.loads((ROOT / "deploy/tools/tools.json").read_text())["licences"]
    pins = re.findall(r"(?m)^([\w-]+)==(\S+) --hash=sha256:([0-9a-f]{64})$", (ROOT / "deploy/tools/requirements.txt").read_text())
    return [component("pypi", name, version, licences[name], digest=digest, scope="excluded") for name, version, digest in pins]


def checked(inside):
    """Nothing is inside that may not be."""
    for entry, _ in inside:
        licence = entry["licenses"][0]["expression"]
        if not is_allowed(licence):
            raise Refused(f"{entry['name']} {entry['version']} is under {licence}, which no release may have inside: take it out, or, if it is "
                          "permissive, add it to ALLOWED in deploy/dist/contents.py")


def sbom(version, epoch, inside, besides, needs):
    own = f"pkg:cargo/trainyard@{version}"
    components = sorted((entry for entry, _ in inside + besides if entry["bom-ref"] != own), key=lambda entry: entry["bom-ref"])
    (main,) = [entry for entry, _ in inside if entry["bom-ref"] == own]
    main = {key: value for key, value in main.items() if key != "scope"} | {"type": "application"}
    time = datetime.datetime.fromtimestamp(epoch, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    bom = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json", "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
        "metadata": {"timestamp": time, "component": main},
        "components": components,
        "dependencies": [{"ref": ref, "dependsOn": needs[ref]} for ref in sorted(needs)],
    }
    # The same contents have the same number.
    return {"serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, json.dumps(bom, sort_keys=True))}"} | bom


def licence_texts(inside):
    """Each text once, below the names of all that are under it."""
    under, without = {}, []
    for entry, folder in inside:
        who = f"{entry['name']} {entry['version']} ({entry['licenses'][0]['expression']})"
        files = sorted(path for path in folder.iterdir() if LICENCE_FILE.match(path.name) and path.is_file()) if folder.is_dir() else []
        for path in files:
            text = path.read_text(errors="replace").replace("\r\n", "\n").strip()
            under.setdefault(text, []).append(who)
        if not files:
            without.append(who)
    parts = ["What is inside this release, and the licences it is under.\n"]
    parts += ["\n".join(sorted(names)) + "\n\n" + text + "\n" for text, names in sorted(under.items(), key=lambda item: min(item[1]))]
    parts.append("These bring no text of their own and are under the licences beside their names:\n\n" + "\n".join(sorted(without)) + "\n")
    return ("\n" + "-" * 80 + "\n\n").join(parts)


def main():
    out, version, epoch = Path(sys.argv[1]), sys.argv[2], int(os.environ["SOURCE_DATE_EPOCH"])
    linked, needs = crates()
    inside, besides = linked + of_the_page(), tools()
    try:
        checked(inside)
    except Refused as refused:
        sys.exit(f"dist: {refused}")
    (out / "sbom.cdx.json").write_text(json.dumps(sbom(version, epoch, inside, besides, needs), indent=1) + "\n")
    (out / "LICENCES.txt").write_text(licence_texts(inside))


if __name__ == "__main__":
    main()
