"""``jobtui completion``: small scripts that make a shell ask us for candidates."""

from __future__ import annotations

from argparse import Namespace
from difflib import get_close_matches

from jobtui.cli.output import Output
from jobtui.cli.parser import UsageError

__all__ = ["SCRIPTS", "run"]

_BASH = r"""# jobtui completion for bash: eval "$(jobtui completion bash)"
_jobtui() {
    local line current=${COMP_LINE:0:COMP_POINT}
    local words
    # bash splits at "=" as well; we split at blanks alone, so that name=value is one word.
    read -ra words <<< "$current"
    [[ $current == *[[:space:]] ]] && words+=("")
    local last=${words[-1]}
    COMPREPLY=()
    while IFS= read -r line; do
        # What bash replaces begins behind the last "=" or ":".
        [[ $last == *=* ]] && line=${line#"${last%=*}="}
        [[ $last == *:* ]] && line=${line#"${last%:*}:"}
        [[ $line == *[=:] ]] && compopt -o nospace
        COMPREPLY+=("$line")
    done < <(jobtui __complete "${words[@]:1}" 2>/dev/null)
}
complete -o default -F _jobtui jobtui
"""

_ZSH = r"""#compdef jobtui
# jobtui completion for zsh: eval "$(jobtui completion zsh)", after compinit
_jobtui() {
    local -a found values
    found=("${(@f)$(jobtui __complete "${(@)words[2,CURRENT]}" 2>/dev/null)}")
    values=(${(M)found:#*[=:]})
    found=(${found:#*[=:]})
    (( $#values )) && compadd -S '' -- $values
    (( $#found )) && compadd -- $found
    (( $#values + $#found )) || _files
}
compdef _jobtui jobtui
"""

_FISH = r"""# jobtui completion for fish: save it as ~/.config/fish/completions/jobtui.fish
function __jobtui_candidates
    set -l words (commandline -opc) (commandline -ct)
    jobtui __complete $words[2..-1] 2>/dev/null
end
complete -c jobtui -a '(__jobtui_candidates)'
"""

SCRIPTS: dict[str, str] = {"bash": _BASH, "zsh": _ZSH, "fish": _FISH}
"""By the name of the shell."""


def run(options: Namespace, output: Output) -> int:
    """Print the completion script of one shell."""
    if not options.words:
        raise UsageError("jobtui completion needs the name of a shell: bash, zsh or fish")
    shell = options.words[0]
    if shell not in SCRIPTS:
        near = get_close_matches(shell, SCRIPTS, n=1)
        hint = f"did you mean {near[0]!r}?" if near else "there are bash, zsh and fish"
        raise UsageError(f"no completion for the shell {shell!r}; {hint}")
    output.raw(SCRIPTS[shell])
    return 0
