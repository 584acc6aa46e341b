#compdef evi
# Completion of evi for zsh. In ~/.zshrc, after compinit: source <(evi completion zsh)
# Or save it as _evi in a directory of $fpath.
_evi() {
  local line kind about
  local -i width
  local -a answer values texts
  answer=("${(@f)$(EVI_COMPLETE_LINE="${(j: :)words[1,CURRENT-1]} $QIPREFIX$IPREFIX$PREFIX" \
    ${~${(Q)words[1]}} __complete zsh 2>/dev/null </dev/null)}")
  kind=$answer[1]
  for line in "${(@)answer[2,-1]}"; do
    values+=("${line%%$'\t'*}")
  done
  width=${#${(O@)values//?/x}[1]}
  # Below each other, and no wider than the terminal, which would break them.
  for line in "${(@)answer[2,-1]}"; do
    [[ $line == *$'\t'* ]] && about="  -- ${line#*$'\t'}" || about=
    texts+=("${${:-${(r:width:)${line%%$'\t'*}}$about}[1,COLUMNS-1]}")
  done
  case $kind in
    files) _files ;;
    directories) _files -/ ;;
    unfinished) compadd -S '' -l -d texts -a values ;;
    *) compadd -l -d texts -a values ;;
  esac
}
if [[ $funcstack[1] == _evi ]]; then
  _evi "$@"
else
  (( $+functions[compdef] )) || { autoload -Uz compinit && compinit }
  # zsh completes the program behind an alias.
  compdef _evi evi ${aliases[evi]:+${aliases[evi]:t}}
fi
