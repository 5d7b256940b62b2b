#!/usr/bin/env bash
# A Ceph cluster of one node behind its S3 gateway, all of it on 127.0.0.1, in memory and below one folder.
#   ceph-gateway.sh FOLDER S3_PORT MONITOR_PORT
# Prints "ready" once S3 answers. It ends, and takes everything with it, when its input does: so nothing
# outlives whoever started it, however that one ends.
# S3_ACCESS_KEY, S3_SECRET_KEY, S3_KMS_KEY_ID come from the environment.
set -euo pipefail
folder=$1 s3_port=$2 monitor_port=$3
cd "$folder"
mkdir store
export CEPH_CONF=$folder/ceph.conf CEPH_ARGS=--log-to-stderr=false
pids=()

finish() {
  trap '' EXIT INT TERM
  kill -KILL "${pids[@]}" 2>/dev/null || true
  wait 2>/dev/null
  cd / && rm -rf "$folder"
}
trap finish EXIT
trap 'exit 1' INT TERM

# Background commands have no input of their own, so it is named.
{
  while read -r; do :; done
  kill -TERM $$
} <&0 &
pids+=($!)

# A daemon ends with this script even where the script is killed.
start() {
  setpriv --pdeathsig KILL "$@" </dev/null >"$1.out" 2>&1 &
  pids+=($!)
}

# The test's own limit is longer.
wait_for() {
  local deadline=$((SECONDS + 240))
  until "$@" >/dev/null 2>&1; do
    if ((SECONDS > deadline)); then
      echo "This never succeeded: $*" >&2
      tail -n 5 ./*.out >&2
      exit 1
    fi
    sleep 0.05
  done
}

cluster=$(cat /proc/sys/kernel/random/uuid)
monitor=[v2:127.0.0.1:$monitor_port]
kms_key=$(head -c 32 /dev/urandom | base64 -w0)
cat >ceph.conf <<CONF
[global]
fsid = $cluster
mon host = $monitor
public addr = 127.0.0.1
cluster addr = 127.0.0.1
ms bind msgr1 = false
ms bind ipv6 = false
auth allow insecure global id reclaim = false
keyring = $folder/keyring
run dir = $folder
admin socket = $folder/\$name.asok
log file = $folder/\$name.log
crash dir = $folder
pid file =
osd pool default size = 1
osd pool default min size = 1
mon allow pool size one = true
osd crush chooseleaf type = 0
osd pool default pg num = 1
osd pool default pgp num = 1
osd pool default pg autoscale mode = off
mon max pg per osd = 10000
mon data avail crit = 0
paxos propose interval = 0.05
paxos min wait = 0.01
mon cluster log to file = false
[mon]
mon data = $folder/monitor
mon osd report timeout = 3600
[osd]
osd data = $folder/store
osd objectstore = memstore
memstore device bytes = 6442450944
osd class load list = *
osd class default list = *
osd heartbeat grace = 3600
[client]
rgw data = $folder
rgw frontends = beast endpoint=127.0.0.1:$s3_port tcp_nodelay=1
rgw crypt require ssl = false
rgw crypt s3 kms backend = testing
rgw crypt s3 kms encryption keys = $S3_KMS_KEY_ID=$kms_key
rgw thread pool size = 32
rgw enable quota threads = false
rgw enable lc threads = false
rgw run sync thread = false
rgw override bucket index max shards = 1
rgw dynamic resharding = false
rgw gc obj min wait = 1
rgw gc processor period = 5
CONF

key() { ceph-authtool keyring --gen-key "$@" >>keys.out; }
ceph-authtool keyring --create-keyring --gen-key --name=mon. --cap mon 'allow *' >keys.out
key --name=client.admin --cap mon 'allow *' --cap osd 'allow *'
key --name=osd.0 --cap mon 'allow profile osd' --cap osd 'allow *'
key --name=client.gateway --cap mon 'allow *' --cap osd 'allow *'

monmaptool --create --fsid "$cluster" --addv a "$monitor" monmap >monmap.out
ceph-mon --mkfs -i a --monmap monmap --keyring keyring >mkfs.out 2>&1
start ceph-mon -f -i a
wait_for bash -c "exec 3<>/dev/tcp/127.0.0.1/$monitor_port"
wait_for timeout 60 ceph quorum_status
ceph auth import -i keyring >auth.out 2>&1
store=$(cat /proc/sys/kernel/random/uuid)
ceph osd new "$store" >osd.out
ceph-osd -i 0 --mkfs --osd-uuid "$store" >mkfs.out 2>&1
start ceph-osd -f -i 0
wait_for bash -c 'timeout 60 ceph osd stat | grep -q "1 up"'
radosgw-admin user create --uid=test --display-name=test \
  --access-key="$S3_ACCESS_KEY" --secret="$S3_SECRET_KEY" >user.out 2>&1
start radosgw -f -n client.gateway
wait_for curl --silent --max-time 60 "http://127.0.0.1:$s3_port/"
echo ready
wait
