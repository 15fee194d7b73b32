/** The shells that completion is made for. */
export const shells = ['bash', 'zsh', 'fish'] as const
/** One of {@link shells}. */
export type Shell = (typeof shells)[number]

/**
 * What a shell reads to complete `plinth`. The script asks the command itself, `plinth __complete <words…>`, which
 * answers with a candidate and its description on each line, or with `:files` where names of files are wanted. It reads
 * the contract on disk and seldom waits for a server.
 */
export const scripts: Readonly<Record<Shell, string>> = {
  bash: `# plinth completion for bash: eval "$(plinth completion bash)"
_plinth() {
  local IFS=$'\\n' line at="" current words=()
  if declare -F _get_comp_words_by_ref >/dev/null; then
    # ":" and "=" end words in bash, but not here.
    _get_comp_words_by_ref -n =: -w words -c current
    words=("\${words[@]:1:COMP_CWORD}")
  else
    words=("\${COMP_WORDS[@]:1:COMP_CWORD}")
    current="\${COMP_WORDS[COMP_CWORD]}"
  fi
  COMPREPLY=()
  while read -r line; do
    if [ "$line" = ":files" ]; then
      [ "\${current:0:1}" = "@" ] && at="@"
      compopt -o filenames 2>/dev/null
      COMPREPLY+=($(compgen -f -P "$at" -- "\${current#@}"))
    else
      line="\${line%%$'\\t'*}"
      [ "\${line:0:\${#current}}" = "$current" ] && COMPREPLY+=("$line")
    fi
  done < <(plinth __complete "\${words[@]}" 2>/dev/null)
  declare -F __ltrim_colon_completions >/dev/null && __ltrim_colon_completions "$current"
  return 0
}
complete -F _plinth plinth
`,
  zsh: `#compdef plinth
# plinth completion for zsh: eval "$(plinth completion zsh)"
_plinth() {
  local -a candidates
  local line text
  for line in "\${(@f)$(plinth __complete "\${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
    if [[ "$line" == ":files" ]]; then
      compset -P '@'
      _files
    elif [[ -n "$line" ]]; then
      text="\${line%%$'\\t'*}"
      candidates+=("\${text//:/\\\\:}:\${line#*$'\\t'}")
    fi
  done
  (( \${#candidates} )) && _describe -t commands plinth candidates
}
if [[ "\${funcstack[1]}" == "_plinth" ]]; then _plinth "$@"; else compdef _plinth plinth; fi
`,
  fish: `# plinth completion for fish: plinth completion fish | source
function __plinth_complete
    set -l words (commandline -opc) (commandline -ct)
    for line in (plinth __complete $words[2..-1] 2>/dev/null)
        if test "$line" = ":files"
            set -l current (commandline -ct)
            if string match -q '@*' -- $current
                __fish_complete_path (string sub -s 2 -- $current) | string replace -r '^' '@'
            else
                __fish_complete_path $current
            end
        else
            echo $line
        end
    end
end
complete -c plinth -f -a '(__plinth_complete)'
`,
}
