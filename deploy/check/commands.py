#!/usr/bin/env python3
"""Holds what deploy/ tells the executable against the executable: every command exists, and every option of it.

Looked at are compose.yaml, the Kubernetes and KServe objects, the systemd units, the manifests, and what the run scripts would run. compose.yaml is validated by the
schema of the Compose project besides (the PyPI package docker-compose carries it), and mounts only what `simulate` makes.
"""
import importlib.util
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile
import tomllib

import jsonschema
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
SEALWRIGHT = os.environ["SEALWRIGHT"]
HELP = {}


def help_of(command):
    """The help of a command, or None where there is no such command."""
    if command not in HELP:
        done = subprocess.run([SEALWRIGHT, *command, "--help"], capture_output=True, text=True)
        HELP[command] = done.stdout if done.returncode == 0 and f"USAGE: sealwright {' '.join(command)} " in done.stdout.replace("\n", " ") + " " else None
    return HELP[command]


def faults(where, words):
    """What is wrong with the words after `sealwright`."""
    words = [str(word) for word in words]
    count = next((number for number, word in enumerate(words) if word.startswith("-")), len(words))
    command = tuple(words[:count])
    text = help_of(command)
    if not command or text is None:
        return [f"{where}: there is no command `sealwright {' '.join(command)}`"]
    known = set(re.findall(r"--[A-Za-z0-9][A-Za-z0-9_-]*", text))
    given = [word.partition("=")[0] for word in words[count:] if word.startswith("--")]
    return [f"{where}: `sealwright {' '.join(command)}` has no option {option}" for option in given if option not in known]


def containers(document):
    """Every list of arguments in an object."""
    if isinstance(document, dict):
        if isinstance(document.get("args"), list):
            yield document["args"]
        for value in document.values():
            yield from containers(value)
    elif isinstance(document, list):
        for value in document:
            yield from containers(value)


def kubernetes_commands():
    for path in sorted((DEPLOY / "kubernetes").rglob("*.yaml")):
        for document in yaml.safe_load_all(path.read_text(encoding="utf-8")):
            for words in containers(document):
                yield path, words
            # An overlay adds single options to the server's or the broker's.
            for patch in (document or {}).get("patches", []) if path.name == "kustomization.yaml" else []:
                role = {"Deployment": ["serve"], "StatefulSet": ["broker", "serve"]}.get(patch["target"]["kind"])
                added = re.findall(r"/args/-, value: (\S+) ", patch["patch"])
                if role and added:
                    yield path, [*role, *added]


def unit_commands():
    for path in sorted((DEPLOY / "systemd").glob("*.service")):
        text = path.read_text(encoding="utf-8").replace("\\\n", " ")
        for line in re.findall(r"^Exec\w+=/usr/bin/sealwright (.*)$", text, re.M):
            yield path, [word for word in shlex.split(line) if not word.startswith("$")]


def manifest_commands():
    spec = importlib.util.spec_from_file_location("manifests", pathlib.Path(__file__).with_name("manifests.py"))
    manifests = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(manifests)
    for path in sorted((DEPLOY / "gramine").glob("sealwright*.manifest.template")):
        yield path, tomllib.loads(manifests.render(path))["loader"]["argv"][1:]


def script_commands():
    """What the run scripts would run, told by their dry run."""
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for path in ("configuration", "data", "sealed/models/m"):
            (folder / path).mkdir(parents=True)
        for path in ("configuration/policy.yaml", "configuration/cert.pem", "configuration/key.pem", "configuration/master-key", "sealed/ssl.cfg", "ca.pem"):
            (folder / path).touch()
        if os.geteuid() == 0:
            for path in ("data", "configuration/key.pem", "configuration/master-key"):
                os.chown(folder / path, 10001, 10001)
        environment = {**os.environ, "SEALWRIGHT_DRY_RUN": "1", "SEALWRIGHT_RUNTIME": "docker"}
        runs = {"run-serving.sh": ["-v", folder / "sealed", "-m", "m", "-c", folder / "ca.pem"]}
        if os.geteuid() == 0:
            runs["run-broker.sh"] = ["-r", "intel", "-c", folder / "configuration", "-d", folder / "data"]
        for script, words in runs.items():
            done = subprocess.run([DEPLOY / script, *words], capture_output=True, text=True, check=True, env=environment)
            for line in done.stdout.splitlines():
                words = shlex.split(line)
                image = next(number for number, word in enumerate(words) if word.startswith("localhost/sealwright-"))
                yield DEPLOY / script, words[image + 1:]


def compose_faults(path, schema):
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    document = {name: value for name, value in document.items() if not name.startswith("x-")}
    for error in jsonschema.Draft7Validator(schema).iter_errors(document):
        yield f"compose.yaml: {'.'.join(map(str, error.absolute_path))}: {error.message}"
    made = (DEPLOY / "containers/simulate").read_text(encoding="utf-8")
    for name, service in document["services"].items():
        yield from faults(f"compose.yaml, {name}", service["command"])
        for volume in service["volumes"]:
            source = volume.split(":")[0]
            if source.startswith("./simulated/"):
                if source.removeprefix("./simulated/") not in made:
                    yield f"compose.yaml, {name}: `simulate` makes no {source}"
            elif source not in document["volumes"]:
                yield f"compose.yaml, {name}: there is no volume {source}"


def main():
    found = []
    count = 0
    for commands in (kubernetes_commands(), unit_commands(), manifest_commands(), script_commands()):
        before = count
        for path, words in commands:
            count += 1
            found += faults(path.relative_to(ROOT), words)
        assert count > before, "a kind of file holds no command at all"
    # A checker that finds nothing may be one that looks at nothing.
    assert faults("", ["serve", "--modelname=x"]) and faults("", ["server", "--port=1"]) and not faults("", ["serve", "--model_name=x"])
    with open(sys.argv[1], encoding="utf-8") as stream:
        found += compose_faults(DEPLOY / "containers/compose.yaml", json.load(stream))
    for fault in found:
        print(f"error: {fault}", file=sys.stderr)
    print(f"commands: {count} in Kubernetes, systemd, Gramine and the run scripts, and compose.yaml: {len(found)} faults")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
