#!/usr/bin/env bash
# Renders the Kubernetes overlays, validates every object against the schemas of the oldest and the newest Kubernetes
# that we mean, strictly, and checks the rules that no schema knows (kubernetes_rules.py). Needs kubectl and Python 3.
set -euo pipefail

tests=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
overlays="$tests/../deploy/kubernetes/overlays"
tools="$tests/.tools/kubernetes-validate"
version=1.37.0

if ! "$tools/bin/kubernetes-validate" --version 2>/dev/null | grep -qF "$version"; then
  echo "installing kubernetes-validate $version into tests/.tools"
  python3 -m venv --clear "$tools"
  "$tools/bin/pip" install --quiet --disable-pip-version-check "kubernetes-validate==$version"
fi

rendered=$(mktemp -d)
trap 'rm -rf "$rendered"' EXIT

for overlay in haicang xiamen; do
  kubectl kustomize "$overlays/$overlay" > "$rendered/$overlay.yaml"
  for kubernetes in 1.31.0 1.37.0; do
    # Its own lines name each object; only failures are worth reading.
    if ! "$tools/bin/kubernetes-validate" --strict --kubernetes-version "$kubernetes" --quiet "$rendered/$overlay.yaml"; then
      echo "overlay $overlay does not pass the schemas of Kubernetes $kubernetes" >&2
      exit 1
    fi
  done
done

PYTHONDONTWRITEBYTECODE=1 "$tools/bin/python" "$tests/kubernetes_rules.py" "$tests/.." \
  "$rendered/haicang.yaml" "$rendered/xiamen.yaml"
