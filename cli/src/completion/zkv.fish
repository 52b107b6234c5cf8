# Completes command lines of zkv in fish, by asking zkv itself. Names of the vault are completed after zkv unlock.
function __zkv_complete
    set -l before (commandline -opc)
    # The word at the cursor without its quotes, of which the last may be open.
    set -l typed (commandline -ct)
    set -l current (string unescape -- $typed; or string unescape -- $typed\"; or string unescape -- $typed\')
    set -l lines (command zkv completions fish -- $before[2..-1] "$current" 2>/dev/null </dev/null)
    switch "$lines[1]"
        case files
            __fish_complete_path (commandline -ct)
        case folders
            __fish_complete_directories (commandline -ct)
    end
    # fish quotes what it inserts.
    string join \n -- $lines[2..-1]
end
complete -c zkv -f -a '(__zkv_complete)'
