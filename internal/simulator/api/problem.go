package api

import (
	"net/http"
	"strings"
)

// fieldErrors are the mistakes in a body or query, in the order in which the server
// reports them.
type fieldErrors []fieldError

type fieldError struct{ field, code, text string }

const (
	unknownField  = "Unknown field."
	requiredField = "This field is required."
	nonField      = "non_field_errors"
)

func (f *fieldErrors) add(field, code, text string) {
	*f = append(*f, fieldError{field, code, text})
}

// message joins the mistakes as the deployed server does: a mistake of no field
// stands alone, others are led by their field (contract, section 2).
func (f fieldErrors) message() string {
	for _, e := range f {
		if e.field == nonField {
			return e.text
		}
	}
	parts := make([]string, len(f))
	for i, e := range f {
		parts[i] = e.field + ": " + e.text
	}
	return strings.Join(parts, "; ")
}

// problemType is the envelope's type for a status (contract, section 2).
func problemType(status int) (typ, code string) {
	switch status {
	case http.StatusBadRequest:
		return "validation_error", "invalid"
	case http.StatusUnauthorized:
		return "authentication_error", "not_authenticated"
	case http.StatusPaymentRequired:
		return "payment_required", "payment_required"
	case http.StatusForbidden:
		return "permission_error", "permission_denied"
	case http.StatusNotFound:
		return "not_found", "not_found"
	case http.StatusMethodNotAllowed:
		return "api_error", "method_not_allowed"
	case http.StatusUnsupportedMediaType:
		return "api_error", "unsupported_media_type"
	case http.StatusInternalServerError:
		return "server_error", "server_error"
	}
	return "api_error", "error"
}

// envelope is the error body of the deployed server.
func envelope(status int, code, text string, extra ...member) Answer {
	typ, def := problemType(status)
	if code == "" {
		code = def
	}
	body := object{
		{"status", false}, {"type", typ}, {"code", code},
		{"detail", text}, {"message", text}, {"error", text}, {"result", text},
	}
	return Answer{Status: status, body: append(body, extra...)}
}

// Problem is an error with one sentence, the dialect's way: 404 and 401 have a detail
// and the others an error in the documented dialect.
func (h *Handler) Problem(status int, text string) Answer {
	if h.deployed() {
		return envelope(status, "", text)
	}
	key := "error"
	switch status {
	case http.StatusUnauthorized, http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusUnsupportedMediaType:
		key = "detail"
	}
	return Answer{Status: status, body: object{{key, text}}}
}

// invalid is the 400 for mistakes in a body or query.
func (h *Handler) invalid(f fieldErrors) Answer {
	text := f.message()
	if !h.deployed() {
		return h.Problem(http.StatusBadRequest, text)
	}
	var extra []member
	if named := firstField(f); named != "" {
		extra = append(extra, member{"attr", named})
	}
	return envelope(http.StatusBadRequest, f[0].code, text, append(extra, member{"details", details(f)})...)
}

func firstField(f fieldErrors) string {
	for _, e := range f {
		if e.field != nonField {
			return e.field
		}
	}
	return ""
}

// details maps each field to its mistakes.
func details(f fieldErrors) object {
	var o object
	at := map[string]int{}
	for _, e := range f {
		i, ok := at[e.field]
		if !ok {
			i = len(o)
			at[e.field] = i
			o = append(o, member{e.field, []string(nil)})
		}
		o[i].value = append(o[i].value.([]string), e.text)
	}
	return o
}

// missing is the 404 for an object that does not exist. The deployed server has its
// own sentence for each endpoint, the documented API Django'h.
func (h *Handler) missing(model, sentence string) Answer {
	if h.deployed() {
		return envelope(http.StatusNotFound, "", sentence)
	}
	return h.Problem(http.StatusNotFound, "No "+model+" matches the given query.")
}

// notRouted is Django's answer to a path that matches nothing.
func notRouted() Answer {
	return Page(http.StatusNotFound, "\n<!doctype html>\n<html lang=\"en\">\n<head>\n  <title>Not Found</title>\n</head>\n<body>\n  <h1>Not Found</h1><p>The requested resource was not found on this server.</p>\n</body>\n</html>\n")
}

// gated is the refusal of a voice agent by the build or the plan, if there is one.
func (h *Handler) gated() (Answer, bool) {
	if h.w.Options.Text || h.opts.VoiceGate == 0 {
		return Answer{}, false
	}
	if h.opts.VoiceGate == http.StatusPaymentRequired {
		text := "Voice simulation is not available on OSS. Upgrade to cloud or enterprise to run voice calls."
		if !h.deployed() {
			return h.Problem(http.StatusPaymentRequired, text), true
		}
		body := object{
			{"status", false}, {"type", "entitlement_error"}, {"code", "ENTITLEMENT_DENIED"},
			{"detail", text}, {"message", text}, {"error", text}, {"result", text},
			{"upgrade_required", true}, {"feature", "voice_sim"},
		}
		return Answer{Status: http.StatusPaymentRequired, body: body}, true
	}
	return h.Problem(http.StatusForbidden, "This feature requires a higher plan"), true
}

// RateLimited is the body of a 429: in the deployed dialect of another shape than all
// other errors, in the public docs with an object as error (contract, section 1.2).
func (h *Handler) RateLimited(retryAfter int) Answer {
	text := "Rate limit exceeded: 100 api requests per minute"
	var o object
	if h.deployed() {
		o = object{{"status", false}, {"result", object{{"code", "RATE_LIMITED"}, {"message", text}, {"retry_after", retryAfter}}}}
	} else {
		o = object{{"error", object{{"code", "RATE_LIMITED"}, {"message", text}, {"details", object{}}}}}
	}
	return Answer{Status: http.StatusTooManyRequests, body: o}
}
