// Must run on any Node: no newer syntax here. The versions are those of `engines` in package.json.
const oldest = { 22: [22, 2], 24: [15, 0] }
const next = 26

/** Whether evi runs on this version of Node, such as `24.15.0`. */
exports.supportedNode = function supportedNode(version) {
  const [major, minor, patch] = version.split('.').map(Number)
  if (major >= next) return true
  const [oldestMinor, oldestPatch] = oldest[major] || [Infinity, 0]
  return minor > oldestMinor || (minor === oldestMinor && patch >= oldestPatch)
}

exports.unsupportedMessage = function unsupportedMessage(version, guide) {
  return `evi: This is Node.js ${version}; evi needs 22.22.2 or a later 22, 24.15 or a later 24, or 26 and newer.
  Install one from your package manager or nodejs.org; in a clone: PATH="$PWD/node_modules/.bin:$PATH"
  Or install evi without Node.js, as one file or as a .deb: ${guide}
`
}
