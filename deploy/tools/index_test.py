"""A package index on loopback that misbehaves: what arrives has its hash, or nothing does and it is said why."""

import hashlib, json, os, tempfile, threading, unittest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from unittest import mock

import index

BYTES = bytes(range(256)) * 4096
DIGEST = hashlib.sha256(BYTES).hexdigest()
LINE = f"a-tool==1.0 --hash=sha256:{DIGEST}"


class Index(BaseHTTPRequestHandler):
    """JSON or HTML as the server says, the file cut after so many bytes, so many times."""

    def do_GET(self):
        self.server.asked.append((self.path, self.headers.get("Range"), self.headers.get("Authorization")))
        if self.path == "/simple/a-tool/":
            self.page()
        elif self.path == "/files/a_tool-1.0.whl":
            self.file()
        else:
            self.send_error(404)

    def page(self):
        url = "../../files/a_tool-1.0.whl"
        if self.server.speaks_json:
            kind, text = "application/vnd.pypi.simple.v1+json", json.dumps({"files": [
                {"url": "elsewhere", "hashes": {"sha256": "0" * 64}}, {"url": url, "hashes": {"sha256": DIGEST}}]})
        else:
            kind, text = "text/html", f'<a href="elsewhere#sha256={"0" * 64}">x</a> <a href="{url}#sha256={DIGEST}">y</a>'
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.end_headers()
        self.wfile.write(text.encode())

    def file(self):
        begin = int((self.headers.get("Range") or "bytes=0-")[6:-1])
        begin = begin if self.server.has_ranges else 0
        rest = self.server.bytes[begin:]
        self.send_response(206 if begin else 200)
        if begin:
            self.send_header("Content-Range", f"bytes {begin}-{len(self.server.bytes) - 1}/{len(self.server.bytes)}")
        self.send_header("Content-Length", str(len(rest)))
        self.end_headers()
        cut = self.server.cuts.pop(0) if self.server.cuts else len(rest)
        self.wfile.write(rest[:cut])

    def log_message(self, *_):
        pass


class Downloads(unittest.TestCase):
    def setUp(self):
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Index)
        self.server.asked, self.server.cuts, self.server.bytes = [], [], BYTES
        self.server.speaks_json = self.server.has_ranges = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def download(self, user="", port=None, line=LINE):
        url = f"http://{user}127.0.0.1:{port or self.server.server_port}/simple"
        with mock.patch.dict(os.environ, {"PIP_INDEX_URL": url, "no_proxy": "127.0.0.1", "PIP_PROXY": ""}):
            return index.download(line, self.folder)

    def test_a_whole_file_is_asked_for_once(self):
        for speaks_json in (True, False):
            self.server.speaks_json = speaks_json
            path = self.download()
            self.assertEqual(path.read_bytes(), BYTES)
            asked = len(self.server.asked)
            self.assertEqual(self.download(), path)
            self.assertEqual(len(self.server.asked), asked)
            path.unlink()

    def test_what_was_cut_goes_on_where_it_stopped(self):
        self.server.cuts = [1000, 500_000]
        self.assertEqual(self.download().read_bytes(), BYTES)
        self.assertEqual([asked for _, asked, _ in self.server.asked], [None, None, "bytes=1000-", "bytes=501000-"])

    def test_without_ranges_it_begins_anew(self):
        self.server.has_ranges, self.server.cuts = False, [1000]
        self.assertEqual(self.download().read_bytes(), BYTES)

    def test_an_index_that_only_cuts_is_given_up(self):
        self.server.cuts = [0] * 100
        with self.assertRaisesRegex(index.Failure, "cut off again and again"):
            self.download()

    def test_another_hash_is_refused_and_not_kept(self):
        self.server.bytes = BYTES[:-1] + b"x"
        with self.assertRaisesRegex(index.Failure, "does not have the sha256"):
            self.download()
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_an_index_without_the_file_is_named(self):
        with self.assertRaisesRegex(index.Failure, "127.0.0.1 has no file of a-tool"):
            self.download(line=LINE.replace(DIGEST, "1" * 64))
        with self.assertRaisesRegex(index.Failure, "answers 404"):
            self.download(line=LINE.replace("a-tool", "another"))

    def test_nobody_there_is_said(self):
        with self.assertRaisesRegex(index.Failure, "cannot be reached"):
            self.download(port=9)

    def test_a_password_is_sent_to_the_index_as_a_header(self):
        self.download(user="me:s%40cret@")
        self.assertEqual({login for _, _, login in self.server.asked}, {"Basic bWU6c0BjcmV0"})


if __name__ == "__main__":
    unittest.main()
