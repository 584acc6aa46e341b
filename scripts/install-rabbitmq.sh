#!/bin/sh
# Installs Debian's RabbitMQ, as root, without starting a broker on the machine now or at its next start.
set -eu
export DEBIAN_FRONTEND=noninteractive
policy=/usr/sbin/policy-rc.d

if [ ! -e "$policy" ]; then
  # What Debian asks before a package may start its service: 101 forbids it.
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  trap 'rm -f "$policy"' EXIT
  trap 'exit 130' INT TERM HUP
  chmod 755 "$policy"
fi
install() {
  # A foreign package source that fails does not stop this; a fresh machine may be busy with its own updates.
  apt-get -qq update
  apt-get -qq -o DPkg::Lock::Timeout=120 install -y --no-install-recommends rabbitmq-server
}
# Its many words are of use only when it fails.
output=$(install 2>&1) || {
  printf '%s\n' "$output" >&2
  exit 69
}
if [ -d /run/systemd/system ]; then
  systemctl --quiet disable rabbitmq-server.service
fi
