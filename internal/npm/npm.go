// Package npm is test support: it installs pinned npm packages, once per version of
// their lock file, in the user's cache directory. It refuses to know what they are
// for. Without node and npm tests are skipped, saying why; where the environment
// variable CI is set, they fail instead.
package npm

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"
)

const installTimeout = 5 * time.Minute

// Packages are what a package.json and its lock file name. Its methods may be called
// by several tests at a time.
type Packages struct {
	manifest, lock []byte
	installed      func() (string, error)
}

// New returns the packages of those two files.
func New(manifest, lock []byte) *Packages {
	p := &Packages{manifest: manifest, lock: lock}
	p.installed = sync.OnceValues(p.install)
	return p
}

// Require returns the folder that has node_modules in it, or skips or fails t.
func (p *Packages) Require(t testing.TB) string {
	t.Helper()
	dir, err := p.installed()
	switch {
	case err == nil:
		return dir
	case os.Getenv("CI") != "":
		t.Fatalf("npm packages are needed where CI is set: %v", err)
	default:
		t.Skipf("skipped, needs node and npm: %v", err)
	}
	return "" // both end the test
}

// install puts the packages into the cache, unless they are there. The folder
// appears whole or not at all, whoever else does the same at the same time.
func (p *Packages) install() (string, error) {
	for _, tool := range []string{"node", "npm"} {
		if _, err := exec.LookPath(tool); err != nil {
			return "", fmt.Errorf("look for %s: %w", tool, err)
		}
	}
	user, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("find cache: %w", err)
	}
	cache := filepath.Join(user, "botengine")
	dir := filepath.Join(cache, fmt.Sprintf("npm-%x", sha256.Sum256(p.lock)))
	if _, err := os.Stat(dir); err == nil {
		return dir, nil
	}
	if err := os.MkdirAll(cache, 0o750); err != nil {
		return "", fmt.Errorf("create cache: %w", err)
	}
	fresh, err := os.MkdirTemp(cache, "installing-")
	if err != nil {
		return "", fmt.Errorf("create folder for packages: %w", err)
	}
	defer func() { _ = os.RemoveAll(fresh) }() // gone already, if all went well
	if err := p.fetch(fresh); err != nil {
		return "", err
	}
	if err := os.Rename(fresh, dir); err != nil && !errors.Is(err, fs.ErrExist) {
		return "", fmt.Errorf("put packages into the cache: %w", err)
	}
	return dir, nil
}

func (p *Packages) fetch(dir string) error {
	for name, text := range map[string][]byte{"package.json": p.manifest, "package-lock.json": p.lock} {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			return fmt.Errorf("write %s: %w", name, err)
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), installTimeout)
	defer cancel()
	npm := exec.CommandContext(ctx, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
	npm.Dir = dir
	npm.WaitDelay = time.Second
	var said bytes.Buffer
	npm.Stdout, npm.Stderr = &said, &said
	if err := npm.Run(); err != nil {
		return fmt.Errorf("npm ci: %w: %s", err, bytes.TrimSpace(said.Bytes()))
	}
	return nil
}
