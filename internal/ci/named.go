package ci

// Named returns the log of a part of the job, whose lines begin with its name. It opens no sections, because
// parts take place at the same time and their lines mix.
func (l *Log) Named(name string) *Log {
	return &Log{options: l.options, issues: map[Severity]*issues{}, whole: l, name: name}
}
