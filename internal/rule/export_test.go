package rule

import "runtime"

// IndexBytes is the memory that indexing the rules of a set takes for good.
func IndexBytes(s *Set) int64 {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.GC() // the first one only ages what pools hold
	runtime.ReadMemStats(&before)
	x := newIndex(s.Rules)
	runtime.GC()
	runtime.ReadMemStats(&after)
	runtime.KeepAlive(x)
	runtime.KeepAlive(s)
	return int64(after.HeapAlloc) - int64(before.HeapAlloc)
}
