#compdef kubectl-joblab
# zsh completion for kubectl-joblab: source <(kubectl-joblab completion zsh)
#
# kubectl-joblab prints a line for each word, with what it means after a tab, and a last line with
# cobra's directive.

_kubectl_joblab() {
    local -a typed lines described options
    local last line word directive
    typed=("${(@Q)words[1,CURRENT-1]}")
    typed[1]=${typed[1]/#\~\//$HOME/}
    last=${(Q)PREFIX}
    lines=("${(@f)$("${typed[1]}" __complete "${(@)typed[2,-1]}" "$last" 2>/dev/null)}")
    directive=${lines[-1]#:}
    [[ $directive == <-> ]] || return 1
    lines[-1]=()
    if [[ $PREFIX == -*=* ]]; then
        compset -P 1 '*='  # what is completed is the value
    fi
    if ((directive & 8)); then
        _files -g "*.(${(j:|:)lines})"
        return
    elif ((directive & 16)); then
        _files -/
        return
    elif ((!(directive & 4) && !${#lines})); then
        _files
        return
    fi
    for line in $lines; do
        word=${line%%$'\t'*}
        word=${word//:/\\:}
        if [[ $line == *$'\t'* ]]; then
            word+=:${line#*$'\t'}
        fi
        described+=("$word")
    done
    if ((directive & 32)); then
        options=(-V)
    fi
    if ((directive & 2)); then
        _describe $options kubectl-joblab described -S ''
    else
        _describe $options kubectl-joblab described
    fi
}

# sourced, it says what it is for; found in fpath, it is what completes
if [[ ${funcstack[1]} == _kubectl_joblab ]]; then
    _kubectl_joblab "$@"
else
    compdef _kubectl_joblab kubectl-joblab
fi
