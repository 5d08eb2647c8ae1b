#!/usr/bin/env python3
"""Validates what kustomize makes of deploy/kubernetes.

usage: kubernetes.py FILE...      each the output of `kubectl kustomize DIR`

Each object of Kubernetes itself is validated strictly (unknown fields are errors) by the schemas of the three newest versions that the Python package
kubernetes-validate carries. Objects of others (KServe, the Prometheus operator, the Gateway API) have no schema there: of those the fields that their
sources require are looked for, and no more. Beyond the schemas, what schemas cannot say: every pod is restricted, has probes and limits, and asks only
for mounts that exist. Ends with 1 if anything is wrong.
"""
import sys

import kubernetes_validate
import yaml

# Kinds of others: paths that have to be there.
FOREIGN = {
    "ClusterServingRuntime": ["spec.containers.0.name", "spec.containers.0.image", "spec.supportedModelFormats.0.name", "spec.protocolVersions.0"],
    "InferenceService": ["spec.predictor.model.runtime", "spec.predictor.model.modelFormat.name", "spec.predictor.model.storageUri"],
    "PodMonitor": ["spec.selector", "spec.podMetricsEndpoints.0.port"],
    "PrometheusRule": ["spec.groups.0.rules.0.expr"],
    "Gateway": ["spec.gatewayClassName", "spec.listeners.0.tls.mode"],
    "TLSRoute": ["spec.parentRefs.0.name", "spec.rules.0.backendRefs.0.port"],
}


def newest_versions():
    minor = {}
    for text in kubernetes_validate.utils.all_versions():
        number = tuple(int(part) for part in text.split("."))
        minor[number[:2]] = max(number, minor.get(number[:2], number))
    return [".".join(map(str, minor[key])) for key in sorted(minor)[-3:]]


def find(value, path):
    for name in path.split("."):
        try:
            value = value[int(name)] if isinstance(value, list) else value.get(name)
        except (IndexError, AttributeError):
            return None
        if value is None:
            return None
    return value


def pod_faults(name, spec):
    """What this project promises of every pod."""
    pod_security = spec.get("securityContext", {})
    volumes = {volume["name"] for volume in spec.get("volumes", [])} | spec.get("_claims", set())
    if spec.get("automountServiceAccountToken") is not False:
        yield f"{name}: mounts a service account's token"
    for volume in spec.get("volumes", []):
        if "hostPath" in volume:
            yield f"{name}: has a hostPath volume"
    for container in spec["containers"]:
        security = container.get("securityContext", {})
        where = f"{name}, container {container['name']}"
        wanted = {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True}
        for key, value in wanted.items():
            if security.get(key) is not value:
                yield f"{where}: {key} is not {value}"
        if security.get("capabilities", {}).get("drop") != ["ALL"]:
            yield f"{where}: keeps capabilities"
        if not (security.get("runAsNonRoot") or pod_security.get("runAsNonRoot")):
            yield f"{where}: may run as root"
        if not (security.get("seccompProfile") or pod_security.get("seccompProfile")):
            yield f"{where}: has no seccomp profile"
        for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
            if probe not in container:
                yield f"{where}: has no {probe}"
        if "memory" not in container.get("resources", {}).get("limits", {}):
            yield f"{where}: has no memory limit"
        for mount in container.get("volumeMounts", []):
            if mount["name"] not in volumes:
                yield f"{where}: mounts {mount['name']}, which is no volume"
        ports = {port["name"] for port in container.get("ports", [])}
        for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
            port = find(container, f"{probe}.httpGet.port")
            if isinstance(port, str) and port not in ports:
                yield f"{where}: {probe} asks port {port}, which is none of its own"
    if spec.get("terminationGracePeriodSeconds", 0) < 45:
        yield f"{name}: has less time to end than requests have"


def object_faults(document, versions):
    kind, name = document["kind"], f"{document['kind']} {document['metadata']['name']}"
    if kind in FOREIGN:
        for path in FOREIGN[kind]:
            if find(document, path) is None:
                yield f"{name}: {path} is missing"
        if kind == "ClusterServingRuntime" and document["spec"]["containers"][0]["name"] != "kserve-container":
            yield f"{name}: KServe wants the main container to be named kserve-container"
        return
    for version in versions:
        try:
            kubernetes_validate.validate(document, version, strict=True)
        except kubernetes_validate.ValidationError as error:
            yield f"{name} ({version}): {'.'.join(map(str, error.path))}: {error.message}"
        except kubernetes_validate.SchemaNotFoundError as error:
            yield f"{name} ({version}): {error}"
    template = find(document, "spec.template.spec")
    if template is not None:
        template["_claims"] = {claim["metadata"]["name"] for claim in document["spec"].get("volumeClaimTemplates", [])}
        yield from pod_faults(name, template)
    for port in find(document, "spec.ports") or [] if kind == "Service" else []:
        if port["port"] not in (4433, 8443, 8500, 8501):
            yield f"{name}: publishes port {port['port']}"


def selector_faults(documents):
    """Services, budgets and policies select something."""
    pods = [find(d, "spec.template.metadata.labels") for d in documents if find(d, "spec.template")]
    for document in documents:
        selector = {
            "Service": "spec.selector", "PodDisruptionBudget": "spec.selector.matchLabels", "NetworkPolicy": "spec.podSelector.matchLabels",
        }.get(document["kind"])
        if selector is None:
            continue
        labels = find(document, selector) or {}
        if not labels or not any(labels.items() <= (pod or {}).items() for pod in pods):
            yield f"{document['kind']} {document['metadata']['name']}: selects no pod ({labels})"


def main(files):
    versions = newest_versions()
    faults, objects = [], 0
    for file in files:
        with open(file, encoding="utf-8") as stream:
            documents = [document for document in yaml.safe_load_all(stream) if document]
        if not documents:
            faults.append(f"{file}: holds no object")
        objects += len(documents)
        for document in documents:
            faults += [f"{file}: {fault}" for fault in object_faults(document, versions)]
        faults += [f"{file}: {fault}" for fault in selector_faults(documents)]
    for fault in faults:
        print(f"error: {fault}", file=sys.stderr)
    print(f"kubernetes: {objects} objects, versions {', '.join(versions)}, {len(faults)} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
