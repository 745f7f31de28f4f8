package api

import (
	"net/http"
	"strings"
)

// fieldErrors are the errors in a body or query, in the order in which the server reports
// them.
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

// message joins the errors as the deployed server does: an error of no field replaces all
// others, which are prefixed with their field (contract, section 2).
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

// problemType returns the envelope's type and default code for a status (contract,
// section 2).
func problemType(status int) (typ, code string) {
	known, found := problemTypes[status]
	if !found {
		return "api_error", "error"
	}
	return known[0], known[1]
}

var problemTypes = map[int][2]string{
	http.StatusBadRequest:           {"validation_error", "invalid"},
	http.StatusUnauthorized:         {"authentication_error", "not_authenticated"},
	http.StatusPaymentRequired:      {"payment_required", "payment_required"},
	http.StatusForbidden:            {"permission_error", "permission_denied"},
	http.StatusNotFound:             {"not_found", "not_found"},
	http.StatusMethodNotAllowed:     {"api_error", "method_not_allowed"},
	http.StatusUnsupportedMediaType: {"api_error", "unsupported_media_type"},
	http.StatusInternalServerError:  {"server_error", "server_error"},
}

// envelope returns an error of the deployed server; code may be empty for the default.
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

// Problem returns an error with one sentence, in the dialect's form. In the documented
// dialect the key is detail for 401, 404, 405 and 415, otherwise error.
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

// invalid returns the 400 for errors in a body or query.
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

// firstField returns the first field with an error, "" if there is none.
func firstField(f fieldErrors) string {
	for _, e := range f {
		if e.field != nonField {
			return e.field
		}
	}
	return ""
}

// details maps each field to its errors.
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

// missing returns the 404 for an object that does not exist. The deployed server has a
// sentence for each endpoint, the documented API has Django's.
func (h *Handler) missing(model, sentence string) Answer {
	if h.deployed() {
		return envelope(http.StatusNotFound, "", sentence)
	}
	return h.Problem(http.StatusNotFound, "No "+model+" matches the given query.")
}

// notRouted returns Django's answer to a path that matches no route.
func notRouted() Answer {
	return HTML(http.StatusNotFound, "\n<!doctype html>\n<html lang=\"en\">\n<head>\n  <title>Not Found</title>\n</head>\n<body>\n  <h1>Not Found</h1><p>The requested resource was not found on this server.</p>\n</body>\n</html>\n")
}

// voiceGated returns the refusal of a voice agent, if the options want one: 402 on a build
// without voice, 403 on a plan without it (contract, section 2).
func (h *Handler) voiceGated() (Answer, bool) {
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

// RateLimited returns a 429 that names the given seconds. Its body differs from all other
// errors: in the deployed dialect result is an object, in the public docs error is
// (contract, section 1.2).
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
