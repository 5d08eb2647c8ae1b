#!/usr/bin/env bash
# Certificates in the form of the original recipe: RSA, a common name and no subject alternative name, all serial 01.
# usage: recipe_certificates.sh SERVER_NAME, in an empty folder
set -euo pipefail
openssl req -x509 -newkey rsa:2048 -nodes -sha256 -days 2 -keyout ca.key -out ca.crt -subj "/CN=recipe CA"
for role in server client; do
    name=$1
    [[ $role == client ]] && name=client.$1
    openssl req -newkey rsa:2048 -nodes -sha256 -keyout $role.key -out $role.csr -subj "/CN=$name"
    openssl x509 -req -sha256 -days 2 -in $role.csr -CA ca.crt -CAkey ca.key -set_serial 01 -out $role.crt
done
