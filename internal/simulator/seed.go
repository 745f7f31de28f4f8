package simulator

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"time"

	"github.com/google/uuid"
)

// Seed decides everything that is drawn. Whoever knows it can draw any part of the
// story on its own, in any order.
type Seed uint64

// What an id or a draw is for, so that no two share their randomness.
const (
	forOrganization uint64 = iota + 1
	forWorkspace
	forAgent
	forAgentVersion
	forSimulator
	forScenario
	forDataset
	forColumn
	forGraph
	forEvalConfig
	forEvalTemplate
	forTool
	forRunTest
	forExecution
	forCall
	forTurn
	forMadeEval
	forCourse
	forOutcome
	forMetrics
	forEval
	forContent
	forRequest
	forSnapshot
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

// Draw is a random source for one purpose, given by a kind and numbers.
func (s Seed) Draw(kind, a, b, c uint64) *rand.Rand {
	return rand.New(rand.NewPCG(mix(uint64(s), kind, a, b, c), mix(c, b, a, kind)))
}

// ID is the identifier of one thing, a UUID that looks like version 4.
func (s Seed) ID(kind uint64, parts ...uint64) uuid.UUID {
	h := mix(uint64(s), kind)
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
