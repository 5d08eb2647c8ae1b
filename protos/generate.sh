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

messages=$root/Sources/TensorFlowProtos
server=$root/Sources/ModelServing/Generated
client=$root/Sources/ModelClient/Generated
mkdir -p "$messages" "$server" "$client"
rm -f "$messages"/*.pb.swift "$server"/*.grpc.swift "$client"/*.grpc.swift

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
