#!/bin/sh
# A text agent for agent-gate in POSIX shell. It needs no jq: agent-gate writes the keys
# conversation, turn and message first, in this order, and a text that goes from one JSON
# string to another keeps its escapes.
#
# Run it with: agent-command: sh examples/agents/echo.sh
text='(([^"\\]|\\.)*)' # what may stand between two quotes
question='^\{"conversation":"'$text'","turn":([0-9]+),"message":"'$text'",.*$'
answer='{"conversation":"\1","turn":\3,"content":"You said: \4"}'

echo '{"ready":true}'
while IFS= read -r line; do
	printf '%s\n' "$line" | LC_ALL=C sed -E "s/$question/$answer/"
done
