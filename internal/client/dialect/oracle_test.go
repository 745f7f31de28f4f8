package dialect

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/calls"
	"github.com/agent-gate/agent-gate/internal/client/jsonstream"
	"github.com/agent-gate/agent-gate/internal/text"
)

// This file reads pages the simple way: each row whole in memory, through maps of
// encoding/json. Tests compare the stream reader with it, and so do the benchmarks.

// oraclePages reads pages of one execution.
type oraclePages struct {
	execution uuid.UUID
	calls     bool
	secrets   *Redactor
}

// read reads one page: see [PageReader.Read].
func (p oraclePages) read(r io.Reader) (Page, error) {
	var (
		id, runTest, runTestName, status, agentType, reason words
		listed, totalCalls                                  total
		completed, failed, totalPages                       count
		rate                                                number
		started, ended                                      instant
		columns                                             list[object[column]]
		got                                                 Page
	)
	row := func(dec *json.Decoder) error {
		if !p.calls {
			return oracleSkip(dec)
		}
		var raw json.RawMessage
		if err := dec.Decode(&raw); err != nil {
			return err
		}
		var w oracleRow
		if err := exactly(raw, &w); err != nil {
			return err
		}
		call, err := w.call(p.secrets)
		got.Calls = append(got.Calls, call)
		return err
	}
	seen, err := oracleDocument{
		fields: map[string]any{
			"id": &id, "run_test": &runTest, "run_test_name": &runTestName, "status": &status,
			"agent_type": &agentType, "error_reason": &reason, "count": &listed, "total_calls": &totalCalls,
			"completed_calls": &completed, "failed_calls": &failed, "success_rate": &rate,
			"started_at": &started, "completed_at": &ended, "total_pages": &totalPages, "column_order": &columns,
		},
		lists: map[string]func(*json.Decoder) error{"results": row, "calls": row},
	}.read(r)
	if err != nil {
		return Page{}, err
	}
	switch {
	case seen["results"] && seen["count"]:
		got.Dialect = calls.DialectDeployed
	case seen["calls"] && seen["id"]:
		got.Dialect = calls.DialectDocumented
	}
	if status == "" {
		return Page{}, errors.New("the execution has no status")
	}
	if !seen["results"] && !seen["calls"] {
		return Page{}, errors.New("the execution has no list of calls")
	}
	if named := id.id(); named != uuid.Nil && named != p.execution {
		return Page{}, fmt.Errorf("the answer is about another execution, %s", named)
	}
	own, other := totalCalls, listed
	if seen["results"] {
		own, other = listed, totalCalls
	}
	got.Total = cmp.Or(own.v, other.v)
	terminal := calls.ExecutionStatus(keyword(status, p.secrets)).Terminal()
	switch {
	case !p.calls: // a poll does not need it
	case own.unusable || other.unusable:
		return Page{}, fmt.Errorf("its number of calls is not a whole number from 0 to %d", MaxTotal)
	case own.v == nil && terminal:
		// Without a total, missing calls would go unnoticed.
		return Page{}, errors.New("the server did not say how many calls there are")
	case own.v != nil && other.v != nil:
		got.Total = new(max(*own.v, *other.v))
	}
	if totalPages.v != nil {
		got.Pages = *totalPages.v
	}
	got.Evals = evalColumns(columns, p.secrets)
	got.Progress = calls.Progress{
		Status:      calls.ExecutionStatus(keyword(status, p.secrets)),
		Total:       got.Total,
		Completed:   completed.v,
		Failed:      failed.v,
		SuccessRate: rate.v,
		AgentType:   calls.AgentType(keyword(agentType, p.secrets)),
		ErrorReason: p.secrets.Keep(string(reason)),
		StartedAt:   started.v,
		CompletedAt: ended.v,
		RunTestID:   runTest.id(),
		RunTestName: p.secrets.Keep(string(runTestName)),
	}
	return got, nil
}

// oracleRow is what is read of a call: see [rowReader].
type oracleRow struct {
	ID              words           `json:"id"`
	Status          words           `json:"status"`
	Scenario        words           `json:"scenario"`
	ScenarioID      words           `json:"scenario_id"`
	OverallScore    number          `json:"overall_score"`
	Duration        number          `json:"duration"`
	DurationSeconds number          `json:"duration_seconds"`
	ResponseTime    number          `json:"response_time"`
	ResponseTimeMS  number          `json:"response_time_ms"`
	CostCents       number          `json:"cost_cents"`
	EndedReason     words           `json:"ended_reason"`
	Skipped         skipMark        `json:"processing_skipped"`
	SkipReason      words           `json:"processing_skip_reason"`
	EvalOutputs     json.RawMessage `json:"eval_outputs"`
	Timestamp       instant         `json:"timestamp"`
	StartTime       instant         `json:"start_time"`
	CreatedAt       instant         `json:"created_at"`
	Columns         json.RawMessage `json:"scenario_columns"`
	Snapshots       json.RawMessage `json:"rerun_snapshots"`
}

// oracleTry is an earlier try.
type oracleTry struct {
	calls.Try
	taken *time.Time
	cents *float64
	took  *float64 // seconds
	idle  bool
}

// oracleEarlier reads snapshots of earlier tries.
func oracleEarlier(raw json.RawMessage, secrets *Redactor) (tries []oracleTry) {
	var all []json.RawMessage
	if json.Unmarshal(raw, &all) != nil {
		return nil
	}
	for _, raw := range all {
		var w struct {
			Status  words    `json:"status"`
			Skipped skipMark `json:"processing_skipped"`
			Reason  words    `json:"ended_reason"`
			Taken   instant  `json:"snapshot_timestamp"`
			Rerun   words    `json:"rerun_type"`
			Cents   number   `json:"cost_cents"`
			Length  number   `json:"duration_seconds"`
			Started instant  `json:"started_at"`
		}
		if !jsonstream.IsObject(raw) || exactly(raw, &w) != nil || keyword(w.Status, secrets) == "" || w.Rerun == words(calls.RerunEvalOnly) {
			continue
		}
		status := keyword(w.Status, secrets)
		idle := w.Started.v == nil && oracleAmount(w.Cents) == nil && oracleAmount(w.Length) == nil && (status == "failed" || status == "cancelled")
		tries = append(tries, oracleTry{
			idle:  idle,
			Try:   calls.Try{Status: calls.Status(keyword(w.Status, secrets)), ProcessingSkipped: bool(w.Skipped), EndedReason: secrets.Keep(string(w.Reason))},
			taken: w.Taken.v, cents: oracleAmount(w.Cents), took: oracleAmount(w.Length),
		})
	}
	return tries
}

// oracleOldest returns the oldest try; nil if there is none.
func oracleOldest(tries []oracleTry) *calls.Try {
	oldest := -1
	for i, t := range tries {
		if oldest < 0 || t.taken != nil && tries[oldest].taken != nil && t.taken.Before(*tries[oldest].taken) {
			oldest = i
		}
	}
	if oldest < 0 {
		return nil
	}
	return &tries[oldest].Try
}

// oracleAmount returns a number that is not negative.
func oracleAmount(n number) *float64 {
	if n.v != nil && *n.v < 0 {
		return nil
	}
	return n.v
}

// oracleLength returns how long a call took.
func oracleLength(duration, seconds *float64, completed bool) *float64 {
	isZero := func(v *float64) bool { return v != nil && *v == 0 }
	switch {
	case isZero(duration) && isZero(seconds):
		return duration
	case isZero(duration) && seconds == nil, duration == nil && isZero(seconds):
		if completed {
			return nil
		}
		return new(0.0)
	case duration == nil || isZero(duration):
		return seconds
	}
	return duration
}

// call converts the row.
func (w oracleRow) call(secrets *Redactor) (calls.Call, error) {
	id := w.ID.id()
	if id == uuid.Nil {
		return calls.Call{}, errors.New("a call has no id, or one that is not a UUID")
	}
	response := oracleAmount(w.ResponseTime)
	if ms := oracleAmount(w.ResponseTimeMS); response == nil && ms != nil {
		response = new(*ms / 1000)
	}
	tries := oracleEarlier(w.Snapshots, secrets)
	oldest := oracleOldest(tries)
	counted := slices.DeleteFunc(slices.Clone(tries), func(t oracleTry) bool { return t.Lost() })
	cents := oracleAmount(w.CostCents)
	var earlier calls.Took
	for _, t := range tries {
		if t.cents != nil {
			earlier.Cents += *t.cents
			earlier.Priced++
		}
		if t.idle {
			earlier.Idle++
		}
		if t.took != nil {
			earlier.Seconds += *t.took
			earlier.Timed++
		}
		if cents != nil && t.cents != nil {
			cents = new(*cents + *t.cents)
		}
	}
	return calls.Call{
		Row:               numberOfRow(w.Columns, len(w.Columns) <= maxColumns),
		Reruns:            len(tries),
		Earlier:           earlier,
		First:             cmp.Or(oracleOldest(counted), oldest),
		LostFirst:         oldest != nil && oldest.Lost(),
		ID:                id,
		Scenario:          secrets.Keep(string(w.Scenario)),
		ScenarioID:        w.ScenarioID.id(),
		Status:            calls.Status(keyword(w.Status, secrets)),
		OverallScore:      oracleAmount(w.OverallScore),
		DurationSeconds:   oracleLength(oracleAmount(w.Duration), oracleAmount(w.DurationSeconds), keyword(w.Status, secrets) == "completed"),
		ResponseSeconds:   response,
		CostCents:         cents,
		EndedReason:       secrets.Keep(string(w.EndedReason)),
		ProcessingSkipped: bool(w.Skipped),
		SkipReason:        secrets.Keep(string(w.SkipReason)),
		Evals:             oracleEvals(w.EvalOutputs, secrets),
		UpdatedAt:         w.Timestamp.v,
		// The documented dialect only has the creation time.
		StartedAt: cmp.Or(w.StartTime.v, w.CreatedAt.v),
	}, nil
}

// oracleDocument reads a JSON object as a stream, like [document].
type oracleDocument struct {
	fields map[string]any                       // what to decode, by key
	lists  map[string]func(*json.Decoder) error // reads an element, by key
}

// read reads one document, which must be all there is. It returns which of the wanted keys were
// present.
func (d oracleDocument) read(r io.Reader) (map[string]bool, error) {
	seen := map[string]bool{}
	dec := json.NewDecoder(r)
	dec.UseNumber() // else a number too large for a float64 would be an error even in a skipped field
	if err := d.top(dec, seen); err != nil {
		return nil, truncated(err)
	}
	switch _, err := dec.Token(); {
	case err == nil:
		return nil, errors.New("unexpected data after the end of the JSON")
	case !errors.Is(err, io.EOF):
		return nil, err
	}
	return seen, nil
}

// top reads the outermost value.
func (d oracleDocument) top(dec *json.Decoder, seen map[string]bool) error {
	open, err := dec.Token()
	if err != nil {
		return err
	}
	switch open {
	case json.Delim('['):
		if d.lists[plainList] == nil {
			return errors.New("a JSON list instead of an object")
		}
		seen[plainList] = true
		return oracleElements(dec, d.lists[plainList])
	case json.Delim('{'):
	default:
		return errors.New("not a JSON object")
	}
	for dec.More() {
		key, err := dec.Token()
		if err != nil {
			return err
		}
		if err := d.value(dec, fmt.Sprint(key), seen); err != nil {
			return err
		}
	}
	_, err = dec.Token()
	return err
}

// value reads the value of one key.
func (d oracleDocument) value(dec *json.Decoder, key string, seen map[string]bool) error {
	if into, ok := d.fields[key]; ok {
		seen[key] = true
		return dec.Decode(into)
	}
	element, ok := d.lists[key]
	if !ok || key == plainList {
		return oracleSkip(dec)
	}
	open, err := dec.Token()
	if err != nil {
		return err
	}
	switch open {
	case json.Delim('['):
		seen[key] = true
		return oracleElements(dec, element)
	case json.Delim('{'):
		return oracleSkipRest(dec)
	case nil:
		seen[key] = true // null is an empty list
	}
	return nil
}

// oracleElements reads the rest of a list after its bracket.
func oracleElements(dec *json.Decoder, element func(*json.Decoder) error) error {
	for dec.More() {
		if err := element(dec); err != nil {
			return err
		}
	}
	_, err := dec.Token()
	return err
}

// oracleSkip reads a value and discards it.
func oracleSkip(dec *json.Decoder) error {
	open, err := dec.Token()
	if err != nil {
		return err
	}
	if open == json.Delim('{') || open == json.Delim('[') {
		return oracleSkipRest(dec)
	}
	return nil
}

// oracleSkipRest discards the rest of an object or list after its bracket.
func oracleSkipRest(dec *json.Decoder) error {
	for depth := 1; depth > 0; {
		t, err := dec.Token()
		if err != nil {
			return err
		}
		switch t {
		case json.Delim('{'), json.Delim('['):
			depth++
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
	}
	return nil
}

// oracleEntry is one entry of eval_outputs, under either set of names: see rowReader.eval.
type oracleEntry struct {
	Value      json.RawMessage `json:"value"`
	Output     json.RawMessage `json:"output"`
	Type       words           `json:"type"`
	OutputType words           `json:"output_type"`
	Name       words           `json:"name"`
	Reason     words           `json:"reason"`
	Error      json.RawMessage `json:"error"`
	Status     json.RawMessage `json:"status"`
	Skipped    json.RawMessage `json:"skipped"`
}

// oracleEvals reads eval_outputs. Anything but an object has no evals.
func oracleEvals(raw json.RawMessage, secrets *Redactor) []calls.Eval {
	var entries map[string]json.RawMessage
	if json.Unmarshal(raw, &entries) != nil {
		return nil
	}
	var out []calls.EvalResult
	for key, raw := range entries {
		e := oracleEval(raw, secrets)
		e.ConfigID = words(key).id()
		if e.ConfigID == uuid.Nil && e.Name.IsEmpty() {
			e.Name = secrets.Keep(key)
		}
		out = append(out, e)
	}
	slices.SortFunc(out, func(a, b calls.EvalResult) int {
		return cmp.Or(
			cmp.Compare(a.Name.Raw(), b.Name.Raw()),
			cmp.Compare(a.ConfigID.String(), b.ConfigID.String()),
			cmp.Compare(a.State, b.State),
		)
	})
	var evals []calls.Eval
	for _, e := range out {
		evals = append(evals, calls.NewEval(e))
	}
	return evals
}

// oracleEval reads one entry.
func oracleEval(raw json.RawMessage, secrets *Redactor) calls.EvalResult {
	var entry oracleEntry
	var keys map[string]json.RawMessage
	switch {
	case json.Unmarshal(raw, &keys) != nil:
		entry.Value = raw // a bare value
	case len(keys) == 0:
		return calls.EvalResult{State: calls.EvalPending} // {}, or null instead
	default:
		_ = exactly(raw, &entry) // its types reject nothing
	}
	e := calls.EvalResult{
		Name:   secrets.Keep(string(entry.Name)),
		Type:   secrets.Keep(string(cmp.Or(entry.Type, entry.OutputType))),
		Reason: secrets.Keep(string(entry.Reason)),
	}
	status := strings.ToLower(strings.TrimSpace(jsonstream.String(entry.Status)))
	switch {
	case markOf(entry.Error) == markSet, status == "error", status == "failed":
		e.State = calls.EvalErrored
	case markOf(entry.Skipped) == markSet, status == "skipped":
		e.State = calls.EvalSkipped
	case markOf(entry.Error) != markClear, markOf(entry.Skipped) != markClear, status != "" && status != "completed", !jsonstream.IsNull(entry.Status) && !jsonstream.IsString(entry.Status):
		e.State = calls.EvalEmpty
	default:
		value := entry.Value
		if jsonstream.IsNull(value) {
			value = entry.Output
		}
		e.Value = oracleValue(value, strings.ToLower(strings.TrimSpace(e.Type.Raw())), secrets)
		e.State = calls.EvalScored
		if e.Value.Kind == calls.ValueNone {
			// Null is not a result even without an error flag: the deployed server writes it if
			// there was no transcript.
			e.State = calls.EvalEmpty
		}
	}
	return e
}

// oracleValue reads a value of any type: see [readEvalValue].
func oracleValue(raw json.RawMessage, typ string, secrets *Redactor) calls.EvalValue {
	if jsonstream.IsNull(raw) {
		return calls.EvalValue{}
	}
	switch raw[0] {
	case '{':
		return oracleScore(raw, typ, secrets)
	case '[':
		return oracleChoices(raw, typ, secrets)
	case '"':
		return oracleString(jsonstream.String(raw), typ, secrets)
	}
	switch {
	case typ == "choices", typ == "choice", typ == "reason":
		return oracleString(string(raw), typ, secrets)
	case raw[0] == 't', raw[0] == 'f':
		return calls.EvalValue{Kind: calls.ValuePass, Passed: raw[0] == 't'}
	}
	return numberValue(numberOf(raw), typ)
}

// oracleString reads a value that is a string.
func oracleString(s, typ string, secrets *Redactor) calls.EvalValue {
	label := secrets.Keep(s)
	if strings.TrimSpace(s) == "" {
		return calls.EvalValue{}
	}
	switch typ {
	case "choices", "choice":
		return calls.EvalValue{Kind: calls.ValueChoices, Labels: []text.Untrusted{label}}
	case "reason":
		return calls.EvalValue{Kind: calls.ValueText, Labels: []text.Untrusted{label}}
	}
	switch strings.ToLower(strings.TrimSpace(s)) {
	case "passed", "pass", "true":
		return calls.EvalValue{Kind: calls.ValuePass, Passed: true}
	case "failed", "fail", "false":
		return calls.EvalValue{Kind: calls.ValuePass}
	}
	switch typ {
	case "score", "numeric":
		n, _ := json.Marshal(s) // cannot fail for a string
		return numberValue(numberOf(n), typ)
	case "pass/fail":
		// A deterministic template returns the choice itself.
		return calls.EvalValue{Kind: calls.ValueChoices, Labels: []text.Untrusted{label}}
	}
	return calls.EvalValue{Kind: calls.ValueText, Labels: []text.Untrusted{label}}
}

// oracleScore reads {"score": 0-1, "choice": "x"} and {"score", "choices": [...]},
// which templates with scored choices give.
func oracleScore(raw json.RawMessage, typ string, secrets *Redactor) calls.EvalValue {
	var o struct {
		Score   number          `json:"score"`
		Choice  json.RawMessage `json:"choice"`
		Choices json.RawMessage `json:"choices"`
	}
	if json.Unmarshal(raw, &o) != nil {
		return calls.EvalValue{}
	}
	labels := append(oracleLabels(o.Choice, secrets), oracleLabels(o.Choices, secrets)...)
	if o.Score.v == nil {
		return choicesValue(labels)
	}
	if typ != "numeric" {
		typ = "score"
	}
	v := numberValue(o.Score.v, typ)
	v.Labels = labels
	return v
}

// oracleChoices reads a list of choices.
func oracleChoices(raw json.RawMessage, typ string, secrets *Redactor) calls.EvalValue {
	var items list[json.RawMessage]
	_ = json.Unmarshal(raw, &items) // never refuses
	if typ == "pass/fail" && len(items) == 1 {
		return oracleValue(items[0], typ, secrets)
	}
	return choicesValue(oracleLabels(raw, secrets))
}

// oracleLabels reads a label or a list of labels; numbers and booleans become text.
func oracleLabels(raw json.RawMessage, secrets *Redactor) []text.Untrusted {
	if jsonstream.IsNull(raw) {
		return nil
	}
	items := list[json.RawMessage]{raw}
	if raw[0] == '[' {
		_ = json.Unmarshal(raw, &items) // never refuses
	}
	var out []text.Untrusted
	for _, item := range items[:min(len(items), maxLabels)] {
		s := string(item)
		switch {
		case jsonstream.IsNull(item), item[0] == '{', item[0] == '[':
			continue
		case jsonstream.IsString(item):
			s = jsonstream.String(item)
		}
		if strings.TrimSpace(s) != "" {
			out = append(out, secrets.Keep(s))
		}
	}
	return out
}

// skipMark is a flag saying that a call was not judged: see [isMarked].
type skipMark bool

// UnmarshalJSON implements json.Unmarshaler.
func (s *skipMark) UnmarshalJSON(b []byte) error {
	*s = skipMark(isMarked(b))
	return nil
}
