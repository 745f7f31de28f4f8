package terminal

import (
	"github.com/google/uuid"

	"github.com/agent-gate/agent-gate/internal/report"
	"github.com/agent-gate/agent-gate/internal/text"
	"github.com/agent-gate/agent-gate/internal/verdict"
)

// failedChecks lists the checks that are not met, in so many rows, each with why: a call for what most of its calls have
// in common, then for what else no call has told yet. It returns which causes of the run the calls tell.
func (s *screen) failedChecks(r report.Report, causes []report.Cause, of map[uuid.UUID]int, room int) (told map[int]bool) {
	shown, left := failedRows(report.CheckGroups(r), max((room-1)/2, 1))
	if room -= len(shown); room <= 0 {
		left = 0 // the first line counts them
	}
	if left > 0 {
		room--
	}
	why := whys{viewer: report.NewViewer(r), causes: causes, of: of, seen: map[uuid.UUID]bool{}, told: map[report.CauseName]bool{}, said: map[text.Untrusted]bool{}, whole: map[int]bool{}}
	rows := make([]string, len(shown))
	all := make([][]report.Cause, len(shown))
	for i, c := range shown {
		if !c.Several() {
			all[i] = why.viewer.CheckCauses(c.Check)
		}
	}
	for round := range blockCalls {
		for i := range shown {
			one := s.apart()
			if said := one.why(&why, all[i], round == 0, room); said != nil {
				rows[i] += one.String()
				room -= one.rows()
				said()
			}
		}
	}
	for i, c := range shown {
		s.failedCheck(c)
		s.WriteString(rows[i])
	}
	s.more(left, " check", " checks", " in the reports")
	return why.whole
}

// failedRows are the rows of the checks that are not met, at most so many: one for each criterion, and the worst ones
// below a criterion on each scenario or eval. left is how many of these checks have no row.
func failedRows(groups []report.CheckGroup, most int) (rows []report.CheckRow, left int) {
	var open []report.CheckGroup
	for _, g := range groups {
		if g.Outcome == verdict.Met {
			continue
		}
		open = append(open, g)
		left += max(len(g.Open), 1)
	}
	open = open[:min(len(open), blockChecks, most)]
	within := make([]int, len(open)) // rows below each
	free := most - len(open)
	for n := range blockWithin {
		for i, g := range open {
			if free > 0 && len(g.Open) > n {
				within[i]++
				free--
			}
		}
	}
	for i, g := range open {
		rows = append(rows, report.CheckRow{CheckGroup: g})
		for _, c := range g.Open[:within[i]] {
			rows = append(rows, report.CheckRow{CheckGroup: report.CheckGroup{Check: c, Of: 1}, Within: true})
		}
		left -= within[i]
		if !g.Several() {
			left--
		}
	}
	return rows, left
}

// whys is what the calls below the checks have told.
type whys struct {
	viewer report.Viewer
	causes []report.Cause // of the run
	of     map[uuid.UUID]int
	seen   map[uuid.UUID]bool // calls
	told   map[report.CauseName]bool
	said   map[text.Untrusted]bool // words of causes
	whole  map[int]bool            // causes of the run, with all of their calls
}

// ofRun returns the cause of the run that one of a check is part of.
func (w *whys) ofRun(c report.Cause) (at int, known bool) {
	at, known = w.of[c.First]
	return at, known && w.causes[at].Fault == c.Fault
}

// name is the name of a cause, whichever of its calls a check is about.
func (w *whys) name(c report.Cause) report.CauseName {
	if at, known := w.ofRun(c); known {
		c = w.causes[at]
	}
	return c.Name()
}

// why writes the worst call of the first cause of a check, or of the first that is not told yet, in at most so many rows.
// It returns what to note when it is shown; nil if there is nothing to show.
func (s *screen) why(w *whys, all []report.Cause, first bool, room int) (shown func()) {
	for i, c := range all {
		told := w.told[w.name(c)]
		if first && i > 0 {
			break
		}
		call, ok := w.viewer.Worst(c)
		if !ok || told && !first {
			continue
		}
		if told && w.seen[call.ID] {
			s.fitted([]field{say("      ").figure(report.ShortID(call.ID)).and(", as above: "), brief(c.Short(), 100), s.likeness(w, c)})
		} else {
			s.called(w, c, call)
		}
		if s.rows() > room {
			return nil
		}
		return func() {
			w.seen[call.ID], w.told[w.name(c)], w.said[c.Words] = true, true, true
			if at, known := w.ofRun(c); known && w.causes[at].Calls == c.Calls {
				w.whole[at] = true
			}
		}
	}
	return nil
}

// called is a call that stands for a cause of a check, of which several calls are told what they have in common. Words that
// stand above are left out if it needs more than one row with them.
func (s *screen) called(w *whys, c report.Cause, call report.ShownCall) {
	s.call(call, brief(c.Story(call, 300), 400), s.likeness(w, c))
	if !w.said[c.Words] || !call.Ending.Succeeded() || s.rows() == 1 {
		return
	}
	s.Reset()
	c.Words = text.Untrusted{}
	for i := range call.Faults {
		call.Faults[i].Reason = text.Untrusted{}
	}
	s.call(call, brief(c.Story(call, 300), 400), s.likeness(w, c))
}

// likeness says for how many calls of a check one stands.
func (s *screen) likeness(w *whys, c report.Cause) field {
	like := w.viewer.Likeness(c)
	if like == "" {
		return say("")
	}
	return say(" (").figure(like).and(")")
}

// failedCheck is a check, or a group of them, in one line.
func (s *screen) failedCheck(row report.CheckRow) {
	c := row.Check
	mark, style := say("✗ "), red
	if c.Outcome != verdict.NotMet {
		mark, style = say("? "), yellow
	}
	subject := report.CheckSubject(c)
	switch {
	case row.Several():
		c.Scope, c.Value = text.Untrusted{}, verdict.Estimate{}
		subject = report.CheckSubject(c)
	case row.Within:
		subject = c.Scope
	}
	lead := say(gap)
	if row.Within {
		lead = lead.and(gap)
	}
	line := []field{lead.then(mark).in(style), brief(subject, 80)}
	if c.Value.Value != nil {
		line = append(line, say(" ").figure(report.CheckValue(c)).in(strong))
	}
	// What is too long is cut: on how much it is judged, then the name.
	aside := say("")
	if need := report.CheckNeed(c); need != "" && !row.Within {
		aside = say(" (need ").figure(need).and(")")
	}
	switch {
	case c.Outcome == verdict.NotMet:
	case row.Several(): // the rows below say it
	case c.Outcome == verdict.Undecided && report.CheckInterval(c) != "":
		aside = aside.and("   undecided: interval ").figure(report.CheckInterval(c))
	default:
		aside = aside.and("   ").and(report.CheckWord(c.Outcome))
	}
	count := say("")
	n := report.CheckCount(c)
	if row.Several() {
		n = row.Tally()
	}
	if n != "" {
		count = say("   ").figure(n)
	}
	s.fitted(append(line, aside, count))
}

// fitted writes a line of which the last field is cut if it is too long, then the second, and then the last but one.
func (s *screen) fitted(line []field) {
	wide := 0
	for _, f := range line {
		wide += columns(f.s)
	}
	for _, i := range []int{len(line) - 1, 1, max(len(line)-2, 1)} {
		if over := wide - s.width; over > 0 {
			const legible = 8 // less says nothing
			whole := columns(line[i].s)
			if line[i].s = cut(line[i].s, max(whole-over, 1)); i == len(line)-1 && i > 1 && columns(line[i].s) < min(whole, legible) {
				line[i].s = ""
			}
			wide -= whole - columns(line[i].s)
		}
	}
	s.line(line...)
}

// call is a call below a check: in one line, or with its reason on lines of its own if that is too long.
func (s *screen) call(c report.ShownCall, why, aside field) {
	lead := []field{say("      ").figure(report.ShortID(c.ID)), say(gap).then(brief(c.Title, 100))}
	if c.In.Name != "" {
		lead = append(lead, say(gap).figure(c.In.Name))
	}
	if score := report.ScoreOf(c); score != "" {
		lead = append(lead, say(gap).figure(score).in(strong))
	}
	const indent = 16
	wide := len(gap) + columns(why.s) + columns(aside.s)
	for _, f := range lead {
		wide += columns(f.s)
	}
	if wide <= s.width {
		s.line(append(lead, say(gap), why, aside)...)
		return
	}
	s.fitted(lead)
	// What is too long is the reason, not of how many calls it is.
	most := 2
	if s.width < 60 { // two rows have hardly a word
		most = 4
	}
	for n := columns(why.s); aside.s != "" && n > 1 && len(wrap(why.s+aside.s, s.width-indent, most+1)) > most; n-- {
		why.s = cut(why.s, n)
	}
	s.paragraph(say("                "), why.then(aside), most)
}
