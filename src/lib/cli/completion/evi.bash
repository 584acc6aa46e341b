# Completion of evi for bash. In ~/.bashrc: eval "$(evi completion bash)"
_evi() {
  # As it was typed, so that an alias or a path is called; nothing else is evaluated.
  local evi=evi answer kind line
  [[ $1 =~ ^[~/.A-Za-z0-9_-]+$ ]] && evi=$1
  COMPREPLY=()
  answer=$(EVI_COMPLETE_LINE=${COMP_LINE:0:COMP_POINT} EVI_COMPLETE_BREAKS=$COMP_WORDBREAKS \
    eval "$evi __complete bash" 2>/dev/null </dev/null)
  while IFS= read -r line; do
    if [[ -z $kind ]]; then kind=$line; else COMPREPLY+=("$line"); fi
  done <<<"$answer"
  case $kind in
    files) compopt -o default 2>/dev/null ;;
    directories) compopt -o dirnames 2>/dev/null ;;
    unfinished) compopt -o nospace 2>/dev/null ;;
  esac
}
complete -F _evi evi
