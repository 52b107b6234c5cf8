# shellcheck shell=bash
# Completes command lines of zkv in bash, by asking zkv itself. Names of the vault are completed after zkv unlock.
_zkv() {
    local kind word
    COMPREPLY=()
    {
        IFS= read -r kind || return 0
        # Bash 3 has no compopt, and completes no files here.
        case $kind in
            files) compopt -o default ;;
            folders) compopt -o dirnames ;;
            beginnings) compopt -o nospace ;;
        esac 2>/dev/null
        # Words come quoted. Nothing here expands them.
        while IFS= read -r word; do
            COMPREPLY+=("$word")
        done
    } < <(command zkv completions bash -- "${COMP_LINE:0:COMP_POINT}" "$2" 2>/dev/null </dev/null)
}
complete -F _zkv zkv
