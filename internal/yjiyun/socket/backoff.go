package socket

import "time"

// maxDoublings bounds the shift in delay: 2^6 times the least pause is above any
// sensible ceiling, and far from an overflow.
const maxDoublings = 6

// delay is the pause after the given number of failures in a row (1 or more):
// least, and on top of it a random part (random(n) is in [0, n)) below a ceiling
// that doubles with each failure up to most. Everybody who lost the server at
// the same moment thus comes back spread out, and nobody before least.
func delay(least, most time.Duration, failures int, random func(time.Duration) time.Duration) time.Duration {
	ceiling := min(least<<min(failures, maxDoublings), most)
	if ceiling <= least {
		return least
	}
	return least + random(ceiling-least)
}
