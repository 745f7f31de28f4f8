package dialect

import "testing"

func TestARowIsItsColumnsInAnyOrder(t *testing.T) {
	t.Parallel()
	number := func(columns string) uint64 { return numberOfRow([]byte(columns), true) }
	const row = `{"a": {"value": "x, {y", "column": "1"}, "b": {"value": "say \"hi\"", "column": "2"}}`
	same := []string{
		`{"b": {"value": "say \"hi\"", "column": "2"}, "a": {"value": "x, {y", "column": "1"}}`,
		`{"a":{"value":"x, {y","column":"1"},"b":{"value":"say \"hi\"","column":"2"}}`,
		"{\n \"b\" : { \"value\": \"say \\\"hi\\\"\", \"column\": \"2\" } ,\n \"a\": {\"value\": \"x, {y\", \"column\": \"1\"}\n}",
	}
	for _, s := range same {
		if number(s) != number(row) {
			t.Errorf("another row: %s", s)
		}
	}
	for _, s := range []string{
		`{"a": {"value": "say \"hi\"", "column": "1"}, "b": {"value": "x, {y", "column": "2"}}`,
		`{"a": {"value": "x,{y", "column": "1"}, "b": {"value": "say \"hi\"", "column": "2"}}`,
		`{"a": {"value": "x, {y", "column": "1"}}`,
		`{"a": {"value": "x, {y", "column": "1"}, "b": {"value": "say \"hi\"", "column": "2"}, "c": null}`,
	} {
		if number(s) == number(row) {
			t.Errorf("the same row: %s", s)
		}
	}
	for _, s := range []string{`{}`, `{ }`, `null`, ``, `[1]`} {
		if number(s) != 0 {
			t.Errorf("a row: %s", s)
		}
	}
}
