# SPDX-License-Identifier: LGPL-2.1-or-later
#
# Completes the command lines of zmqglib in bash. The names of options are those that “--help” shows.

_zmqglib_words () {
  mapfile -t COMPREPLY < <(compgen -W "$1" -- "$2")
}

_zmqglib_files () {
  compopt -o filenames 2>/dev/null
  mapfile -t COMPREPLY < <(compgen -f -- "$1")
}

# Completes the value of the option that stands before, if that is one whose values are known.
_zmqglib_value () {
  local command=$1 previous=$2 current=$3

  case $command,$previous in
    send,-t | send,--type) _zmqglib_words 'push pub pair dealer router xpub xsub' "$current" ;;
    receive,-t | receive,--type) _zmqglib_words 'pull sub pair dealer router xpub' "$current" ;;
    monitor,-t | monitor,--type)
      _zmqglib_words 'pair pub sub req rep dealer router pull push xpub xsub stream' "$current" ;;
    monitor,-e | monitor,--event)
      _zmqglib_words 'connected connect-delayed connect-retried listening bind-failed accepted accept-failed closed
        close-failed disconnected monitor-stopped handshake-failed-no-detail handshake-succeeded
        handshake-failed-protocol handshake-failed-auth' "$current" ;;
    *,-F | *,--format) _zmqglib_words 'text json hex raw' "$current" ;;
    *,--strategy) _zmqglib_words 'failover spread all' "$current" ;;
    *,-f | *,--file | *,-C | *,--certificate | *,-K | *,--server-key | *,-a | *,--allow | *,--password-file | *,--passwords)
      _zmqglib_files "$current" ;;
    reply,-x | reply,--exec) mapfile -t COMPREPLY < <(compgen -c -- "$current") ;;
    *) return 1 ;;
  esac
}

_zmqglib () {
  local program=${COMP_WORDS[0]} command=${COMP_WORDS[1]} current=${COMP_WORDS[COMP_CWORD]}
  local previous=${COMP_WORDS[COMP_CWORD - 1]}

  COMPREPLY=()
  if (( COMP_CWORD == 1 ))
  then
    _zmqglib_words 'send receive request reply proxy monitor keygen --help --version' "$current"
    return
  fi

  # “=” is a word of its own
  if [[ $current == = ]]
  then current=
  elif [[ $previous == = ]]
  then previous=${COMP_WORDS[COMP_CWORD - 2]}
  fi

  if _zmqglib_value "$command" "$previous" "$current"
  then return
  fi
  if [[ $current == -* ]]
  then _zmqglib_words "$("$program" "$command" --help 2>/dev/null | grep -oE -- '^ +(-., )?--[a-z-]+' | grep -oE -- '--[a-z-]+')" "$current"
  elif [[ $command == keygen ]]
  then _zmqglib_files "$current"
  fi
}

complete -F _zmqglib zmqglib
