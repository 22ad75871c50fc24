#!/bin/sh
# Makes what docker-compose.yml needs and must not be the same anywhere else: passwords in .env, and a
# certificate in deploy/compose/tls unless there is one. Run again, it changes nothing that is there, and
# refuses another host.
#
#   deploy/compose/first-run.sh [HOST]      HOST: how clients reach this machine; localhost if left out
set -eu
umask 077

host=${1:-localhost}
case $host in
  '' | -* | *[!A-Za-z0-9.-]*)
    echo "first-run.sh: $host is no name of a host, such as registry.example.com" >&2
    exit 2
    ;;
esac
command -v openssl >/dev/null || {
  echo 'first-run.sh: openssl is needed and not on the PATH' >&2
  exit 1
}

root=$(cd "$(dirname "$0")/../.." && pwd)
env_file=$root/.env
tls=$root/deploy/compose/tls

if [ -e "$env_file" ]; then
  first=$(sed -n 's/^PULLGATE_HOST=//p' "$env_file")
  if [ $# -gt 0 ] && [ "$host" != "$first" ]; then
    cat >&2 <<END
first-run.sh: $env_file says PULLGATE_HOST=$first, so nothing was changed. To move to $host:
  1. write PULLGATE_HOST=$host into that file
  2. move $tls away, unless its certificate is good for $host
  3. run first-run.sh again, then: docker compose up --detach --force-recreate
END
    exit 1
  fi
  echo "kept:  $env_file"
else
  draft=$env_file.new
  {
    echo "PULLGATE_HOST=$host"
    echo 'PULLGATE_PORT=8443'
    echo 'REGISTRY_PORT=5000'
    echo "MYSQL_PASSWORD=$(openssl rand -hex 24)"
    echo "REGISTRY_HTTP_SECRET=$(openssl rand -hex 24)"
  } >"$draft"
  mv "$draft" "$env_file"
  echo "made:  $env_file"
fi

# What was said at the first run holds: the certificate must name the same host.
host=$(sed -n 's/^PULLGATE_HOST=//p' "$env_file")
mkdir -p "$tls"
if [ -e "$tls/tls.crt" ] || [ -e "$tls/tls.key" ]; then
  echo "kept:  $tls"
else
  case $host in
    *[!0-9.]*) names="DNS:$host" ;;
    *) names="IP:$host" ;;
  esac
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 825 \
    -subj "/CN=$host" -addext "subjectAltName=$names,DNS:localhost,IP:127.0.0.1" \
    -keyout "$tls/tls.key" -out "$tls/tls.crt" 2>/dev/null
  chmod 644 "$tls/tls.crt"
  echo "made:  $tls/tls.crt, self-signed for $host: clients must be told to trust it"
fi
