"""Downloads a wheel from a package index by its hash: pip's settings, and nothing of pip.

The index is asked in JSON (PEP 691) or read as a page (PEP 503). What was cut off goes on where it stopped, and nothing counts
before its hash does.
"""

import base64, configparser, hashlib, http.client, json, os, re, ssl, sys, urllib.error, urllib.parse, urllib.request
from pathlib import Path

FORMS = "application/vnd.pypi.simple.v1+json, text/html;q=0.1"
SILENCE_S = 60
CUTS = 5  # In a row, without a byte between them.
BLOCK = 1 << 20


class Failure(Exception):
    """Something the reader can act on; printed as one line."""


class Cut(Exception):
    """The connection ended before the file did."""

    def __str__(self):
        return "it is cut off again and again"


def setting(name):
    """As pip takes it: from its environment, then from its files, the user's before the machine's."""
    if value := os.environ.get(f"PIP_{name.upper().replace('-', '_')}"):
        return value
    home = Path.home()
    files = configparser.RawConfigParser(strict=False)
    files.read(["/etc/pip.conf", home / ".pip/pip.conf", home / ".config/pip/pip.conf", os.environ.get("PIP_CONFIG_FILE", os.devnull)])
    return files.get("global", name, fallback=None)


def usual():
    """The index that pip asks where nobody has set one: its own, or that of the pip that Python brings for virtual environments."""
    folders = [Path(os.__file__).parent / "ensurepip/_bundled", Path("/usr/share/python-wheels")]
    sys.path += [str(wheel) for folder in folders for wheel in sorted(folder.glob("pip-*.whl"))]
    try:
        from pip._internal.models.index import PyPI
    except ImportError:
        raise Failure("no package index is set, and this Python has no pip to name the usual one: set PIP_INDEX_URL, or install "
                      "python3-venv, or take a bundle (`trainyard tools install FILE`)") from None
    return PyPI.simple_url


def opener():
    """Through the proxies of the environment, or pip's; with the certificates of the machine, or pip's."""
    proxy = setting("proxy")
    handlers = [urllib.request.ProxyHandler({"http": proxy, "https": proxy})] if proxy else []
    certificates = ssl.create_default_context(cafile=setting("cert"))
    return urllib.request.build_opener(*handlers, urllib.request.HTTPSHandler(context=certificates))


def request(url, headers):
    """A name and password in the address are sent as a header, and to no other host that this one leads to."""
    parts = urllib.parse.urlsplit(url)
    user, at, host = parts.netloc.rpartition("@")
    asked = urllib.request.Request(parts._replace(netloc=host, fragment="").geturl(), headers=headers)
    if at:
        login = base64.b64encode(urllib.parse.unquote(user).encode()).decode()
        asked.add_unredirected_header("Authorization", f"Basic {login}")
    return asked


def place(package, digest):
    """Where the index has the file of this hash."""
    index = setting("index-url") or usual()
    page = f"{index.rstrip('/')}/{re.sub(r'[-_.]+', '-', package).lower()}/"
    with opener().open(request(page, {"Accept": FORMS}), timeout=SILENCE_S) as answer:
        text = answer.read().decode()
        if "json" in answer.headers.get_content_type():
            found = [file["url"] for file in json.loads(text)["files"] if file["hashes"].get("sha256") == digest]
        else:
            found = re.findall(rf'href="([^"#]+)#sha256={digest}"', text)
    if not found:
        raise Failure(f"{host_of(index)} has no file of {package} with the hash that requirements.txt pins: ask whoever runs that index")
    url = urllib.parse.urljoin(page, found[0])
    ours, theirs = urllib.parse.urlsplit(page), urllib.parse.urlsplit(url)
    is_same = (ours.hostname, ours.port) == (theirs.hostname, theirs.port) and "@" not in theirs.netloc
    return theirs._replace(netloc=ours.netloc).geturl() if is_same else url


def host_of(url):
    return urllib.parse.urlsplit(url).hostname or url


def stream(url, path, name):
    """Adds what is missing of the file at `path`."""
    have = path.stat().st_size if path.exists() else 0
    try:
        answer = opener().open(request(url, {"Range": f"bytes={have}-"} if have else {}), timeout=SILENCE_S)
    except urllib.error.HTTPError as error:
        if error.code != 416:
            raise
        path.unlink()  # It is longer than what is there now.
        raise Cut from error
    with answer:
        begins = re.match(rf"bytes {have}-", answer.headers.get("Content-Range", ""))
        goes_on = have > 0 and answer.status == 206 and begins
        have = have if goes_on else 0
        length = answer.headers.get("Content-Length")
        whole = have + int(length) if length else None
        with open(path, "ab" if goes_on else "wb") as file:
            while block := answer.read(BLOCK):
                file.write(block)
                have += len(block)
                show(name, have, whole)
    if whole is not None and have < whole:
        raise Cut


def show(name, have, whole):
    if sys.stderr.isatty():
        of = f" of {whole >> 20}" if whole else ""
        print(f"\r{name}: {have >> 20}{of} MiB ", end="\n" if have == whole else "", file=sys.stderr, flush=True)


def hash_of(path):
    found = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(BLOCK):
            found.update(block)
    return found.hexdigest()


def download(line, folder):
    """The wheel of a line of requirements.txt, from `folder` if it is there whole."""
    package, version, digest = re.fullmatch(r"([\w-]+)==(\S+) --hash=sha256:([0-9a-f]{64})", line).groups()
    whole = folder / f"{package.replace('-', '_')}-{version}-{digest[:12]}.whl"
    if whole.exists() and hash_of(whole) == digest:
        return whole
    folder.mkdir(parents=True, exist_ok=True)
    part, name = whole.with_suffix(".part"), f"{package} {version}"
    print(f"{name}: fetching", flush=True)
    try:
        fetch_part(package, digest, part, name)
    except urllib.error.HTTPError as error:
        raise Failure(f"{host_of(error.url)} answers {error.code} {error.reason} about {name}: look at PIP_INDEX_URL") from error
    except (urllib.error.URLError, ssl.SSLError) as error:
        raise Failure(unreachable(getattr(error, "reason", error))) from error
    if hash_of(part) != digest:
        part.unlink()
        raise Failure(f"{name} does not have the sha256 in requirements.txt: do not use it. Try again, and if it stays so, ask whoever "
                      "runs your package index, or check the pin")
    part.rename(whole)
    return whole


def fetch_part(package, digest, part, name):
    url, cuts = place(package, digest), 0
    while True:
        before = part.stat().st_size if part.exists() else 0
        try:
            return stream(url, part, name)
        except (Cut, http.client.HTTPException, ConnectionError, TimeoutError) as error:
            after = part.stat().st_size if part.exists() else 0
            cuts = 0 if after > before else cuts + 1
            if cuts == CUTS:
                raise Failure(unreachable(error)) from error


def unreachable(why):
    if isinstance(why, ssl.SSLCertVerificationError):
        return f"the package index has a certificate that is not trusted here ({why.verify_message}): set PIP_CERT to that of its authority"
    return f"the package index cannot be reached ({why}): check the network (or PIP_INDEX_URL, HTTPS_PROXY) and run it again"
