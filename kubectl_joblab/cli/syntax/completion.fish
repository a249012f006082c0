# fish completion for kubectl-joblab: kubectl-joblab completion fish | source
#
# kubectl-joblab prints a line for each word, with what it means after a tab, and a last line with
# cobra's directive.

function __kubectl_joblab
    set -l typed (commandline -opc)
    set -l last (commandline -ct)
    set -l lines ($typed[1] __complete $typed[2..-1] "$last" 2>/dev/null)
    set -l directive (string match -r -g '^:(\d+)$' -- $lines[-1])
    or return
    set -e lines[-1]
    set -l flag (string match -r -- '^-.*?=' "$last")
    set -l value (string replace -r -- '^-.*?=' '' "$last")
    if test (math "bitand($directive, 8)") -ne 0
        for path in (__fish_complete_path "$value")
            if string match -q -r -- '/(\t|$)|\.('(string join '|' $lines)')(\t|$)' $path
                printf '%s%s\n' "$flag" $path
            end
        end
    else if test (math "bitand($directive, 16)") -ne 0
        printf "$flag%s\n" (__fish_complete_directories "$value")
    else if test (math "bitand($directive, 4)") -eq 0
        printf "$flag%s\n" (__fish_complete_path "$value")
    else if test (count $lines) -gt 0
        printf "$flag%s\n" $lines
    end
end

complete -c kubectl-joblab -e
complete -c kubectl-joblab -f -k -a '(__kubectl_joblab)'
