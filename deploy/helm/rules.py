"""What has to hold of rendered objects, whatever the values. Each rule takes all objects and yields what is wrong."""

import json, pathlib, re

import kubernetes_validate
import jsonschema

HERE = pathlib.Path(__file__).resolve().parent
# Of the operators, as far as we use them; written from their documentation, and not their own schemas.
CUSTOM = json.loads((HERE / "crds.schema.json").read_text())
MANUAL = (HERE.parent.parent / "docs/OPERATIONS.md").read_text()
SETTINGS = set(re.findall(r"TRAINYARD_[A-Z0-9_]+", MANUAL))
SECRET = re.compile(r"PASSWORD|SECRET|TOKEN|(?<!ACCESS_)KEY|SEED|DATABASE_URL|NATS_URL", re.I)
# Who reaches which server. A role alone opens all three when it starts; a predictor has no database.
ROLES = {"gateway", "projector", "dispatcher", "feed", "webhooks", "auditor", "archiver", "mlflow", "traces", "provision", "collect", "operator"}
WORLD = "world"


def component(pod_labels):
    return pod_labels.get("app.kubernetes.io/component")


def templates(objects):
    """Every pod that may come to be: its owner's kind and name, labels and spec."""
    for (kind, name), one in objects.items():
        spec = one.get("spec", {})
        if kind == "CronJob":
            spec = spec["jobTemplate"]["spec"]
        if kind in ("Deployment", "StatefulSet", "Job", "CronJob"):
            yield kind, name, spec["template"]["metadata"]["labels"], spec["template"]["spec"]


def matches(selector, labels):
    return bool(selector) and selector.items() <= labels.items()


def schemas(objects):
    """Kubernetes' own for its kinds, strictly; ours for those of operators."""
    for (kind, name), one in objects.items():
        try:
            if kind in CUSTOM:
                if one["apiVersion"] != CUSTOM[kind]["apiVersion"]:
                    yield f"{kind}/{name}: {one['apiVersion']}"
                jsonschema.validate(one["spec"], CUSTOM[kind]["spec"])
            else:
                kubernetes_validate.validate(one, "1.37", strict=True)
        except (jsonschema.ValidationError, kubernetes_validate.ValidationError) as error:
            yield f"{kind}/{name}: {error.message} at {'.'.join(map(str, error.path))}"


def least_rights(objects):
    """No root, nothing to write but volumes, no capability, no token, no variables of neighbours."""
    for kind, name, _, pod in templates(objects):
        of = pod.get("securityContext", {})
        if not (of.get("runAsNonRoot") and of.get("runAsUser", 0) > 0 and of.get("seccompProfile") == {"type": "RuntimeDefault"}):
            yield f"{kind}/{name}: may run as root, or without seccomp"
        if pod.get("automountServiceAccountToken") is not False or pod.get("enableServiceLinks") is not False:
            yield f"{kind}/{name}: has a token, or variables of services"
        if pod.get("hostNetwork") or pod.get("hostPID") or pod.get("hostIPC") or any("hostPath" in volume for volume in pod.get("volumes", [])):
            yield f"{kind}/{name}: sees its node"
        for container in pod["containers"]:
            own = container.get("securityContext", {})
            if own != {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}}:
                yield f"{kind}/{name}: {container['name']} may do too much"


def accounts(objects):
    """Each pod has the chart's account, which has no rights."""
    for kind, name, _, pod in templates(objects):
        if ("ServiceAccount", pod.get("serviceAccountName")) not in objects:
            yield f"{kind}/{name}: no account of the chart's"
    for (kind, name), one in objects.items():
        if kind in ("RoleBinding", "ClusterRoleBinding"):
            yield f"{kind}/{name}: gives rights"


def limits(objects):
    """What it asks for is said, and memory has an end; so have volumes that a node keeps."""
    for kind, name, _, pod in templates(objects):
        for container in pod["containers"]:
            of = container.get("resources", {})
            if not of.get("limits", {}).get("memory") or not {"cpu", "memory"} <= of.get("requests", {}).keys():
                yield f"{kind}/{name}: {container['name']} has no limits"
        for volume in pod.get("volumes", []):
            if "emptyDir" in volume and not volume["emptyDir"].get("sizeLimit"):
                yield f"{kind}/{name}: volume {volume['name']} has no limit"


def probes(objects):
    """What stays has all three, and a name for each port that they ask."""
    for kind, name, _, pod in templates(objects):
        for container in pod["containers"] if kind in ("Deployment", "StatefulSet") else []:
            ports = {port["name"] for port in container.get("ports", [])}
            for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
                asked = container.get(probe)
                if not asked:
                    yield f"{kind}/{name}: no {probe}"
                    continue
                port = (asked.get("httpGet") or asked.get("tcpSocket") or {}).get("port")
                if port is not None and port not in ports:
                    yield f"{kind}/{name}: {probe} asks port {port}, which is not there"


def secrets(objects):
    """None is written down: not in the environment, not in a ConfigMap, and the chart makes no Secret."""
    for kind, name, _, pod in templates(objects):
        for container in pod["containers"]:
            for variable in container.get("env", []):
                if "value" in variable and SECRET.search(variable["name"]) and not variable["name"].endswith("_FILE"):
                    yield f"{kind}/{name}: {variable['name']} is written down"
    for (kind, name), one in objects.items():
        if kind == "Secret":
            yield f"Secret/{name}: made by the chart"
        if kind == "ConfigMap" and re.search(r"password|://[^/\s]+:[^/\s]+@", json.dumps(one["data"])):
            yield f"ConfigMap/{name}: a password"


def own_secrets(objects):
    """A pod sees its own keys of a Secret and no other: each is named."""
    for kind, name, _, pod in templates(objects):
        for volume in pod.get("volumes", []):
            sources = volume.get("projected", {}).get("sources", [volume])
            for secret in (source["secret"] for source in sources if "secret" in source):
                if not secret.get("items"):
                    yield f"{kind}/{name}: all of a Secret"


def settings(objects):
    """Every variable is one that the manual has."""
    for kind, name, _, pod in templates(objects):
        for container in pod["containers"]:
            for variable in container.get("env", []):
                if variable["name"].startswith("TRAINYARD_") and variable["name"] not in SETTINGS:
                    yield f"{kind}/{name}: docs/OPERATIONS.md knows no {variable['name']}"


def mounts(objects):
    """Each mount has its volume, each volume a mount."""
    for kind, name, _, pod in templates(objects):
        claims = [claim["metadata"]["name"] for claim in objects[kind, name]["spec"].get("volumeClaimTemplates", [])]
        there = {volume["name"] for volume in pod.get("volumes", [])} | set(claims)
        used = {mount["name"] for container in pod["containers"] for mount in container.get("volumeMounts", [])}
        if there != used:
            yield f"{kind}/{name}: volumes and mounts differ: {sorted(there ^ used)}"


def services(objects):
    """Each selects pods of exactly one owner, who have the port."""
    for (kind, name), one in objects.items():
        if kind != "Service":
            continue
        selected = [pod for _, _, labels, pod in templates(objects) if matches(one["spec"]["selector"], labels)]
        if len(selected) != 1:
            yield f"Service/{name}: selects {len(selected)} owners of pods"
            continue
        named = {port["name"] for container in selected[0]["containers"] for port in container.get("ports", [])}
        for port in one["spec"]["ports"]:
            if port["targetPort"] not in named:
                yield f"Service/{name}: nobody has the port {port['targetPort']}"
    for (kind, name), one in objects.items():
        if kind == "StatefulSet" and ("Service", one["spec"]["serviceName"]) not in objects:
            yield f"StatefulSet/{name}: its Service is not there"
        if kind == "Ingress":
            for path in (path for rule in one["spec"]["rules"] for path in rule["http"]["paths"]):
                service = objects.get(("Service", path["backend"]["service"]["name"]), {"spec": {"ports": []}})
                if path["backend"]["service"]["port"]["name"] not in {port["name"] for port in service["spec"]["ports"]}:
                    yield f"Ingress/{name}: leads nowhere"


def budgets(objects):
    """Each is about one owner with several pods, and lets one go; every such owner has one."""
    many = {}
    for kind, name, labels, _ in templates(objects):
        scaled = any(one["spec"]["scaleTargetRef"]["name"] == name for (kind, _), one in objects.items() if kind == "ScaledObject")
        if kind in ("Deployment", "StatefulSet") and (scaled or objects[kind, name]["spec"].get("replicas", 1) > 1):
            many[name] = labels
    for (kind, name), one in objects.items():
        if kind == "PodDisruptionBudget":
            found = [owner for owner, labels in many.items() if matches(one["spec"]["selector"]["matchLabels"], labels)]
            if len(found) != 1 or one["spec"].get("maxUnavailable") != 1:
                yield f"PodDisruptionBudget/{name}: is about {found}"
            for owner in found:
                del many[owner]
    yield from (f"{owner}: no disruption budget" for owner in many)


def graces(objects):
    """A worker has longer to leave than its checkpoint takes, and stays while others come."""
    for kind, name, labels, pod in templates(objects):
        if (component(labels) or "").startswith("worker-") and pod.get("terminationGracePeriodSeconds", 30) < 35:
            yield f"{kind}/{name}: is killed before its checkpoint is uploaded"


def scaling(objects):
    """What is scaled is there, and says no number of its own; what is not scaled says one."""
    targets = {one["spec"]["scaleTargetRef"]["name"] for (kind, _), one in objects.items() if kind == "ScaledObject"}
    for (kind, name), one in objects.items():
        if kind == "Deployment" and ("replicas" in one["spec"]) == (name in targets):
            yield f"Deployment/{name}: has a number and a scaler, or neither"
        if kind == "ScaledObject" and one["spec"].get("minReplicaCount", 0) > one["spec"]["maxReplicaCount"]:
            yield f"ScaledObject/{name}: min is above max"
    yield from (f"ScaledObject: {target} is not there" for target in targets if ("Deployment", target) not in objects)


def expected_edges(objects):
    here = {component(labels) for _, _, labels, _ in templates(objects)}
    servers = {"nats", "postgres", "store"}
    edges = {(part, server) for part in here - servers for server in servers
             if part in ROLES or part.startswith("worker-") or (part == "predictor" and server != "postgres")}
    edges |= {(part, WORLD) for part in here if part.startswith("worker-") or part in ("webhooks", "mlflow")}
    gateway = next(pod for _, _, labels, pod in templates(objects) if component(labels) == "gateway")
    if any(variable["name"] == "TRAINYARD_LLM_URL" for variable in gateway["containers"][0]["env"]):
        edges.add(("gateway", WORLD))
    if here & {"nats"}:
        edges.add(("nats", "nats"))
    return edges


def server_of(objects, rule):
    """Whom a rule of egress leads to: a part of the chart, one of your own servers by its port, or the world."""
    to = rule.get("to", [{}])
    for peer in to:
        if "podSelector" in peer:
            yield component(peer["podSelector"]["matchLabels"])
        elif peer.get("ipBlock", {}).get("cidr") == "0.0.0.0/0":
            yield WORLD if "169.254.0.0/16" in peer["ipBlock"].get("except", []) else "everything"
        elif "namespaceSelector" in peer and {port["port"] for port in rule["ports"]} == {53}:
            continue
        else:
            here = {component(labels) for _, _, labels, _ in templates(objects)}
            ports = {4222: "nats", 5432: "postgres"}
            server = ports.get(rule["ports"][0]["port"], "store")
            yield "own addresses" if server in here else server


def network(objects):
    """From each pod to exactly the servers that its part has use of, said at both ends, and nothing else by default."""
    policies = {name: one["spec"] for (kind, name), one in objects.items() if kind == "NetworkPolicy"}
    if not any(not spec.get("ingress") and not spec.get("egress") and spec["policyTypes"] == ["Ingress", "Egress"]
               and all(matches(spec["podSelector"]["matchLabels"], labels) for _, _, labels, _ in templates(objects))
               for spec in policies.values()):
        yield "NetworkPolicy: nothing refuses what is not allowed"
    out, into = set(), set()
    for name, spec in policies.items():
        part = component(spec["podSelector"]["matchLabels"])
        for rule in spec.get("egress", []):
            if "ports" not in rule:
                yield f"NetworkPolicy/{name}: every port"
            out |= {(part, to) for to in server_of(objects, rule)}
        for rule in spec.get("ingress", []):
            into |= {(component(peer["podSelector"]["matchLabels"]), part) for peer in rule["from"] if "podSelector" in peer}
            if part in ("nats", "postgres", "store") and any("podSelector" not in peer for peer in rule["from"]):
                yield f"NetworkPolicy/{name}: a server is open to more than roles"
    here = {component(labels) for _, _, labels, _ in templates(objects)}
    out = {edge for edge in out if edge[0] in here and edge[1] != "own addresses"}
    wrong = out ^ expected_edges(objects)
    yield from (f"NetworkPolicy: {a} -> {b} is {'allowed' if (a, b) in out else 'missing'}" for a, b in sorted(wrong))
    inside = {edge for edge in out if edge[1] in here and edge[1] in ("nats", "postgres", "store")}
    yield from (f"NetworkPolicy: {a} -> {b} is not said at both ends" for a, b in sorted(inside ^ {edge for edge in into if edge[0] in here}))


def monitored(objects):
    """Each monitor finds pods with the port that it asks."""
    for (kind, name), one in objects.items():
        if kind == "PodMonitor":
            for endpoint in one["spec"]["podMetricsEndpoints"]:
                asked = [labels for _, _, labels, pod in templates(objects) if matches(one["spec"]["selector"]["matchLabels"], labels)
                         and any(port["name"] == endpoint["port"] for container in pod["containers"] for port in container.get("ports", []))]
                if not asked:
                    yield f"PodMonitor/{name}: nobody has the port {endpoint['port']}"


ALL = [schemas, least_rights, accounts, limits, probes, secrets, own_secrets, settings, mounts, services, budgets, graces, scaling,
       network, monitored]
