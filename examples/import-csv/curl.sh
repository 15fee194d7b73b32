#!/usr/bin/env bash
# Imports a CSV file as the tasks of a project over REST, with nothing but curl. (Node reads the CSV and the JSON.)
#
#   PLINTH_API_KEY=… ./curl.sh requirements.csv [project]
set -euo pipefail

file=${1:?Usage: PLINTH_API_KEY=… ./curl.sh <file.csv> [project]}
slug=${2:-$(basename "$file" .csv)}
api=${PLINTH_BASE_URL:-http://localhost:4000}/api/v1
: "${PLINTH_API_KEY:?Make one with the scopes projects:read, projects:write, tasks:read and tasks:write.}"
here=$(cd "$(dirname "$0")" && pwd)
ANSWER=$(mktemp)
export ANSWER
trap 'rm -f "$ANSWER"' EXIT

# request <method> <path> [more for curl]: the body of the answer is in $ANSWER, its status in $status. What may pass
# (429, 502, 503, a server that is being restarted) curl tries again; an idempotency key makes that safe.
request() {
  local method=$1 path=$2
  shift 2
  # The key goes in by a file, not as an argument that everybody on this machine can read.
  status=$(curl --silent --show-error --max-time 60 --retry 5 --retry-connrefused \
    --config <(printf 'header = "Authorization: Bearer %s"\n' "$PLINTH_API_KEY") \
    --request "$method" --output "$ANSWER" --write-out '%{http_code}' "$@" "$api$path")
}

# field <expression>: a part of the answer, for example: field .data.length
field() {
  node -p "JSON.parse(process.getBuiltinModule('fs').readFileSync(process.env.ANSWER, 'utf8'))$1"
}

# expect <status>: or says what the problem document says (RFC 9457), and ends.
expect() {
  [ "$status" = "$1" ] && return
  {
    echo "$(field .detail) ($(field .code))"
    field ".issues.map(({ field, message }) => '  ' + field + ': ' + message).join('\n')"
    echo "Trace $(field .traceId), for whoever runs the server. Started again, nothing is imported twice."
  } >&2
  exit 1
}

# Texts from outside become data by way of the environment, never a part of a program or of JSON.
export SLUG=$slug NAME=${file##*/}
project_input=$(node -p 'JSON.stringify({ slug: process.env.SLUG, name: process.env.NAME })')
request POST /projects --json "$project_input"
if [ "$status" = 409 ] && [ "$(field .reason)" = SLUG_TAKEN ]; then
  request GET /projects --get --data-urlencode "search=$slug" --data limit=100
  expect 200
  project=$(field ".data.find(({ slug }) => slug === process.env.SLUG)?.id ?? ''")
  [ -n "$project" ] || { echo "Somebody else has a project called $slug. Choose another name." >&2; exit 1; }
else
  expect 201
  project=$(field .id)
fi

node "$here/rows.ts" "$file" > "$ANSWER.rows"
trap 'rm -f "$ANSWER" "$ANSWER.rows"' EXIT
imported=0
while IFS=$'\t' read -r name tasks; do
  request POST "/projects/$project/tasks/batch" --header "Idempotency-Key: $project-$name" --json @- <<< "$tasks"
  expect 200
  imported=$((imported + $(field .data.length)))
done < "$ANSWER.rows"

there=0
cursor=
while true; do
  request GET "/projects/$project/tasks" --get --data sort=createdAt --data limit=100 \
    ${cursor:+--data-urlencode "cursor=$cursor"}
  expect 200
  there=$((there + $(field .data.length)))
  cursor=$(field ".pagination.nextCursor ?? ''")
  [ -n "$cursor" ] || break
done

echo "$imported tasks imported by curl, $there there now: $project"
