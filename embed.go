// Package botengine holds the example rules, so that the program can show what
// it does where nothing but itself is installed. It knows nothing else.
package botengine

import "embed"

// Rules is the folder rules/ with the example rules and their lists.
//
//go:embed rules
var Rules embed.FS
