#!/usr/bin/env python3
"""Damages what kustomize makes, one thing at a time, and sees that kubernetes.py finds each: a check that cannot fail checks nothing.

usage: test_kubernetes.py FILE...
"""
import copy
import os
import subprocess
import sys
import tempfile

import yaml

HERE = os.path.dirname(os.path.abspath(__file__))


def pod(document):
    return document["spec"]["template"]["spec"]


#: What is damaged: the kind it is in, and how.
DAMAGES = {
    "a misspelt field": ("Deployment", lambda d: pod(d).update(terminationGracePeriodSecond=60)),
    "a wrong type": ("HorizontalPodAutoscaler", lambda d: d["spec"].update(maxReplicas="ten")),
    "a privileged container": ("Deployment", lambda d: pod(d)["containers"][0]["securityContext"].update(allowPrivilegeEscalation=True)),
    "a writable root": ("StatefulSet", lambda d: pod(d)["containers"][0]["securityContext"].update(readOnlyRootFilesystem=False)),
    "kept capabilities": ("Deployment", lambda d: pod(d)["containers"][0]["securityContext"].pop("capabilities")),
    "root": ("Deployment", lambda d: pod(d)["securityContext"].pop("runAsNonRoot")),
    "a host path": ("Deployment", lambda d: pod(d)["volumes"].append({"name": "dev", "hostPath": {"path": "/dev"}})),
    "no probe": ("Deployment", lambda d: pod(d)["containers"][0].pop("readinessProbe")),
    "a probe of another port": ("StatefulSet", lambda d: pod(d)["containers"][0]["readinessProbe"]["httpGet"].update(port="health")),
    "no memory limit": ("Deployment", lambda d: pod(d)["containers"][0]["resources"].pop("limits")),
    "a mount without a volume": ("Deployment", lambda d: pod(d)["volumes"].pop(0)),
    "no time to drain": ("Deployment", lambda d: pod(d).update(terminationGracePeriodSeconds=10)),
    "a published health port": ("Service", lambda d: d["spec"]["ports"].append({"name": "health", "port": 8502})),
    "a selector of nothing": ("Service", lambda d: d["spec"]["selector"].update({"app.kubernetes.io/name": "other"})),
    "a runtime that KServe does not know": ("ClusterServingRuntime", lambda d: d["spec"]["containers"][0].update(name="server")),
}


def run(documents, folder):
    path = os.path.join(folder, "damaged.yaml")
    with open(path, "w", encoding="utf-8") as stream:
        yaml.safe_dump_all(documents, stream)
    return subprocess.run([sys.executable, "-B", os.path.join(HERE, "kubernetes.py"), path], capture_output=True, text=True)


def main(files):
    missed = 0
    with tempfile.TemporaryDirectory() as folder:
        sets = [[d for d in yaml.safe_load_all(open(file, encoding="utf-8")) if d] for file in files]
        for name, (kind, damage) in DAMAGES.items():
            documents = copy.deepcopy(next(documents for documents in sets if any(d["kind"] == kind for d in documents)))
            damage(next(d for d in documents if d["kind"] == kind))
            done = run(documents, folder)
            found = done.returncode == 1 and "error: " in done.stderr and "Traceback" not in done.stderr
            missed += not found
            print(f"{'found ' if found else 'MISSED'} {name}: {(done.stderr.splitlines() or [''])[0][-120:]}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
