#!/usr/bin/env python3
"""Makes the environment of a runner: `install.py NAME --into DIR`. Needs Python 3.11 or newer and nothing else.

What is made is whole or not there: it grows beside DIR and takes its name when `describe` has answered. DIR then holds
`bin/python`, the runner's `describe.json`, and `installed.json`, which is printed as one line.
"""

import sys

if sys.version_info < (3, 11):
    sys.exit("error: this needs Python 3.11 or newer: run it with one, such as python3.11")

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import tomllib
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
SDK = HERE / "sdk"
# The one program that is fetched where it is not on the path.
UV_VERSION = "0.13.9"
UV_WHEEL = f"uv-{UV_VERSION}-py3-none-manylinux_2_17_x86_64.manylinux2014_x86_64.whl"
UV_SHA256 = "d7f459fe4fd247d830351c75686d3996ace3c6f3f728eb0e85a30b7ada0cef19"
# What torch names of NVIDIA's and never calls where there is no GPU.
EMPTY = [
    "libcublas.so.13",
    "libcublasLt.so.13",
    "libcudnn.so.9",
    "libcufft.so.12",
    "libcufile.so.0",
    "libcurand.so.10",
    "libcusparse.so.12",
    "libcusparseLt.so.0",
    "libnccl.so.2",
    "libnvshmem_host.so.3",
]
# Run before every program of the environment: functions of libraries that are empty are looked up only when called.
LAZY = "import os, sys; sys.setdlopenflags(os.RTLD_LAZY)\n"
DESCRIBE_S = 300
SYNC_S = 3_600
FETCH_S = 600


class Refusal(Exception):
    """What is wrong, and what to do."""


def runners() -> list[str]:
    return sorted(path.parent.name for path in HERE.glob("*/runner.toml"))


def told(name: str) -> dict:
    if name not in runners():
        raise Refusal(f"there is no runner {name!r}: choose one of {', '.join(runners())}")
    return tomllib.loads((HERE / name / "runner.toml").read_text("utf-8"))


def wanted(name: str) -> str:
    """Of all that the environment is made from: another hash is another environment."""
    digest = hashlib.sha256()
    files = [HERE / name / "pyproject.toml", HERE / name / "uv.lock", HERE / name / "runner.toml", Path(__file__)]
    for path in [*files, *_sources(SDK), *_sources(HERE / name)]:
        digest.update(f"{path.name}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()


def _sources(folder: Path) -> list[Path]:
    return sorted(path for package in folder.glob("trainyard_*") for path in package.rglob("*.py"))


def uv(cache: Path, offline: bool) -> Path:
    """The one on the path, the one fetched before, or the pinned one."""
    found = shutil.which("uv")
    if found:
        return Path(found)
    kept = cache / f"uv-{UV_VERSION}" / "uv"
    if kept.exists():
        return kept
    if offline:
        raise Refusal("uv is not here and must not be fetched: install uv, or leave --offline out once")
    wheel = _fetch_uv(cache)
    partial = kept.with_suffix(f".{os.getpid()}")
    with zipfile.ZipFile(wheel) as archive:
        inside = next(name for name in archive.namelist() if name.endswith("/scripts/uv"))
        partial.write_bytes(archive.read(inside))
    wheel.unlink()
    partial.chmod(0o755)
    partial.replace(kept)
    return kept


def _fetch_uv(cache: Path) -> Path:
    """By pip, from wherever it is set to look, and with the pinned hash alone."""
    folder = cache / f"uv-{UV_VERSION}"
    folder.mkdir(parents=True, exist_ok=True)
    wanted_file = folder / f"wanted.{os.getpid()}"
    wanted_file.write_text(f"uv=={UV_VERSION} --hash=sha256:{UV_SHA256}\n")
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:", "--require-hashes"]
    ran = subprocess.run([*command, "--dest", folder, "--requirement", wanted_file], stdout=sys.stderr, timeout=FETCH_S)
    wanted_file.unlink()
    wheel = folder / UV_WHEEL
    if ran.returncode or hashlib.sha256(wheel.read_bytes()).hexdigest() != UV_SHA256:
        raise Refusal("pip could not fetch uv as it is pinned: install uv by hand, and see that it is on the path")
    return wheel


def install(name: str, into: Path, cache: Path, offline: bool, dev: bool) -> dict:
    runner = told(name)
    now = check(name, into)
    if now is not None and now["dev"] >= dev:
        return now
    if into.exists() and not (into / "installed.json").exists() and any(into.iterdir()):
        raise Refusal(f"{into} holds something else: give an empty folder, or one that does not exist")
    cache.mkdir(parents=True, exist_ok=True)
    into.parent.mkdir(parents=True, exist_ok=True)
    growing = into.with_name(f".{into.name}.{os.getpid()}")
    _clear(into)
    try:
        _grow(name, runner, growing, cache, offline, dev)
        # Of an environment only its own path is not true any more once it is moved, and no script of it is used.
        if into.exists():
            old = into.with_name(f".{into.name}.{os.getpid()}.old")
            into.rename(old)
            growing.rename(into)
            shutil.rmtree(old)
        else:
            growing.rename(into)
    finally:
        shutil.rmtree(growing, ignore_errors=True)
    made = check(name, into)
    if made is None:
        raise Refusal(f"{into} is not whole although it was just made: look at the disk, and try again")
    return made


def _clear(into: Path) -> None:
    """What installations that were killed have left."""
    for left in into.parent.glob(f".{into.name}.*"):
        process = left.name.removeprefix(f".{into.name}.").split(".")[0]
        if process.isdigit() and not Path(f"/proc/{process}").exists():
            shutil.rmtree(left, ignore_errors=True)


def _grow(name: str, runner: dict, growing: Path, cache: Path, offline: bool, dev: bool) -> None:
    program = uv(cache, offline)
    project = growing / "project"
    project.mkdir(parents=True)
    for file in ("pyproject.toml", "uv.lock"):
        shutil.copy(HERE / name / file, project / file)
    environment = {
        **os.environ,
        "UV_CACHE_DIR": str(cache),
        "UV_PROJECT_ENVIRONMENT": str(growing),
        "UV_NO_PROGRESS": "1",
        "VIRTUAL_ENV": "",
    }
    made = subprocess.run(
        [program, "venv", "--quiet", "--allow-existing", "--python", sys.executable, growing],
        env=environment,
        stdout=sys.stderr,
    )
    if made.returncode:
        raise Refusal("uv could not make an environment: its words are above")
    command = [program, "sync", "--frozen", "--project", project]
    command += [*([] if dev else ["--no-dev"]), *(["--offline"] if offline else [])]
    if subprocess.run(command, env=environment, stdout=sys.stderr, timeout=SYNC_S).returncode:
        raise Refusal("uv could not install what the lock names: its words are above; see network and disk, and try again")
    site = next((growing / "lib").glob("python3.*/site-packages"))
    for package in [*SDK.glob("trainyard_*"), *(HERE / name).glob("trainyard_*")]:
        shutil.copytree(package, site / package.name, ignore=shutil.ignore_patterns("__pycache__"))
    if (site / "torch" / "lib").is_dir():
        (site / "trainyard.pth").write_text(LAZY)
        sys.path.insert(0, str(SDK))
        from trainyard_sdk.empty_library import write_empty_libraries

        write_empty_libraries(EMPTY, site / "torch" / "lib")
    described = _describe(growing, runner)
    (growing / "describe.json").write_text(json.dumps(described), "utf-8")
    record = {
        "name": name,
        "version": described["version"],
        "command": runner["command"],
        "licence": runner["licence"],
        "consent": runner["consent"],
        "made_from": wanted(name),
        "dev": dev,
        "megabytes": _megabytes(growing),
    }
    (growing / "installed.json").write_text(json.dumps(record), "utf-8")
    _sync_all(growing)


def _describe(growing: Path, runner: dict) -> dict:
    program, *rest = runner["command"]
    ran = subprocess.run(
        [growing / "bin" / program, *rest, "describe"], stdout=subprocess.PIPE, timeout=DESCRIBE_S, cwd=growing, env=clean()
    )
    try:
        described = json.loads(ran.stdout)
        if ran.returncode == 0 and described["runner"] == runner["name"]:
            return described
    except (ValueError, KeyError):
        pass
    raise Refusal(f"the runner was installed and does not describe itself (exit code {ran.returncode}): its words are above")


def clean() -> dict:
    """Nothing of another Python may be seen from the environment."""
    return {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "VIRTUAL_ENV"))}


def _megabytes(folder: Path) -> int:
    """As if alone on the disk; with others it shares most of it with the cache."""
    files = (path.lstat() for path in folder.rglob("*"))
    return round(sum(stat.st_size for stat in files) / 1e6)


def _sync_all(folder: Path) -> None:
    """One that is there is there after a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        subprocess.run(["sync", "-f", folder], check=False)
        os.fsync(handle)
    finally:
        os.close(handle)


def check(name: str, into: Path) -> dict | None:
    """The record of an environment that is whole and made from what lies here; otherwise nothing."""
    try:
        record = json.loads((into / "installed.json").read_text("utf-8"))
        described = json.loads((into / "describe.json").read_text("utf-8"))
    except (OSError, ValueError):
        return None
    whole = record.get("name") == name and described.get("runner") and (into / "bin" / "python").exists()
    if not whole or record.get("made_from") != wanted(name):
        return None
    program, *rest = record["command"]
    return {**record, "folder": str(into), "command": [str(into / "bin" / program), *rest]}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("name", help=f"one of {', '.join(runners())}")
    parser.add_argument("--into", type=Path, required=True)
    parser.add_argument("--cache", type=Path, default=Path.home() / ".cache" / "trainyard" / "uv")
    parser.add_argument("--offline", action="store_true", help="take everything from the cache")
    parser.add_argument("--dev", action="store_true", help="with what the tests of this repository need")
    parser.add_argument("--check", action="store_true", help="only say whether it is whole and current")
    given = parser.parse_args()
    into = Path(os.path.abspath(given.into))
    try:
        told(given.name)
        if given.check:
            record = check(given.name, into)
            if record is None:
                print(f"{into} is no whole and current environment of {given.name}: install it", file=sys.stderr)
                return 1
        else:
            record = install(given.name, into, given.cache.absolute(), given.offline, given.dev)
    except Refusal as refusal:
        print(f"error: {refusal}", file=sys.stderr)
        return 2
    except (OSError, subprocess.SubprocessError) as error:
        print(f"error: {error}: see the disk and try again", file=sys.stderr)
        return 2
    print(json.dumps(record))
    return 0


if __name__ == "__main__":
    sys.exit(main())
