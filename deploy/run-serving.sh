#!/usr/bin/env bash
# Runs a model server from its image: in a TDX guest as it is, in an SGX enclave from the image of deploy/containers/Containerfile.sgx (-e).
#
# usage: deploy/run-serving.sh [-i IMAGE] [-p PORT] [-m MODEL] [-s SSL_CFG] [-a HOST:IP,...] [-b BROKER] [-c BROKER_CA] [-e] -v SEALED [-- OPTION...]
#
#   -i IMAGE      default localhost/sealwright-serving:latest
#   -p PORT       gRPC's (default 8500); REST's is not published, add `-- --rest_api_port=8501` and publish it knowingly
#   -m MODEL      the model's name, and its folder in SEALED/models (default resnet50)
#   -s SSL_CFG    the sealed ssl.cfg in SEALED (default ssl.cfg)
#   -a HOST:IP    names of attestation services and their addresses, several separated by commas
#   -b BROKER     the key broker, host:port (default attestation.service.com:8443)
#   -c BROKER_CA  the CA of the broker's certificate, PEM
#   -v SEALED     folder with the sealed files; mounted read-only
#   -e            an SGX enclave: its command line is in the signed manifest, so MODEL, SSL_CFG, BROKER and OPTION must not be given
# SEALWRIGHT_RUNTIME: docker or podman; SEALWRIGHT_RUNTIME_OPTIONS: further options of its `run`.
# SEALWRIGHT_DRY_RUN=1 prints the command.
set -euo pipefail
image= port=8500 model= ssl= hosts= broker= broker_ca= sealed= enclave=false
fail() { echo "error: $1" >&2; echo "  what to do: $2" >&2; exit "${3:-64}"; }
while getopts i:p:m:s:a:b:c:v:e option; do
    case $option in
        i) image=$OPTARG ;; p) port=$OPTARG ;; m) model=$OPTARG ;; s) ssl=$OPTARG ;; a) hosts=$OPTARG ;; b) broker=$OPTARG ;; c) broker_ca=$OPTARG ;;
        v) sealed=$OPTARG ;; e) enclave=true ;;
        *) fail "unknown option" "see the head of $0" ;;
    esac
done
shift $((OPTIND - 1))
[[ -n $sealed ]] || fail "-v is needed" "see the head of $0"
[[ -d $sealed ]] || fail "$sealed is no folder" "sealwright seal writes it" 66

arguments=() devices=()
if $enclave; then
    [[ -z $model$ssl$broker$broker_ca && $# == 0 ]] || fail "an enclave's command line is in its signed manifest" "leave -m, -s, -b, -c and options away"
    [[ -e /dev/sgx_enclave ]] || fail "there is no /dev/sgx_enclave" "a vSGX instance (g7t, c7t, r7t) with a kernel of 5.11 or later; look at dmesg | grep sgx" 69
    [[ -S /var/run/aesmd/aesm.socket ]] || fail "aesmd does not run" "systemctl enable --now aesmd" 69
    : "${image:=localhost/sealwright-serving-sgx:latest}"
    # The enclave's device alone: quotes are made by aesmd, which has the right to provision. Its folder and not the socket, which dies when aesmd starts again.
    devices=(--device /dev/sgx_enclave --group-add "$(stat -c %g /dev/sgx_enclave)" --volume /var/run/aesmd:/var/run/aesmd:ro)
else
    : "${image:=localhost/sealwright-serving:latest}" "${model:=resnet50}" "${ssl:=ssl.cfg}" "${broker:=attestation.service.com:8443}"
    for path in "models/$model" "$ssl"; do [[ -e $sealed/$path ]] || fail "$sealed/$path is missing" "sealwright seal --mount-path $path" 66; done
    arguments=(
        serve "--model_name=$model" "--model_base_path=/sealed/models/$model" "--mount-path=models/$model" "--ssl_config_file=/sealed/$ssl"
        "--ssl-mount-path=$ssl" --port=8500 --health-port=8502 "--broker=$broker"
    )
    if [[ -n $broker_ca ]]; then
        [[ -f $broker_ca ]] || fail "$broker_ca is missing" "the broker's owner has it" 66
        devices+=(--volume "$(realpath "$broker_ca"):/etc/sealwright/broker-ca.pem:ro")
        arguments+=(--broker-ca=/etc/sealwright/broker-ca.pem)
    fi
    if [[ -e /dev/tdx_guest ]]; then devices+=(--device /dev/tdx_guest --group-add "$(stat -c %g /dev/tdx_guest)"); fi
fi
IFS=, read -ra names <<<"$hosts"
for name in "${names[@]}"; do devices+=(--add-host "$name"); done

runtime=${SEALWRIGHT_RUNTIME:-$(command -v docker || command -v podman || true)}
[[ -n $runtime ]] || fail "there is neither docker nor podman" "install one" 69
read -ra options <<<"${SEALWRIGHT_RUNTIME_OPTIONS:-}"
command=(
    "$runtime" run --rm --init=false --name "sealwright-serving-$port" --stop-timeout 45
    --publish "$port:8500" --read-only --tmpfs /tmp:mode=1777,size=64m --cap-drop ALL --security-opt no-new-privileges --ulimit core=0 --pids-limit 1024
    "${options[@]}" --volume "$(realpath "$sealed"):/sealed:ro" "${devices[@]}" "$image" "${arguments[@]}" "$@"
)
if [[ -n ${SEALWRIGHT_DRY_RUN:-} ]]; then printf '%q ' "${command[@]}"; echo; exit; fi
exec "${command[@]}"
