package dialect

import (
	"encoding/json"
	"strings"

	"github.com/agent-gate/agent-gate/internal/calls"
)

// noSecrets is a redactor for decoders under test.
func noSecrets() *Redactor { return NewRedactor("never-to-be-found-1", "never-to-be-found-2") }

// rowsOf returns a row reader of s.
func rowsOf(s string, secrets *Redactor) *rowReader {
	r := newRowReader(secrets)
	r.scan.Start(strings.NewReader(s))
	return r
}

// readEval reads one entry of eval_outputs.
func readEval(raw json.RawMessage, secrets *Redactor) calls.EvalResult {
	e, err := rowsOf(string(raw), secrets).eval()
	if err != nil {
		panic(err) // the raw message is not JSON
	}
	return e
}

// readEvals reads eval_outputs; if it is not JSON there are none.
func readEvals(raw json.RawMessage, secrets *Redactor) []calls.Eval {
	evals, err := rowsOf(string(raw), secrets).evalOutputs()
	if err != nil {
		return nil
	}
	return evals
}
