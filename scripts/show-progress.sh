# show_progress WHAT COMMAND…: runs a command and shows on stderr for how long it has been at it, each second on a
# terminal, each 15 s elsewhere. What the command itself says is shown only when it fails.
show_progress() {
  what=$1
  shift
  log=$(mktemp)
  begun=$(date +%s)
  printf '%s …\n' "$what" >&2
  show_seconds &
  ticker=$!
  # In the foreground, so that Ctrl-C ends it.
  status=0
  "$@" >"$log" 2>&1 || status=$?
  kill "$ticker" 2>/dev/null || true
  wait "$ticker" 2>/dev/null || true
  if [ -t 2 ]; then printf '\r\033[K' >&2; fi
  if [ "$status" -eq 0 ]; then
    printf '  done after %s s\n' "$(($(date +%s) - begun))" >&2
  else
    cat "$log" >&2
  fi
  rm -f "$log"
  return "$status"
}

show_seconds() {
  while sleep 1 && kill -0 "$$" 2>/dev/null; do
    seconds=$(($(date +%s) - begun))
    if [ -t 2 ]; then
      printf '\r  %s s' "$seconds" >&2
    elif [ $((seconds % 15)) -eq 0 ]; then
      printf '  %s s\n' "$seconds" >&2
    fi
  done
}
