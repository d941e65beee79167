//go:build !windows

package config

import (
	"io/fs"

	"github.com/google/renameio/v2"
)

// replaceFile replaces what a file holds in one step.
func replaceFile(path string, data []byte, mode fs.FileMode) error {
	return renameio.WriteFile(path, data, mode, renameio.WithStaticPermissions(mode))
}
