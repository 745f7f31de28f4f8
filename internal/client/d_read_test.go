package client

import (
	"encoding/json"
	"strings"
)

// noSecrets is a redactor for decoders under test.
func noSecrets() *redactor { return newRedactor("never-to-be-found-1", "never-to-be-found-2") }

// rowsOf is a reader of rows that reads s.
func rowsOf(s string, secrets *redactor) *rowReader {
	r := newRowReader(secrets)
	r.scan.start(strings.NewReader(s))
	return r
}

// readEval reads one entry of eval_outputs.
func readEval(raw json.RawMessage, secrets *redactor) EvalResult {
	e, err := rowsOf(string(raw), secrets).eval()
	if err != nil {
		panic(err) // the raw message is no JSON
	}
	return e
}

// readEvals reads eval_outputs; no JSON has none.
func readEvals(raw json.RawMessage, secrets *redactor) []Eval {
	evals, err := rowsOf(string(raw), secrets).evalOutputs()
	if err != nil {
		return nil
	}
	return evals
}
