# bash completion for kubectl-joblab: source <(kubectl-joblab completion bash)
#
# kubectl-joblab prints a line for each word, with what it means after a tab, and a last line with
# cobra's directive. Needs no bash-completion; without compopt (bash 3) files are offered too.

__kubectl_joblab() {
    COMPREPLY=()
    local line=${COMP_LINE:0:COMP_POINT} typed=() i word blank
    # bash splits words at = and : as well; joined are those with no blank between
    for ((i = 0; i <= COMP_CWORD; i++)); do
        word=${line#"${line%%[![:space:]]*}"}
        blank=$((${#line} - ${#word}))
        line=$word
        word=${COMP_WORDS[i]}
        if ((i == COMP_CWORD)); then
            word=$line
        fi
        line=${line#"$word"}
        if ((i > 0 && blank == 0)); then
            typed[${#typed[@]} - 1]+=$word
        else
            typed+=("$word")
        fi
    done
    for i in "${!typed[@]}"; do
        word=${typed[i]//[\"\'\\]/}
        typed[i]=${word/#"~/"/"$HOME/"}
    done
    local last=${typed[${#typed[@]} - 1]}
    local lines
    lines=$("${typed[0]}" __complete "${typed[@]:1}" 2>/dev/null) || return
    local directive=${lines##*:}
    lines=${lines%:*}
    [[ $directive == [0-9]* ]] || return

    local value=$last
    if [[ $last == -*=* ]]; then
        value=${last#*=}
    fi
    # bash replaces only what follows the last colon
    local before=""
    if [[ $value == *:* && $COMP_WORDBREAKS == *:* ]]; then
        before=${value%"${value##*:}"}
    fi

    if ((directive & 8)); then
        __kubectl_joblab_files "$value" "$lines"
    elif ((directive & 16)); then
        __kubectl_joblab_option -o filenames
        __kubectl_joblab_reply < <(compgen -d -- "$value")
    elif ((directive & 4)); then
        __kubectl_joblab_option +o default
        __kubectl_joblab_words "$before" "$lines"
    fi
    if ((directive & 2)); then
        __kubectl_joblab_option -o nospace
    fi
    if ((directive & 32 && ${#COMPREPLY[@]})); then
        __kubectl_joblab_option -o nosort
    fi
}

__kubectl_joblab_option() {
    if [[ $(type -t compopt) == builtin ]]; then
        compopt "$@" 2>/dev/null
    fi
}

__kubectl_joblab_reply() {
    local line
    while IFS= read -r line; do
        COMPREPLY+=("$line")
    done
}

# files with one of some endings, and folders
__kubectl_joblab_files() {
    local value=$1 ending
    __kubectl_joblab_option -o filenames
    __kubectl_joblab_reply < <(compgen -d -- "$value")
    for ending in $2; do
        __kubectl_joblab_reply < <(compgen -f -X "!*.$ending" -- "$value")
    done
}

# words, with what they mean where there are several to choose from
__kubectl_joblab_words() {
    local before=$1 found=() width=0 line word
    while IFS= read -r line; do
        if [[ -z $line ]]; then
            continue
        fi
        found+=("$line")
        word=${line%%$'\t'*}
        if ((${#word} > width)); then
            width=${#word}
        fi
    done <<<"$2"
    for line in "${found[@]}"; do
        word=${line%%$'\t'*}
        word=${word#"$before"}
        if ((${#found[@]} == 1)) || [[ ${COMP_TYPE:-9} == 3[7] || ${COMP_TYPE:-9} == 42 ]]; then
            COMPREPLY+=("$(printf '%q' "$word")") # menu-complete and insert-completions insert it
        elif [[ $line == *$'\t'* ]]; then
            COMPREPLY+=("$(printf "%-${width}s  (%s)" "$word" "${line#*$'\t'}")")
        else
            COMPREPLY+=("$word")
        fi
    done
}

complete -o default -F __kubectl_joblab kubectl-joblab
