package npmtest

import (
	_ "embed" // the files npm is told to install

	"botengine/internal/npm"
)

//go:embed testdata/npm/package.json
var manifest []byte

//go:embed testdata/npm/package-lock.json
var lock []byte

// servers are the packages of the servers.
var servers = npm.New(manifest, lock)
