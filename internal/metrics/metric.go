// Package metrics owns the names under which the engine's counts are known to
// Prometheus, what their labels may say, and the pages on which they and the engine's
// health are read. Nothing is counted here: when somebody asks, the components'
// snapshots are turned into samples.
//
// It refuses to carry text, names and ids of people, groups and chats: labels are
// words of closed lists, or keys of accounts and robots, of a bounded number.
package metrics

import (
	"botengine/internal/diag"
)

// Type says how a metric moves.
type Type string

// The types of metrics.
const (
	Counter   Type = "counter"   // only rises, until the engine starts anew
	Gauge     Type = "gauge"     // is what it is
	Histogram Type = "histogram" // how long things took, in seconds
)

// Metric is one name with its meaning. Metrics are declared once, in All.
type Metric struct {
	Name   string
	Type   Type
	Labels []string // names of Labels()
	Help   diag.Text
	Most   bool // samples of the same labels fold into the largest, not the sum
}

// Label is what a label may say: one of Values or, where there are none, the key of
// an account or a robot, of which there are at most Most.
type Label struct {
	Name   string
	Values []string
	Most   int
	Help   diag.Text
}

// Other is what a label says whose own value is on no list, or would be one too many.
const Other = "other"

// mostAccounts and mostRobots bound what can be told apart: more are Other together.
const (
	mostAccounts = 50
	mostRobots   = 1000
)
