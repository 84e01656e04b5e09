# Completion of lttnga-run and lttnga-record for bash. The program itself knows what could follow.
#
# SPDX-License-Identifier: MIT

_lttnga_run() {
  local cur words cword line before
  _get_comp_words_by_ref -n =: cur words cword
  # For readline a word begins behind these.
  before=${cur%"${cur##*[=:]}"}
  COMPREPLY=()
  while IFS= read -r line; do
    case $line in
    :folder | :file)
      compopt -o filenames
      local kind=-d
      [[ $line = :file ]] && kind=-f
      while IFS= read -r line; do
        COMPREPLY+=("$line")
      done < <(compgen "$kind" -- "${cur#"$before"}")
      ;;
    *)
      line=${line%%$'\t'*}
      COMPREPLY+=("${line#"$before"}")
      ;;
    esac
  done < <("${words[0]}" --complete "${words[@]:1:cword-1}" "$cur" 2>/dev/null)
  [[ ${COMPREPLY[0]-} = *, || ${COMPREPLY[0]-} = *: ]] && compopt -o nospace
  return 0
}

_lttnga_record() {
  local cur prev line
  _get_comp_words_by_ref cur prev
  case $prev in
  --output)
    compopt -o filenames
    COMPREPLY=()
    while IFS= read -r line; do
      COMPREPLY+=("$line")
    done < <(compgen -d -- "$cur")
    ;;
  *) COMPREPLY=($(compgen -W "$(lttnga-record --help 2>/dev/null |
       sed -n 's/^ *\(-., \)\{0,1\}\(--[a-z-]*\).*/\2/p')" -- "$cur")) ;;
  esac
}

complete -F _lttnga_run lttnga-run
complete -F _lttnga_record lttnga-record
