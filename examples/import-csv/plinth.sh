#!/usr/bin/env bash
# Imports a CSV file as the tasks of a project with the command line, plinth.
#
#   plinth login
#   ./plinth.sh requirements.csv [project]
set -euo pipefail

file=${1:?Usage: ./plinth.sh <file.csv> [project]}
slug=${2:-$(basename "$file" .csv)}
here=$(cd "$(dirname "$0")" && pwd)
PATH=$here/node_modules/.bin:$PATH
work=$(mktemp -d)
export SLUG=$slug
trap 'rm -rf "$work"' EXIT

# field <expression>: a part of the JSON on standard input, for example: field .id
field() {
  node -p "JSON.parse(process.getBuiltinModule('fs').readFileSync(0, 'utf8'))$1"
}

# Scripts tell failures apart by how the command ends: 6 is a conflict, here a slug that is taken.
code=0
plinth projects create --slug "$slug" --name "$(basename "$file")" --output json > "$work/project" 2> "$work/said" || code=$?
case $code in
  0) project=$(field .id < "$work/project") ;;
  6) project=$(plinth projects list --search "$slug" --limit 100 --output json |
    field ".data.find(({ slug }) => slug === process.env.SLUG)?.id ?? ''") ;;
  *) cat "$work/said" >&2; exit "$code" ;;
esac
[ -n "$project" ] || { echo "Somebody else has a project called $slug. Choose another name." >&2; exit 1; }

node "$here/rows.ts" "$file" > "$work/rows"
imported=0
while IFS=$'\t' read -r name tasks; do
  made=$(plinth tasks create-many --project-id "$project" --idempotency-key "$project-$name" \
    --json - --output json <<< "$tasks" | field .data.length)
  imported=$((imported + made))
done < "$work/rows"

there=$(plinth tasks list --project-id "$project" --all | wc -l)
echo "$imported tasks imported by plinth, $((there)) there now: $project"
