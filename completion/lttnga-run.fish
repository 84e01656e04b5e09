# Completion of lttnga-run for fish. The program itself knows what could follow.
#
# SPDX-License-Identifier: MIT

function __lttnga_run
    set -l words (commandline -opc)
    set -l word (commandline -ct)
    for line in ($words[1] --complete $words[2..-1] "$word" 2>/dev/null)
        switch $line
            case :folder
                __fish_complete_directories "$word" ''
            case :file
                __fish_complete_path "$word" ''
            case '*'
                echo $line
        end
    end
end

complete -c lttnga-run -f -a '(__lttnga_run)'
