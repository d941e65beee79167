// Package simulation runs the real core (line 1, line 2, the rules, the catch-up and
// its gate) in one goroutine against a platform and a store in memory, on a clock of
// its own, and breaks everything around it: deliveries, sends, answers, the disk, the
// process, the clocks. All that happens follows from a seed, so that what goes wrong
// once goes wrong again. After each seed all is healed, and what people saw is held
// against package oracle.
//
// It refuses to know how the core decides: it knows what people said, what the rules
// promise for it, and what came of it.
package simulation
