#!/bin/sh
# The article's story, on the real command: `make demo` runs it. No network but loopback is used.
# Every step names the exit status it expects; the story ends with 1 if one comes out otherwise.
set -u
demo=$(cd "$(dirname "$0")" && pwd)
cd "$demo/../corpus/article" || exit 2
wrong=0
server=
state=

leave() {
    [ -z "$server" ] || { kill "$server" && wait "$server"; } 2> /dev/null
    [ -z "$state" ] || rm -rf "$state"
    server=
    state=
}
trap leave EXIT
trap 'exit 130' INT TERM

title() {
    printf '\n\033[1m%s\033[0m\n' "$1" | if [ -t 1 ]; then cat; else sed 's/\x1b\[[0-9]*m//g'; fi
}

step() { # title, expected exit status, arguments of sparekey
    title "$1"
    expected=$2
    shift 2
    printf '$ sparekey %s\n\n' "$*"
    sparekey "$@"
    status=$?
    if [ "$status" -ne "$expected" ]; then
        printf 'demo: exit status %s where %s was expected\n' "$status" "$expected"
        wrong=1
    fi
}

cat <<'TEXT'
A CloudFormation stack that makes a KMS key fails with
  "The new key policy will not allow you to update the key policy in the future."
KMS names neither the principal nor the statement. The template `alice.json` makes such a key; `account.json` is what
`aws iam get-account-authorization-details` says about the account. Who may deploy the template?
TEXT

root=arn:aws:iam::123456789012

step "1. Alice, whom the key policy names as its administrator" 0 \
    check alice.json --as $root:user/Alice --iam account.json
step "2. Carol deploys the same template. She is an administrator of the account, and KMS refuses" 1 \
    check alice.json --as $root:user/Carol --iam account.json
step "3. What would repair it for Carol?" 1 \
    fix alice.json --as $root:user/Carol --iam account.json
step "4. Cure: deploy as the key administrator. With a service role it is the role that counts, not Alice" 1 \
    check alice.json --as $root:user/Alice --role-arn $root:role/ServiceRoleName --iam account.json
step "5. Cure: the key policy names the service role" 0 \
    check service-role.json --as $root:user/Alice --role-arn $root:role/ServiceRoleName --iam account.json
step "6. Cure: the key policy names the federated user's assumed-role session" 0 \
    check federated-session.json --as arn:aws:sts::123456789012:assumed-role/FederatedAccess/FederatedUsername --iam account.json
step "7. Cure: the key policy names the account's root, and Carol's IAM policies allow CreateKey and PutKeyPolicy" 0 \
    check account-root.json --as $root:user/Carol --iam account.json
step "8. The same, but Dave's IAM policies allow CreateKey only" 1 \
    check account-root.json --as $root:user/Dave --iam account.json
step "9. The same, but Erin may not even call CreateKey" 1 \
    check account-root.json --as $root:user/Erin --iam account.json
step "10. The same, and nobody says what IAM allows the deployer" 1 \
    check account-root.json --as $root:user/Carol --fail-on warning

title "11. The same account, running: a server begins with the snapshot, and whoever may not is refused"
state=$(mktemp -d)
mkfifo "$state/said"
printf '$ sparekey serve --ephemeral --seed account.json\n\n'
sparekey serve --ephemeral --port 0 --state "$state" --seed account.json > "$state/said" 2>&1 &
server=$!
exec 3< "$state/said"
serves=no
while IFS= read -r line <&3; do
    printf '%s\n' "$line"
    case $line in "  stop "*) serves=yes; break ;; esac
done
if [ "$serves" = yes ]; then
    eval "$(sparekey env --state "$state")"
    export NO_PROXY=127.0.0.1
    python "$demo/account.py" || wrong=1
    title "12. Who was refused, and by which statement?"
    printf '$ sparekey log --denied\n\n'
    sparekey log --denied --state "$state" || wrong=1
else
    printf 'demo: the server did not start\n'
    wrong=1
fi
leave

printf '\n'
[ "$wrong" -eq 0 ] && printf 'Now yours: sparekey check TEMPLATE --as ARN [--role-arn ARN] [--iam FILE], and sparekey serve\n'
exit "$wrong"
