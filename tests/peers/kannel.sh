#!/bin/bash
# Runs Debian's kannel in the foreground, an SMS gateway between HTTP and SMPP: `kannel.sh DIR SMPP_PORT ADMIN SMSBOX
# SENDSMS`, the last three being ports of its own. Logs to standard output; ends when standard input does. DIR must be new.
set -eu
dir=$1 smpp=$2 admin=$3 smsbox=$4 sendsms=$5

mkdir "$dir"
cat > "$dir/kannel.conf" <<EOF
group = core
admin-port = $admin
admin-interface = 127.0.0.1
admin-password = admin
smsbox-port = $smsbox
smsbox-interface = 127.0.0.1
box-allow-ip = 127.0.0.1
dlr-storage = internal

group = smsc
smsc = smpp
smsc-id = centre
host = 127.0.0.1
port = $smpp
transceiver-mode = true
smsc-username = otp
smsc-password = secret
system-type = kannel

group = smsbox
bearerbox-host = 127.0.0.1
bearerbox-port = $smsbox
sendsms-port = $sendsms
sendsms-interface = 127.0.0.1
sendsms-chars = "0123456789+ "

group = sendsms-user
username = verifyd
password = gateway
max-messages = 10
concatenation = true
EOF

/usr/sbin/bearerbox -v 1 "$dir/kannel.conf" < /dev/null 2>&1 &
boxes=$!
trap 'kill $boxes 2>/dev/null; wait' EXIT
# smsbox gives up when its bearerbox is not there yet, and bearerbox does not say when it is.
until (: < "/dev/tcp/127.0.0.1/$smsbox") 2>/dev/null; do kill -0 "$boxes"; done
/usr/sbin/smsbox -v 1 "$dir/kannel.conf" < /dev/null 2>&1 &
boxes="$! $boxes"
cat > /dev/null
