package config_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/agent-gate/agent-gate/internal/config"
	"github.com/agent-gate/agent-gate/internal/config/kind"
)

type object = map[string]any

// TestSuiteSchemaIsMadeFromTheTable compares docs/suite.schema.json with the table. Package suite
// compares it with the reader: the schema accepts all that the reader accepts, and refuses what a
// schema can tell.
func TestSuiteSchemaIsMadeFromTheTable(t *testing.T) {
	t.Parallel()
	data, err := json.MarshalIndent(suiteSchema(), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "../../docs/suite.schema.json", append(data, '\n'))
}

// suiteSchema is the JSON Schema of a suite file, in the draft that editors know best.
func suiteSchema() object {
	inputs := func(ofGate bool) object {
		properties := object{}
		for _, in := range config.Inputs() {
			if in.InSuiteFile() && !(ofGate && in.OfTheWhole()) {
				properties[in.Name] = inputSchema(in)
			}
		}
		return properties
	}
	gate := inputs(true)
	gate["name"] = object{
		"description": "Name of the gate, unique in the file: a-z, 0-9, - and _, up to 64.",
		"type":        []string{"string", "number", "boolean"}, "pattern": `^\s*` + strings.Trim(kind.NamePattern, "^$") + `\s*$`,
	}
	gate["owner"] = described("Who is shown beside failures of the gate, e.g. a team.", scalar())
	gate["paths"] = described("Files that the gate depends on, as in GitHub's paths filters, relative to the root of the repository.",
		object{"anyOf": []object{{"type": "null"}, pathSchema(`^\s*$|` + relativePath), {"type": "array", "items": pathSchema(relativePath)}}})
	text := func(description string) object {
		return object{"description": description, "type": []string{"string", "number", "boolean"}, "pattern": `\S`}
	}
	amount := kind.Number(0.01, 1_000_000)
	return object{
		"$schema":     "http://json-schema.org/draft-07/schema#",
		"$id":         "https://github.com/agent-gate/agent-gate/docs/suite.schema.json",
		"title":       "agent-gate suite file",
		"description": "agent-gate.yaml: several gates in one run. The keys of defaults and gates are the inputs of agent-gate.",
		"type":        "object", "additionalProperties": false, "required": []string{"version", "gates"},
		"properties": object{
			"version":  object{"description": "Version of the format.", "enum": []any{1, "1"}},
			"defaults": object{"description": "Inputs of all gates. A flag or variable overrides them, and a gate's own key overrides both.", "type": []string{"object", "null"}, "additionalProperties": false, "properties": inputs(false)},
			"budget": object{"description": "Limits over all gates together.", "type": []string{"object", "null"}, "additionalProperties": false, "properties": object{
				"calls":   described("Calls, including reruns.", numberSchema(kind.Whole(1, kind.MaxCalls))),
				"cost":    described("US dollars.", numberSchema(amount)),
				"minutes": described("Call minutes.", numberSchema(amount)),
			}},
			"gates": object{"description": "The gates, in the order in which the budget is given out.", "type": "array", "minItems": 1, "items": object{
				"type": "object", "additionalProperties": false, "required": []string{"name"}, "properties": gate,
			}},
			"quarantine": object{"description": "Scenarios that run and are shown, but not judged.", "type": []string{"array", "null"}, "items": object{
				"type": "object", "additionalProperties": false, "required": []string{"gate", "scenario", "reason", "owner", "until"}, "properties": object{
					"gate":     text("Name of the gate."),
					"scenario": text("Name of the scenario."),
					"reason":   text("Why it is not judged."),
					"owner":    text("Who brings it back."),
					"until":    object{"description": "Last day, YYYY-MM-DD in UTC, at most 30 days ahead.", "type": "string", "pattern": `^\s*[0-9]{4}-[0-9]{2}-[0-9]{2}\s*$`},
				},
			}},
		},
	}
}

// uuidPattern matches the forms of a UUID that inputs take.
const uuidPattern = `(urn:uuid:|\{)?[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}\}?`

// relativePath matches a path that begins neither with / nor with ./ or ../, maybe after !.
const relativePath = `^\s*(!?([^\s/.!]|\.[^/.]|\.\.[^/]|\.{1,2}\s*$)|!!|!\s*$)`

// inputSchema describes the values of an input.
func inputSchema(in config.Input) object {
	help := in.Help
	if in.Default != "" {
		help += " Default: " + in.Default + "."
	}
	return described(help, valueSchema(in.Type))
}

// valueSchema describes the values of a type. A blank value counts as absent.
func valueSchema(k kind.Type) object {
	switch {
	case k.Bool:
		return object{"anyOf": []object{{"type": "boolean"}, {"enum": []int{0, 1}}, blankOr(anyCase("true", "false", "yes", "no", "on", "off", "1", "0")), {"type": "null"}}}
	case len(k.Values) > 0:
		return object{"anyOf": []object{{"enum": k.Values}, blankOr(anyCase(k.Values...)), {"type": "null"}}}
	case k.Low != k.High:
		return numberSchema(k)
	case k.JSON:
		return object{"anyOf": []object{{"type": []string{"string", "null"}}, {"type": "array", "minItems": 1, "items": object{
			"type": "object", "required": []string{"template_id"}, "properties": object{"template_id": object{"type": "string"}},
		}}}}
	case k.List && k.Separator == ",":
		return listSchema(`^\s*$|`+uuidPattern, uuidPattern)
	case k.Placeholder == "FILE": // the name of a file may look like a number
		return object{"anyOf": []object{scalar(), {"type": "array", "minItems": 1, "items": pathSchema(`\S`)}}}
	case k.List:
		return listSchema(``, `\S`)
	}
	switch k.Placeholder {
	case "UUID":
		return object{"anyOf": []object{blankOr(uuidPattern + `|[hH][tT][tT][pP][sS]?://\S+`), {"type": "null"}}}
	case "DURATION":
		return object{"anyOf": []object{blankOr(`[+-]?(([0-9]+(\.[0-9]*)?|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h))+`), {"type": "null"}}}
	case "NUMBER|PERCENT":
		return object{"anyOf": []object{{"type": "integer", "minimum": 0, "maximum": kind.MaxCalls}, blankOr(`[+-]?[0-9.]+\s*%?`), {"type": "null"}}}
	case "HEADER":
		return object{"anyOf": []object{blankOr(`([A-Za-z0-9_-]+:\s*([A-Za-z]+\s+)?)?\$\{[A-Za-z_][A-Za-z0-9_]*\}`), {"type": "null"}}}
	case "URL":
		return object{"anyOf": []object{blankOr(`\S+://\S+`), {"type": "null"}}}
	}
	return scalar()
}

// numberSchema describes a number, which may be written as a text.
func numberSchema(k kind.Type) object {
	number, written := "number", `[+-]?[0-9.]+`
	if k.Whole {
		number, written = "integer", `[+-]?[0-9]+`
	}
	if k.Placeholder == "PERCENT" {
		written += `\s*%?`
	}
	return object{"anyOf": []object{{"type": number, "minimum": k.Low, "maximum": k.High}, blankOr(written), {"type": "null"}}}
}

// listSchema describes a list, or its items in one text.
func listSchema(one, item string) object {
	single := object{"type": "string"}
	if one != "" {
		single["pattern"] = one
	}
	return object{"anyOf": []object{single, {"type": "array", "minItems": 1, "items": object{"type": "string", "pattern": item}}, {"type": "null"}}}
}

func pathSchema(pattern string) object {
	return object{"type": []string{"string", "number", "boolean"}, "pattern": pattern}
}

// scalar describes any single value.
func scalar() object { return object{"type": []string{"string", "number", "boolean", "null"}} }

// blankOr describes a text that is blank or matches as a whole.
func blankOr(pattern string) object {
	return object{"type": "string", "pattern": `^\s*(` + pattern + `)?\s*$`}
}

// anyCase is a pattern for words in any case.
func anyCase(words ...string) string {
	var b strings.Builder
	for i, word := range words {
		if i > 0 {
			b.WriteByte('|')
		}
		for _, r := range word {
			if lower, upper := strings.ToLower(string(r)), strings.ToUpper(string(r)); lower != upper {
				fmt.Fprintf(&b, "[%s%s]", lower, upper)
			} else {
				b.WriteRune(r)
			}
		}
	}
	return b.String()
}

// described adds a description.
func described(description string, schema object) object {
	schema["description"] = description
	return schema
}
