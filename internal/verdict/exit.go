package verdict

// The exit codes of the public interface. They stay below 125, which Docker and shells
// use for themselves, but for the two that say which signal ended the run.
const (
	ExitOK           = 0   // passed or skipped, or the policy lets it through
	ExitFail         = 1   // a criterion is not met
	ExitConfig       = 2   // bad configuration
	ExitOperational  = 3   // no judgement was possible
	ExitTimeout      = 4   // timed out
	ExitInconclusive = 5   // a criterion is undecided
	ExitInterrupted  = 130 // SIGINT: 128 + 2
	ExitTerminated   = 143 // SIGTERM: 128 + 15
)

// ExitCode is the exit code of the verdict under a policy. Bad configuration and signals
// keep theirs whatever the policy is. A verdict that is none of the known ones, which is
// a bug, is never let through.
func (v Verdict) ExitCode(p Policy) int {
	code, lenient := v.strictExit(p)
	if lenient {
		return ExitOK
	}
	return code
}

// strictExit is the exit code without any policy, and whether the policy turns it into
// success.
func (v Verdict) strictExit(p Policy) (code int, lenient bool) {
	switch v.Kind {
	case Pass, Skip:
		return ExitOK, false
	case Fail:
		return ExitFail, p.SoftFail
	case Inconclusive:
		return ExitInconclusive, p.SoftFail || p.AllowInconclusive
	case Error:
		switch v.Cause {
		case CauseConfig:
			return ExitConfig, false
		case CauseInterrupted:
			return ExitInterrupted, false
		case CauseTerminated:
			return ExitTerminated, false
		case CauseTimeout:
			return ExitTimeout, p.SoftFail || p.WarnOnOperationalError
		case CauseOperational:
			return ExitOperational, p.SoftFail || p.WarnOnOperationalError
		}
	}
	return ExitOperational, false
}
