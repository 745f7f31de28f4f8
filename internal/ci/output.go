package ci

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/google/uuid"
)

// Output is a result that later steps or jobs can read.
type Output struct {
	Name  string // in the public interface, such as "success-rate"
	Value string // a single line; empty when unknown
	// Sentence marks prose. The dotenv file allows no spaces: a sentence is written there
	// with underscores, and any other value that does not fit is left out.
	Sentence bool
	// Plain is what the dotenv file has instead, for a value of JSON; empty for Value.
	Plain string
}

// Outputs writes outputs where the CI system reads them: it appends to GitHub's output
// file, and rewrites a dotenv file as a whole each time, so that it is complete whenever
// the job is killed.
type Outputs struct {
	github string
	dotenv string
	known  []Output // in the order of their first Set
}

// NewOutputs returns the outputs of a job. Either path may be empty.
func NewOutputs(files CommandFiles, dotenv string) *Outputs {
	return &Outputs{github: files.Output, dotenv: dotenv}
}

// Set writes outputs as soon as they are known. It replaces earlier values of the same
// name. When one of the two files fails, the other is still written.
func (o *Outputs) Set(outputs ...Output) error {
	for _, output := range outputs {
		if !isOutputName(output.Name) {
			return fmt.Errorf("%q is not an output name", output.Name)
		}
	}
	for _, output := range outputs {
		i := slices.IndexFunc(o.known, func(k Output) bool { return k.Name == output.Name })
		if i < 0 {
			o.known = append(o.known, output)
		} else {
			o.known[i] = output
		}
	}
	var failures []error
	if o.github != "" {
		if err := appendValues(o.github, uuid.NewRandom, outputs...); err != nil {
			failures = append(failures, fmt.Errorf("write GitHub outputs: %w", err))
		}
	}
	if o.dotenv != "" {
		err := WriteFile(o.dotenv, func(w io.Writer) error {
			_, err := io.WriteString(w, dotenvFile(o.known))
			return err
		})
		if err != nil {
			failures = append(failures, err)
		}
	}
	return errors.Join(failures...)
}

const (
	// dotenvLimit is GitLab's limit for the size of a dotenv report, in bytes.
	//
	// https://docs.gitlab.com/ci/yaml/artifacts_reports/#artifactsreportsdotenv
	dotenvLimit = 5 * 1024
	// sentenceLimit, in bytes, keeps one sentence from crowding out other values.
	sentenceLimit = 300
	dotenvPrefix  = "AGENT_GATE_"
)

// dotenvFile renders outputs as GitLab requires: no quotes, spaces, comments, empty lines
// or secrets. What would exceed the limit is left out.
func dotenvFile(outputs []Output) string {
	var b strings.Builder
	for _, output := range outputs {
		value := dotenvValue(output)
		if value == "" {
			continue
		}
		line := dotenvName(output.Name) + "=" + value + "\n"
		if b.Len()+len(line) <= dotenvLimit {
			b.WriteString(line)
		}
	}
	return b.String()
}

// dotenvName turns success-rate into AGENT_GATE_SUCCESS_RATE.
func dotenvName(name string) string {
	return dotenvPrefix + strings.ToUpper(strings.ReplaceAll(name, "-", "_"))
}

// dotenvValue returns the value of an output as one word that is safe in a dotenv file,
// even one that a shell sources; empty when that is impossible.
func dotenvValue(output Output) string {
	if output.Plain != "" {
		output.Value = output.Plain
	}
	if !strings.ContainsFunc(output.Value, isUnsafe) {
		return output.Value
	}
	if !output.Sentence {
		return ""
	}
	words := strings.Join(strings.FieldsFunc(output.Value, isUnsafe), "_")
	return words[:min(len(words), sentenceLimit)]
}

// isUnsafe reports whether a shell or GitLab might treat r as more than a character.
func isUnsafe(r rune) bool {
	switch {
	case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9':
		return false
	}
	return !strings.ContainsRune("_.,:/%+=@-", r)
}
