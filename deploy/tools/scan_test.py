"""Each form is found, and what only looks like one is not. Nothing here has such a form as it stands in this file."""

import unittest
from importlib.machinery import SourceFileLoader
from pathlib import Path

scan = SourceFileLoader("scan", str(Path(__file__).with_name("scan"))).load_module()


class Scan(unittest.TestCase):
    def test_each_form_is_found_with_its_line(self):
        examples = {
            "a private key": "-----BEGIN " + "PRIVATE KEY-----\n" + "A" * 64, "a key of AWS": "AKIA" + "A1" * 8,
            "a token of GitHub": "ghp_" + "a" * 36, "a token of GitLab": "glpat-" + "a" * 20, "a token of Hugging Face": "hf_" + "a" * 34,
            "a token of Slack": "xoxb-" + "1" * 24, "a webhook of Slack": "hooks.slack.com/services/" + "T00000000/B00000000/" + "a" * 24,
            "a key of Google": "AIza" + "a" * 35, "a key of OpenAI": "sk-" + "a" * 40, "a token of PyPI": "pypi-" + "a" * 60,
            "a seed of NATS": "SU" + "A" * 56, "a token of ours": "ty_" + "a" * 40,
        }
        self.assertEqual(examples.keys(), scan.FORMS.keys())
        for what, text in examples.items():
            self.assertEqual([(line, form) for line, form, _ in scan.found_in(f"first\nkey = '{text}'\n")], [(2, what)])

    def test_what_says_that_it_is_none_is_passed_over(self):
        key = "AKIA" + "A1" * 8
        for text in (f"{key} # not a secret", "AKIAIOSFODNN7EXAMPLE", "ty_x", "hf_token", "-----BEGIN PRIVATE KEY-----\n{}"):
            self.assertEqual(list(scan.found_in(text)), [], text)


if __name__ == "__main__":
    unittest.main()
