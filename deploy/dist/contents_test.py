"""What may be released and what may not, and that the SBOM has what the form asks for."""

import re, unittest

import contents

ENTRY = contents.component("cargo", "a", "1.0", "MIT", digest="0" * 64)


class Contents(unittest.TestCase):
    def test_a_licence_must_leave_a_choice_that_is_allowed(self):
        for expression, allowed in {
            "MIT": True, "MIT OR Apache-2.0": True, "MIT/Apache-2.0": True, "Apache-2.0 WITH LLVM-exception": True,
            "GPL-3.0-only OR MIT": True, "(MIT OR GPL-2.0) AND Zlib": True, "MIT OR GPL-3.0-only AND AGPL-3.0-only": True,
            "GPL-3.0-only": False, "AGPL-3.0-only": False, "MIT AND GPL-3.0-only": False, "GPL-2.0-only WITH Classpath-exception-2.0": False,
            "LGPL-2.1-or-later": False, "NOASSERTION": False, "": False, "(MIT": False, "MIT)": False, "MIT OR": True,
        }.items():
            self.assertEqual(contents.is_allowed(expression), allowed, expression)

    def test_what_is_not_allowed_stops_the_release_by_name(self):
        contents.checked([ENTRY])
        with self.assertRaisesRegex(contents.Refused, "viral 2.0 is under AGPL-3.0-only"):
            contents.checked([ENTRY, contents.component("npm", "viral", "2.0", "AGPL-3.0-only")])

    def test_this_release_has_a_whole_sbom(self):
        linked, needs = contents.crates()
        inside, besides = linked + contents.of_the_page(), contents.tools()
        contents.checked(inside)
        version = next(entry["version"] for entry, _ in linked if entry["name"] == "trainyard")
        bom = contents.sbom(version, 0, inside, besides, needs)
        self.assertEqual((bom["bomFormat"], bom["specVersion"], bom["version"]), ("CycloneDX", "1.6", 1))
        self.assertRegex(bom["serialNumber"], r"^urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
        self.assertEqual(bom["metadata"]["timestamp"], "1970-01-01T00:00:00Z")
        self.assertEqual(bom["metadata"]["component"]["type"], "application")
        refs = [entry["bom-ref"] for entry in bom["components"]]
        self.assertEqual(len(refs), len(set(refs)))
        names = {entry["name"] for entry in bom["components"]}
        self.assertLessEqual({"tokio", "rustls", "svelte", "uplot", "torch", "trainyard-vision"}, names)
        self.assertNotIn("proptest", names)
        lengths = {"SHA-256": 64, "SHA-512": 128}
        for entry in bom["components"]:
            self.assertTrue({"type", "name", "version", "purl", "licenses", "scope"} <= entry.keys(), entry)
            self.assertRegex(entry["purl"], r"^pkg:(cargo|npm|pypi)/[^@]+@.+$")
            for found in entry.get("hashes", []):
                self.assertTrue(re.fullmatch(r"[0-9a-f]+", found["content"]) and len(found["content"]) == lengths[found["alg"]], entry)
        known = {*refs, bom["metadata"]["component"]["bom-ref"]}
        for needed in bom["dependencies"]:
            self.assertLessEqual({needed["ref"], *needed["dependsOn"]}, known)
        self.assertEqual(bom, contents.sbom(version, 0, inside, besides, needs))


if __name__ == "__main__":
    unittest.main()
