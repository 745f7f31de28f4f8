package report

import "github.com/agent-gate/agent-gate/internal/text"

// server is the API server that got the keys, and the flag or variable that named it; empty
// for the default, which nobody named.
func server(r Report) text.Untrusted {
	api := r.Evidence.API
	if blank(api.BaseURLSource) {
		return text.Untrusted{}
	}
	return text.Sprintf("%s (by %s)", api.BaseURL, api.BaseURLSource)
}
