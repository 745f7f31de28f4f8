package text

import "strings"

// Label is the door for label values of OpenMetrics text, without the quotes around them:
// a [Untrusted.Line] with quotes and backslashes escaped as the format requires. GitLab's
// parser drops everything after a number sign, even inside quotes
// (ee/lib/gitlab/ci/parsers/metrics/generic.rb), and one such line fails the whole file.
// So number signs become underscores.
func (t Untrusted) Label() string {
	return labelEscapes().Replace(t.Line())
}

func labelEscapes() *strings.Replacer {
	return strings.NewReplacer(`\`, `\\`, `"`, `\"`, "#", "_")
}
