#!/bin/sh
# Installs, as root, what the C programs of the benchmarks are compiled with.
set -eu
export DEBIAN_FRONTEND=noninteractive
# A foreign package source that fails does not stop this.
apt-get -qq update || true
apt-get -qq -o DPkg::Lock::Timeout=120 install -y --no-install-recommends gcc libc6-dev librabbitmq-dev >/dev/null
