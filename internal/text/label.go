package text

import "strings"

// Label is the door of label values of OpenMetrics text, without the quotes around
// them: a [Untrusted.Line] in which quotes and backslashes are escaped, as the format
// has it. GitLab reads the file in a way of its
// own: it drops everything after a number sign, in quotes too (its
// ee/lib/gitlab/ci/parsers/metrics/generic.rb), and one such line fails the whole file.
// So number signs become underscores.
func (t Untrusted) Label() string {
	return labelEscapes().Replace(t.Line())
}

func labelEscapes() *strings.Replacer {
	return strings.NewReplacer(`\`, `\\`, `"`, `\"`, "#", "_")
}
