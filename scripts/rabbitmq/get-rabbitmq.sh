#!/bin/sh
# scripts/rabbitmq/get-rabbitmq.sh 4.0|4.3 [DIR]
#
# Lays out RabbitMQ 4.x beside the machine's own, with its own Erlang and libc, in DIR (build/rabbitmq/VERSION when it is
# not given), and prints the directory for EVI_RABBITMQ_HOME. Nothing happens where that was done before. Takes about
# 30 s, 60 MB of network and 120 MB of disk, on Debian 12 or later; root is needed only where patchelf is missing.
#
#     EVI_RABBITMQ_HOME=$(sh scripts/rabbitmq/get-rabbitmq.sh 4.3) npm test
#
# The packages come from the newer Debian suite that has the version, by the mirror and the keys that apt uses already.
# The machine's own packages, sources and services stay as they are.
set -eu

fail() { # EXIT_CODE SENTENCE
  printf 'get-rabbitmq: %s\n' "$2" >&2
  exit "$1"
}

version=${1-}
case $version in
  4.0) suite=trixie ;;
  4.3) suite=forky ;;
  *) fail 64 'Name a version: scripts/rabbitmq/get-rabbitmq.sh 4.0|4.3 [DIR]' ;;
esac
dir=${2:-$(dirname "$0")/../../build/rabbitmq/$version}
mkdir -p "$(dirname "$dir")" || fail 73 "$dir cannot be made: name another DIR."
dir=$(cd "$(dirname "$dir")" && pwd)/$(basename "$dir")
case $dir in
  *[!A-Za-z0-9/._+@~-]*)
    fail 64 "The path $dir has characters that Erlang's scripts cannot take: name another DIR, or move the clone."
    ;;
esac
home=$dir/usr/lib/rabbitmq/bin
stamp=$dir/laid-out

# All paths in it are absolute: a layout that was moved is made again.
if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$dir" ]; then
  echo "$home"
  exit
fi
[ ! -e "$dir" ] || [ -d "$dir/usr/lib/rabbitmq" ] || [ -z "$(ls -A "$dir")" ] ||
  fail 73 "$dir is something else: name a directory that does not exist."

command -v apt-get >/dev/null && command -v dpkg >/dev/null || fail 69 'Only Debian and its kin have apt-get and dpkg.'
case $(dpkg --print-architecture) in
  amd64) triplet=x86_64-linux-gnu loader=ld-linux-x86-64.so.2 ;;
  arm64) triplet=aarch64-linux-gnu loader=ld-linux-aarch64.so.1 ;;
  *) fail 69 "No layout is known for the architecture $(dpkg --print-architecture)." ;;
esac
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
[ -r "$keyring" ] || fail 69 'The keys of Debian are missing: apt-get install debian-archive-keyring'
if ! command -v patchelf >/dev/null; then
  [ "$(id -u)" = 0 ] || fail 69 'patchelf is missing: sudo apt-get install patchelf'
  { apt-get -qq update && apt-get -qq install -y --no-install-recommends patchelf; } >/dev/null ||
    fail 69 'patchelf cannot be installed.'
fi
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep -v security | head -1)
[ -n "$mirror" ] || fail 69 'apt has no source to take the packages from.'

started=$(date +%s)
echo "Getting RabbitMQ $version (about 30 s) …" >&2
new=$dir.$$ tmp=$(mktemp -d)
trap 'rm -rf "$tmp" "$new"' EXIT
trap 'exit 130' INT TERM HUP
mkdir -p "$new" "$tmp/lists/partial" "$tmp/cache/archives/partial" "$tmp/debs"
: >"$tmp/status"
echo "deb [signed-by=$keyring] $mirror $suite main" >"$tmp/sources.list"
cat >"$tmp/apt.conf" <<END
Dir::Etc::sourcelist "$tmp/sources.list";
Dir::Etc::sourceparts "-";
Dir::State::lists "$tmp/lists";
Dir::State::status "$tmp/status";
Dir::Cache "$tmp/cache";
Acquire::Languages "none";
Acquire::Retries "3";
Acquire::http::Timeout "20";
APT::Sandbox::User "root";
END
export APT_CONFIG="$tmp/apt.conf"

# What the Erlang VM, its libraries in C and RabbitMQ's programs load; the rest of what apt would install is not used.
wanted='erlang-.*|rabbitmq-server|rabbitmqadmin-ng|libc6|libgcc-s1|libstdc\+\+6|libtinfo6|zlib1g|libssl3t64'
wanted="$wanted|libsystemd0|libsystemd-shared|libsctp1|libmimalloc3|libcap2|libzstd1|liblzma5"
apt-get -qq update || fail 69 "The suite $suite cannot be read: see what apt-get says above."
packages=$(apt-get -qq -y install --no-install-recommends --print-uris rabbitmq-server |
  sed -n "s/^'[^']*' \([^_]*\)_.*/\1/p" | grep -Ex "$wanted")
case $(apt-cache show rabbitmq-server | sed -n 's/^Version: //p' | head -1) in
  "$version".*) ;;
  *) fail 69 "The suite $suite has another version of RabbitMQ now: change the suite in $0." ;;
esac
# shellcheck disable=SC2086
(cd "$tmp/debs" && apt-get -qq download $packages) || fail 69 'The packages cannot be fetched: see what apt-get says above.'
for deb in "$tmp"/debs/*.deb; do dpkg -x "$deb" "$new"; done

# The machine's libc may be older than what this Erlang was built for, so that it gets a loader of its own.
lib=$dir/usr/lib/$triplet erlang=$dir/usr/lib/erlang newErlang=$new/usr/lib/erlang
for file in "$newErlang"/erts-*/bin/* "$newErlang"/bin/* "$newErlang"/lib/*/priv/bin/* "$newErlang"/lib/*/bin/* "$new/usr/bin/rabbitmqadmin"; do
  [ -f "$file" ] && [ ! -L "$file" ] && [ "$(head -c 4 "$file" | tr -d '\177')" = ELF ] || continue
  patchelf --set-interpreter "$lib/$loader" --force-rpath --set-rpath "$lib:$lib/systemd" "$file"
done
for file in "$newErlang"/bin/erl "$newErlang"/bin/start "$newErlang"/erts-*/bin/erl "$newErlang"/erts-*/bin/start; do
  [ ! -f "$file" ] || sed -i "s#=/usr/lib/erlang#=$erlang#" "$file"
done

# A program that is called by its path alone needs this Erlang first in PATH.
mkdir -p "$new/bin"
for program in "$new"/usr/lib/rabbitmq/bin/rabbitmq*; do
  name=$(basename "$program")
  case $name in *env | *defaults | *wrapper) continue ;; esac
  printf '#!/bin/sh\nPATH=%s:$PATH; export PATH\nexec %s "$@"\n' "$home" "$home/$name" >"$new/bin/$name"
  chmod 755 "$new/bin/$name"
done
[ ! -x "$new/usr/bin/rabbitmqadmin" ] || ln -sf "$dir/usr/bin/rabbitmqadmin" "$new/bin/rabbitmqadmin"
for name in erl escript epmd erlc; do
  ln -sf "$erlang/bin/$name" "$new/usr/lib/rabbitmq/bin/$name"
  ln -sf "$erlang/bin/$name" "$new/bin/$name"
done

rm -rf "$dir"
mv "$new" "$dir"
found=$("$dir/bin/rabbitmqctl" version) || fail 69 "RabbitMQ is laid out in $dir, but does not run."
echo "$dir" >"$stamp"
echo "RabbitMQ $found is in $dir ($(du -sh "$dir" | cut -f 1)) after $(($(date +%s) - started)) s." >&2
echo "$home"
