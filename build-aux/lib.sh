# SPDX-License-Identifier: LGPL-2.1-or-later
#
# What the commands in this folder and .ci/run share. To be sourced by bash, with the tree as the
# current directory.

# Debian's packages, and how else one sees that the thing is there: a program or a module of
# pkg-config.
build_packages=(
  'gcc                     program cc'
  'libc6-dev               program cc'
  'pkgconf                 program pkg-config'
  'meson                   program meson'
  'ninja-build             program ninja'
  'libglib2.0-dev          module  gio-2.0'
  'libzmq3-dev             module  libzmq'
  'gobject-introspection   program g-ir-scanner'
  'libgirepository1.0-dev  module  gobject-introspection-1.0'
  'gettext                 program msgfmt'
)

test_packages=(
  'python3-gi              python  gi'
  'python3-zmq             python  zmq'
  'python3-gbulb           python  gbulb'
  'python3-tornado         python  tornado'
  'python3-greenlet        python  greenlet'
  'python3-anyio           python  anyio'
  'python3-ipykernel       python  ipykernel'
  'python3-matplotlib      python  matplotlib'
  'gjs                     program gjs'
  'valac                   program vapigen'
  'mypy                    program mypy'
  'gi-docgen               program gi-docgen'
  'valgrind                program valgrind'
  'iproute2                program ip'
  'clang-format            program clang-format'
  'libgtk-4-dev            module  gtk4'
  'gir1.2-gtk-4.0          module  gtk4'
  'xvfb                    program xvfb-run'
  'xauth                   program xauth'
  'xdotool                 program xdotool'
  'dbus-daemon             program dbus-run-session'
  'at-spi2-core            module  atspi-2'
  'gir1.2-atspi-2.0        module  atspi-2'
  'spin                    program spin'
)

benchmark_packages=(
  'libczmq-dev             module  libczmq'
  'python3-zmq             python  zmq'
  'python3-tornado         python  tornado'
  'python3-gi              python  gi'
  'python3-greenlet        python  greenlet'
  'python3-gevent          python  gevent'
  'gjs                     program gjs'
  'libgtk-4-dev            module  gtk4'
  'xvfb                    program xvfb-run'
  'xauth                   program xauth'
  'python3-matplotlib      python  matplotlib'
  'valgrind                program valgrind'
)

coverage_packages=(
  'lcov                    program lcov'
)

ci_packages=(
  'clang                   program clang'
)

elsewhere_packages=(
  'debootstrap             program debootstrap'
  'debian-archive-keyring  program debootstrap'
  'git                     program git'
  'util-linux              program unshare'
)

# Of meson, for the fuzzers alone.
fuzzing_options=(
  -D{introspection,vapi,doc,tests,examples}=disabled
  -Dfuzzers=enabled
  -Db_sanitize=address,undefined
  -Db_lundef=false
)

say () {
  printf '==> %s\n' "$*"
}

die () {
  printf '%s: %s\n' "${0##*/}" "$*" >&2
  exit 1
}

is_debian () {
  command -v apt-get >/dev/null && command -v dpkg-query >/dev/null
}

# Installed under that name, or provided by a package that is.
deb_is_installed () {
  dpkg-query --show --showformat='${db:Status-Status}, ${Package}, ${Provides},\n' 2>/dev/null |
    awk -v name="$1" '
      /^installed, / {
        for (i = 2; i <= NF; i++)
          if ($i == name "," || ($i == name && $(i + 1) ~ /^\(/))
            found = 1
      }
      END { exit !found }'
}

is_there () {
  case $1 in
    program) command -v "$2" >/dev/null ;;
    module) pkg-config --exists "$2" 2>/dev/null ;;
    python) /usr/bin/python3 -c "import $2" 2>/dev/null ;;
  esac
}

# Prints those of the given packages that are missing.
missing_packages () {
  local package kind name

  while read -r package kind name
  do
    if is_debian
    then deb_is_installed "$package"
    else is_there "$kind" "$name"
    fi || echo "$package"
  done < <(printf '%s\n' "$@")
}

# Prints those of the given packages that a source has under that name, or one that provides it.
known_packages () {
  { apt-cache showpkg "$@" 2>/dev/null || true; } | awk '
    /^Package: / { name = $2 }
    /^[A-Z][A-Za-z ]*:/ { part = $0; next }
    part ~ /^Versions:/ && /\/lists\// { known[name] }
    part ~ /^Reverse Provides:/ && NF { known[name] }
    END { for (name in known) print name }'
}

# Sorts the given packages into “available” and “unavailable”. Fails when there are no lists of packages.
sort_packages () {
  local package
  local -A known=()

  # all in one question, since each can take a second
  while read -r package
  do known[$package]=true
  done < <(known_packages apt "$@")

  available=()
  unavailable=()
  for package
  do
    if [[ -n ${known[$package]:-} ]]
    then available+=("$package")
    else unavailable+=("$package")
    fi
  done

  [[ -n ${known[apt]:-} ]]
}

run_apt () {
  local -a as_root=()

  (( EUID == 0 )) || as_root=(sudo)
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get -qq -o DPkg::Lock::Timeout=600 -o Acquire::Retries=3 "$@" </dev/null
}

# Installs those of the given packages that this release has, and names the others: what they are
# for is then left out, or meson says that it cannot be.
install_packages () {
  local -a available unavailable missing

  if ! sort_packages "$@" || (( ${#available[@]} > 0 ))
  then
    (( EUID == 0 )) || command -v sudo >/dev/null ||
      die "neither root nor sudo is here; as root: apt-get install $*"
    # The lists of one source may fail to come while those that matter have.
    run_apt update || say 'apt-get update failed, trying with the package lists that are there'
    sort_packages "$@" || die 'apt-get has no lists of packages'
  fi

  (( ${#unavailable[@]} == 0 )) ||
    say "Left out, since this release does not have it: ${unavailable[*]}"
  (( ${#available[@]} > 0 )) || return 0

  say "Installing with apt-get: ${available[*]}"
  run_apt install --yes --no-install-recommends "${available[@]}" >/dev/null ||
    die "apt-get could not install: ${available[*]}"
  mapfile -t missing < <(missing_packages "${available[@]}")
  (( ${#missing[@]} == 0 )) || die "still missing after the installation: ${missing[*]}"
  packages_changed=true
}

# need_packages PACKAGE…: installs what is missing of these, without touching the network when
# nothing is. The packages' own programs are to come first, whatever else PATH has.
need_packages () {
  local -a missing

  mapfile -t missing < <(missing_packages "$@")
  if (( ${#missing[@]} == 0 ))
  then say 'Packages: nothing is missing'
  elif is_debian
  then install_packages "${missing[@]}"
  else die "no apt-get here; please install what Debian calls: ${missing[*]}"
  fi

  if is_debian
  then export PATH="/usr/bin:/bin:$PATH"
  fi
}

# Runs a command and shows what it wrote only when it fails.
quietly () {
  local log status=0

  log=$(mktemp)
  "$@" >"$log" 2>&1 </dev/null || status=$?
  (( status == 0 )) || cat "$log" >&2
  rm -f "$log"
  return "$status"
}

# configure DIRECTORY OPTION…: sets a build directory up, or brings an older one up to date.
configure () {
  local directory=$1
  local -a again=()

  shift
  [[ ! -f $directory/build.ninja ]] || again=(--reconfigure)
  say "Configuring in $directory: meson setup${*:+ $*}"
  quietly meson setup "${again[@]}" "$directory" "$@" ||
    die "could not configure in $directory"
}

compile () {
  say "Building in $1"
  meson compile -C "$1" </dev/null || die "could not build in $1"
}

# run_tests DIRECTORY OPTION…
run_tests () {
  say "Testing in $1"
  meson test -C "$1" --no-rebuild --print-errorlogs "${@:2}" </dev/null
}
