#compdef zkv
# Completes command lines of zkv in zsh, by asking zkv itself. Names of the vault are completed after zkv unlock.
_zkv() {
    local line
    local -a lines names shown suffix
    lines=("${(@f)$(command zkv completions zsh -- "${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}" 2>/dev/null </dev/null)}")
    case ${lines[1]} in
        files) _files; return ;;
        folders) _files -/; return ;;
        beginnings) suffix=(-S '') ;;
    esac
    # compadd quotes what it inserts.
    for line in "${(@)lines[2,-1]}"; do
        names+=("${line%%$'\t'*}")
        shown+=("${line/$'\t'/  -- }")
    done
    (( $#names )) || return 1
    [[ ${lines[2]} == *$'\t'* ]] && suffix+=(-l)
    compadd -M 'm:{[:lower:][:upper:]}={[:upper:][:lower:]}' "${suffix[@]}" -d shown -a names
}
if [[ ${zsh_eval_context[-1]} == loadautofunc ]]; then
    _zkv "$@"
else
    compdef _zkv zkv
fi
