#!/bin/sh
# The life cycle of a customer, from an empty storage account to off-boarding. The settings select the storage. PEOPLE is
# the number of users (default 10,000).
set -eu
admin=${LICENSE_ADMIN:-license-admin}
people=${PEOPLE:-10000}
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT
say() { printf '\n# %s\n' "$1"; }
person() { awk -v from="$1" -v to="$2" 'BEGIN { for (i = from; i <= to; i++) printf "student%05d,student%05d@example.org\n", i, i }'; }

say 'On-boarding: platform, license, users and their assignments'
$admin platform create acme --org 'Acme Inc'
$admin license create acme --name 'Algebra 2026' --seats "$((people + people / 10))" --expires 2031-06-30
{ echo username,email; person 1 "$people"; } > "$work/class.csv"
$admin user import acme "$work/class.csv"
$admin assignment import acme --license 1 "$work/class.csv"

say 'The class changes: 1 in 100 leaves, and as many join'
{ echo username,email; person "$((people / 100 + 1))" "$((people + people / 100))"; } > "$work/changed.csv"
$admin assignment import acme --license 1 "$work/changed.csv" --create-users --dry-run
$admin user import acme "$work/changed.csv"
$admin assignment sync acme "$work/changed.csv" --license 1

say 'Next year: a new license replaces the old one'
$admin license create acme --name 'Algebra 2027' --seats "$((people + people / 10))"
$admin assignment list acme --license 1 --active --csv | $admin assignment import acme --license 2 -
$admin license remove acme 1 --with-assignments --yes
$admin license list acme
$admin license history acme 1

say 'A user requests their stored data, then its deletion'
$admin user show acme "student$(printf %05d "$people")@example.org" --json
$admin user remove acme "student$(printf %05d "$people")@example.org" --with-assignments --yes
$admin verify acme

say 'Off-boarding'
$admin platform suspend acme --yes
$admin platform remove acme --yes
$admin verify
