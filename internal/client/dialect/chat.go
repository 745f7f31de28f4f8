package dialect

import (
	"cmp"
	"encoding/json"
	"io"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/client/jsonstream"
	"github.com/agent-gate/agent-gate/internal/text"
)

// maxChatTexts limits the rows and messages of one chat, against an endless response. A chat has
// at most 500 lines of the customer (chat.md 4.2) and as many turns of the agent, each with a few
// messages.
const maxChatTexts = 50_000

// PlacedRows reads which calls of a chat execution were created.
func (a Answers) PlacedRows(r io.Reader) (calls.PlacedRows, error) {
	w, err := readAnswer[struct {
		IDs *list[words] `json:"call_execution_ids"`
	}](r)
	if err != nil {
		return calls.PlacedRows{}, err
	}
	var placed calls.PlacedRows
	for _, word := range deref(w.IDs) {
		id := word.id()
		if id == uuid.Nil {
			return calls.PlacedRows{}, errNoID
		}
		// A conversation is begun for each id, and must never be begun twice.
		if !slices.Contains(placed.IDs, id) {
			placed.IDs = append(placed.IDs, id)
		}
	}
	if placed.IDs == nil {
		// A caller that repeats this until none are left would never finish.
		return calls.PlacedRows{}, Nonsense("it names no calls, and does not say that none are left")
	}
	return placed, nil
}

// ChatReply reads the customer's reply to a begin or a turn. The response also has the whole
// conversation, which is skipped: its roles depend on how turns were sent, and tools are missing
// (chat.md 4.4).
func (a Answers) ChatReply(r io.Reader) (calls.ChatReply, error) {
	var ended json.RawMessage
	scan := a.replies.Get().(*jsonstream.Scanner)
	defer a.replies.Put(scan)
	scan.Start(r)
	line := chatLine{scan: scan, secrets: a.secrets}
	bare := document{
		fields: map[string]any{"chat_ended": &ended},
		lists:  map[string]func() error{"output_message": line.read},
	}
	wrapped := bare
	wrapped.objects = map[string]document{"result": bare}
	if _, err := wrapped.read(scan); err != nil {
		return calls.ChatReply{}, err
	}
	said := text.New(line.said.String()).Beginning(maxText)
	isEnd := string(ended) == "true"
	switch {
	case !isEnd && string(ended) != "false":
		return calls.ChatReply{}, Nonsense("it does not say whether the chat has ended")
	case strings.TrimSpace(said.Raw()) != "":
		return calls.ChatReply{Text: said, Ended: isEnd}, nil
	case isEnd:
		return calls.ChatReply{Ended: true}, nil
	}
	return calls.ChatReply{}, Nonsense("the customer says nothing, and the chat has not ended")
}

// chatLine collects the customer's messages of one response. The server sends one.
type chatLine struct {
	scan    *jsonstream.Scanner
	secrets *Redactor
	said    strings.Builder // the messages, joined by line breaks
}

// read reads one message.
func (l *chatLine) read() error {
	if c, err := l.scan.Peek(); err != nil || c != '{' {
		return cmp.Or(err, l.scan.Skip())
	}
	return l.scan.Object(func(key []byte) error {
		if jsonstream.String(key) != "content" || l.said.Len() > maxText {
			return l.scan.Skip()
		}
		raw, whole, err := l.scan.Raw(jsonstream.MaxString)
		if said := l.secrets.ofString(raw, whole); !said.IsEmpty() {
			if l.said.Len() > 0 {
				l.said.WriteByte('\n')
			}
			l.said.WriteString(said.Raw())
		}
		return err
	})
}

// Chat reads the details of a chat call.
func (a Answers) Chat(call uuid.UUID) func(io.Reader) (calls.Chat, error) {
	return func(r io.Reader) (calls.Chat, error) {
		var id, scenarioID, scenario, status, reason words
		scan := jsonstream.New(r)
		rows := chatRows{scan: scan, secrets: a.secrets}
		seen, err := document{
			fields: map[string]any{"id": &id, "scenario_id": &scenarioID, "scenario": &scenario, "status": &status, "ended_reason": &reason},
			lists:  map[string]func() error{"transcript": rows.read},
		}.read(scan)
		switch {
		case err != nil:
			return calls.Chat{}, err
		case id.id() != call:
			return calls.Chat{}, Nonsense("the answer is about another call, %s", id.id())
		case strings.TrimSpace(string(status)) == "":
			return calls.Chat{}, Nonsense("the call has no status")
		case !seen["transcript"]:
			return calls.Chat{}, Nonsense("it has no list of turns")
		}
		return calls.Chat{
			ID:          call,
			ScenarioID:  scenarioID.id(),
			Scenario:    a.secrets.Keep(string(scenario)),
			Status:      calls.Status(keyword(status, a.secrets)),
			EndedReason: a.secrets.Keep(string(reason)),
			Rows:        rows.all,
		}, nil
	}
}

// chatRows collects the rows of a chat.
type chatRows struct {
	scan    *jsonstream.Scanner
	secrets *Redactor
	all     []calls.ChatRow
	texts   int // rows and messages so far
}

// add counts a row or message.
func (l *chatRows) add() error {
	if l.texts++; l.texts > maxChatTexts {
		return Nonsense("the chat has more than %d rows and messages", maxChatTexts)
	}
	return nil
}

// read reads one row. Its content, which is skipped, repeats the messages with the tool calls.
func (l *chatRows) read() error {
	if c, err := l.scan.Peek(); err != nil || c != '{' {
		return cmp.Or(err, l.scan.Skip())
	}
	var role words
	var row calls.ChatRow
	if err := l.add(); err != nil {
		return err
	}
	err := l.scan.Object(func(key []byte) error {
		switch jsonstream.String(key) {
		case "role":
			return readInto(l.scan, &role)
		case "messages":
			if c, err := l.scan.Peek(); err != nil || c != '[' {
				return cmp.Or(err, l.scan.Skip())
			}
			return l.scan.List(func() error {
				raw, whole, err := l.scan.Raw(jsonstream.MaxString)
				if err != nil || !jsonstream.IsString(raw) {
					return err
				}
				row.Messages = append(row.Messages, l.secrets.ofString(raw, whole))
				return l.add()
			})
		}
		return l.scan.Skip()
	})
	row.Role = roleOf(role)
	l.all = append(l.all, row)
	return err
}

// ClosedChat reads the response to a close. The runner endpoint names the call; the older one
// returns all of the call, including its prompts (chat.md 5 and 8).
func (a Answers) ClosedChat(call uuid.UUID) func(io.Reader) (uuid.UUID, error) {
	return func(r io.Reader) (uuid.UUID, error) {
		var id words
		_, err := document{
			fields:  map[string]any{"id": &id, "call_execution_id": &id},
			objects: map[string]document{"result": {fields: map[string]any{"call_execution_id": &id}}},
		}.read(jsonstream.New(r))
		if err == nil && id.id() != call {
			err = Nonsense("the answer is about another call, %s", id.id())
		}
		return id.id(), err
	}
}
