#!/bin/sh
# Generates the Swift code of the .proto files beside this script: messages into Sources/TensorFlowProtos, gRPC stubs into
# Sources/ModelServing/Generated (server) and Sources/ModelClient/Generated (client). The result is checked in; CI runs this
# and fails on a difference.
#
# Needs protoc (Debian: protobuf-compiler). The plugins are built from the packages that Package.swift names, unless
# SEALWRIGHT_PLUGINS names a folder that has them.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$(dirname -- "$here")

command -v protoc >/dev/null || { echo "error: protoc is missing; install protobuf-compiler" >&2; exit 69; }
if [ -n "${SEALWRIGHT_PLUGINS:-}" ]; then
    plugins=$SEALWRIGHT_PLUGINS
else
    swift build --package-path "$root" --product protoc-gen-swift >&2
    swift build --package-path "$root" --product protoc-gen-grpc-swift-2 >&2
    plugins=$(swift build --package-path "$root" --show-bin-path)
fi

# Into a folder beside first: what is checked in is replaced when all of it could be made.
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
messages=$made/messages
server=$made/server
client=$made/client
mkdir -p "$messages" "$server" "$client"

cd "$here"
LC_ALL=C
export LC_ALL
common=Visibility=Package,FileNaming=PathToUnderscores,UseAccessLevelOnImports=true
services='tensorflow_serving/apis/model_service.proto tensorflow_serving/apis/prediction_service.proto'

# No file name here holds a space.
# shellcheck disable=SC2046,SC2086
protoc -I . --plugin="$plugins/protoc-gen-swift" --swift_out="$common:$messages" $(find tensorflow tensorflow_serving -name '*.proto' | sort)

# modules.txtpb tells the stubs that their messages live in TensorFlowProtos (the services themselves are not listed).
# shellcheck disable=SC2086
protoc -I . --plugin="$plugins/protoc-gen-grpc-swift-2" \
    --grpc-swift-2_out="$common,Client=false,ProtoPathModuleMappings=$here/modules.txtpb:$server" $services
# shellcheck disable=SC2086
protoc -I . --plugin="$plugins/protoc-gen-grpc-swift-2" \
    --grpc-swift-2_out="$common,Server=false,ProtoPathModuleMappings=$here/modules.txtpb:$client" $services

# A file of services alone makes an empty file of messages.
for file in $services; do
    rm -f "$messages/$(echo "${file%.proto}" | tr / _).pb.swift"
done

# What has not changed is left alone, so that nothing is built anew because of it.
replace() { # folder made, folder in the sources, ending of its files
    for old in "$2"/*"$3"; do
        [ -e "$1/${old##*/}" ] || rm -f "$old"
    done
    for new in "$1"/*"$3"; do
        cmp -s "$new" "$2/${new##*/}" || cp "$new" "$2"
    done
}
replace "$messages" "$root/Sources/TensorFlowProtos" .pb.swift
replace "$server" "$root/Sources/ModelServing/Generated" .grpc.swift
replace "$client" "$root/Sources/ModelClient/Generated" .grpc.swift
