#!/bin/bash
# Installs the Debian packages whose commands are missing; says which ones when it may not.
set -euo pipefail

declare -A package_of=(
  [bearerbox]=kannel
  [chromium]=chromium
  [curl]=curl
  [javac]=default-jdk-headless
  [openssl]=openssl
  [pg_dump]=postgresql-client
  [postfix]=postfix
  [python3]=python3
  [rabbitmq-server]=rabbitmq-server
  [redis-server]=redis-server
  [shellcheck]=shellcheck
  [strace]=strace
)

missing=()
for command in "${!package_of[@]}"; do
  PATH="$PATH:/usr/sbin:/usr/local/sbin" command -v "$command" >/dev/null || missing+=("${package_of[$command]}")
done
if [ -z "${TEST_POSTGRES_URL:-}" ]; then # else a server is there already
  compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || command -v initdb >/dev/null || missing+=(postgresql)
fi
compgen -G '/usr/lib/*/faketime/libfaketimeMT.so.1' >/dev/null || missing+=(libfaketime)
compgen -G '/usr/share/java/jakarta-annotation-api*.jar' >/dev/null || missing+=(libjakarta-annotation-api-java)
perl -MNet::SMPP -e 1 2>/dev/null || missing+=(libnet-smpp-perl)
python3 -c 'import ensurepip' 2>/dev/null || missing+=(python3-venv)
[ ${#missing[@]} -eq 0 ] && exit 0

echo "setup: installing ${missing[*]}" >&2
as_root=()
if [ "$(id -u)" -ne 0 ]; then as_root=(sudo -n); fi
if ! command -v apt-get >/dev/null || ! "${as_root[@]}" true 2>/dev/null; then
  echo "setup: these Debian packages (or their like) are needed, and only root can install them: ${missing[*]}" >&2
  exit 1
fi
"${as_root[@]}" apt-get update -qq
if command -v debconf-set-selections >/dev/null; then # a test starts postfix itself, on a configuration of its own
  echo 'postfix postfix/main_mailer_type select No configuration' | "${as_root[@]}" debconf-set-selections
fi
# What is installed here is started by tests alone, on configurations of their own; where there is a policy, it stays.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  trap '"${as_root[@]}" rm "$policy"' EXIT
  printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" install -m 755 /dev/stdin "$policy"
fi
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
