package expression

import "time"

// Past is asked what was counted, tagged and listed. Whose counter it is, the
// reader knows by the event, as for facts.
type Past interface {
	// Count is how often a counter was counted within the window that ends now; 0
	// means as far back as the counter goes.
	Count(scope, name string, window time.Duration) int64
	// Since is how long ago it was counted last; ok is false when it never was.
	Since(scope, name string) (ago time.Duration, ok bool)
	// Tagged reports whether the event's person is known to have the tag.
	Tagged(tag string) bool
	// Listed reports whether a rule has put the value on the list.
	Listed(list, value string) bool
}
