package simulator_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// shape describes a set of JSON values: for each path its types, and for each object its
// keys and those never missing. All UUID keys count as one.
type shape struct {
	types  map[string]map[string]bool
	keys   map[string]map[string]int
	counts map[string]int
}

var uuidKey = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`)

func shapeOf(t *testing.T, b []byte) shape {
	t.Helper()
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		t.Fatalf("no JSON: %v: %.200s", err, b)
	}
	s := shape{map[string]map[string]bool{}, map[string]map[string]int{}, map[string]int{}}
	s.add("$", v)
	return s
}

func (s shape) add(path string, v any) {
	if s.types[path] == nil {
		s.types[path] = map[string]bool{}
	}
	kind := "null"
	switch v := v.(type) {
	case bool:
		kind = "bool"
	case string:
		kind = "string"
	case json.Number:
		kind = "int"
		if bytes.ContainsRune([]byte(v), '.') {
			kind = "float"
		}
	case []any:
		kind = "array"
		for _, x := range v {
			s.add(path+"[]", x)
		}
	case map[string]any:
		kind = "object"
		s.counts[path]++
		if s.keys[path] == nil {
			s.keys[path] = map[string]int{}
		}
		for k, x := range v {
			if uuidKey.MatchString(k) {
				k = "<uuid>"
			}
			s.keys[path][k]++
			s.add(path+"."+k, x)
		}
	}
	s.types[path][kind] = true
}

// differences lists where got differs from want: other keys, keys that are sometimes
// missing, types that want does not have. With whole set, types of want that got does not
// have count too.
func (want shape) differences(got shape, whole bool, ignore ...string) []string {
	var list []string
	skip := func(path string) bool {
		return slices.ContainsFunc(ignore, func(p string) bool {
			return p == path || strings.HasPrefix(path, p+".") || strings.HasPrefix(path, p+"[")
		})
	}
	for _, path := range slices.Sorted(maps.Keys(got.keys)) {
		if want.keys[path] == nil || skip(path) {
			continue
		}
		for _, k := range slices.Sorted(maps.Keys(got.keys[path])) {
			if want.keys[path][k] == 0 && !skip(path+"."+k) {
				list = append(list, fmt.Sprintf("%s has the key %s, which the sample lacks", path, k))
			}
		}
		for _, k := range slices.Sorted(maps.Keys(want.keys[path])) {
			if k == "<uuid>" || skip(path+"."+k) {
				continue
			}
			always := want.keys[path][k] >= want.counts[path]
			if n := got.keys[path][k]; n == 0 || always && n < got.counts[path] {
				list = append(list, fmt.Sprintf("%s lacks the key %s in %d of %d", path, k, got.counts[path]-n, got.counts[path]))
			}
		}
	}
	for _, path := range slices.Sorted(maps.Keys(want.types)) {
		if skip(path) {
			continue
		}
		for _, k := range slices.Sorted(maps.Keys(got.types[path])) {
			if !want.types[path][k] {
				list = append(list, fmt.Sprintf("%s is %s, in the sample %v", path, k, slices.Sorted(maps.Keys(want.types[path]))))
			}
		}
		if !whole {
			continue
		}
		for _, k := range slices.Sorted(maps.Keys(want.types[path])) {
			if !got.types[path][k] {
				list = append(list, fmt.Sprintf("%s is never %s", path, k))
			}
		}
	}
	return list
}

func sample(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("../testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// sameShape compares an answer with a sample.
func sameShape(t *testing.T, name string, got result, status int, whole bool, ignore ...string) {
	t.Helper()
	if got.status != status {
		t.Fatalf("%s: got status %d, want %d: %.500s", name, got.status, status, got.body)
	}
	if kind := got.header.Get("Content-Type"); kind != "application/json" {
		t.Errorf("%s: got content type %q", name, kind)
	}
	for _, d := range shapeOf(t, sample(t, name)).differences(shapeOf(t, got.body), whole, ignore...) {
		t.Errorf("%s: %s", name, d)
	}
}
