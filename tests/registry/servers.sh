# Registries for the scripts beside it, on this machine and until they end. To be sourced. `work` is a directory that goes then, too.
work=$(mktemp -d)
started=()
finish() {
    for pid in "${started[@]}"; do kill "$pid" 2> /dev/null || true; done
    rm -rf "$work"
}
trap finish EXIT

missing=()
need() { # PROGRAM PACKAGE
    command -v "$1" > /dev/null || missing+=("$2")
}
install_missing() {
    [ ${#missing[@]} -gt 0 ] || return 0
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" > /dev/null
}

serve() { # NAME PORT YAML
    mkdir -p "$work/$1"
    cat > "$work/$1.yml" <<YAML
version: 0.1
log: {level: error, accesslog: {disabled: true}}
storage: {filesystem: {rootdirectory: $work/$1}}
http:
  addr: 127.0.0.1:$2
  secret: tests
$3
YAML
    # It takes what begins with REGISTRY_ for settings of its own.
    env -u REGISTRY_AUTH_FILE docker-registry serve "$work/$1.yml" > "$work/$1.log" 2>&1 &
    started+=($!)
}
free() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
listening() { # PORT
    for _ in $(seq 100); do
        (exec 3<> "/dev/tcp/127.0.0.1/$1") 2> /dev/null && return
        sleep 0.1
    done
    echo "nobody listens at port $1" >&2
    tail -n 5 "$work"/*.log >&2
    exit 1
}

passed=0
failed=0
check() { # WORDS COMMAND...
    local words=$1
    shift
    if "$@" > "$work/check" 2>&1; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAILED: $words" >&2
        sed 's/^/    /' "$work/check" >&2
    fi
}
is() { [ "$1" = "$2" ] || { echo "$1 is not $2"; return 1; }; }
raw() { skopeo inspect --raw --tls-verify=false "docker://$1" 2> /dev/null; }
