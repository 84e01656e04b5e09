# Completion of lttnga-record for fish: the options of its --help.
#
# SPDX-License-Identifier: MIT

complete -c lttnga-record -f -a '(lttnga-record --help 2>/dev/null | string replace -rf \
    "^ *(?:-., )?(--[a-z-]+)(?: [A-Z|]+)? +(.*)" "\$1\t\$2")'
complete -c lttnga-record -l output -xa '(__fish_complete_directories (commandline -ct) "")'
