#!/usr/bin/env python3
"""Checks the manifest templates beyond `sealwright doctor --manifest`.

* Renders them as `gramine-manifest` does, reads the result with Python's tomllib, and has doctor look at the rendered form.
* Holds doctor's TOML reader against tomllib: the same texts are TOML to both, with the same keys.
* Seals a model and an ssl.cfg for the paths that the manifests open, and compares the paths that are embedded in the files.

usage: manifests.py                      all of that
       manifests.py --render NAME        instead: a manifest as gramine-manifest would render it
       manifests.py --image-root DIR     instead: what sealwright-serve's manifest names is in that image, and every library that the program loads is trusted
"""
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import tomllib
import types

import jinja2

ROOT = pathlib.Path(__file__).resolve().parents[2]
SEALWRIGHT = os.environ["SEALWRIGHT"]
VALUES = {"model_name": "half_plus_two", "broker": "broker.example:4433", "isv_svn": 3, "enclave_size": "2G", "max_threads": 40}

TOML = ["a = 1", "a = -0", "a = 0x1F", "a = 1_000", "a = 01", "a = 1__0", "a = 'x'", 'a = "\\u00e9"', 'a = "\\x41"', 'a = """\nx\n  y"""', "a = '''\nx'''",
        "a = [1, [2, 3], ]", "a = [1 2]", "a = { b = 1, c = 'd' }", "a = { b = 1, }", "a.b.c = 1\na.b.d = 2", "a = 1\na = 2", "a = 1\na.b = 2", "[a]\nb = 1\n[a]\nc = 2",
        "[[a]]\nb = 1\n[[a]]\nb = 2", "[a.b]\nc = 1\n[a]\nd = 2", "a = 1979-05-27T07:32:00Z", "a = 1979-13-27", "a = 1.5e3", "a = .5", "a = true", "a = True", "a = inf",
        "'a b' = 1", '"" = 1', "= 1", "a", "a = ", "# only this", "", "a = 1 # x", "a = 1 b = 2", "[a", "a = \"x", "a = \"\\q\"", "a = 9223372036854775807", "a = 9223372036854775808",
        "é = 1", "a = [{ b = 1 }, { b = 2 }]", "\ufeffa = 1", "a = 1\r\nb = 2", "a = \"\t\"", "a = \"\u0001\""]


def render(template):
    environment = jinja2.Environment(undefined=jinja2.StrictUndefined, keep_trailing_newline=True)
    gramine = types.SimpleNamespace(libos="/usr/lib/x86_64-linux-gnu/gramine/libsysdb.so", runtimedir=lambda libc="glibc": "/usr/lib/x86_64-linux-gnu/gramine/runtime/glibc")
    return environment.from_string(template.read_text(encoding="utf-8")).render(gramine=gramine, **VALUES)


def doctor(path, *options):
    done = subprocess.run([SEALWRIGHT, "doctor", "--manifest", path, "--json", *options], capture_output=True, text=True)
    return done, json.loads(done.stdout)["findings"] if done.stdout.strip() else None


def leaves(value, path=""):
    if not isinstance(value, dict):
        return {path}
    return {leaf for key, inner in value.items() for leaf in leaves(inner, f"{path}.{key}" if path else key)}


def check_toml(folder):
    wrong = 0
    for number, text in enumerate(TOML):
        path = folder / f"{number}.toml"
        path.write_bytes(text.encode())
        try:
            theirs = leaves(tomllib.loads(text.replace("\r\n", "\n").removeprefix("\ufeff")))
        except tomllib.TOMLDecodeError:
            theirs = None
        done, findings = doctor(path)
        ours = None if findings is None else {finding["key"] for finding in findings if finding["rule"] == "unknown-key"}
        if theirs is not None and ours is not None:
            # The empty key has no name to be told by.
            theirs, ours = theirs - {""}, ours - {""}
        # tomllib takes integers of any length; TOML promises 64 bits, which is what the other reader has.
        if theirs is not None and ours is None and "9223372036854775808" in text:
            continue
        if ours != theirs or done.returncode != 78:
            wrong += 1
            print(f"FAILED TOML {text!r}: tomllib says {theirs}, doctor {ours} (status {done.returncode}) {done.stderr[:200]}")
    print(f"{len(TOML) - wrong} of {len(TOML)} texts are read as tomllib reads them")
    return wrong


def embedded(path, key):
    done = subprocess.run([SEALWRIGHT, "inspect", "--input", path, "--key", key, "--json"], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def sealed_path(document):
    """The embedded path, wherever in the answer it is."""
    if isinstance(document, list):
        return sealed_path(document[0])
    for name in ("path", "embeddedPath", "embedded_path", "mountPath"):
        if isinstance(document.get(name), str):
            return document[name]
    raise KeyError(f"no path in {sorted(document)}")


def check_paths(name, manifest, folder):
    """The files that the manifest opens, sealed as the README says, carry the paths under which they are opened."""
    key = folder / "wrap-key"
    if not key.exists():
        subprocess.run([SEALWRIGHT, "key", "generate", "--output", key], check=True, capture_output=True)
    options = dict(argument.removeprefix("--").split("=", 1) for argument in manifest["loader"]["argv"] if argument.startswith("--"))
    mounts = [mount for mount in manifest["fs"]["mounts"] if mount.get("type") == "encrypted"]
    if mounts:
        # Gramine compares with the path as opened: the server's, below the mount.
        wanted = {options["model_base_path"]: "model", options["ssl_config_file"]: "file"}
        assert {mount["path"] for mount in mounts} == set(wanted), f"{name}: encrypted mounts are not what the server is told to open"
    else:
        wanted = {options["mount-path"]: "model", options["ssl-mount-path"]: "file"}
    for path, kind in wanted.items():
        output = folder / f"{name}{path.replace('/', '_')}"
        source = folder / "half_plus_two" if kind == "model" else folder / "ssl.cfg"
        (folder / "ssl.cfg").write_text('server_key: "x"\n')
        subprocess.run([SEALWRIGHT, "seal", "--key", key, "--input", source, "--output", output, "--mount-path", path], check=True, capture_output=True)
        files = [file for file in output.rglob("saved_model.pb")] if kind == "model" else [output]
        assert files, f"{name}: no sealed file in {output}"
        for file in files:
            inside = path if kind == "file" else f"{path}/{file.relative_to(output)}"
            found = sealed_path(embedded(file, key))
            assert found == inside, f"{name}: {file} carries {found}, and is opened as {inside}"
    return len(wanted)


#: What the runtime of Gramine brings: its C library, and the folder of its own files.
GRAMINE_LIBRARIES = {"ld-linux-x86-64.so.2", "libc.so.6", "libm.so.6", "libdl.so.2", "librt.so.1", "libpthread.so.0", "libresolv.so.2"}
GRAMINE_FOLDER = "/usr/lib/x86_64-linux-gnu/gramine/"


def needed_libraries(path):
    """The names of the libraries that an executable or library loads."""
    dynamic = subprocess.run(["readelf", "--dynamic", "--wide", path], capture_output=True, text=True, check=True).stdout
    return set(re.findall(r"\(NEEDED\).*\[(.+)\]", dynamic))


def check_image(image):
    """What the manifest names is in the image, and what the program loads is trusted: anything else ends the enclave's start."""
    with tempfile.TemporaryDirectory() as temporary:
        path = pathlib.Path(temporary) / "sealwright-serve.manifest"
        path.write_text(render(ROOT / "deploy/gramine/sealwright-serve.manifest.template"))
        manifest = tomllib.loads(path.read_text())
        _, findings = doctor(path, "--gramine-version", "1.9", "--image-root", image)
    faults = [f"{finding['key']}: {finding['message']}" for finding in findings if GRAMINE_FOLDER not in finding["message"]]
    trusted = [uri.removeprefix("file:") for uri in manifest["sgx"]["trusted_files"]]
    folders = manifest["loader"]["env"]["LD_LIBRARY_PATH"].split(":")
    loaded = ["/usr/bin/sealwright", "/usr/lib/sealwright/libtensorflow_cc.so.2"]
    seen = set()
    while loaded:
        name = loaded.pop()
        for library in needed_libraries(image + name) - seen - GRAMINE_LIBRARIES:
            seen.add(library)
            found = next((f"{folder}/{library}" for folder in folders if os.path.exists(f"{image}{folder}/{library}")), None)
            if found is None:
                faults.append(f"{name} loads {library}, which is in no folder of LD_LIBRARY_PATH")
            elif not any(found == uri or (uri.endswith("/") and found.startswith(uri)) for uri in trusted):
                faults.append(f"{name} loads {found}, which is no trusted file")
            else:
                loaded.append(found)
    for fault in faults:
        print(f"FAILED {fault}")
    print(f"sealwright-serve: {len(trusted)} trusted files, {len(seen)} libraries beside Gramine's own, {len(faults)} faults")
    return 1 if faults or len(seen) < 4 else 0


def main():
    if sys.argv[1:2] == ["--render"]:
        print(render(ROOT / f"deploy/gramine/{sys.argv[2]}.manifest.template"), end="")
        return 0
    if sys.argv[1:2] == ["--image-root"]:
        return check_image(sys.argv[2])
    wrong = 0
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        subprocess.run([ROOT / "deploy/check/model", folder], check=True)
        for template in sorted((ROOT / "deploy/gramine").glob("*.manifest.template")):
            name = template.name.removesuffix(".manifest.template")
            text = render(template)
            manifest = tomllib.loads(text)
            path = folder / f"{name}.manifest"
            path.write_text(text)
            done, findings = doctor(path, "--gramine-version", "1.9")
            if done.returncode != 0 or findings:
                wrong += 1
                print(f"FAILED {name}, rendered: {findings} {done.stderr}")
            insecure = [leaf for leaf in leaves(manifest) if "insecure__" in leaf]
            assert not insecure, f"{name}: {insecure}"
            print(f"{name}: rendered, TOML, no fault; {check_paths(name, manifest, folder)} embedded paths are those that it opens")
        wrong += check_toml(folder)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
