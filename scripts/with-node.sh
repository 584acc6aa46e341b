#!/bin/sh
# Runs a script with the Node of package.json's devDependencies, whatever Node the machine has; installs what is missing.
set -eu
cd "$(dirname "$0")/.."
. scripts/show-progress.sh
installed=node_modules/.installed-lock.json

# The content decides, as a clone or a checkout changes times without changing anything.
if ! cmp -s package-lock.json "$installed"; then
  version=$(npm --version 2>/dev/null) || {
    echo 'npm is missing: install Node.js with npm, such as Debian'\''s packages nodejs and npm.' >&2
    exit 69
  }
  if [ "${version%%.*}" -lt 9 ]; then
    echo "npm $version is too old: 9 or newer is needed. Install Node.js 22 or newer, which brings it: https://nodejs.org" >&2
    exit 69
  fi
  show_progress 'Installing the npm packages, 600 MB: about a minute, longer on a slow line' \
    env NODE_OPTIONS="${NODE_OPTIONS-} --require=\"$PWD/scripts/node-for-npm.cjs\"" npm ci --loglevel=error
  cp package-lock.json "$installed"
fi

if [ ! -x node_modules/.bin/node ]; then
  echo 'npm has not run the install script of the package "node", which brings the right Node.js. Run:' >&2
  echo '  npm rebuild node --ignore-scripts=false' >&2
  exit 69
fi

PATH="$PWD/node_modules/.bin:$PATH"
export PATH
exec node "$@"
