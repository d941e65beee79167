//go:build race

package rule_test

// raceEnabled says whether the race detector is on: it empties pools.
const raceEnabled = true
