#!/bin/sh
# Runs postfix until standard input ends: `postfix.sh DIR PORT CERT KEY [OWNER]`. Takes mail for user@mail.test into
# DIR/mail/user/new, which belongs to OWNER, asks for STARTTLS, passes nothing on. What it takes for gone@mail.test bounces,
# to bounces@mail.test if that sent it. Logs to standard output. DIR must be new, and is gone in the end.
set -eu
if [ "$(id -u)" -ne 0 ]; then exec sudo -n "$0" "$@" "$(id -un)"; fi # postfix refuses to run as anyone but root
dir=$1 port=$2 cert=$3 key=$4 owner=${5:-nobody} # and its delivery refuses to write as root
PATH=$PATH:/usr/sbin

mkdir "$dir" "$dir/etc" "$dir/queue" "$dir/data" "$dir/mail"
chmod 755 "$dir" "$dir/etc" "$dir/queue"
chown postfix "$dir/data"
chown "$owner" "$dir/mail"

cat > "$dir/etc/main.cf" <<EOF
compatibility_level = 3.6
queue_directory = $dir/queue
data_directory = $dir/data
maillog_file = /dev/stdout
myhostname = mx.mail.test
mydestination =
inet_interfaces = loopback-only
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
alias_maps =
alias_database =
virtual_mailbox_domains = mail.test
virtual_mailbox_maps = inline:{ user@mail.test=user/, gone@mail.test=gone/, bounces@mail.test=bounces/ }
transport_maps = inline:{ { gone@mail.test = gone: } }
virtual_mailbox_base = $dir/mail
virtual_uid_maps = static:$(id -u "$owner")
virtual_gid_maps = static:$(id -g "$owner")
default_transport = error:mail stays on this machine
smtpd_tls_security_level = encrypt
smtpd_tls_cert_file = $cert
smtpd_tls_key_file = $key
smtpd_tls_loglevel = 1
smtpd_relay_restrictions = reject_unauth_destination
smtpd_forbid_bare_newline = yes
EOF

cat > "$dir/etc/master.cf" <<EOF
127.0.0.1:$port inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
error unix - - n - - error
gone unix - n n - - pipe user=nobody argv=/bin/sh -c { exit 67 }
retry unix - - n - - error
proxymap unix - - n - - proxymap
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
EOF

trap "" INT # who asked dies of it, and standard input ends
postfix -c "$dir/etc" start-fg &
cat >/dev/null
postfix -c "$dir/etc" stop
rm -rf "$dir"
