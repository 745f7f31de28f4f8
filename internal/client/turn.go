package client

import (
	"cmp"
	"encoding/json"
	"io"
	"math"
	"strings"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/text"
)

// Transcript reads what was said in a call from the answer that describes it.
func (a Answers) Transcript(call uuid.UUID) func(io.Reader) (Transcript, error) {
	return func(r io.Reader) (Transcript, error) { return turnReader{call: call, secrets: a.secrets}.read(r) }
}

// turnReader reads what was said in one call.
type turnReader struct {
	call    uuid.UUID
	secrets *redactor
}

// read reads the answer as a stream, and of it only the turns: it is about 25 KB, and up
// to 300 KB more of the voice provider's own (contract, section 9).
func (t turnReader) read(r io.Reader) (Transcript, error) {
	var id words
	turns := turnList{secrets: t.secrets}
	scan := newScanner(r)
	seen, err := document{
		fields: map[string]any{"id": &id},
		lists:  map[string]func() error{"transcript": func() error { return turns.read(scan) }},
	}.read(scan)
	switch {
	case err != nil:
		return Transcript{}, err
	case id.id() != t.call:
		return Transcript{}, nonsense("the answer is not about this call but %s", id.id())
	case !seen["transcript"]:
		return Transcript{}, nonsense("it has no list of turns")
	}
	return turns.transcript(), nil
}

// turns reads of a row only the id and, of the calls that are asked for, the turns. A row
// without turns to read adds none.
func (r *rowReader) turns(of map[uuid.UUID]bool, into map[uuid.UUID]Transcript) (Call, error) {
	var id words
	turns, there := turnList{secrets: r.secrets}, false
	if c, err := r.scan.peek(); err != nil || c != '{' {
		return Call{}, cmp.Or(err, r.scan.skip(), errNoID)
	}
	err := r.scan.object(func(key []byte) error {
		switch stringOf(key) {
		case "id":
			return readInto(&r.scan, &id)
		case "transcript":
			if c, err := r.scan.peek(); err != nil || c != '[' {
				return cmp.Or(err, r.scan.skip())
			}
			turns, there = turnList{secrets: r.secrets}, true
			return r.scan.list(func() error { return turns.read(&r.scan) })
		}
		return r.scan.skip()
	})
	call := Call{ID: id.id()}
	if err == nil && call.ID == uuid.Nil {
		err = errNoID
	}
	if there && of[call.ID] {
		into[call.ID] = turns.transcript()
	}
	return call, err
}

// turnList gathers turns up to the limits of a transcript.
type turnList struct {
	Transcript
	secrets    *redactor
	characters int
}

// read reads one element of a list of turns.
func (l *turnList) read(s *scanner) error {
	if l.Left > 0 {
		l.Left++
		return s.skip()
	}
	var row object[turnRow]
	if err := readInto(s, &row); err != nil {
		return err
	}
	for _, turn := range row.v.turns() {
		l.add(turn)
	}
	return nil
}

// add adds one turn, shortened when it goes beyond the limit. Secrets are taken out
// before that: half of one would not be found.
func (l *turnList) add(t spokenTurn) {
	said := strings.TrimSpace(l.secrets.Keep(t.text).Raw())
	switch {
	case said == "":
		return
	case l.Left > 0 || len(l.Turns) == MaxTurns || l.characters >= MaxTurnCharacters:
		l.Left++
		return
	}
	room := MaxTurnCharacters - l.characters
	if n := utf8.RuneCountInString(said); n > room {
		said = string([]rune(said)[:room-1]) + "…"
		l.Left++
	}
	l.characters += utf8.RuneCountInString(said)
	l.Turns = append(l.Turns, Turn{Role: t.role, Text: text.New(said), StartSeconds: t.start, EndSeconds: t.end})
}

// longestCall is the most seconds that a time in a call can be from its beginning.
const longestCall = 24 * 60 * 60

// transcript are the turns. Where the telephony provider's times are those of day, as the
// deployed server keeps them, they are made to count from the first one.
func (l *turnList) transcript() Transcript {
	first := math.Inf(1)
	for _, turn := range l.Turns {
		if turn.StartSeconds != nil {
			first = min(first, *turn.StartSeconds)
		}
	}
	if first < longestCall || math.IsInf(first, 1) {
		return l.Transcript
	}
	for i := range l.Turns {
		for _, at := range []*float64{l.Turns[i].StartSeconds, l.Turns[i].EndSeconds} {
			if at != nil {
				*at -= first
			}
		}
	}
	return l.Transcript
}

// spokenTurn is a turn before its secrets are taken out.
type spokenTurn struct {
	role       Role
	text       string
	start, end *float64
}

// turnRow is a turn in any of the three forms: that of a voice call and that of a chat on
// the deployed server (contract, section 3.8), and role and content in the documented
// dialect's samples.
type turnRow struct {
	Role         words                       `json:"role"`
	SpeakerRole  words                       `json:"speaker_role"`
	Content      utterance                   `json:"content"`
	Messages     utterance                   `json:"messages"`
	StartSeconds number                      `json:"start_time_seconds"`
	StartMS      number                      `json:"start_time_ms"`
	EndSeconds   number                      `json:"end_time_seconds"`
	EndMS        number                      `json:"end_time_ms"`
	ToolCalls    list[object[toolCallInRow]] `json:"tool_calls"`
}

// toolCallInRow is a tool that the agent of a chat calls along with what it says.
type toolCallInRow struct {
	Function object[struct {
		Name      words `json:"name"`
		Arguments words `json:"arguments"`
	}] `json:"function"`
}

// turns are what the row says, and after it the tools that it calls.
func (r turnRow) turns() []spokenTurn {
	said := spokenTurn{
		role:  roleOf(cmp.Or(r.SpeakerRole, r.Role)),
		text:  cmp.Or(string(r.Messages), string(r.Content)),
		start: secondsOf(r.StartSeconds, r.StartMS),
		end:   secondsOf(r.EndSeconds, r.EndMS),
	}
	if said.end != nil && (*said.end == 0 || said.start != nil && *said.end < *said.start) {
		said.end = nil // the deployed server's way to say that there is none
	}
	out := []spokenTurn{said}
	for _, tool := range r.ToolCalls {
		if f := tool.v.Function.v; f.Name != "" {
			out = append(out, spokenTurn{role: RoleOther, text: string(f.Name) + " " + string(f.Arguments)})
		}
	}
	return out
}

// roleOf is who speaks. The simulated customer is the user, the agent under test the
// assistant (contract, section 3.8).
func roleOf(w words) Role {
	switch strings.ToLower(strings.TrimSpace(string(w))) {
	case "assistant", "agent":
		return RoleAgent
	case "user", "customer":
		return RoleCustomer
	}
	return RoleOther
}

// secondsOf is a time in seconds, which may be given in milliseconds; nil when there is
// none from 0.
func secondsOf(seconds, milliseconds number) *float64 {
	v := seconds.v
	if v == nil && milliseconds.v != nil {
		v = new(*milliseconds.v / 1000)
	}
	if v == nil || *v < 0 {
		return nil
	}
	return v
}

// utterance is what somebody said: a string, or a list of strings and of objects with a
// content or text of their own.
type utterance string

// UnmarshalJSON implements json.Unmarshaler.
func (u *utterance) UnmarshalJSON(b []byte) error {
	*u = ""
	if isString(b) {
		*u = utterance(stringOf(b))
		return nil
	}
	var parts list[json.RawMessage]
	if err := json.Unmarshal(b, &parts); err != nil {
		return err
	}
	var said []string
	for _, raw := range parts {
		part := stringOf(raw)
		if isObject(raw) {
			var w struct {
				Content words `json:"content"`
				Text    words `json:"text"`
			}
			if err := exactly(raw, &w); err != nil {
				return err
			}
			part = string(cmp.Or(w.Content, w.Text))
		}
		if part != "" {
			said = append(said, part)
		}
	}
	*u = utterance(strings.Join(said, "\n"))
	return nil
}
