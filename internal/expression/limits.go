package expression

import "time"

// What an expression may cost.
const (
	maxSource  = 4 << 10  // bytes of a source; more could overflow the parser's stack
	maxNodes   = 500      // of the syntax tree, macros included
	maxNesting = 2        // of any(…, any(…)) and the like
	maxVisits  = 256      // of one node by the type checker
	maxFuel    = 20_000   // steps of loops, and what functions charge
	maxString  = 64 << 10 // bytes of a text that is built, or of a rendered template
	maxSubject = 16 << 10 // bytes of a text that a regex looks at
	maxLoop    = 1_000    // entries of a list that is walked rather than looked up in
	maxParts   = 1_000    // of split
	maxPattern = 1 << 10  // bytes of a regex
	maxRegex   = 600      // instructions it compiles to, about
	vmMemory   = 100_000  // elements of arrays and maps that the machine may make
)

// zone is the time of day that rules speak of. China has had no other since 1991.
var zone = time.FixedZone("Asia/Shanghai", 8*60*60)
