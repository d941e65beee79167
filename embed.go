// Package botengine holds what the program shows or writes where nothing but itself
// is installed: the example rules, and the service for systemd. It knows nothing else.
package botengine

import "embed"

// Rules is the folder rules/ with the example rules and their lists.
//
//go:embed rules
var Rules embed.FS

// SystemdUnit is the service as packages install it.
//
//go:embed packaging/systemd/botengine.service
var SystemdUnit []byte
