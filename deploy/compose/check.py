"""Reads the compose file as podman-compose does, and checks what it says: rights, limits, secrets, settings."""

import json, os, pathlib, re, subprocess, sys, tempfile

import yaml

HERE = pathlib.Path(__file__).resolve().parent
MANUAL = (HERE.parent.parent / "docs/OPERATIONS.md").read_text()
ROLES = {"gateway", "projector", "dispatcher", "feed", "webhooks", "auditor", "archiver", "mlflow", "traces", "worker"}
SERVERS = {"nats", "postgres", "store"}


def read():
    """The whole of it, anchors and variables resolved, with what runs only where there is something to tell."""
    profiles = ["--profile", "mlflow", "--profile", "traces"]
    program = [sys.executable, "-m", "podman_compose", "--file", str(HERE / "compose.yaml"), *profiles, "config"]
    done = subprocess.run(program, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(done.stderr)
    return yaml.safe_load(done.stdout)


def wrong(whole):
    services = whole["services"]
    if services.keys() != ROLES | SERVERS | {"provision"}:
        yield f"services: {sorted(services)}"
    for name, one in services.items():
        if not one.get("read_only") or one.get("cap_drop") != ["ALL"] or "no-new-privileges:true" not in one.get("security_opt", []):
            yield f"{name}: may do too much"
        if one.get("user", "0").split(":")[0] in ("0", "root") or one.get("privileged") or not one.get("mem_limit"):
            yield f"{name}: is root, or has no limit"
        networks = one.get("networks", [])
        if "servers" not in networks or (name in SERVERS and networks != ["servers"]):
            yield f"{name}: is in the wrong network"
        for key, value in one.get("environment", {}).items():
            if key.startswith("TRAINYARD_") and key not in MANUAL:
                yield f"{name}: docs/OPERATIONS.md knows no {key}"
            if re.search(r"SECRET|PASSWORD$|NATS_URL|DATABASE_URL|SEED", key):
                yield f"{name}: {key} is in the environment"
            if value == "":
                yield f"{name}: {key} is set to nothing, which a role refuses"
        for secret in one.get("secrets", []):
            if secret["source"] not in whole["secrets"]:
                yield f"{name}: a secret that is not there"
        mine = [secret["source"] for secret in one.get("secrets", []) if secret.get("target", "").endswith("settings.toml")]
        if name in ROLES and mine != [name]:
            yield f"{name}: has the settings of {mine}"
        for port in one.get("ports", []):
            if not str(port).startswith("127.0.0.1:"):
                yield f"{name}: listens for other machines, without TLS"
    if not whole["networks"]["servers"].get("internal"):
        yield "servers reach the world"
    if services["worker"].get("stop_grace_period") != "60s":
        yield "worker: is killed before its checkpoint is uploaded"


def files_that_are_named(whole):
    """deploy/tools/secrets writes each file that is asked for, closed to other accounts."""
    program = "#!/bin/sh\ncat <<'END'\n" + "".join(
        f'{{ user: "{user}", password: "x" }}\n' for user in (*ROLES, "admin", "cutter")) + "# TRAINYARD_READERS_SEED=S\nEND\n"
    with tempfile.TemporaryDirectory() as folder:
        binary = pathlib.Path(folder, "trainyard")
        binary.write_text(program)
        binary.chmod(0o755)
        made = pathlib.Path(folder, "secrets")
        subprocess.run([HERE.parent / "tools/secrets", "--binary", binary, "--folder", made], check=True)
        if os.stat(made).st_mode & 0o77:
            yield "secrets/ is open to others"
        for name, one in whole["secrets"].items():
            if not (made / pathlib.Path(one["file"]).name).exists():
                yield f"nobody writes {one['file']} of {name}"
        again = subprocess.run([HERE.parent / "tools/secrets", "--binary", binary, "--folder", made], capture_output=True)
        if again.returncode == 0:
            yield "passwords in use are overwritten"


def each_can_fail(whole):
    """A word that is taken away is noticed."""
    for name, key in (("gateway", "read_only"), ("nats", "user"), ("worker", "mem_limit"), ("store", "cap_drop"), ("worker", "secrets"), ("worker", "stop_grace_period"),
                      ("projector", "networks")):
        broken = json.loads(json.dumps(whole))
        del broken["services"][name][key]
        if not list(wrong(broken)):
            yield f"{name} without {key} is not noticed"


def main():
    whole = read()
    problems = [*wrong(whole), *files_that_are_named(whole), *each_can_fail(whole)]
    print(f"compose: {len(whole['services'])} services, {len(whole['secrets'])} secrets")
    sys.exit("\n".join(problems) if problems else 0)


if __name__ == "__main__":
    main()
