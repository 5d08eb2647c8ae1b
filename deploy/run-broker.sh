#!/usr/bin/env bash
# Runs the key broker from its image, on a machine that the model's owner trusts. It needs no SGX.
#
# usage: deploy/run-broker.sh [-i IMAGE] [-p PORT] [-P PORT] -r PCCS -c CONFIGURATION -d DATA [-- OPTION...]
#
#   -i IMAGE          default localhost/sealwright-broker:latest
#   -p PORT           where Gramine's own clients ask (default 4433)
#   -P PORT           where `sealwright serve` asks, over HTTPS (default 8443)
#   -r PCCS           URL of the collateral service (https://HOST:8081/sgx/certification/v4/), `intel`, or a region of Alibaba Cloud: aliyun:cn-beijing
#   -c CONFIGURATION  folder with policy.yaml, cert.pem, key.pem, master-key (the last two mode 0600, of uid 10001) and what the policy names; mounted read-only
#   -d DATA           folder for the store with secrets and audit log, owned by uid 10001
# The master key is any 32 bytes: head -c 32 /dev/urandom >master-key. The store is made at the first start. What follows `--` goes to `sealwright broker serve`. SEALWRIGHT_RUNTIME: docker or podman; SEALWRIGHT_RUNTIME_OPTIONS: further options of its `run`.
# SEALWRIGHT_DRY_RUN=1 prints the command.
set -euo pipefail
image=localhost/sealwright-broker:latest port=4433 https_port=8443 pccs= configuration= data=
fail() { echo "error: $1" >&2; echo "  what to do: $2" >&2; exit "${3:-64}"; }
while getopts i:p:P:r:c:d: option; do
    case $option in
        i) image=$OPTARG ;; p) port=$OPTARG ;; P) https_port=$OPTARG ;; r) pccs=$OPTARG ;; c) configuration=$OPTARG ;; d) data=$OPTARG ;;
        *) fail "unknown option" "see the head of $0" ;;
    esac
done
shift $((OPTIND - 1))
[[ -n $pccs && -n $configuration && -n $data ]] || fail "-r, -c and -d are needed" "see the head of $0"
case $pccs in
    aliyun:*:vpc) region=${pccs#aliyun:}; pccs=https://sgx-dcap-server-vpc.${region%:vpc}.aliyuncs.com/sgx/certification/v4/ ;;
    aliyun:*) pccs=https://sgx-dcap-server.${pccs#aliyun:}.aliyuncs.com/sgx/certification/v4/ ;;
    intel) pccs=https://api.trustedservices.intel.com/sgx/certification/v4/ ;;
    https://* | http://127.0.0.1:* | http://localhost:*) ;;
    *) fail "$pccs is no collateral service" "give an https:// URL, intel, or aliyun:REGION" ;;
esac
for file in policy.yaml cert.pem key.pem master-key; do
    [[ -f $configuration/$file ]] || fail "$configuration/$file is missing" "sealwright tls issue makes the certificate, head -c 32 /dev/urandom the master key; deploy/README.md has a policy" 66
done
[[ -d $data ]] || fail "$data is no folder" "install -d -m 0700 -o 10001 -g 10001 $data" 66
[[ $(stat -c %u "$data") == 10001 ]] || fail "$data does not belong to uid 10001, which the broker runs as" "chown 10001:10001 $data" 77
for file in key.pem master-key; do
    [[ $(stat -c %u "$configuration/$file") == 10001 ]] || fail "$configuration/$file cannot be read by uid 10001" "chown 10001:10001 $configuration/$file" 77
done

runtime=${SEALWRIGHT_RUNTIME:-$(command -v docker || command -v podman || true)}
[[ -n $runtime ]] || fail "there is neither docker nor podman" "install one" 69
read -ra options <<<"${SEALWRIGHT_RUNTIME_OPTIONS:-}"
hardened=(
    "$runtime" run --rm --init=false --read-only --tmpfs /tmp:mode=1777,size=64m --cap-drop ALL --security-opt no-new-privileges --ulimit core=0
    --memory 1g --pids-limit 256 "${options[@]}" --volume "$(realpath "$configuration"):/etc/sealwright:ro" --volume "$(realpath "$data"):/var/lib/sealwright"
)
store=(--store /var/lib/sealwright/broker.sqlite --master-key /etc/sealwright/master-key)
make_store=("${hardened[@]}" "$image" broker store init --if-missing "${store[@]}")
serve=(
    "${hardened[@]}" --name sealwright-broker --stop-timeout 45 --publish "$port:4433" --publish "$https_port:8443" "$image"
    broker serve --policy /etc/sealwright/policy.yaml --certificate /etc/sealwright/cert.pem --private-key /etc/sealwright/key.pem "${store[@]}"
    --pccs-url "$pccs" --operations-port 9090 "$@"
)
if [[ -n ${SEALWRIGHT_DRY_RUN:-} ]]; then
    printf '%q ' "${make_store[@]}"
    echo
    printf '%q ' "${serve[@]}"
    echo
    exit
fi
"${make_store[@]}"
exec "${serve[@]}"
