package simulator

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"time"

	"github.com/google/uuid"
)

// What an id or a draw is for, so that no two share their randomness.
const (
	idOrganization uint64 = iota + 1
	idWorkspace
	idAgent
	idAgentVersion
	idSimulator
	idScenario
	idDataset
	idColumn
	idGraph
	idEvalConfig
	idEvalTemplate
	idTool
	idRunTest
	idExecution
	idCall
	idTurn
	idMadeEval
	drawCourse
	drawOutcome
	drawMetrics
	drawEval
	drawContent
	idRequest
	idSnapshot
)

// mix hashes the parts with the finaliser of splitmix64, a bijection that scatters
// neighbouring numbers.
func mix(parts ...uint64) uint64 {
	h := uint64(0x9e3779b97f4a7c15)
	for _, p := range parts {
		h ^= p
		h += 0x9e3779b97f4a7c15
		h = (h ^ (h >> 30)) * 0xbf58476d1ce4e5b9
		h = (h ^ (h >> 27)) * 0x94d049bb133111eb
		h ^= h >> 31
	}
	return h
}

// draw is a random source for one purpose, given by a kind and numbers.
func (s *Server) draw(kind, a, b, c uint64) *rand.Rand {
	return rand.New(rand.NewPCG(mix(s.opts.Seed, kind, a, b, c), mix(c, b, a, kind)))
}

// id is the identifier of one thing, a UUID that looks like version 4.
func (s *Server) id(kind uint64, parts ...uint64) uuid.UUID {
	h := mix(s.opts.Seed, kind)
	for _, p := range parts {
		h = mix(h, p)
	}
	var u uuid.UUID
	binary.BigEndian.PutUint64(u[:8], mix(h, 1))
	binary.BigEndian.PutUint64(u[8:], mix(h, 2))
	u[6] = u[6]&0x0f | 0x40
	u[8] = u[8]&0x3f | 0x80
	return u
}

// fold makes a number of an identifier.
func fold(u uuid.UUID) uint64 {
	return binary.BigEndian.Uint64(u[:8]) ^ binary.BigEndian.Uint64(u[8:])
}

// next numbers things that arise on the way.
func (s *Server) next() uint64 {
	s.made++
	return s.made
}

// seconds draws a duration between lo and hi seconds, in whole milliseconds.
func seconds(r *rand.Rand, lo, hi float64) time.Duration {
	return time.Duration((lo+(hi-lo)*r.Float64())*1000) * time.Millisecond
}

// callLength draws the length of a conversation in whole seconds: log-normal with a
// median of 85 s, cut to 20-300 s. Most calls are short, a few are long, as in
// the vendor's own examples (1-5 minutes).
func callLength(r *rand.Rand) time.Duration {
	v := 85 * math.Exp(0.55*r.NormFloat64())
	return time.Duration(math.Round(min(max(v, 20), 300))) * time.Second
}

// pick draws one of the texts.
func pick(r *rand.Rand, texts []string) string { return texts[r.IntN(len(texts))] }
