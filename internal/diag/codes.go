package diag

import (
	"slices"
	"strings"
)

// Info explains a code. The texts are Markdown; Wrong and Right are short
// examples, as a user would write them.
type Info struct {
	Code    string
	Title   Text // what it is called, a few words
	Explain Text // why it is a fault, and what to do
	Wrong   string
	Right   string
}

// Codes returns every code with its explanation, in order. A code keeps its
// meaning for ever; one that is no longer used is not given away again.
//
//	BE1xx  the structure of a file, YAML
//	BE2xx  expressions and templates
//	BE3xx  actions and their parameters
//	BE4xx  between rules
//	BE5xx  the configuration
//	BE6xx  files
func Codes() []Info {
	return slices.Concat(
		structureCodes(), trapCodes(), valueCodes(), reuseCodes(), expressionCodes(),
		actionCodes(), ruleSetCodes(), configCodes(), fileCodes(),
	)
}

// Lookup finds a code; case does not matter.
func Lookup(code string) (Info, bool) {
	codes := Codes()
	i := slices.IndexFunc(codes, func(c Info) bool { return strings.EqualFold(c.Code, code) })
	if i < 0 {
		return Info{}, false
	}
	return codes[i], true
}
