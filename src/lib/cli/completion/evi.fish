# Completion of evi for fish. Once: evi completion fish > ~/.config/fish/completions/evi.fish
function __evi_complete
    set -l words (commandline -opc)
    set -lx EVI_COMPLETE_LINE (commandline -cp | string collect)
    set -l evi (string replace -r '^~' $HOME -- $words[1])
    set -l answer ($evi __complete fish 2>/dev/null </dev/null)
    switch "$answer[1]"
        case files
            __fish_complete_path (commandline -ct)
        case directories
            __fish_complete_directories (commandline -ct)
        case '*'
            printf '%s\n' $answer[2..-1]
    end
end
complete -c evi -f -a '(__evi_complete)'
