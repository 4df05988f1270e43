import type { Shell } from "./shells.ts";

// All three call `pktables complete -- WORDS…`, so that they offer exactly what this program
// accepts. It prints one candidate a line: the word, a tab, its description; a line `:pk-file`, `:file`
// or `:folder` asks for names from the disk. Its output is never evaluated.

/** bash splits words at `:` and `=`, which are in addresses: the words are taken from the line. */
const BASH = `# bash completion for pktables, printed by: pktables completions bash
_pktables() {
  local line="\${COMP_LINE:0:COMP_POINT}" words word breaks= cut= offer name
  read -ra words <<< "$line"
  [[ $line == *[[:space:]] ]] && words+=("")
  word=\${words[\${#words[@]} - 1]}
  # What bash takes for a finished word is cut off the offers.
  [[ $COMP_WORDBREAKS == *:* ]] && breaks=:
  [[ $COMP_WORDBREAKS == *=* ]] && breaks+==
  [[ -n $breaks && $word == *["$breaks"]* ]] && cut=\${word%"\${word##*["$breaks"]}"}
  COMPREPLY=()
  while IFS= read -r offer; do
    case $offer in
      :pk-file)
        compopt -o filenames
        while IFS= read -r name; do
          [[ -d $name || $name == *.pk ]] && COMPREPLY+=("$name")
        done < <(compgen -f -- "\${word#*=}")
        ;;
      :file | :folder)
        compopt -o filenames
        while IFS= read -r name; do
          [[ -d $name || $offer == :file ]] && COMPREPLY+=("$name")
        done < <(compgen -f -- "\${word#*=}")
        ;;
      *)
        offer=\${offer%%$'\\t'*}
        COMPREPLY+=("\${offer#"$cut"}")
        ;;
    esac
  done < <("\${words[0]}" complete -- "\${words[@]:1}" 2> /dev/null)
}
complete -F _pktables pktables
`;

const ZSH = `#compdef pktables
# zsh completion for pktables, printed by: pktables completions zsh
_pktables() {
  local offer
  local -a answer offers
  answer=(\${(f)"$("\${words[1]}" complete -- "\${(@Q)words[2,CURRENT-1]}" "\${(Q)PREFIX}" 2> /dev/null)"})
  for offer in $answer; do
    case $offer in
      (:pk-file) _files -g '*.pk(-.)' ;;
      (:file) compset -P '*='; _files ;;
      (:folder) compset -P '*='; _files -/ ;;
      # _describe splits at the first colon that has no backslash.
      (*) offers+=("\${\${offer%%$'\\t'*}//:/\\\\:}:\${offer#*$'\\t'}") ;;
    esac
  done
  (( $#offers )) && _describe -V pktables offers
}
if [[ $funcstack[1] == _pktables ]]; then _pktables "$@"; else compdef _pktables pktables; fi
`;

const FISH = `# fish completion for pktables, printed by: pktables completions fish
function __pktables
    set -l words (commandline -opc)
    # Ahead of it may stand another command, such as sudo.
    while set -q words[2]; and not string match -qr '(^|/)pktables$' -- $words[1]
        set -e words[1]
    end
    set -l word (commandline -ct)
    for offer in ($words[1] complete -- $words[2..-1] "$word" 2>/dev/null)
        switch $offer
            case :pk-file
                __fish_complete_suffix $word .pk | string match -r '^[^\\t]*(?:\\.pk|/)(?:\\t.*)?$'
            case :file
                __fish_complete_path (string replace -r '^--[^=]*=' '' -- $word)
            case :folder
                __fish_complete_directories (string replace -r '^--[^=]*=' '' -- $word)
            case '*'
                echo $offer
        end
    end
end
complete -c pktables -f -a '(__pktables)'
`;

/** The completion scripts. */
export const SCRIPTS: Readonly<Record<Shell, string>> = { bash: BASH, zsh: ZSH, fish: FISH };
