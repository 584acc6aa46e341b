#!/bin/sh
# Installs Debian's RabbitMQ, as root, without starting a broker on the machine now or at its next start.
set -eu
cd "$(dirname "$0")/../.."
. scripts/show-progress.sh
export DEBIAN_FRONTEND=noninteractive
policy=/usr/sbin/policy-rc.d

if [ ! -e "$policy" ]; then
  # What Debian asks before a package may start its service: 101 forbids it.
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  trap 'rm -f "$policy"' EXIT
  trap 'exit 130' INT TERM HUP
  chmod 755 "$policy"
fi
# A package source of another vendor that fails does not stop this.
show_progress 'Reading the lists of packages: some seconds' apt-get -qq update || true
# A fresh machine may be busy with its own updates.
show_progress "Installing Debian's RabbitMQ (rabbitmq-server), without starting it: about a minute" \
  apt-get -qq -o DPkg::Lock::Timeout=120 install -y --no-install-recommends rabbitmq-server || exit 69
if [ -d /run/systemd/system ]; then
  systemctl --quiet disable rabbitmq-server.service
fi
