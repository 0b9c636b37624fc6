"""Renders the chart for every file of values, checks it by all rules, and shows of each rule that it can fail."""

import copy, pathlib, sys

import rules
from rendered import CHART, HERE, Refused, difference, refused, render

FILES = sorted((HERE / "values").glob("*.yaml"))


def wrong(objects):
    return [f"{rule.__name__}: {problem}" for rule in rules.ALL for problem in rule(objects)]


def pod(objects, name, kind="Deployment"):
    return objects[kind, f"trainyard-{name}"]["spec"]["template"]["spec"]


def container(objects, name, kind="Deployment"):
    return pod(objects, name, kind)["containers"][0]


# The rule that has to notice, and what is done to a good rendering of everything.yaml.
BROKEN = [
    ("schemas", lambda all: pod(all, "gateway").update(restartpolicy="Always")),
    ("schemas", lambda all: all["ScaledObject", "trainyard-predictor"]["spec"].update(minReplicas=1)),
    ("least_rights", lambda all: pod(all, "feed")["securityContext"].update(runAsUser=0)),
    ("least_rights", lambda all: pod(all, "feed")["securityContext"].pop("seccompProfile")),
    ("least_rights", lambda all: container(all, "worker-l4")["securityContext"].update(readOnlyRootFilesystem=False)),
    ("least_rights", lambda all: pod(all, "nats", "StatefulSet").pop("automountServiceAccountToken")),
    ("least_rights", lambda all: pod(all, "gateway").pop("enableServiceLinks")),
    ("accounts", lambda all: pod(all, "dispatcher").pop("serviceAccountName")),
    ("limits", lambda all: container(all, "gateway")["resources"].pop("limits")),
    ("limits", lambda all: pod(all, "gateway")["volumes"][-1].update(emptyDir={})),
    ("probes", lambda all: container(all, "predictor").pop("readinessProbe")),
    ("probes", lambda all: container(all, "gateway")["ports"][0].update(name="web")),
    ("secrets", lambda all: container(all, "feed")["env"].append({"name": "TRAINYARD_NATS_URL", "value": "nats://a:b@c"})),
    ("secrets", lambda all: all["ConfigMap", "trainyard-nats"]["data"].update(more="password: x")),
    ("own_secrets", lambda all: pod(all, "worker-cpu")["volumes"][0]["secret"].pop("items")),
    ("settings", lambda all: container(all, "feed")["env"].append({"name": "TRAINYARD_SLOTS", "value": "1"})),
    ("mounts", lambda all: pod(all, "feed")["volumes"].pop()),
    ("services", lambda all: all["Service", "trainyard-gateway"]["spec"]["selector"].update(x="y")),
    ("services", lambda all: all["Service", "trainyard-nats"]["spec"]["ports"][0].update(targetPort="client")),
    ("services", lambda all: all.pop(("Service", "trainyard-nats-members"))),
    ("budgets", lambda all: all.pop(("PodDisruptionBudget", "trainyard-nats"))),
    ("budgets", lambda all: all["PodDisruptionBudget", "trainyard-gateway"]["spec"]["selector"]["matchLabels"].update(x="y")),
    ("graces", lambda all: pod(all, "worker-l4").update(terminationGracePeriodSeconds=20)),
    ("scaling", lambda all: all["Deployment", "trainyard-worker-l4"]["spec"].update(replicas=2)),
    ("scaling", lambda all: all.pop(("ScaledObject", "trainyard-worker-l4"))),
    ("network", lambda all: all.pop(("NetworkPolicy", "trainyard-nobody"))),
    ("network", lambda all: all.pop(("NetworkPolicy", "trainyard-feed"))),
    ("network", lambda all: all["NetworkPolicy", "trainyard-predictor"]["spec"]["egress"].append(
        {"ports": [{"port": 5432, "protocol": "TCP"}], "to": [{"podSelector": {"matchLabels": {"app.kubernetes.io/component": "postgres"}}}]})),
    ("network", lambda all: all["NetworkPolicy", "trainyard-store"]["spec"]["ingress"][0]["from"].append({"ipBlock": {"cidr": "10.0.0.0/8"}})),
    ("monitored", lambda all: all["PodMonitor", "trainyard-gateway"]["spec"]["podMetricsEndpoints"][0].update(port="web")),
]

# What is refused before anything is rendered, and a word of why.
IMPOSSIBLE = [
    ("gateway.replica=2", "replica"),
    ("servers.nats.members=2", "members"),
    ("workerDefaults.terminationGraceSeconds=10", "terminationGraceSeconds"),
    ("workers.cpu.pool=tpu", "pool"),
    ("workers.x.pool=gpu", "needs gpus"),
    ("workers.x.gpus=9", "gpus"),
    ("workers.CPU.slots=1", "CPU"),
    ("keda.enabled=true", "keda.prometheus"),
    ("servers.store.here=false", "servers.store.endpoint"),
    ("keda.enabled=true,keda.prometheus=http://p,workers.cpu.autoscaling.enabled=true,workers.cpu.autoscaling.min=1", "whenIdle"),
    ("keda.enabled=true,keda.prometheus=http://p,workers.cpu.autoscaling.enabled=true,workers.b.autoscaling.enabled=true", "only one group"),
    ("languageModel.url=http://x", "languageModel.model"),
    ("gateway.ingress.enabled=true", "gateway.ingress.host"),
    ("mlflow.url=https://u:p@mlflow", "mlflow"),
    ("mlflow.experiment=trainyard", "mlflow"),
]


def all_hold():
    failed = []
    for path in FILES:
        objects = render(path)
        failed += [f"{path.name}: {problem}" for problem in wrong(objects)]
        print(f"{path.name}: {len(objects)} objects")
    for number in range(1 << 3):
        here = [f"servers.{name}.here={'true' if number >> bit & 1 else 'false'}" for bit, name in enumerate(("nats", "postgres", "store"))]
        failed += [f"{here}: {problem}" for problem in wrong(render(said=[*here, "servers.store.endpoint=http://s3.example"]))]
    failed += [f"another release: {problem}" for problem in wrong(render(FILES[0], release="acme"))]
    return failed


def each_rule_can_fail():
    whole = render(HERE / "values/everything.yaml")
    for number, (rule, breaks) in enumerate(BROKEN):
        objects = copy.deepcopy(whole)
        breaks(objects)
        if not any(problem.startswith(f"{rule}:") for problem in wrong(objects)):
            yield f"{rule} does not notice case {number}"
    yield from (f"{rule.__name__} was never seen to fail" for rule in rules.ALL if rule.__name__ not in {name for name, _ in BROKEN})


def the_impossible_is_refused():
    for said, why in IMPOSSIBLE:
        try:
            render(said=[said])
            yield f"{said} is taken"
        except Refused as refusal:
            if why not in str(refusal):
                yield f"{said}: {refusal}"


def upgrades_can_be_done():
    """From each file of values to each other, and to a newer image: nothing that is fixed changes."""
    rendered = {path.stem: render(path) for path in FILES}
    for old in rendered:
        for new in rendered:
            yield from (f"{old} -> {new}: {problem}" for problem in refused(rendered[old], rendered[new]) if not grown(problem))
    before, after = rendered["small-team"], render(HERE / "values/small-team.yaml", said=["image.platform.tag=9.9.9"])
    changed = {line.split("/")[0][4:] for line in difference(before, after) if line.startswith("+++ ")}
    if changed != {"Deployment", "StatefulSet", "CronJob", "Job"}:
        yield f"a newer image changes {sorted(changed)}"
    if {key for key in before if key[0] == "Job"} & {key for key in after if key[0] == "Job"}:
        yield "provision does not run again with a newer image"
    broken = copy.deepcopy(after)
    broken["Deployment", "trainyard-feed"]["spec"]["selector"]["matchLabels"]["x"] = "y"
    if not refused(before, broken):
        yield "a selector that changes is not noticed"


def grown(problem):
    """Volumes are made larger on the cluster and not by an upgrade; kind.yaml has smaller ones."""
    return problem.startswith("StatefulSet/") and "volumeClaimTemplates" in problem


def the_alerts_are_the_same():
    if (CHART / "files/rules.yml").read_bytes() != (HERE.parent / "prometheus/rules.yml").read_bytes():
        yield "deploy/helm/trainyard/files/rules.yml is not deploy/prometheus/rules.yml: copy it"


def main():
    failed = [*all_hold(), *each_rule_can_fail(), *the_impossible_is_refused(), *upgrades_can_be_done(), *the_alerts_are_the_same()]
    print(f"{len(FILES)} files of values, 8 kinds of servers, {len(rules.ALL)} rules, {len(BROKEN)} ways to break them, "
          f"{len(IMPOSSIBLE)} refusals, {len(FILES) ** 2} upgrades")
    sys.exit("\n".join(failed) if failed else 0)


if __name__ == "__main__":
    main()
