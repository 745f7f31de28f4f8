package kind

import (
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// shownItems is how many wrong items of a list a message shows.
const shownItems = 5

// listForms says in messages what a list may look like.
const listForms = "allowed: UUIDs, separated by commas or line breaks"

// UUIDs accepts a list of UUIDs, in any of the forms that people paste, and drops
// duplicates.
func UUIDs() Type {
	return Type{Placeholder: "UUID,...", List: true, Separator: ",", Check: func(value string, quote func(string) string) (string, error) {
		var ids, wrong []string
		for _, item := range splitList(value) {
			id, ok := parseUUID(item)
			if !ok {
				wrong = append(wrong, quote(item))
			} else if s := id.String(); !slices.Contains(ids, s) {
				ids = append(ids, s)
			}
		}
		if more := len(wrong) - shownItems; more > 0 {
			wrong = append(wrong[:shownItems], fmt.Sprintf("and %d more", more))
		}
		switch {
		case len(wrong) == 1:
			return "", fmt.Errorf("%s is not a UUID; %s", wrong[0], listForms)
		case len(wrong) > 1:
			return "", fmt.Errorf("these are not UUIDs: %s; %s", strings.Join(wrong, ", "), listForms)
		case len(ids) == 0:
			return "", fmt.Errorf("%s contains no UUID", quote(value))
		}
		return strings.Join(ids, ","), nil
	}}
}

// name matches the name of a gate.
var name = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(NamePattern) })

// NamePattern is what the names of gates look like, as a regular expression.
const NamePattern = `^[a-z0-9_-]{1,64}$`

// IsName reports whether s can be the name of a gate.
func IsName(s string) bool { return name().MatchString(s) }

// Names accepts a list of names of gates.
func Names() Type {
	return Type{Placeholder: "NAME,...", List: true, Separator: ",", Check: func(value string, quote func(string) string) (string, error) {
		var names []string
		for _, item := range splitList(value) {
			if !IsName(item) {
				return "", fmt.Errorf("%s is not the name of a gate; names are of a-z, 0-9, - and _", quote(item))
			}
			if !slices.Contains(names, item) {
				names = append(names, item)
			}
		}
		if len(names) == 0 {
			return "", fmt.Errorf("%s contains no name", quote(value))
		}
		return strings.Join(names, ","), nil
	}}
}

// listComment matches a comment at the end of a line, as in YAML: a # at the start of the
// line or after white space.
var listComment = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(^|[ \t])#.*$`)
})

// splitList splits at commas and line breaks and drops blank items. People paste lists as
// they have them: with dashes and comments, as in YAML, or as a JSON or YAML array.
func splitList(s string) []string {
	var array []string
	if json.Unmarshal([]byte(s), &array) == nil {
		return slices.DeleteFunc(array, func(item string) bool { return strings.TrimSpace(item) == "" })
	}
	var items []string
	for line := range strings.FieldsFuncSeq(s, func(r rune) bool { return r == '\n' || r == '\r' }) {
		line = listComment().ReplaceAllString(line, "")
		for item := range strings.SplitSeq(line, ",") {
			if item = trimItem(item); item != "" {
				items = append(items, item)
			}
		}
	}
	return items
}

// trimItem strips what surrounds a list item in YAML and in most languages.
func trimItem(item string) string {
	item = strings.TrimSpace(item)
	if after, ok := strings.CutPrefix(item, "-"); ok && (after == "" || after[0] == ' ' || after[0] == '\t') {
		item = strings.TrimSpace(after)
	}
	item = strings.TrimSpace(strings.TrimSuffix(strings.TrimPrefix(item, "["), "]"))
	if isQuoted(item) {
		item = item[1 : len(item)-1]
	}
	return item
}

// pageIDs matches the part of a dashboard URL that contains the IDs of a run test and its
// execution (contract, section 8).
var pageIDs = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`/dashboard/simulate/test/([^/]+)(?:/([^/]+))?`)
})

// The places of ids in the address of a page.
const (
	PageOfRunTest   = 1
	PageOfExecution = 2
)

// PageUUID is [uuidType] that also accepts the URL of the dashboard page.
func PageUUID(place int) Type {
	plain := UUID()
	return Type{Placeholder: plain.Placeholder, Check: func(value string, quote func(string) string) (string, error) {
		u, err := url.Parse(value)
		if err != nil || u.Scheme != "https" && u.Scheme != "http" {
			return plain.Check(value, quote)
		}
		found := pageIDs().FindStringSubmatch(u.Path)
		if found == nil {
			return "", fmt.Errorf("%s is not the dashboard URL of a run test or an execution; give the UUID", quote(value))
		}
		id, ok := parseUUID(found[place])
		switch {
		case ok:
			return id.String(), nil
		case place == PageOfExecution:
			return "", fmt.Errorf("%s is the page of a run test, not of an execution; open the execution, or give its UUID", quote(value))
		}
		return "", fmt.Errorf("%s contains no run test UUID", quote(value))
	}}
}
