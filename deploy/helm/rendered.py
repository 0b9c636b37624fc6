"""Renders the chart, and says what changes from one rendering to another."""

import difflib, pathlib, subprocess

import yaml

HERE = pathlib.Path(__file__).resolve().parent
CHART = HERE / "trainyard"
HELM = HERE.parent / "tools/helm"
KUBERNETES = "1.37"
# What an API server refuses to change of an object that is there.
FIXED = {
    "Deployment": [("spec", "selector")],
    "StatefulSet": [("spec", "selector"), ("spec", "serviceName"), ("spec", "volumeClaimTemplates"), ("spec", "podManagementPolicy")],
    "Job": [("spec", "template"), ("spec", "selector")],
    "PersistentVolumeClaim": [("spec",)],
}


class Refused(Exception):
    """Helm renders nothing of it, and says why."""


def render(*values, release="trainyard", chart=CHART, said=()):
    """The objects, each once, by kind and name."""
    command = [HELM, "template", release, chart, "--namespace", "yard", "--kube-version", KUBERNETES]
    command += [f"--values={path}" for path in values] + [f"--set={one}" for one in said]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise Refused(done.stderr.strip())
    objects = [one for one in yaml.safe_load_all(done.stdout) if one]
    by_name = {(one["kind"], one["metadata"]["name"]): one for one in objects}
    if len(by_name) != len(objects):
        raise Refused("two objects of one kind have the same name")
    return by_name


def at(one, path):
    for key in path:
        one = (one or {}).get(key)
    return one


def refused(old, new):
    """What no upgrade can do: fields that are fixed once an object is there."""
    return [f"{'/'.join(key)}: {'.'.join(path)} cannot be changed"
            for key in old.keys() & new.keys() for path in FIXED.get(key[0], [])
            if at(old[key], path) != at(new[key], path)]


def difference(old, new):
    """What an upgrade does, as lines of a unified diff, object by object."""
    lines = []
    for key in sorted(old.keys() | new.keys()):
        text = [yaml.safe_dump(objects[key]).splitlines() if key in objects else [] for objects in (old, new)]
        lines += difflib.unified_diff(*text, "/".join(key), "/".join(key), n=2, lineterm="")
    return lines
