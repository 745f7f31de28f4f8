package api

import (
	"net/http"
	"testing"
)

// How errors become one sentence is in the contract, section 2.
func TestErrorsBecomeOneSentence(t *testing.T) {
	t.Parallel()
	for want, errs := range map[string]fieldErrors{
		"name: This field is required.":                       {{"name", "required", requiredField}},
		"name: This field is required.; tags: Unknown field.": {{"name", "required", requiredField}, {"tags", "invalid", unknownField}},
		"Either this or that":                                 {{"name", "required", requiredField}, {nonField, "invalid", "Either this or that"}},
	} {
		if got := errs.message(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// The types and codes by status are those of the contract, section 2.
func TestTypesOfProblems(t *testing.T) {
	t.Parallel()
	for status, want := range map[int][2]string{
		http.StatusBadRequest:           {"validation_error", "invalid"},
		http.StatusUnauthorized:         {"authentication_error", "not_authenticated"},
		http.StatusPaymentRequired:      {"payment_required", "payment_required"},
		http.StatusForbidden:            {"permission_error", "permission_denied"},
		http.StatusNotFound:             {"not_found", "not_found"},
		http.StatusInternalServerError:  {"server_error", "server_error"},
		http.StatusMethodNotAllowed:     {"api_error", "method_not_allowed"},
		http.StatusUnsupportedMediaType: {"api_error", "unsupported_media_type"},
		http.StatusTeapot:               {"api_error", "error"},
	} {
		if typ, code := problemType(status); typ != want[0] || code != want[1] {
			t.Errorf("%d: got %s, %s, want %s, %s", status, typ, code, want[0], want[1])
		}
	}
}

func TestABodyMustBeOneJSONObject(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{}`:       "",
		` {"a":1}`: "",
		`[1]`:      "expected an object, got array",
		`"a"`:      "expected an object, got string",
		`1`:        "expected an object, got number",
		`true`:     "expected an object, got bool",
		`{} {}`:    "extra data after the object",
	} {
		_, err := decodeBody([]byte(body))
		if err == nil && want != "" || err != nil && err.Error() != want {
			t.Errorf("%s: got %v, want %q", body, err, want)
		}
	}
}
